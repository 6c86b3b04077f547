import { isIP } from 'node:net';
import { SyncError } from '../../errors/errors';

/**
 * Refuses a PBX name that is a DNS name or an address, as administrators tend to enter: what counts is the field "PBX
 * Name" of the PBX, `pbx` and not `pbx.firm.example`. No name at all is left to whoever needs one.
 * @throws SyncError PBX_NAME_IS_DNS with the right form, FIELD_INVALID
 */
export function checkPbxName(name: string): void {
    const why = 'it is an address, not a name';
    if (name.includes('://') || isIP(name)) throw new SyncError('FIELD_INVALID', { field: 'PBX name', why });
    const [alone] = name.split('.');
    if (alone !== name) throw new SyncError('PBX_NAME_IS_DNS', { entered: name, name: alone });
}
