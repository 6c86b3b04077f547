import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import { isObject, wordOf } from '../connection/frame';

/**
 * The columns we ask of the user table, each with updates; never `pwd`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export const userColumns = 'guid h323 cn dn e164 node loc hide config emails h323-email grps'.split(' ');

/** A PBX user always knows its PBX identity. */
export type PbxUser = PresenceUser & Required<Pick<PresenceUser, 'pbx'>>;

/**
 * The user of a row of the table, whose addresses are still to be {@link completed}; `undefined` for a row without GUID.
 * Fields that are empty or false are left out by the PBX, the name too.
 */
export function userOf(columns: unknown): PbxUser | undefined {
    if (!isObject(columns)) return undefined;
    const guid = wordOf(columns.guid);
    const name = wordOf(columns.h323);
    if (!guid) return undefined;
    // An address without "@" is the local part of one in the PBX's own domain; so is the name with `h323-email`.
    const names = [...listOf(columns.emails, 'email'), ...(columns['h323-email'] === true && name ? [name] : [])];
    const longName = wordOf(columns.cn);
    // Of two that are alike only one is kept.
    const displayName = columns.dn === longName ? longName : wordOf(columns.dn);
    const number = wordOf(columns.e164);
    const loc = kept(wordOf(columns.loc));
    const groups = kept(listOf(columns.grps, 'name'));
    const template = kept(wordOf(columns.config));
    return {
        addresses: [...new Set(names.map(comparable))],
        displayName: displayName || longName || name || number || guid,
        pbx: {
            ...{ guid, name, longName, displayName, number },
            node: kept(wordOf(columns.node)),
            ...(loc && { loc }),
            ...(groups.length > 0 && { groups }),
            ...(template && { template }),
            ...(columns.hide === true && { hidden: true as const }),
        },
    };
}

/** @param domain system name of the PBX, to which addresses without "@" belong; without it these are left out */
export function completed(user: PbxUser, domain: string | undefined): PbxUser {
    if (user.addresses.every(isComplete)) return user;
    const addresses = domain
        ? user.addresses.map(text => (isComplete(text) ? text : comparable(`${text}@${domain}`)))
        : user.addresses.filter(isComplete);
    return { ...user, addresses: [...new Set(addresses)] };
}

function isComplete(address: string): boolean {
    return address.includes('@');
}

/** What many users have in common, such as their PBX and their groups, is kept once. */
const common = new Map<string, string | readonly string[]>();
const mostCommon = 10_000;

function kept<Value extends string | readonly string[]>(value: Value): Value {
    const key = JSON.stringify(value);
    const known = common.get(key);
    if (known === undefined && common.size < mostCommon) common.set(key, value);
    return (known as Value | undefined) ?? value;
}

/** The texts of one field of the rows of a table in the table. */
function listOf(rows: unknown, field: string): string[] {
    if (!Array.isArray(rows)) return [];
    return rows.map(row => (isObject(row) ? wordOf(row[field]) : '')).filter(Boolean);
}
