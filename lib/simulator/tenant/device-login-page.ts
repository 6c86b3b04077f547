import { EntraError } from './entra-error';
import type { HttpRequest, Reply } from './http-exchange';
import { signInPage } from './sign-in-page';

/** Where users enter device codes. */
export const deviceLoginPath = '/devicelogin';

/** Signs a user in with a code; throws an {@link EntraError}, or any other error for a code that nobody waits for. */
export type EnterCode = (form: { code: string; username: string; password: string }) => void;

/**
 * The page on which somebody completes a sign-in by device code. Microsoft's takes a second factor, too; here the
 * password has to do.
 */
export function deviceLoginPage(request: HttpRequest, enter: EnterCode): Reply {
    if (request.method !== 'POST') return signInPage(form);
    const fields = new URLSearchParams(request.text);
    const field = (name: string) => fields.get(name)?.trim() ?? '';
    try {
        enter({ code: field('code'), username: field('username'), password: field('password') });
        return signInPage('<p>You have signed in. You may now close this window.</p>');
    } catch (error) {
        const wrong =
            error instanceof EntraError ? 'The user name or the password is wrong' : 'The code is wrong or old';
        return signInPage(`<p role="alert">${wrong}.</p>${form}`);
    }
}

const form = `<form method="post">
<p><label>Code <input name="code" required autofocus autocomplete="off"></label></p>
<p><label>User name <input name="username" required></label></p>
<p><label>Password <input name="password" type="password" required></label></p>
<button>Sign in</button>
</form>`;
