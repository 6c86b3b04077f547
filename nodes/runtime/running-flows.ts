import type { Node, NodeAPI } from 'node-red';

/** A node as it stands in the flow file. */
type Fields = Record<string, unknown> & { id: string };

/** The same object until a deploy or a restart puts another in its place. */
interface Flows {
    flows?: Fields[];
}

interface FlowsEvent {
    type?: string;
    config?: Flows;
}

const watched = new WeakMap<object, RunningFlows>();

/** The flows that this Node-RED runs. To be called in a node's constructor. */
export function runningFlows(RED: NodeAPI): RunningFlows {
    const flows = watched.get(RED.events) ?? new RunningFlows(RED);
    watched.set(RED.events, flows);
    return flows;
}

/**
 * Tells a node that closes what comes after it. What a deploy stops is started again at once and keeps what it has set,
 * also where the deploy changes nothing; what ends, or goes on with other values, takes it back.
 */
export class RunningFlows {
    #running: Flows | undefined;
    /** What is to run after the stop that is under way. */
    #next: Flows | undefined;
    #areEnding = false;

    constructor(RED: NodeAPI) {
        RED.events.on('flows:started', ({ config }: FlowsEvent = {}) => {
            this.#running = config;
        });
        RED.events.on('flows:stopping', ({ type, config }: FlowsEvent = {}) => {
            this.#next = config;
            this.#areEnding = type === 'full' && (!this.#running || config === this.#running);
        });
    }

    /** True in a shutdown or "stop flows": no deploy follows that starts them again. */
    get areEnding(): boolean {
        return this.#areEnding;
    }

    /** True if the flows that are deployed lack the node, or have something else in one of these fields of it. */
    change(node: Node, fields: readonly string[]): boolean {
        // Inside a subflow a node is a copy of the one in the flow file.
        const { _alias: template } = node as Node & { _alias?: string };
        const isMeant = ({ id }: Fields) => id === node.id || id === template;
        const [before, after] = [this.#running, this.#next].map(known => known?.flows?.find(isMeant));
        if (!before) return false;
        if (!after || after.d === true) return true;
        // A flow of old does not hold what nobody has ticked.
        return fields.some(field => (before[field] || '') !== (after[field] || ''));
    }
}
