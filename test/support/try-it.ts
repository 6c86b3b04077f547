import { type FlowNode, tryItExample } from './checkout';
import { NodeRedProcess } from './node-red-process';
import { OfficeControl } from './office-control';
import { connectingNodes } from './our-nodes';

/** How soon all nodes must be green after a start or a deploy, in ms. */
export const greenWithin = 10_000;

/** A real Node-RED with the example flow "Try it", connected, and its office. */
export interface TryIt {
    nodeRed: NodeRedProcess;
    office: OfficeControl;
    /** The example's nodes; each call gives new ones. */
    flows: () => FlowNode[];
}

/** Starts Node-RED with the example flow and waits until all its nodes are green. */
export async function startTryIt(): Promise<TryIt> {
    const nodeRed = new NodeRedProcess();
    try {
        await nodeRed.start();
        await nodeRed.deploy(tryItExample());
        await nodeRed.waitForGreen(connectingNodes(tryItExample()), greenWithin);
    } catch (error) {
        await nodeRed.dispose();
        throw error;
    }
    return { nodeRed, office: new OfficeControl(nodeRed), flows: tryItExample };
}

/** The first node of a type. */
export function nodeOf(flows: FlowNode[], type: string): FlowNode {
    const node = flows.find(candidate => candidate.type === type);
    if (!node) throw new Error(`There is no ${type} in these flows`);
    return node;
}

/** Lines of Node-RED's log in which a node warns of something or reports an error. */
export function complaints(nodeRed: NodeRedProcess): string[] {
    return nodeRed.log.filter(line => /\[(warn|error)\] \[/.test(line));
}
