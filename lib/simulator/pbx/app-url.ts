/** The URL of an App object, taken apart. */
export interface AppUrl {
    /** As it was given. */
    url: string;
    /** Where the App websocket is: the URL without its last component, as `ws:` or `wss:`. */
    webSocket: string;
    /** The last component: the app's name in the login. */
    app: string;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Takes the URL of an App object apart, such as `http://127.0.0.1:1880/pbx/presence-sync`.
 * @throws Error for a URL that is no http: or https: address of this machine, or lacks the app's name
 * @see https://github.com/innovaphone/websocketphp8, makeWebSocketUri
 */
export function appUrl(url: string): AppUrl {
    const parts = URL.canParse(url) ? new URL(url) : undefined;
    if (parts?.protocol !== 'http:' && parts?.protocol !== 'https:')
        throw new Error(`The URL of an App is an http: or https: address, not ${url}`);
    if (!loopback.test(parts.hostname))
        throw new Error(`The simulated PBX calls addresses of this machine only, not ${parts.hostname}`);
    const [, folder, app] = /^(.*)\/([^/]+)$/.exec(parts.pathname) ?? [];
    if (app === undefined) throw new Error(`The URL of an App ends with the name of the app: ${url}`);
    return { url, webSocket: `${parts.protocol.replace('http', 'ws')}//${parts.host}${folder}`, app };
}
