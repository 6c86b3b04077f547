import { createHash, timingSafeEqual } from 'node:crypto';
import { type Frame, isObject, isSameName, textOf } from './frame';

/** What a login to the App websocket is made of; a value that is not used is an empty string. */
interface Login {
    app: string;
    domain: string;
    sip: string;
    guid: string;
    dn: string;
    /** JSON text of the `info` object exactly as it is sent; an empty object counts, a missing one does not. */
    info?: string;
}

/**
 * The digest of an AppLogin: lower-case hex SHA-256 over the UTF-8 text
 * `app:domain:sip:guid:dn[:info]:challenge:password`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export function loginDigest(login: Login, challenge: string, password: string): string {
    const { app, domain, sip, guid, dn, info } = login;
    const parts = [app, domain, sip, guid, dn, ...(info === undefined ? [] : [info]), challenge, password];
    return createHash('sha256').update(parts.join(':'), 'utf8').digest('hex');
}

/**
 * Who logs in: `pbx` is the App object itself; `other` knows the password, but is a user's client, which the PBX has
 * vouched for, or another app; `other-app` is the App object itself, under another name; `wrong-password`: not even that is known.
 */
export type LoginVerdict = 'pbx' | 'other' | 'other-app' | 'wrong-password';

/**
 * Verifies an AppLogin. The PBX calls as its App object: `sip` and `info.appobj` name it, `app` is the last part of its
 * URL. A browser comes with the same digest, but with the user's name as `sip`; another app comes with `pbxObj`, or
 * without `sip`.
 * @param text the frame as it was received: the digest goes over the raw text of `info`
 * @param expected.appName name of the App object, or the last part of its URL
 * @param expected.challenge what we gave for this login
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export function verifyLogin(
    frame: Frame,
    text: string,
    { appName, password, challenge }: { appName: string; password: string; challenge: string },
): LoginVerdict {
    const loginFields = ['app', 'domain', 'sip', 'guid', 'dn'];
    const [app = '', domain = '', sip = '', guid = '', dn = ''] = loginFields.map(name => textOf(frame[name]));
    const login = { app, domain, sip, guid, dn, info: rawMember(text, 'info') };
    // Else a user's own name could move the borders between these.
    if ([app, domain, sip, guid].some(part => part.includes(':'))) return 'wrong-password';
    if (!isSameDigest(frame.digest, loginDigest(login, challenge, password))) return 'wrong-password';
    const appObject = isObject(frame.info) ? textOf(frame.info.appobj) : '';
    // Whoever else comes says nothing of how the App object is called: myApps logs in under the name of its user, who may
    // be called nearly like it.
    if (appObject === '' || sip !== appObject || frame.pbxObj) return 'other';
    return [app, sip].some(name => isSameName(name, appName)) ? 'pbx' : 'other-app';
}

/**
 * Compares two digests in hex without telling by the time it takes how much of them is equal.
 * @param received of any type
 */
export function isSameDigest(received: unknown, right: string): boolean {
    const hash = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(hash(textOf(received).toLowerCase()), hash(right));
}

/** What JSON is made of: strings, marks, and whatever else stands between them. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * The value of a member of an object exactly as it was sent: key order, escapes and white space are the sender's. A
 * digest over it cannot be checked with what JSON.parse makes of it.
 * @param json an object that JSON.parse takes
 * @returns `undefined` where the object itself has no such member; of several the last one, as JSON.parse has it
 */
export function rawMember(json: string, name: string): string | undefined {
    let depth = 0;
    let start: number | undefined;
    let last = { text: '', end: 0 };
    let isWanted = false;
    let found: string | undefined;
    for (const { 0: text, index } of json.matchAll(tokens)) {
        if (text === '}' || text === ']') depth--;
        const endsValue = (depth === 1 && text === ',') || depth === 0;
        if (start !== undefined && endsValue) {
            found = json.slice(start, last.end);
            start = undefined;
        }
        if (isWanted) start = index;
        isWanted = depth === 1 && text === ':' && JSON.parse(last.text) === name;
        if (text === '{' || text === '[') depth++;
        last = { text, end: index + text.length };
    }
    return found;
}
