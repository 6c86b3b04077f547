/** Microsoft's library finds out once per process where it is, and keeps its tokens in the class: what is loaded next is new. */
export function forgetSignIns(): void {
    for (const file of Object.keys(require.cache))
        if (/[\\/]sign-in[\\/][\w-]+\.js$|[\\/]@azure[\\/]msal-/.test(file) && !file.includes('.test.'))
            delete require.cache[file];
}
