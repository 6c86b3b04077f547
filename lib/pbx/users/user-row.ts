import type { PresenceUser } from '../../presence/message';
import { isObject, textOf } from '../connection/frame';

/**
 * The columns we ask of the user table, each with updates; never `pwd`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export const userColumns = ['guid', 'h323', 'cn', 'dn', 'e164', 'node', 'loc', 'hide', 'emails', 'h323-email'] as const;

/** A PBX user always knows its PBX identity. */
export type PbxUser = PresenceUser & Required<Pick<PresenceUser, 'pbx'>>;

/**
 * A row of the user table as a user; `undefined` for a row without GUID or name. Fields that are empty or false are
 * left out by the PBX.
 * @param domain system name of the PBX; without it, addresses that need it are left out.
 */
export function userOf(columns: unknown, domain?: string): PbxUser | undefined {
    if (!isObject(columns)) return undefined;
    const guid = textOf(columns.guid);
    const name = textOf(columns.h323);
    if (!guid || !name) return undefined;
    const longName = textOf(columns.cn);
    const displayName = textOf(columns.dn);
    return {
        addresses: addressesOf(columns, name, domain),
        displayName: displayName || longName || name,
        pbx: {
            guid,
            name,
            longName,
            displayName,
            number: textOf(columns.e164),
            node: textOf(columns.loc) || textOf(columns.node),
        },
    };
}

/** An address without "@" is the local part of one in the PBX's own domain; so is the name of a user with `h323-email`. */
function addressesOf(columns: Record<string, unknown>, name: string, domain?: string): string[] {
    const rows: unknown[] = Array.isArray(columns.emails) ? columns.emails : [];
    const texts = rows.map(row => (isObject(row) ? textOf(row.email) : '').trim());
    if (columns['h323-email'] === true) texts.push(name);
    const complete = texts
        .filter(Boolean)
        .map(text => (text.includes('@') ? text : domain ? `${text}@${domain}` : ''))
        .filter(Boolean)
        .map(text => text.toLowerCase());
    return [...new Set(complete)];
}
