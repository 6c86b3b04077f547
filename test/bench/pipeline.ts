import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PbxSystem } from '../../lib/pbx/pbx-system';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import type { PresenceUser } from '../../lib/presence/message';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import { mergeUsers } from '../../lib/presence/user-matching';
import type { SimulatedOffice } from '../../lib/simulator/office';
import type { Following } from '../../lib/teams/reading/following';
import { TeamsSystem, type TeamsWriter } from '../../lib/teams/teams-system';
import { systemClock } from '../../lib/time/clock';

/** Both directions as the example flow wires them, without Node-RED, against a simulated office. */
export interface Pipeline {
    stop(): Promise<void>;
}

/** Resolves once both directions are online and everybody is followed. */
export async function startPipeline(office: SimulatedOffice, people: number): Promise<Pipeline> {
    const { identity } = office;
    const { url, ...login } = identity.pbx;
    const pbx = new PbxSystem({ settings: { role: 'client', addresses: [url], ...login, ca: identity.ca } });
    const system = new TeamsSystem({ ledger: new TeamsLedger(), clock: systemClock });
    const registration = system.register({
        loginUrl: identity.loginUrl,
        graphUrl: identity.graphUrl,
        trust: { ca: identity.ca, extent: 'only' },
        tenant: identity.tenantId,
        ...identity.app,
    });
    const receiver = system.receive(registration);
    const server = await listen(createServer(receiver.endpoint(() => '')));
    receiver.open(office.publish(`http://127.0.0.1:${(server.address() as AddressInfo).port}/bench`));

    pbx.start();
    await new Promise<void>(resolve => pbx.on('state', state => state.phase === 'online' && resolve()));
    const scope = {
        kind: 'pbx' as const,
        pbx: {
            matches: pbx.directory.matches,
            loaded: () => pbx.directory.loaded,
            select: (user: PresenceUser) => {
                const known = pbx.directory.find({ addresses: user.addresses });
                return known && mergeUsers(user, known);
            },
            onChange: (changed: () => void) => {
                pbx.on('users', changed);
                return () => void pbx.off('users', changed);
            },
        },
    };
    const delivery = { mode: 'notifications', fast: 2_000, slow: 10_000 } as const;
    const follower = system.follow(registration, { accounts: identity.accounts, scope, delivery });
    toPbx(registration.following, pbx);
    const writer = system.writer(registration, { lease: 15 * 60_000 });
    await toTeams(system, writer, pbx);
    await new Promise<void>(resolve => {
        follower.on('state', ({ phase }) => phase === 'online' && follower.size === people && resolve());
        follower.start();
    });
    return {
        stop: async () => {
            await writer.stop(false);
            receiver.stop();
            await follower.stop(true);
            await pbx.stop();
            await registration.stop();
            server.close();
            server.closeAllConnections();
        },
    };
}

function toPbx(following: Following, pbx: PbxSystem): void {
    following.on('change', ({ user, presence }) => {
        const mapped = mapToPbx(defaultTables.toPbx, presence);
        if (mapped === 'leave') return;
        const outcome = 'clear' in mapped ? pbx.writer.clear(user) : pbx.writer.set(user, mapped);
        outcome.catch(fail);
    });
}

async function toTeams({ directory }: TeamsSystem, writer: TeamsWriter, pbx: PbxSystem): Promise<void> {
    const loaded = new Promise<void>(resolve => directory.once('loaded', resolve));
    writer.start();
    await loaded;
    pbx.follow().on('change', ({ user, presence }) => {
        const mapped = mapToTeams(defaultTables.toTeams, presence);
        if (!directory.find(user) || mapped === 'leave') return;
        const outcome = 'clear' in mapped ? writer.clear(user) : writer.set(user, mapped);
        outcome.catch(fail);
    });
}

function listen(server: Server): Promise<Server> {
    return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function fail(error: Error): void {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
}
