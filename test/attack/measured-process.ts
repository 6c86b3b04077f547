import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Preloaded into a process whose parent asks what it holds. */

export interface Held {
    /** Bytes in use after all that is not was thrown away. */
    memory: number;
    descriptors: number;
    /** Seconds of processor time since the start. */
    worked: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('message', (message: { measure?: boolean } | null) => {
    if (!message?.measure) return;
    for (let count = 0; count < 4; count++) collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    // Not on every system can the open ones be listed.
    const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    const { user, system } = process.cpuUsage();
    const worked = (user + system) / 1e6;
    process.send?.({ held: { memory: heapUsed + external, descriptors, worked } satisfies Held });
});
