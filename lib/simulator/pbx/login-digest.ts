import { createHash } from 'node:crypto';

/** What an App object's login is made of; a value that is missing in the message is an empty string here. */
export interface Login {
    /** Name of the App object. */
    app: string;
    domain: string;
    sip: string;
    guid: string;
    dn: string;
    /** The JSON text of `info` exactly as it stands in the message (an empty object is `{}`); undefined without one. */
    info?: string;
}

/**
 * The digest that proves knowledge of the App object's password: 64 lower case hexadecimal digits.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export function loginDigest(login: Login, challenge: string, password: string): string {
    const parts = [login.app, login.domain, login.sip, login.guid, login.dn];
    if (login.info !== undefined) parts.push(login.info);
    parts.push(challenge, password);
    return createHash('sha256').update(parts.join(':'), 'utf8').digest('hex');
}
