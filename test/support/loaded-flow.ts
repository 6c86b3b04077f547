import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Node, NodeAPI } from 'node-red';
import type { PresenceMessage } from '../../lib/presence/message';
import type { FlowNode } from './checkout';
import type { NodeStatus } from './editor-feed';

type NodeModule = (RED: NodeAPI) => void;

/** @see https://www.npmjs.com/package/node-red-node-test-helper */
interface TestHelper {
    load(modules: NodeModule[], flows: FlowNode[], credentials: Record<string, Record<string, string>>): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node | null;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    _sandbox: { restore(): void };
}

const helper: TestHelper = require('node-red-node-test-helper');

const catching = { id: 'catching', type: 'catch', z: 'tab', scope: null, wires: [['caught']] };
const caught = { id: 'caught', type: 'helper', z: 'tab', wires: [] };
const sent = { id: 'sent', type: 'helper', z: 'tab', wires: [] };

/** What a message has led to: messages on the output, and the errors that a catch node was given. */
export interface Result {
    sent: (Partial<PresenceMessage> & Record<string, unknown>)[];
    errors: string[];
    completed: number;
}

/** A flow of ours in a runtime without editor, language and timers of its own. */
export class LoadedFlow {
    readonly #statuses = new Map<string, NodeStatus>();
    readonly #changes = new EventEmitter().setMaxListeners(0);
    #unloaded = false;
    #forget: () => void = () => undefined;
    /** What answers requests to nodes, without a server. */
    httpNode: RequestListener | undefined;
    /** What answers requests of the editor, without a server. */
    httpAdmin: RequestListener | undefined;

    private constructor() {}

    /**
     * @param modules the compiled nodes
     * @param flows nodes on the tab `tab`; those wired to `sent` are looked at in {@link send}
     */
    static async load(
        modules: NodeModule[],
        flows: FlowNode[],
        credentials: Record<string, Record<string, string>> = {},
    ): Promise<LoadedFlow> {
        const loaded = new LoadedFlow();
        await helper.startServer();
        const targets = flows.filter(({ wires }) => wires).map(({ id }) => id);
        const completing = { id: 'completing', type: 'complete', z: 'tab', scope: targets, wires: [['completed']] };
        const completed = { id: 'completed', type: 'helper', z: 'tab', wires: [] };
        const tab = { id: 'tab', type: 'tab', label: 'Test' };
        const all = [tab, ...flows, sent, catching, caught, completing, completed];
        await helper.load([RED => loaded.#watch(RED), ...modules], all, credentials);
        return loaded;
    }

    /** Closes all nodes, as the end of Node-RED does. May be called twice. */
    async unload(): Promise<void> {
        if (this.#unloaded) return;
        this.#unloaded = true;
        await helper.unload();
        this.#forget();
        await helper.stopServer();
    }

    /** The helper keeps each call of a node's methods for ever, which takes more time than the call. From now on it does not. */
    unwatched(): this {
        helper._sandbox.restore();
        return this;
    }

    node(id: string): Node {
        const node = helper.getNode(id);
        if (!node) throw new Error(`There is no node ${id}`);
        return node;
    }

    status(id: string): NodeStatus | undefined {
        return this.#statuses.get(id);
    }

    /** Resolves with the node's status as soon as it has this colour. */
    async statusOf(id: string, fill: string): Promise<NodeStatus> {
        const signal = AbortSignal.timeout(10_000);
        for (;;) {
            const status = this.status(id);
            if (status?.fill === fill) return status;
            await once(this.#changes, 'status', { signal }).catch(() => {
                throw new Error(`${id} is not ${fill} but ${JSON.stringify(this.status(id))}`);
            });
        }
    }

    /** Gives the node a message and resolves when it has said that it is done with it. */
    async send(id: string, message: Record<string, unknown>): Promise<Result> {
        const result: Result = { sent: [], errors: [], completed: 0 };
        const ends = new EventEmitter();
        const listeners: Record<string, (message: Result['sent'][number]) => void> = {
            sent: passed => result.sent.push(passed),
            caught: passed => ends.emit('end', result.errors.push(sentenceOf(passed.error))),
            completed: () => {
                result.completed += 1;
                ends.emit('end');
            },
        };
        const nodes = Object.entries(listeners).map(([name, listener]) => ({
            node: this.node(name) as EventEmitter,
            listener,
        }));
        for (const { node, listener } of nodes) node.on('input', listener);
        const done = once(ends, 'end');
        this.node(id).receive(message as never);
        await done;
        // Whatever comes twice comes right after the first.
        for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve));
        // Node-RED keeps these listeners itself and knows no `off`.
        for (const { node, listener } of nodes) node.removeListener('input', listener);
        return result;
    }

    #watch(RED: NodeAPI): void {
        const onStatus = ({ id, status }: { id: string; status: NodeStatus }): void => {
            this.#statuses.set(id, status);
            this.#changes.emit('status');
        };
        const events: EventEmitter = RED.events;
        events.on('node-status', onStatus);
        this.#forget = () => events.off('node-status', onStatus);
        this.httpNode = RED.httpNode as unknown as RequestListener;
        this.httpAdmin = RED.httpAdmin as unknown as RequestListener;
    }
}

/** What a catch node is given; Node-RED puts the name of the error before its message. */
function sentenceOf(error: unknown): string {
    return String((error as { message?: string }).message).replace(/^Error: /, '');
}
