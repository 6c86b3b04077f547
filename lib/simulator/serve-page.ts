import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

const folder = join(__dirname, 'page');

/** The files of the page by path; nothing else is served. */
const files: Record<string, { name: string; type: string }> = {
    '/': { name: 'index.html', type: 'text/html' },
    '/page.css': { name: 'page.css', type: 'text/css' },
    '/page.js': { name: 'page.js', type: 'text/javascript' },
    '/row.js': { name: 'row.js', type: 'text/javascript' },
    '/words.js': { name: 'words.js', type: 'text/javascript' },
};

/** The page may load nothing but its own files and talk to nothing but its own server. */
const headers = {
    'cache-control': 'no-cache',
    'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
};

/**
 * Serves the page of the office and its files, mounted at the same path as the control API. The page holds no data
 * of its own and may be served to anyone; what it shows comes from the control API with the editor's token.
 */
export function servePage(
    request: IncomingMessage & { originalUrl?: string },
    response: ServerResponse,
    next: () => void,
): void {
    const file = files[pathOf(request.url)];
    const mounted = pathOf(request.originalUrl ?? request.url);
    if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) next();
    else if (file.name === 'index.html' && !mounted.endsWith('/')) redirect(response, mounted);
    else send(response, file).catch(() => response.destroy());
}

async function send(response: ServerResponse, { name, type }: { name: string; type: string }): Promise<void> {
    const content = await readFile(join(folder, name));
    response.writeHead(200, { ...headers, 'content-type': `${type}; charset=utf-8`, 'content-length': content.length });
    response.end(content);
}

/** Relative, so that it is right below any root that a reverse proxy or Node-RED puts before it. */
function redirect(response: ServerResponse, path: string): void {
    response.writeHead(302, { location: `${path.slice(path.lastIndexOf('/') + 1)}/` }).end();
}

function pathOf(url = '/'): string {
    return url.replace(/\?.*/s, '') || '/';
}
