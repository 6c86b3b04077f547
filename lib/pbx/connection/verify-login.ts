import { createHash, timingSafeEqual } from 'node:crypto';
import { type Frame, isObject, textOf } from './frame';
import { loginDigest } from './login-digest';
import { rawMember } from './raw-member';

/** Who may log in at our endpoint. */
interface ExpectedLogin {
    /** Name of the App object, or the last part of its URL. */
    appName: string;
    password: string;
    /** What we gave for this login. */
    challenge: string;
}

/**
 * Who logs in: `pbx` is the App object itself; `other` knows the password, but is a user's client, which the PBX has
 * vouched for, or another app; `other-app` belongs to an App object of another name; `wrong-password` to nobody.
 */
export type LoginVerdict = 'pbx' | 'other' | 'other-app' | 'wrong-password';

/**
 * Verifies an AppLogin. The PBX calls as its App object: `sip` and `info.appobj` name it, `app` is the last part of its
 * URL. A browser comes with the same digest, but with the user's name as `sip`; another app comes with `pbxObj`, or
 * without `sip`.
 * @param text the frame as it was received: the digest goes over the raw text of `info`
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export function verifyLogin(frame: Frame, text: string, expected: ExpectedLogin): LoginVerdict {
    const { appName, password, challenge } = expected;
    const [app = '', domain = '', sip = '', guid = '', dn = ''] = loginFields.map(name => textOf(frame[name]));
    const login = { app, domain, sip, guid, dn, info: rawMember(text, 'info') };
    if (!isSameDigest(frame.digest, loginDigest(login, challenge, password))) return 'wrong-password';
    if (![app, sip].some(name => isSameName(name, appName))) return 'other-app';
    const appObject = isObject(frame.info) ? textOf(frame.info.appobj) : '';
    const isAppObject = sip !== '' && isSameName(sip, appObject || appName);
    return isAppObject && !frame.pbxObj ? 'pbx' : 'other';
}

/**
 * Compares two digests in hex without telling by the time it takes how much of them is equal.
 * @param received of any type
 */
export function isSameDigest(received: unknown, right: string): boolean {
    const hash = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(hash(textOf(received).toLowerCase()), hash(right));
}

const loginFields = ['app', 'domain', 'sip', 'guid', 'dn'] as const;

function isSameName(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}
