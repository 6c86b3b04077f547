import type { Node } from 'node-red';
import { type SyncError, toSyncError } from '../../lib/errors/errors';
import { systemClock, within } from '../../lib/time/clock';
import { systemContinuity } from '../../lib/time/continuity';
import type { FlowMessage } from './messages';

/** How a node says an error: in its status and in the language of the runtime. */
export type Sentence = (error: SyncError) => string;

/**
 * The one wrapper for input handlers: whatever is thrown goes to `done` once, as a sentence, and never ends Node-RED.
 * @param handle returns the message to send on, or nothing
 */
export function onInput(
    node: Node,
    sentence: Sentence,
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
            .catch(thrown => done(readable(thrown, sentence)));
    });
}

/** Node-RED gives up after 15 s; a service that hangs must not hold it up. In ms. */
const closingTime = 12_000;

/** The one wrapper for close: Node-RED waits for it, though not for ever, and an error in it stops nothing. */
export function onClose(node: Node, close: (removed: boolean) => Promise<void> | void): void {
    node.on('close', (removed: boolean, done: () => void) => {
        const closed = Promise.resolve()
            .then(() => close(removed))
            .catch(thrown => node.warn(toSyncError(thrown).message));
        void within(systemClock, closingTime, closed).finally(done);
    });
}

/** The one guard for timers, emitters and whatever else is not waited for. */
export function guard<Arguments extends unknown[]>(
    node: Node,
    sentence: Sentence,
    run: (...args: Arguments) => Promise<void> | void,
): (...args: Arguments) => void {
    return (...args) => {
        Promise.resolve()
            .then(() => run(...args))
            .catch(thrown => node.error(readable(thrown, sentence).message));
    };
}

/** An error whose message is what an administrator reads; no stack trace of ours. */
function readable(thrown: unknown, sentence: Sentence): Error {
    const error = toSyncError(thrown);
    const shown = new Error(sentence(error));
    // Node-RED shows catch nodes `toString()`, which would put "Error:" before the sentence.
    return Object.assign(shown, { name: '', stack: undefined, code: error.code });
}
