import { createHash } from 'node:crypto';

/** What a login to the App websocket is made of; a value that is not used is an empty string. */
export interface Login {
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
