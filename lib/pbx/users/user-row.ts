import type { PresenceUser } from '../../presence/message';
import { isObject, textOf } from '../connection/frame';

/**
 * The columns we ask of the user table, each with updates; never `pwd`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export const userColumns = 'guid h323 cn dn e164 node loc hide config emails h323-email grps'.split(' ');

/** A PBX user always knows its PBX identity. */
export type PbxUser = PresenceUser & Required<Pick<PresenceUser, 'pbx'>>;

export interface UserRow {
    readonly user: PbxUser;
    /** The addresses as they are in the row, where one of them lacks its domain; otherwise absent. */
    readonly incomplete?: readonly string[];
}

/** Makes users of the rows of the table. Texts and lists that many users have in common are kept once. */
export class RowMaker {
    readonly #texts = new Map<string, string>();
    readonly #lists = new Map<string, readonly string[]>();
    /**
     * System name of the PBX, to which addresses without "@" belong; without it these are left out. Rows made before it
     * was set are to be {@link completed}.
     */
    domain: string | undefined;

    constructor(domain?: string) {
        this.domain = domain;
    }

    /** `undefined` for a row without GUID. Fields that are empty or false are left out by the PBX, the name too. */
    rowOf(columns: unknown): UserRow | undefined {
        if (!isObject(columns)) return undefined;
        const guid = textOf(columns.guid);
        const name = textOf(columns.h323);
        if (!guid) return undefined;
        // An address without "@" is the local part of one in the PBX's own domain; so is the name with `h323-email`.
        const texts = [...listOf(columns.emails, 'email'), ...(columns['h323-email'] === true && name ? [name] : [])];
        const longName = textOf(columns.cn);
        const shownName = textOf(columns.dn);
        // Of two that are alike only one is kept.
        const displayName = shownName === longName ? longName : shownName;
        const number = textOf(columns.e164);
        const loc = this.#shared(columns.loc);
        const groups = this.#groupsOf(columns.grps);
        const template = this.#shared(columns.config);
        const user = {
            addresses: this.#addressesOf(texts),
            displayName: displayName || longName || name || number || guid,
            pbx: {
                ...{ guid, name, longName, displayName, number },
                node: loc || this.#shared(columns.node),
                ...(loc && { loc }),
                ...(groups.length > 0 && { groups }),
                ...(template && { template }),
                ...(columns.hide === true && { hidden: true as const }),
            },
        };
        return texts.every(text => text.includes('@')) ? { user } : { user, incomplete: texts };
    }

    /** The row with its addresses in the domain of now. */
    completed(row: UserRow): UserRow {
        if (!row.incomplete) return row;
        return { ...row, user: { ...row.user, addresses: this.#addressesOf(row.incomplete) } };
    }

    #groupsOf(rows: unknown): readonly string[] {
        const names = listOf(rows, 'name');
        const key = names.join('\n');
        const known = this.#lists.get(key);
        if (!known) this.#lists.set(key, names);
        return known ?? names;
    }

    #addressesOf(texts: readonly string[]): string[] {
        const complete = texts
            .map(text => (text.includes('@') ? text : this.domain ? `${text}@${this.domain}` : ''))
            .filter(Boolean)
            .map(text => text.toLowerCase());
        return [...new Set(complete)];
    }

    #shared(value: unknown): string {
        const text = textOf(value);
        const known = this.#texts.get(text);
        if (known === undefined) this.#texts.set(text, text);
        return known ?? text;
    }
}

/** The texts of one field of the rows of a table in the table. */
function listOf(rows: unknown, field: string): string[] {
    if (!Array.isArray(rows)) return [];
    return rows.map(row => (isObject(row) ? textOf(row[field]).trim() : '')).filter(Boolean);
}
