import type { Node, NodeAPI } from 'node-red';

interface Started {
    type?: string;
    config?: { flows?: { id: string; wires?: string[][] }[] };
    diff?: Partial<Record<'added' | 'changed' | 'rewired' | 'linked', string[]>>;
}

/**
 * Resolves when all nodes of the running deploy exist: what is sent earlier can be lost. To be called in a node's
 * constructor.
 */
export function flowsStarted(RED: NodeAPI): Promise<void> {
    return new Promise(resolve => RED.events.once('flows:started', () => resolve()));
}

/**
 * Calls `resend` when a deploy of modified nodes has started or wired nodes behind this one while this one went on:
 * they know nothing yet of the states that were told before. (Other deploys start this node anew as well.) Returns a
 * function that ends it.
 */
export function onDownstreamDeploy(RED: NodeAPI, node: Node, resend: () => void): () => void {
    const onStarted = ({ type, config, diff }: Started = {}): void => {
        const fresh = new Set([...(diff?.added ?? []), ...(diff?.changed ?? [])]);
        if (type !== 'nodes' || fresh.has(node.id)) return;
        const rewired = diff?.rewired ?? [];
        if (rewired.includes(node.id)) return resend();
        for (const id of rewired) fresh.add(id);
        const wires = new Map((config?.flows ?? []).map(({ id, wires = [] }) => [id, wires.flat()]));
        if (leadsTo(fresh, node.id, wires)) resend();
    };
    RED.events.on('flows:started', onStarted);
    return () => void RED.events.off('flows:started', onStarted);
}

function leadsTo(targets: Set<string>, from: string, wires: Map<string, string[]>): boolean {
    const seen = new Set([from]);
    for (const id of seen) {
        for (const next of wires.get(id) ?? []) {
            if (targets.has(next)) return true;
            seen.add(next);
        }
    }
    return false;
}
