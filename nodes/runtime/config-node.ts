import type { NodeAPI, NodeDef } from 'node-red';

/** A configuration node, or undefined where it is missing, disabled or failed to start. */
export function configNode<T>(RED: NodeAPI, id: string | undefined): T | undefined {
    // The types promise a node; the runtime answers null for one that is not there.
    return (id ? (RED.nodes.getNode(id) as T | null) : undefined) ?? undefined;
}

/** All nodes of the flows that run, as the flow file has them. */
export function deployedNodes<T = object>(RED: NodeAPI): (NodeDef & Partial<T>)[] {
    const nodes: (NodeDef & Partial<T>)[] = [];
    RED.nodes.eachNode(node => nodes.push(node as NodeDef & Partial<T>));
    return nodes;
}
