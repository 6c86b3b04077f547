import type { Node } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { type ListAction, listActions } from '../../lib/teams/users/list-scope';
import { entered } from './entered';
import type { FlowMessage } from './messages';

/** Where a node keeps its list, so that a deploy does not lose it; a restart only without a persistent context store. */
const place = 'list';

/** What a message does to the list of users. @throws SyncError TEAMS_LIST_INVALID or TEAMS_LIST_ACTION_UNKNOWN */
export function listChangeOf(message: FlowMessage): { action: ListAction; list: string[] } {
    const { payload, action = 'replace' } = message as { payload?: unknown; action?: unknown };
    if (!listActions.includes(action as ListAction))
        throw new SyncError('TEAMS_LIST_ACTION_UNKNOWN', { action: String(action).slice(0, 40) });
    const list = Array.isArray(payload) ? payload.map(entered) : [];
    if (!Array.isArray(payload) || list.includes('')) throw new SyncError('TEAMS_LIST_INVALID');
    return { action: action as ListAction, list };
}

/** The list that the node has kept; empty where there is none or the store fails. */
export function keptList(node: Node): Promise<string[]> {
    return new Promise(resolve => {
        node.context().get(place, (error: unknown, list?: unknown) => {
            if (error) node.warn(String(error));
            resolve(Array.isArray(list) ? list.filter(entry => typeof entry === 'string') : []);
        });
    });
}

/** Keeps the list; a store that fails is told of, and the list holds until the node ends. */
export function keepList(node: Node, list: string[]): void {
    node.context().set(place, list, (error?: unknown) => {
        if (error) node.warn(String(error));
    });
}
