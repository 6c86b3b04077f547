import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pbxParts } from '../../lib/presence/pbx-record';
import { teamsParts } from '../../lib/presence/teams-record';
import { ClaimLog } from '../../lib/sync/claim-log';
import type { ClaimBook } from '../../lib/sync/logged-claims';
import { systemClock } from '../../lib/time/clock';

/** As the log names both systems. */
const system = 'bench';
const parts = { teams: teamsParts, pbx: pbxParts };

/** A log of claims as it is in use since the first day: it knows that nothing of ours is there. */
export interface SettledLog {
    book(side: ClaimBook['side']): ClaimBook;
    close(): Promise<void>;
}

export async function settledLog(): Promise<SettledLog> {
    const directory = await mkdtemp(join(tmpdir(), 'claim-log-'));
    const onTrouble = (trouble: { detail: string } | undefined): void => {
        if (!trouble) return;
        process.stderr.write(`${trouble.detail}\n`);
        process.exitCode = 1;
    };
    const store = await ClaimLog.open({ path: join(directory, 'claims.log'), clock: systemClock, onTrouble });
    for (const side of ['teams', 'pbx'] as const)
        for (const { name } of parts[side]) await store.settle({ side, system, part: name });
    return {
        book: side => ({ store, side, system }),
        close: async () => {
            await store.close();
            await rm(directory, { recursive: true });
        },
    };
}
