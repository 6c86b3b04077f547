import type { Node, NodeAPI } from 'node-red';

type Fields = Record<string, unknown> & { id: string };

interface Deployed {
    config?: { flows?: Fields[] };
}

/** What Node-RED runs, and what it will run after the stop that is under way; as it stands in the flow file. */
interface Watcher {
    running: Fields[];
    next: Fields[];
}

const watchers = new WeakMap<object, Watcher>();

/**
 * Tells while a node closes whether it will go on with other values. To be called in the node's constructor.
 * @returns true if one of these fields of the node is another one in the flows that are deployed
 */
export function deployedChanges(RED: NodeAPI): (node: Node, fields: readonly string[]) => boolean {
    const watcher = watchers.get(RED.events) ?? watch(RED);
    return (node, fields) => {
        // Inside a subflow a node is a copy of the one in the flow file.
        const { _alias: template } = node as Node & { _alias?: string };
        const isMeant = ({ id }: Fields) => id === node.id || id === template;
        const [before, after] = [watcher.running.find(isMeant), watcher.next.find(isMeant)];
        if (!before || !after) return false;
        return fields.some(field => (before[field] ?? '') !== (after[field] ?? ''));
    };
}

function watch(RED: NodeAPI): Watcher {
    const watcher: Watcher = { running: [], next: [] };
    watchers.set(RED.events, watcher);
    const flowsOf = ({ config }: Deployed = {}): Fields[] => config?.flows ?? [];
    RED.events.on('flows:started', (event: Deployed) => {
        watcher.running = flowsOf(event);
        watcher.next = [];
    });
    RED.events.on('flows:stopping', (event: Deployed) => {
        watcher.next = flowsOf(event);
    });
    return watcher;
}
