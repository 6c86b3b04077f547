import type { NodeAPI } from 'node-red';

interface Stopping {
    type?: string;
    diff?: Record<string, unknown>;
}

const watchers = new WeakMap<object, { ending: boolean }>();

/**
 * Tells a shutdown (or "stop flows") from a deploy while nodes close: what a deploy stops is started again at once
 * and must keep what it has set; what ends takes it back.
 */
export function flowsEnding(RED: NodeAPI): () => boolean {
    let watcher = watchers.get(RED.events);
    if (!watcher) {
        const created = { ending: false };
        watcher = created;
        watchers.set(RED.events, created);
        RED.events.on('flows:stopping', (event: Stopping) => {
            created.ending = event?.type === 'full' && isEmpty(event.diff ?? {});
        });
    }
    const watched = watcher;
    return () => watched.ending;
}

/** Node-RED passes a difference without any entry when nothing comes after the stop. */
function isEmpty(diff: Record<string, unknown>): boolean {
    return Object.values(diff).every(part => !Array.isArray(part) || part.length === 0);
}
