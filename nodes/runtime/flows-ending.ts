import type { NodeAPI } from 'node-red';

/** What flows run, or will run; the same object until a deploy or a restart puts another in its place. */
interface FlowsEvent {
    type?: string;
    config?: object;
}

interface Watcher {
    running: object | undefined;
    ending: boolean;
}

const watchers = new WeakMap<object, Watcher>();

/**
 * Tells a shutdown (or "stop flows") from a deploy while nodes close: what a deploy stops is started again at once
 * and must keep what it has set, also where the deploy changes nothing; what ends takes it back.
 */
export function flowsEnding(RED: NodeAPI): () => boolean {
    const watcher = watchers.get(RED.events) ?? watch(RED);
    return () => watcher.ending;
}

function watch(RED: NodeAPI): Watcher {
    const watcher: Watcher = { running: undefined, ending: false };
    watchers.set(RED.events, watcher);
    RED.events.on('flows:started', ({ config }: FlowsEvent = {}) => {
        watcher.running = config;
    });
    RED.events.on('flows:stopping', ({ type, config }: FlowsEvent = {}) => {
        watcher.ending = type === 'full' && (!watcher.running || config === watcher.running);
    });
    return watcher;
}
