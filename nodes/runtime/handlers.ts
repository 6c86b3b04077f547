import type { Node, NodeAPI, NodeDef } from 'node-red';
import { toSyncError } from '../../lib/errors/errors';
import { systemClock, within } from '../../lib/time/clock';
import { systemContinuity } from '../../lib/time/continuity';
import type { FlowMessage } from './messages';
import { migrate } from './migrations';
import { type Report, sentenceIn } from './status';

/** A node as a flow holds it, in the current version. What its fields hold only their schema can say. */
export type Config = NodeDef & Record<string, unknown>;

/**
 * Registers a node type.
 * @param create makes a node what it is; `closing` is aborted as soon as the node closes
 */
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
 * @param first what closes only after this
 */
export function onClose(node: Node, close: (removed: boolean) => Promise<void> | void, first?: Closing): void {
    node.on('close', (removed: boolean, done: () => void) => {
        const closed = Promise.resolve()
            .then(() => close(removed))
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
