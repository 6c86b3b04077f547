import { type FlowNode, nodeTypes } from './checkout';

/** Those of our node types that other nodes refer to, and that have no place on the canvas. */
export const configTypes = ['azure-app', 'teams-accounts', 'pbx-connection'];

/** Those that turn green by themselves: a mapping needs no connection, a config node shows no status. */
const connectingTypes = nodeTypes.filter(type => type !== 'presence-map' && !configTypes.includes(type));

/** The nodes of these flows that must report "connected" before presence can flow; disabled ones left out. */
export function connectingNodes(flows: FlowNode[]): FlowNode[] {
    const disabledTabs = new Set(flows.filter(node => node.disabled === true).map(node => node.id));
    return flows.filter(node => connectingTypes.includes(node.type) && !node.d && !disabledTabs.has(String(node.z)));
}
