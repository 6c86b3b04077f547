import type { WatchedSystems } from '../../lib/monitor/watched';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import { mergeUsers } from '../../lib/presence/message';
import { online, pbxSideOf } from './pbx-side';
import { settledLog } from './settled-log';
import { type Office, TeamsSide } from './teams-side';

/** Both directions as the example flow wires them, without Node-RED, against a simulated office. */
export interface Pipeline {
    systems: WatchedSystems;
    stop(): Promise<void>;
}

/** Resolves once both directions are online and everybody is followed. Claims are logged, as ever since the first day. */
export async function startPipeline(office: Office, people: number): Promise<Pipeline> {
    const log = await settledLog();
    const pbx = pbxSideOf(office.identity, log.book('pbx'));
    const teams = TeamsSide.of(office, { book: log.book('teams') });
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
        systems: {
            pbxs: () => [{ id: 'pbx', name: 'PBX', system: pbx }],
            tenants: () => [{ id: 'tenant', name: 'Tenant', system: teams.system }],
        },
        stop: async () => {
            await teams.stop();
            await pbx.stop();
            await log.close();
        },
    };
}

function fail(error: Error): void {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
}
