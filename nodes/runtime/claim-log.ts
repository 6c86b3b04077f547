import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { verbatim } from '../../lib/errors/phrases';
import { ClaimLog } from '../../lib/sync/claim-log';
import { type ClaimStore, MemoryClaimStore } from '../../lib/sync/claim-store';
import { systemClock } from '../../lib/time/clock';
import { Closing } from './running-flows';
import { sentenceIn } from './running-node';

/** One log in a process for each user directory. */
const logs = new Map<string, Promise<ClaimStore>>();
/** Nodes that write to a log and close. */
const writers = new Closing();
/** Another log of the same file is opened only after the last one was closed. */
let closed: Promise<void> = Promise.resolve();

/**
 * Where it is written down what is set for people, so that the next process knows it: a file in the user directory of
 * Node-RED. Without one that can be written everything works, but a crash leaves more to be found out.
 */
export function claimLog(RED: NodeAPI): Promise<ClaimStore> {
    const folder = dataFolder(RED);
    const known = logs.get(folder);
    if (known) return known;
    // Without a user directory there is nothing that outlives the process.
    const opened = folder ? closed.then(() => open(RED, folder)) : Promise.resolve(new MemoryClaimStore(systemClock));
    logs.set(folder, opened);
    return opened;
}

/**
 * Closes the log when the flows end, and most often the process with them: what it says is then believed after a reboot
 * of the host, too. To be awaited by each node that writes to it. Flows that start again open another one.
 * @param finished what the node does to close
 */
export async function closeClaimLog(RED: NodeAPI, finished: Promise<void>): Promise<void> {
    writers.waitFor(finished);
    await writers.done();
    const folder = dataFolder(RED);
    const log = folder && logs.get(folder);
    if (log) {
        logs.delete(folder);
        closed = log.then(each => each.close());
    }
    await closed;
    await finished;
}

/** Where files of ours lie; empty where there is no user directory. */
export function dataFolder(RED: NodeAPI): string {
    const { userDir } = RED.settings;
    return userDir ? join(userDir, 'presence-sync') : '';
}

async function open(RED: NodeAPI, folder: string): Promise<ClaimStore> {
    const path = join(folder, 'claims.log');
    // Where that fails the log says so itself.
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {});
    return await ClaimLog.open({
        path,
        clock: systemClock,
        onTrouble: trouble => {
            if (!trouble) return;
            const error = new SyncError('CLAIMS_NOT_LOGGED', { file: path, detail: verbatim(trouble.detail) });
            RED.log.warn(sentenceIn(RED, error));
        },
    });
}

/** True if something may still show for us in a PBX, from before this start. */
export async function holdsClaims(RED: NodeAPI, pbx: string): Promise<boolean> {
    const store = await claimLog(RED);
    for (const part of ['entry', 'call'])
        if ((await store.load({ side: 'pbx', system: pbx, part })).entries.length > 0) return true;
    return false;
}
