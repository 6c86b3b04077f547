import type { Person } from '../person';

/** What the PBX knows about a user beyond the person; everything has a default. */
export interface UserOptions {
    /**
     * How the PBX holds the mail address: in full, as "user name and system name are the address", or as a local part
     * to which the system name belongs. Default `full`.
     */
    address?: 'full' | 'h323-email' | 'local-part';
    /** Default: the person's name. */
    displayName?: string;
    /** Node in the numbering plan. Default `root`. */
    node?: string;
    /** Name of the PBX where the user is registered. Default: this PBX. */
    loc?: string;
    /** Hidden from directories. Default false. */
    hide?: boolean;
    /** Name of the config template. Default none. */
    config?: string;
}

/** A user object. */
export interface PbxUser {
    guid: string;
    /** User name, without a domain. */
    h323: string;
    longName: string;
    displayName: string;
    number: string;
    node: string;
    loc: string;
    hide: boolean;
    config: string;
    /** Addresses; one without "@" belongs to the system name. */
    emails: string[];
    /** The user name is the local part of the address. */
    h323Email: boolean;
}

/** Makes the user object of a person; the local part of the address is the user name. */
export function pbxUser(person: Person, pbxName: string, options: UserOptions = {}): PbxUser {
    const h323 = person.mail.split('@')[0]!;
    const emails = { full: [person.mail], 'h323-email': [], 'local-part': [h323] };
    return {
        guid: person.guid,
        h323,
        longName: person.name,
        displayName: options.displayName ?? person.name,
        number: person.number,
        node: options.node ?? 'root',
        loc: options.loc ?? pbxName,
        hide: options.hide ?? false,
        config: options.config ?? '',
        emails: emails[options.address ?? 'full'],
        h323Email: options.address === 'h323-email',
    };
}

/** The user's address as the presence monitor tells it. */
export function addressOf(user: PbxUser, systemName: string): string {
    return user.emails[0] ?? (user.h323Email ? `${user.h323}@${systemName}` : '');
}

/**
 * The columns that can be asked for. Those without a value here are known to the PBX and empty for every user.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
const columns: Record<string, (user: PbxUser) => unknown> = {
    guid: user => user.guid,
    h323: user => user.h323,
    // As in a real PBX the stored form, which is of no use to the reader.
    pwd: user => [...user.guid].reverse().join(''),
    cn: user => user.longName,
    dn: user => user.displayName,
    e164: user => user.number,
    node: user => user.node,
    loc: user => user.loc,
    hide: user => user.hide,
    config: user => user.config,
    emails: user => user.emails.map(email => ({ email })),
    'h323-email': user => user.h323Email,
    ...Object.fromEntries(
        ['apps', 'apps-my', 'cfpr', 't-cfpr', 'pseudo', 'fax', 'allows', 't-allows', 'grps', 'devices', 'cds', 'forks']
            .concat('wakeups')
            .map(name => [name, () => undefined]),
    ),
};

/** Whether the users table has such a column. */
export function isColumn(name: string): boolean {
    return Object.hasOwn(columns, name);
}

/** A row with the requested columns; empty and false values are left out. */
export function rowOf(user: PbxUser, requested: readonly string[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (const name of requested) {
        const value = columns[name]?.(user);
        const isEmpty = !value || (Array.isArray(value) && value.length === 0);
        if (!isEmpty) row[name] = value;
    }
    return row;
}
