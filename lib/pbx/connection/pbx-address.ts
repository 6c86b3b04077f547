import { isIP } from 'node:net';
import { SyncError } from '../../errors/errors';
import type { Reason } from '../../errors/phrases';

/** The module of a PBX that is not a dynamic one. */
const usualModule = 'PBX0';

/**
 * The address of the App websocket: `wss://<host>[:port]/<module>/APPS/websocket`. A host alone, or with a port, is
 * completed; an address that begins with `wss://` is completed only where it has no path. Without TLS (`ws://`) only this
 * computer itself is talked to: from a login that is overheard the password can be found out.
 * @throws SyncError FIELD_MISSING, FIELD_INVALID
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (GetLocation: the module of a dynamic PBX)
 */
export function webSocketUrl(address: string, module = usualModule): URL {
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'Address of the PBX', why });
    const text = address.trim();
    if (!text) throw new SyncError('FIELD_MISSING', { field: 'Address of the PBX' });
    const complete = text.includes('://') ? text : `wss://${text}`;
    if (!URL.canParse(complete) || /[{}]/.test(new URL(complete).hostname))
        throw invalid('enter a host, a host and port, or an address that begins with wss://');
    const url = new URL(complete);
    if (!['ws:', 'wss:'].includes(url.protocol)) throw invalid('it must start with wss://');
    if (url.protocol === 'ws:' && !isLoopback(url.hostname)) throw invalid('it must start with wss://');
    if (url.hash) throw invalid('it must not contain "#"');
    if (url.username || url.password) throw invalid('it must not contain a user name or a password');
    if (url.pathname === '/') url.pathname = `/${module || usualModule}/APPS/websocket`;
    return url;
}

function isLoopback(host: string): boolean {
    return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Host and port of an address as error sentences name it; the text where it is no address, never a password in it. */
export function hostOf(address: string): string {
    const withoutUser = address.replace(/^([a-z]+:\/\/)?.*@/is, '$1');
    try {
        return webSocketUrl(withoutUser).host;
    } catch {
        return withoutUser;
    }
}

/**
 * Refuses a PBX name that is a DNS name or an address, as administrators tend to enter: what counts is the field "PBX
 * Name" of the PBX, `pbx` and not `pbx.firm.example`. Whether there must be a name is not decided here.
 * @throws SyncError PBX_NAME_IS_DNS with the right form, FIELD_INVALID
 */
export function checkPbxName(name: string): void {
    const why = 'it is an address, not a name';
    if (name.includes('://') || isIP(name)) throw new SyncError('FIELD_INVALID', { field: 'PBX name', why });
    const [alone] = name.split('.');
    if (alone !== name) throw new SyncError('PBX_NAME_IS_DNS', { entered: name, name: alone });
}
