import type { Node } from 'node-red';
import type { Held } from '../../lib/presence/teams-ledger';
import type { HeldStore } from '../../lib/teams/writing/leased-presence';

/** One key for each user: a change of one does not write the others again. */
const prefix = 'held_';

/**
 * Keeps what a node holds in Teams in the context of the node: where the default context store of Node-RED lasts, it
 * survives a restart. A store that fails costs no more than that, and is told once.
 * @see https://nodered.org/docs/user-guide/context
 */
export function heldStore(node: Node, complaint: (detail: string) => string): HeldStore {
    const context = node.context();
    let hasComplained = false;
    const complain = (error: unknown): void => {
        if (hasComplained || !error) return;
        hasComplained = true;
        node.warn(complaint(error instanceof Error ? error.message : String(error)));
    };
    const set = (userId: string, held: Held | undefined): void => {
        try {
            context.set(keyOf(userId), held, complain);
        } catch (error) {
            complain(error);
        }
    };
    const get = (key: string): Promise<Held[]> =>
        new Promise((resolve, reject) => {
            context.get(key, (error: unknown, value: unknown) => {
                if (error) reject(error);
                else resolve(isHeld(value) ? [value] : []);
            });
        });
    const keys = (): Promise<string[]> =>
        new Promise((resolve, reject) => {
            // The types of Node-RED do not know that an error comes first.
            const answer = (error: unknown, found: unknown): void => {
                if (error) reject(error);
                else resolve(Array.isArray(found) ? found.map(String) : []);
            };
            context.keys(answer as never);
        });
    return {
        load: async () => {
            try {
                const found = (await keys()).filter(key => key.startsWith(prefix));
                return (await Promise.all(found.map(get))).flat();
            } catch (error) {
                complain(error);
                return [];
            }
        },
        put: held => set(held.userId, held),
        remove: userId => set(userId, undefined),
    };
}

/** Context keys are paths: a hyphen would be taken for one part of an expression in some stores. */
function keyOf(userId: string): string {
    return `${prefix}${userId.replaceAll('-', '_')}`;
}

/** A file can be edited by hand, and by an older version. */
function isHeld(value: unknown): value is Held {
    const { userId, displayName, claims } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Held>;
    return (
        typeof userId === 'string' &&
        typeof displayName === 'string' &&
        Array.isArray(claims) &&
        claims.every(claim => typeof claim?.until === 'number' && typeof claim.target === 'object' && claim.target)
    );
}
