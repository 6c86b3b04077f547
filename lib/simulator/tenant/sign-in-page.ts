import type { Reply } from './http-exchange';

/** A page of the simulated Entra. @param content HTML */
export function signInPage(content: string, status = 200): Reply {
    const body = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign in to the simulated office</title>
<style>body { font: 1rem system-ui; max-width: 24rem; margin: 4rem auto } input { display: block; width: 100% }</style>
<h1>Sign in to the simulated office</h1>
${content}
</html>
`;
    return { status, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body };
}
