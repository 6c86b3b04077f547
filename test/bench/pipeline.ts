import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import { mergeUsers } from '../../lib/presence/message';
import { pbxParts } from '../../lib/presence/pbx-record';
import { teamsParts } from '../../lib/presence/teams-record';
import { ClaimLog } from '../../lib/sync/claim-log';
import { systemClock } from '../../lib/time/clock';
import { online, pbxSideOf } from './pbx-side';
import { type Office, TeamsSide } from './teams-side';

/** As the log of claims names both systems. */
const system = 'bench';

/** Both directions as the example flow wires them, without Node-RED, against a simulated office. */
export interface Pipeline {
    stop(): Promise<void>;
}

/** Resolves once both directions are online and everybody is followed. Claims are logged, as ever since the first day. */
export async function startPipeline(office: Office, people: number): Promise<Pipeline> {
    const directory = await mkdtemp(join(tmpdir(), 'pipeline-'));
    const store = await settledLog(join(directory, 'claims.log'));
    const pbx = pbxSideOf(office.identity, { store, side: 'pbx', system });
    const teams = TeamsSide.of(office, { book: { store, side: 'teams', system } });
    const started = online(pbx);
    pbx.start();
    await started;

    teams.onChange(({ user, presence }) => {
        const mapped = mapToPbx(defaultTables.toPbx, presence);
        if (mapped === 'leave') return;
        const outcome = 'clear' in mapped ? pbx.people.clear(user) : pbx.people.set(user, mapped);
        outcome.catch(fail);
    });
    await teams.write();
    pbx.follow().on('change', ({ user, presence }) => {
        const known = teams.find(user);
        const mapped = mapToTeams(defaultTables.toTeams, presence);
        if (!known || mapped === 'leave') return;
        const outcome = 'clear' in mapped ? teams.clear(known) : teams.set(known, mapped);
        outcome.catch(fail);
    });
    await teams.follow(office, people, {
        matches: pbx.directory.matches,
        loaded: () => pbx.directory.loaded,
        select: user => {
            const known = pbx.directory.find({ addresses: user.addresses });
            return known && mergeUsers(user, known);
        },
        onChange: changed => {
            pbx.on('users', changed);
            return () => void pbx.off('users', changed);
        },
    });
    return {
        stop: async () => {
            await teams.stop();
            await pbx.stop();
            await store.close();
            await rm(directory, { recursive: true });
        },
    };
}

/** A log that knows that nothing of ours is there. */
async function settledLog(path: string): Promise<ClaimLog> {
    const log = await ClaimLog.open({ path, clock: systemClock, onTrouble: trouble => trouble && fail(trouble) });
    for (const { name } of teamsParts) await log.settle({ side: 'teams', system, part: name });
    for (const { name } of pbxParts) await log.settle({ side: 'pbx', system, part: name });
    return log;
}

function fail(error: Error | { detail: string }): void {
    process.stderr.write(`${'detail' in error ? error.detail : error.message}\n`);
    process.exitCode = 1;
}
