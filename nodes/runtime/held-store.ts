import type { Node } from 'node-red';
import type { Held as HeldInTeams } from '../../lib/presence/teams-ledger';

/** One key for each user: a change of one does not write the others again. */
const prefix = 'held_';

/**
 * What nodes hold in this process, by node and by user: where no context store is configured, Node-RED throws the context
 * of a node away whenever the node is closed, by a deploy too.
 * @see https://github.com/node-red/node-red/blob/master/packages/node_modules/%40node-red/runtime/lib/nodes/context/index.js (deleteContext)
 */
const inProcess = new Map<string, Map<string, unknown>>();

/** What is kept for each user, and how it is recognised. */
interface Kind<Held> {
    idOf(held: Held): string;
    isHeld(value: unknown): value is Held;
}

/** Keeps what is held for each user; nothing here throws or rejects. */
interface HeldStore<Held> {
    load(): Promise<Held[]>;
    put(held: Held): void;
    remove(id: string): void;
}

/** What we hold in Teams. */
export const inTeams: Kind<HeldInTeams> = { idOf: ({ userId }) => userId, isHeld: isHeldInTeams };

/**
 * Keeps what a node holds over deploys, and in the context of the node: where the default context store of Node-RED lasts,
 * it survives a restart as well. A store that fails costs no more than that, and is told once.
 * @see https://nodered.org/docs/user-guide/context
 */
export function heldStore<Held>(
    node: Node,
    { idOf, isHeld }: Kind<Held>,
    complaint: (detail: string) => string,
): HeldStore<Held> {
    const context = node.context();
    let hasComplained = false;
    const complain = (error: unknown): void => {
        if (hasComplained || !error) return;
        hasComplained = true;
        node.warn(complaint(error instanceof Error ? error.message : String(error)));
    };
    const set = (id: string, held: Held | undefined): void => {
        remember(node.id, id, held);
        try {
            context.set(keyOf(id), held, complain);
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
            const known = [...(inProcess.get(node.id)?.values() ?? [])].map(held => structuredClone(held) as Held);
            const ids = new Set(known.map(idOf));
            try {
                const found = (await keys()).filter(key => key.startsWith(prefix));
                const kept = (await Promise.all(found.map(get))).flat();
                return [...known, ...kept.filter(held => !ids.has(idOf(held)))];
            } catch (error) {
                complain(error);
                return known;
            }
        },
        put: held => set(idOf(held), held),
        remove: id => set(id, undefined),
    };
}

function remember(node: string, id: string, held: unknown): void {
    const known = inProcess.get(node) ?? new Map<string, unknown>();
    if (held === undefined) known.delete(id);
    else known.set(id, held);
    if (known.size > 0) inProcess.set(node, known);
    else inProcess.delete(node);
}

/** Context keys are paths: a hyphen would be taken for one part of an expression in some stores. */
function keyOf(id: string): string {
    return `${prefix}${id.replaceAll('-', '_')}`;
}

/** A file can be edited by hand, and by an older version. */
function isHeldInTeams(value: unknown): value is HeldInTeams {
    const { userId, displayName, claims } = (
        typeof value === 'object' && value !== null ? value : {}
    ) as Partial<HeldInTeams>;
    return (
        typeof userId === 'string' &&
        typeof displayName === 'string' &&
        Array.isArray(claims) &&
        claims.every(claim => typeof claim?.until === 'number' && typeof claim.target === 'object' && claim.target)
    );
}
