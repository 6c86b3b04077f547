import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PbxSystem } from '../../lib/pbx/pbx-system';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import { mergeUsers } from '../../lib/presence/user-matching';
import type { SimulatedOffice } from '../../lib/simulator/office';
import { notificationEndpoint } from '../../lib/teams/reading/notifications/notification-endpoint';
import { PresenceSubscriber } from '../../lib/teams/reading/presence-subscriber';
import { TeamsTenant } from '../../lib/teams/teams-tenant';
import { PbxScope } from '../../lib/teams/users/pbx-scope';
import { PresenceActions } from '../../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../../lib/teams/writing/presence-writer';
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
    const tenant = new TeamsTenant({
        settings: {
            loginUrl: identity.loginUrl,
            graphUrl: identity.graphUrl,
            trust: { ca: identity.ca, extent: 'only' },
            tenant: identity.tenantId,
            ...identity.app,
        },
        ledger: new TeamsLedger(),
        clock: systemClock,
    });
    const server = await listen(createServer(notificationEndpoint(tenant.notifications, () => '')));
    tenant.notifications.open(office.publish(`http://127.0.0.1:${(server.address() as AddressInfo).port}/bench`));
    tenant.notifications.on('presence', (id, presence) => tenant.reader.observe(id, presence, 'notification'));

    pbx.start();
    await new Promise<void>(resolve => pbx.on('state', state => state.phase === 'online' && resolve()));
    const { directory } = tenant;
    const scope = new PbxScope({
        directory,
        pbx: {
            loaded: () => pbx.directory.loaded,
            select: user => {
                const known = pbx.directory.find({ addresses: user.addresses });
                return known && mergeUsers(user, known);
            },
            onChange: changed => {
                pbx.on('users', changed);
                return () => void pbx.off('users', changed);
            },
        },
    });
    const delivery = { mode: 'notifications', fast: 2_000, slow: 10_000 } as const;
    const subscriber = new PresenceSubscriber({ tenant, accounts: identity.accounts, scope, delivery });
    toPbx(tenant, pbx);
    const { writer, endUse } = await toTeams(tenant, pbx);
    await new Promise<void>(resolve => {
        subscriber.on('state', ({ phase }) => phase === 'online' && subscriber.size === people && resolve());
        subscriber.start();
    });
    return {
        stop: async () => {
            writer.stop();
            endUse();
            await subscriber.stop(true);
            await pbx.stop();
            await tenant.stop();
            server.close();
            server.closeAllConnections();
        },
    };
}

function toPbx(tenant: TeamsTenant, pbx: PbxSystem): void {
    tenant.reader.on('change', ({ user, presence }) => {
        const mapped = mapToPbx(defaultTables.toPbx, presence);
        if (mapped === 'leave') return;
        const outcome = 'clear' in mapped ? pbx.writer.clear(user) : pbx.writer.set(user, mapped);
        outcome.catch(fail);
    });
}

async function toTeams(tenant: TeamsTenant, pbx: PbxSystem): Promise<{ writer: PresenceWriter; endUse: () => void }> {
    const graph = tenant.asApp();
    const { directory, ledger, clock, settings } = tenant;
    const loaded = new Promise<void>(resolve => directory.once('loaded', resolve));
    const endUse = directory.use(graph);
    await loaded;
    const actions = new PresenceActions({ graph, clientId: settings.clientId });
    const writer = new PresenceWriter({ actions, ledger, clock, lease: 15 * 60_000 });
    pbx.follow().on('change', ({ user, presence }) => {
        const known = directory.find(user);
        const mapped = mapToTeams(defaultTables.toTeams, presence);
        if (!known || mapped === 'leave') return;
        const outcome = 'clear' in mapped ? writer.clear(known) : writer.set(known, mapped);
        outcome.catch(fail);
    });
    return { writer, endUse };
}

function listen(server: Server): Promise<Server> {
    return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function fail(error: Error): void {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
}
