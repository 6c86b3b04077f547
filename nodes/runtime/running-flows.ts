import { EventEmitter } from 'node:events';
import type { Node, NodeAPI } from 'node-red';

/** A node as it stands in the flow file. */
type Fields = Record<string, unknown> & { id: string; type?: string; wires?: string[][]; links?: string[] };

interface FlowsEvent {
    type?: string;
    /** The same object until a deploy or a restart puts another in its place. */
    config?: { flows?: Fields[] };
    /** `linked`: those that are wired to the others. */
    diff?: Partial<Record<'added' | 'changed' | 'rewired' | 'linked', string[]>>;
}

const watched = new WeakMap<object, RunningFlows>();

/**
 * Tells a node that closes what comes after it. What a deploy stops is started again at once and keeps what it has set,
 * also where the deploy changes nothing; what ends, or goes on with other values, takes it back.
 */
export class RunningFlows extends EventEmitter<{ started: [FlowsEvent] }> {
    /** True in a shutdown or "stop flows": no deploy follows that starts them again. */
    areEnding = false;
    #running: FlowsEvent['config'];
    /** What is to run after the stop that is under way. */
    #next: FlowsEvent['config'];

    /** The one of a Node-RED: it listens once for all nodes, since beyond ten listeners Node.js warns of a leak. */
    static of(RED: NodeAPI): RunningFlows {
        const flows = watched.get(RED.events) ?? new RunningFlows(RED);
        watched.set(RED.events, flows);
        return flows;
    }

    private constructor(RED: NodeAPI) {
        super();
        this.setMaxListeners(0);
        RED.events.on('flows:started', (event: FlowsEvent = {}) => {
            this.#running = event.config;
            this.emit('started', event);
        });
        RED.events.on('flows:stopping', ({ type, config }: FlowsEvent = {}) => {
            this.#next = config;
            this.areEnding = type === 'full' && (!this.#running || config === this.#running);
        });
    }

    /**
     * Resolves when all nodes of the running deploy exist: what is sent earlier can be lost. To be called in a node's
     * constructor.
     */
    started(): Promise<void> {
        return new Promise(resolve => this.once('started', () => resolve()));
    }

    /** True if the flows that are deployed lack the node, or have something else in one of these fields of it. */
    change(node: Node, fields: readonly string[]): boolean {
        // Inside a subflow a node is a copy of the one in the flow file.
        const isMeant = ({ id }: Fields) => id === node.id || id === node._alias;
        const [before, after] = [this.#running, this.#next].map(known => known?.flows?.find(isMeant));
        if (!before) return false;
        if (!after || after.d === true) return true;
        // A flow of old does not hold what nobody has ticked.
        return fields.some(field => (before[field] || '') !== (after[field] || ''));
    }

    /**
     * Calls `resend` when a deploy has started or wired nodes behind this one while this one went on: they know nothing yet
     * of the states that were told before. A deploy of modified flows starts what is wired to what has changed, but not
     * what leads there by link nodes only; a full one starts all.
     */
    onDownstreamDeploy(node: Node, resend: () => void, closing: AbortSignal): void {
        const onStarted = ({ type, config, diff }: FlowsEvent): void => {
            const { added = [], changed = [], rewired = [], linked = [] } = diff ?? {};
            const fresh = new Set([...added, ...changed]);
            if (type === 'flows') for (const id of [...rewired, ...linked]) fresh.add(id);
            if ((type !== 'nodes' && type !== 'flows') || fresh.has(node.id)) return;
            if (rewired.includes(node.id)) return resend();
            for (const id of rewired) fresh.add(id);
            const wires = new Map((config?.flows ?? []).map(each => [each.id, nextOf(each)]));
            if (leadsTo(fresh, node.id, wires)) resend();
        };
        this.on('started', onStarted);
        closing.addEventListener('abort', () => this.off('started', onStarted));
    }
}

/** What comes next after a node. A link-in node names those that lead to it. */
function nextOf({ type, wires = [], links = [] }: Fields): string[] {
    return [...wires.flat(), ...(type === 'link in' ? [] : links)];
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

/**
 * Lets a config node close last: Node-RED closes all nodes at the same time, but what uses a connection may still
 * have to take back over it what it has set.
 */
export class Closing {
    readonly #work = new Set<Promise<unknown>>();

    waitFor(work: Promise<unknown>): void {
        this.#work.add(work);
        const over = (): boolean => this.#work.delete(work);
        work.then(over, over);
    }

    /** Resolves when all work is done that was handed in up to the end of this turn. */
    async done(): Promise<void> {
        await new Promise(resolve => setImmediate(resolve));
        await Promise.allSettled(this.#work);
    }
}

/** What may still talk to the simulated office while nodes close: the simulator node closes after it. */
export const officeClosing = new Closing();
