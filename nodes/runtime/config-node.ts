import type { NodeAPI } from 'node-red';

/** A configuration node, or undefined where it is missing, disabled or failed to start. */
export function configNode<T>(RED: NodeAPI, id: string | undefined): T | undefined {
    // The types promise a node; the runtime answers null for one that is not there.
    return (id ? (RED.nodes.getNode(id) as T | null) : undefined) ?? undefined;
}
