import { type Behaviour, defaultBehaviour } from './behaviour';
import { groupsOf, type PbxUser } from './pbx-user';
import type { VisibilityEntry } from './visibility';

/**
 * The columns that can be asked for. Those with a constant here are known to the PBX and empty for every user.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
const columns: Record<string, (user: PbxUser, behaviour: Readonly<Behaviour>) => unknown> = {
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
    pseudo: user => user.pseudo,
    emails: user => user.emails.map(email => ({ email })),
    'h323-email': user => user.h323Email,
    allows: user => user.allows.map(visibilityRow),
    't-allows': user => (user.template.allows ?? []).map(visibilityRow),
    grps: (user, { templateGroupsInRows }) => groupRows(templateGroupsInRows ? groupsOf(user) : user.groups),
    apps: () => '',
    'apps-my': () => '',
    // Of three states the third is that there is none.
    cfpr: () => undefined,
    't-cfpr': () => undefined,
    fax: () => false,
    devices: () => [],
    cds: () => [],
    forks: () => [],
    wakeups: () => [],
};

/** Whether the users table has such a column. */
export function isColumn(name: string): boolean {
    return Object.hasOwn(columns, name);
}

/** Columns that are recorded as false; of other false ones there is no record. */
const recordedFalse = ['hide', 'fax'];

/**
 * A row with the requested columns; empty and false values are left out, if so configured.
 * @param emptied lists that the user had once: these are recorded as `[]`, others that are empty not at all
 */
export function rowOf(
    user: PbxUser,
    requested: readonly string[],
    behaviour: Readonly<Behaviour>,
    emptied: ReadonlySet<string>,
): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (const name of requested) {
        const value = columns[name]?.(user, behaviour);
        const isRecorded = Array.isArray(value) ? emptied.has(name) : value === false && recordedFalse.includes(name);
        const isTold = behaviour.emptyValues === 'present' || (behaviour.emptyValues === 'as-recorded' && isRecorded);
        if (!isEmpty(value) || isTold) row[name] = value;
    }
    return row;
}

/** The lists in which the user has something. */
export function listsOf(user: PbxUser): string[] {
    const isFilled = (value: unknown) => Array.isArray(value) && value.length > 0;
    return Object.keys(columns).filter(name => isFilled(columns[name]?.(user, defaultBehaviour)));
}

function isEmpty(value: unknown): boolean {
    return !value || (Array.isArray(value) && value.length === 0);
}

/** An entry as the table and the admin API write it: only the flags that are granted. */
export function visibilityRow(entry: VisibilityEntry): Record<string, unknown> {
    return Object.fromEntries(Object.entries(entry).filter(([, value]) => value));
}

/** Memberships as the table and the admin API write them. */
export function groupRows(names: readonly string[]): { name: string }[] {
    return names.map(name => ({ name }));
}
