import { EventEmitter } from 'node:events';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { toSyncError } from '../../lib/errors/errors';
import { systemClock, within } from '../../lib/time/clock';
import { systemContinuity } from '../../lib/time/continuity';
import type { FlowMessage } from './messages';
import { migrate } from './migrations';
import { type Report, sentenceIn } from './status';

/** A node as a flow holds it, in the current version. What its fields hold only their schema can say. */
export type Config = NodeDef & Record<string, unknown>;

/** @param create makes a node what it is; `closing` is aborted as soon as the node closes */
export function registerNode<N extends Node>(
    RED: NodeAPI,
    type: string,
    create: (node: N, config: Config, closing: AbortSignal) => void,
    options: object = {},
): void {
    function PresenceNode(this: N, config: Config) {
        RED.nodes.createNode(this, config);
        const closing = new AbortController();
        this.on('close', () => closing.abort());
        create(this, migrate(type, config), closing.signal);
    }
    RED.nodes.registerType(type, PresenceNode as never, options);
}

/** Begins the work of a node. What it fails with is shown, unless the node closes, and stays for who awaits the result. */
export function begin<T>(work: () => Promise<T>, report: Report, closing: AbortSignal): Promise<T> {
    const begun = work();
    begun.catch(thrown => closing.aborted || report({ phase: 'failed', error: toSyncError(thrown) }));
    return begun;
}

/**
 * The one wrapper for input handlers: whatever is thrown goes to `done` once, as a sentence, and never ends Node-RED.
 * @param handle returns the message to send on, or nothing
 */
export function onInput(
    RED: NodeAPI,
    node: Node,
    handle: (message: FlowMessage) => Promise<FlowMessage | undefined> | FlowMessage | undefined,
): void {
    node.on('input', (message, send, done) => {
        systemContinuity.look();
        Promise.resolve()
            .then(() => handle(message as FlowMessage))
            .then(result => {
                if (result) send(result);
                done();
            })
            .catch(thrown => done(readable(RED, thrown)));
    });
}

/** Node-RED gives up after 15 s; a service that hangs must not hold it up. In ms. */
const closingTime = 12_000;

/**
 * The one wrapper for close: Node-RED waits for it, though not for ever, and an error in it stops nothing.
 * To be called in the node's constructor.
 * @param first what closes only after this
 */
export function onClose(
    RED: NodeAPI,
    node: Node,
    close: (removed: boolean, flows: RunningFlows) => Promise<void> | void,
    first?: Closing,
): void {
    const flows = runningFlows(RED);
    node.on('close', (removed: boolean, done: () => void) => {
        const closed = Promise.resolve()
            .then(() => close(removed, flows))
            .catch(thrown => node.warn(toSyncError(thrown).message));
        first?.waitFor(closed);
        void within(systemClock, closingTime, closed).finally(done);
    });
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

/** What still talks to the simulated office while nodes close: the simulator node closes after it. */
export const officeClosing = new Closing();

/** The one guard for timers, emitters and whatever else is not waited for. */
export function guard<Arguments extends unknown[]>(
    RED: NodeAPI,
    node: Node,
    run: (...args: Arguments) => Promise<void> | void,
): (...args: Arguments) => void {
    return (...args) => {
        Promise.resolve()
            .then(() => run(...args))
            .catch(thrown => node.error(readable(RED, thrown).message));
    };
}

/** An error whose message is what an administrator reads; no stack trace of ours. */
function readable(RED: NodeAPI, thrown: unknown): Error {
    const error = toSyncError(thrown);
    const shown = new Error(sentenceIn(RED)(error));
    // Node-RED shows catch nodes `toString()`, which would put "Error:" before the sentence.
    return Object.assign(shown, { name: '', stack: undefined, code: error.code });
}

/** A node as it stands in the flow file. */
type Fields = Record<string, unknown> & { id: string; wires?: string[][] };

interface FlowsEvent {
    type?: string;
    /** The same object until a deploy or a restart puts another in its place. */
    config?: { flows?: Fields[] };
    diff?: Partial<Record<'added' | 'changed' | 'rewired', string[]>>;
}

/**
 * Resolves when all nodes of the running deploy exist: what is sent earlier can be lost. To be called in a node's
 * constructor.
 */
export function flowsStarted(RED: NodeAPI): Promise<void> {
    return new Promise(resolve => runningFlows(RED).once('started', () => resolve()));
}

/**
 * Calls `resend` when a deploy of modified nodes has started or wired nodes behind this one while this one went on:
 * they know nothing yet of the states that were told before. (Other deploys start this node anew as well.)
 */
export function onDownstreamDeploy(RED: NodeAPI, node: Node, resend: () => void, closing: AbortSignal): void {
    const onStarted = ({ type, config, diff }: FlowsEvent): void => {
        const fresh = new Set([...(diff?.added ?? []), ...(diff?.changed ?? [])]);
        if (type !== 'nodes' || fresh.has(node.id)) return;
        const rewired = diff?.rewired ?? [];
        if (rewired.includes(node.id)) return resend();
        for (const id of rewired) fresh.add(id);
        const wires = new Map((config?.flows ?? []).map(({ id, wires = [] }) => [id, wires.flat()]));
        if (leadsTo(fresh, node.id, wires)) resend();
    };
    const flows = runningFlows(RED).on('started', onStarted);
    closing.addEventListener('abort', () => flows.off('started', onStarted));
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

function runningFlows(RED: NodeAPI): RunningFlows {
    const flows = watched.get(RED.events) ?? new RunningFlows(RED);
    watched.set(RED.events, flows);
    return flows;
}

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

    /** Listens once for all nodes: beyond ten Node.js takes further listeners for a leak, and warns. */
    constructor(RED: NodeAPI) {
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
