import type { Node, NodeAPI, NodeDef } from 'node-red';
import { toSyncError } from '../../lib/errors/errors';
import type { Language, Sentence } from '../../lib/errors/sentence';
import type { HealthPart, NodeHealth } from '../../lib/monitor/health';
import type { ConnectionState } from '../../lib/support/connection-state';
import { systemClock, within } from '../../lib/time/clock';
import { systemContinuity } from '../../lib/time/continuity';
import { isTicked } from './fields';
import type { FlowMessage } from './messages';
import { migrate } from './migrations';
import { type Closing, RunningFlows } from './running-flows';

/** A node as a flow holds it, in the current version. What its fields hold only their schema can say. */
export type Config = NodeDef & Record<string, unknown>;

/** @param create makes a node what it is */
export function registerNode<N extends Node>(
    RED: NodeAPI,
    type: string,
    create: (own: RunningNode<N>) => void,
    options: object = {},
): void {
    function PresenceNode(this: N, config: Config) {
        RED.nodes.createNode(this, config);
        create(new RunningNode(RED, this, migrate(type, config)));
    }
    RED.nodes.registerType(type, PresenceNode as never, options);
}

/** An error, or a line of a check, in the language of the runtime. */
export function sentenceIn(RED: NodeAPI, { sentence }: { sentence: Sentence }): string {
    return sentence[languageOf(RED)];
}

/** The language of the runtime: Node-RED does not name it, but our catalog in it does. */
export function languageOf(RED: NodeAPI): Language {
    const name = RED._('@teams-pbx/node-red-presence-sync/azure-app:azure-app.language');
    return name === 'de' ? 'de' : 'en';
}

/** Ring: not connected; dot: connected. As in Node-RED's own nodes. */
const looks = {
    stopped: { fill: 'grey', shape: 'ring', word: 'stopped' },
    connecting: { fill: 'yellow', shape: 'ring', word: 'connecting' },
    online: { fill: 'green', shape: 'dot', word: 'connected' },
    retrying: { fill: 'yellow', shape: 'ring' },
    failed: { fill: 'red', shape: 'ring' },
} as const;

/** A service that hangs must not hold up the end: containers are killed 10 s after they were asked to stop. In ms. */
const closingTime = 6_000;

/** The nodes of ours that run. */
const running = new Set<RunningNode>();

/** What those that have a state say of themselves. */
export function* nodesHealth(): Iterable<NodeHealth> {
    for (const own of running) {
        const health = own.health();
        if (health) yield health;
    }
}

/** A node of ours from its constructor to its close, and what Node-RED has for it. */
export class RunningNode<N extends Node = Node> {
    readonly RED: NodeAPI;
    readonly node: N;
    readonly config: Config;
    readonly flows: RunningFlows;
    /** Aborted as soon as the node closes. */
    readonly closing: AbortSignal;
    /** What was complained of in the outage that lasts. */
    #complained: string | undefined;
    #shown: ConnectionState | undefined;
    #shownSince: number | undefined;
    #remark: string | undefined;
    /** What the overview says of it beside its state; a node without a status says there what that is. */
    tells: () => { state?: ConnectionState | undefined; parts?: readonly HealthPart[] } = () => ({});

    constructor(RED: NodeAPI, node: N, config: Config) {
        const closing = new AbortController();
        this.RED = RED;
        this.node = node;
        this.config = config;
        this.flows = RunningFlows.of(RED);
        this.closing = closing.signal;
        running.add(this as unknown as RunningNode);
        node.on('close', () => {
            running.delete(this as unknown as RunningNode);
            closing.abort();
        });
    }

    /** Undefined for a node that has no state. */
    health(): NodeHealth | undefined {
        const { state = this.#shown, parts = [] } = this.tells();
        if (!state) return undefined;
        const { id, type, name = '' } = this.node;
        return { id, type, name, state, remark: this.#remark, since: this.#shownSince, parts };
    }

    /** A text of the catalog of its type. */
    text(key: string, named: Record<string, string | number> = {}): string {
        return this.RED._(`${this.node.type}.${key}`, named);
    }

    sentence(told: { sentence: Sentence }): string {
        return sentenceIn(this.RED, told);
    }

    /** Shows the state of a connection; every text says so where the node writes nothing. */
    show(state: ConnectionState): void {
        if (this.#shown?.phase !== state.phase) this.#shownSince = systemClock.date();
        this.#shown = state;
        const { fill, shape, ...look } = looks[state.phase];
        const detail = 'error' in state ? this.sentence(state.error) : 'detail' in state && state.detail;
        const text = detail || ('word' in look ? this.text(`status.${look.word}`) : '');
        const mode = isTicked(this.config.dryRun) ? `${this.text('status.dry-run')}: ` : '';
        const isRemarked = state.phase === 'online' && this.#remark;
        const more = isRemarked ? `; ${this.#remark}` : '';
        this.node.status({ fill: isRemarked ? 'yellow' : fill, shape, text: mode + text + more });
    }

    /** What an administrator should look after while it is connected; undefined for nothing. */
    remark(text: string | undefined): void {
        if (text === this.#remark) return;
        this.#remark = text;
        if (this.#shown && !this.closing.aborted) this.show(this.#shown);
    }

    /** The same, with one line in the log per outage and one when it is over: for what has no other log. */
    readonly report = (state: ConnectionState): void => {
        this.show(state);
        if ('error' in state) {
            if (this.#complained !== state.error.message) this.node.warn(this.sentence(state.error));
            this.#complained = state.error.message;
        } else if (state.phase === 'online' && this.#complained !== undefined) {
            this.#complained = undefined;
            this.node.log(this.text('status.recovered'));
        }
    };

    /** Begins its work. What that fails with is shown, unless the node closes, and stays for who awaits the result. */
    begin<T>(work: () => Promise<T>): Promise<T> {
        const begun = work();
        begun.catch(thrown => this.closing.aborted || this.report({ phase: 'failed', error: toSyncError(thrown) }));
        return begun;
    }

    /**
     * The one wrapper for input handlers: whatever is thrown goes to `done` once, as a sentence, and never ends Node-RED.
     * @param handle returns the message to send on, or nothing
     */
    onInput(handle: (message: FlowMessage) => Promise<FlowMessage | undefined> | FlowMessage | undefined): void {
        this.node.on('input', (message, send, done) => {
            systemContinuity.look();
            Promise.resolve()
                .then(() => handle(message as FlowMessage))
                .then(result => {
                    if (result) send(result);
                    done();
                })
                .catch(thrown => done(this.#readable(thrown)));
        });
    }

    /** The one guard for timers, emitters and whatever else is not waited for. */
    guard<Arguments extends unknown[]>(
        run: (...args: Arguments) => Promise<void> | void,
    ): (...args: Arguments) => void {
        return (...args) => {
            Promise.resolve()
                .then(() => run(...args))
                .catch(thrown => this.node.error(this.#readable(thrown).message));
        };
    }

    /**
     * The one wrapper for close: Node-RED waits for it, though not for ever, and an error in it stops nothing.
     * @param first what closes only after this
     */
    onClose(close: (removed: boolean) => Promise<void> | void, first?: Closing): void {
        this.node.on('close', (removed: boolean, done: () => void) => {
            const closed = Promise.resolve()
                .then(() => close(removed))
                .catch(thrown => this.node.warn(toSyncError(thrown).message));
            first?.waitFor(closed);
            void within(systemClock, closingTime, closed).finally(done);
        });
    }

    /** An error whose message is what an administrator reads; no stack trace of ours. */
    #readable(thrown: unknown): Error {
        const error = toSyncError(thrown);
        const shown = new Error(this.sentence(error));
        // Node-RED shows catch nodes `toString()`, which would put "Error:" before the sentence.
        return Object.assign(shown, { name: '', stack: undefined, code: error.code });
    }
}
