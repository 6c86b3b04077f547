import type { Node } from 'node-red';
import * as v from 'valibot';
import { SyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import { mergeUsers } from '../../lib/presence/message';
import { type ListAction, listActions, type PbxUsers, type ScopeDescription } from '../../lib/teams/users/scopes';
import { systemClock, within } from '../../lib/time/clock';
import { needed } from './config-node';
import { choice, entered, missing, named, number, readFields, rows, text } from './fields';
import type { FlowMessage } from './messages';

export const scope = choice('Users to follow', ['pbx', 'all', 'group', 'list']);
const followed = {
    scope,
    /** Name or object id. */
    group: text,
    /** `plans`: only users with one of the service plans. */
    licence: text,
};
/** How changes arrive; the intervals in seconds. */
export const following = {
    delivery: choice('The way changes arrive', ['automatic', 'notifications', 'polling']),
    fast: number('The interval for people in a call', 'it must be 1 to 60 seconds', { usual: 2, least: 1, most: 60 }),
    slow: number('The interval for everybody else', 'it must be 2 to 300 seconds', { usual: 10, least: 2, most: 300 }),
};
const noGuid: Reason = 'it is no GUID';
const servicePlans = v.pipe(
    rows(text),
    named('A service plan'),
    v.filterItems(Boolean),
    v.nonEmpty(missing),
    v.everyItem(id => v.UUID_REGEX.test(id), noGuid),
);

/** Who is to be followed. @param onSilent as of {@link keptList} @throws SyncError that names the field that is missing or wrong */
export async function describedScope(
    node: Node,
    config: object,
    pbx: { system(): Promise<PbxSystem> } | undefined,
    onSilent?: (later: Promise<string[]>) => void,
): Promise<ScopeDescription> {
    const { scope: kind, licence, group } = readFields(followed, config);
    const plans = licence === 'plans' ? readFields({ plans: servicePlans }, config).plans : [];
    if (kind === 'group') return { kind, plans, group };
    if (kind === 'list') return { kind, plans, entries: await keptList(node, onSilent) };
    if (kind === 'pbx') return { kind, plans, pbx: usersOf(await needed(pbx, 'PBX').system()) };
    return { kind, plans };
}

function usersOf(system: PbxSystem): PbxUsers {
    return {
        matches: system.directory.matches,
        loaded: () => system.directory.loaded,
        select: user => {
            const known = system.directory.find(user);
            return known && mergeUsers(user, known);
        },
        onChange: changed => {
            system.on('users', changed);
            return () => void system.off('users', changed);
        },
    };
}

/** Where a node keeps its list, so that a deploy does not lose it; a restart only without a persistent context store. */
const place = 'list';
/** Milliseconds that a context store has to answer, which may lie on another host. */
const storeLimit = 5_000;

/** What a message does to the list of users. @throws SyncError TEAMS_LIST_INVALID or TEAMS_LIST_ACTION_UNKNOWN */
export function listChangeOf(message: FlowMessage): { action: ListAction; list: string[] } {
    const { payload, action = 'replace' } = message as { payload?: unknown; action?: unknown };
    if (!listActions.includes(action as ListAction))
        throw new SyncError('TEAMS_LIST_ACTION_UNKNOWN', { action: String(action).slice(0, 40) });
    const list = Array.isArray(payload) ? payload.map(entered) : [];
    if (!Array.isArray(payload) || list.includes('')) throw new SyncError('TEAMS_LIST_INVALID');
    return { action: action as ListAction, list };
}

/**
 * The list that the node has kept; empty where there is none or the store fails or does not answer.
 * @param onSilent called in the latter case with what it answers after all
 */
export async function keptList(node: Node, onSilent?: (later: Promise<string[]>) => void): Promise<string[]> {
    const kept = new Promise<string[]>(resolve => {
        node.context().get(place, (error: unknown, list?: unknown) => {
            if (error) node.warn(String(error));
            resolve(Array.isArray(list) ? list.filter(entry => typeof entry === 'string') : []);
        });
    });
    const known = await within(systemClock, storeLimit, kept);
    if (!known) onSilent?.(kept);
    return known ?? [];
}

/** Keeps the list; a store that fails is told of, and the list holds until the node ends. */
export function keepList(node: Node, list: string[]): void {
    node.context().set(place, list, (error?: unknown) => {
        if (error) node.warn(String(error));
    });
}
