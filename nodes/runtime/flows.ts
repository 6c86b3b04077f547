import type { Node, NodeAPI } from 'node-red';

/** A node as it stands in the flow file. */
type Fields = Record<string, unknown> & { id: string; wires?: string[][] };

/** The same object until a deploy or a restart puts another in its place. */
interface Flows {
    flows?: Fields[];
}

interface FlowsEvent {
    type?: string;
    config?: Flows;
    diff?: Partial<Record<'added' | 'changed' | 'rewired', string[]>>;
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
 * they know nothing yet of the states that were told before. (Other deploys start this node anew as well.)
 */
export function onDownstreamDeploy(RED: NodeAPI, node: Node, resend: () => void, closing: AbortSignal): void {
    const onStarted = ({ type, config, diff }: FlowsEvent = {}): void => {
        const fresh = new Set([...(diff?.added ?? []), ...(diff?.changed ?? [])]);
        if (type !== 'nodes' || fresh.has(node.id)) return;
        const rewired = diff?.rewired ?? [];
        if (rewired.includes(node.id)) return resend();
        for (const id of rewired) fresh.add(id);
        const wires = new Map((config?.flows ?? []).map(({ id, wires = [] }) => [id, wires.flat()]));
        if (leadsTo(fresh, node.id, wires)) resend();
    };
    RED.events.on('flows:started', onStarted);
    closing.addEventListener('abort', () => RED.events.off('flows:started', onStarted));
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
class RunningFlows {
    /** True in a shutdown or "stop flows": no deploy follows that starts them again. */
    areEnding = false;
    #running: Flows | undefined;
    /** What is to run after the stop that is under way. */
    #next: Flows | undefined;

    constructor(RED: NodeAPI) {
        RED.events.on('flows:started', ({ config }: FlowsEvent = {}) => {
            this.#running = config;
        });
        RED.events.on('flows:stopping', ({ type, config }: FlowsEvent = {}) => {
            this.#next = config;
            this.areEnding = type === 'full' && (!this.#running || config === this.#running);
        });
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
