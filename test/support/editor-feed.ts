import { WebSocket } from 'ws';

/** What `node.status()` was given last; an empty object after it was cleared. */
export interface NodeStatus {
    fill?: string;
    shape?: string;
    text?: string;
}

/** A notification of Node-RED's runtime, such as the end of a deploy. */
export interface RuntimeEvent {
    revision?: string;
    state?: string;
    error?: string;
    types?: string[];
}

interface FeedMessage {
    topic: string;
    data: unknown;
}

/**
 * The websocket over which Node-RED tells its editor what happens: the newest status of each node and the newest
 * runtime event of each kind. Node-RED repeats what it retained to whoever subscribes, so nothing is missed.
 * @see https://nodered.org/docs/api/ui/ (RED.comms)
 */
export class EditorFeed {
    readonly #statuses = new Map<string, NodeStatus>();
    readonly #events = new Map<string, RuntimeEvent>();
    readonly #waiting = new Set<() => void>();
    #socket: WebSocket | undefined;

    /** @param adminUrl the editor's address, ending in a slash */
    async connect(adminUrl: string): Promise<void> {
        const socket = new WebSocket(new URL('comms', adminUrl.replace(/^http/, 'ws')));
        this.#socket = socket;
        await new Promise((resolve, reject) => {
            socket.once('open', resolve);
            socket.on('error', reject);
        });
        socket.on('message', data => this.#receive(JSON.parse(String(data))));
        for (const topic of ['status/#', 'notification/#']) socket.send(JSON.stringify({ subscribe: topic }));
    }

    close(): void {
        this.#socket?.terminate();
        this.#socket = undefined;
    }

    status(nodeId: string): NodeStatus | undefined {
        return this.#statuses.get(nodeId);
    }

    /** @param kind such as `runtime-state` or `runtime-deploy` */
    event(kind: string): RuntimeEvent | undefined {
        return this.#events.get(kind);
    }

    /** Forgets what is known, so that only what comes from now on counts. */
    forget(): void {
        this.#statuses.clear();
        this.#events.clear();
    }

    /**
     * Resolves with the first value of `read` that is not undefined, looked at now and after each message of the feed.
     * @param what what is waited for, in words
     * @throws Error when there is none within `timeout` ms, or what `read` itself throws
     */
    until<T>(what: string | (() => string), timeout: number, read: () => T | undefined): Promise<T> {
        return new Promise((resolve, reject) => {
            const finish = (settle: () => void) => {
                clearTimeout(timer);
                this.#waiting.delete(look);
                settle();
            };
            const look = () => {
                try {
                    const value = read();
                    if (value !== undefined) finish(() => resolve(value));
                } catch (error) {
                    finish(() => reject(error));
                }
            };
            const timer = setTimeout(() => {
                const description = typeof what === 'string' ? what : what();
                finish(() => reject(new Error(`Waited ${timeout} ms in vain for ${description}`)));
            }, timeout);
            this.#waiting.add(look);
            look();
        });
    }

    #receive(messages: FeedMessage[] | FeedMessage): void {
        for (const { topic, data } of [messages].flat()) {
            const [kind, ...rest] = topic.split('/');
            const name = rest.join('/');
            if (kind === 'status') this.#statuses.set(name, data as NodeStatus);
            if (kind === 'notification') this.#events.set(name, data as RuntimeEvent);
        }
        for (const look of [...this.#waiting]) look();
    }
}
