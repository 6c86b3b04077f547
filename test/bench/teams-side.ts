import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import { notificationEndpoint } from '../../lib/teams/reading/notifications/notification-endpoint';
import { PresenceSubscriber } from '../../lib/teams/reading/presence-subscriber';
import { TeamsTenant } from '../../lib/teams/teams-tenant';
import { AllScope } from '../../lib/teams/users/all-scope';
import { systemClock } from '../../lib/time/clock';
import type { OfficeProcess } from './office-process';

/** Our Microsoft side, as the nodes put it together, against an office in another process. */
export class TeamsSide {
    readonly tenant: TeamsTenant;
    #server: Server | undefined;
    #subscriber: PresenceSubscriber | undefined;

    constructor(office: OfficeProcess) {
        const { identity } = office;
        this.tenant = new TeamsTenant({
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
    }

    /** Follows everybody; resolves once all subscriptions stand and every state is known. */
    async follow(office: OfficeProcess): Promise<void> {
        const { notifications, reader, directory } = this.tenant;
        this.#server = createServer(notificationEndpoint(notifications, () => '')).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const { port } = this.#server.address() as AddressInfo;
        notifications.on('presence', (id, presence, sequence) =>
            reader.observe(id, presence, 'notification', sequence),
        );
        let known = 0;
        const count = (): void => {
            known += 1;
        };
        reader.on('change', count);
        const url = await office.publish(`http://127.0.0.1:${port}/bench`);
        const subscriber = new PresenceSubscriber({
            tenant: this.tenant,
            accounts: office.identity.accounts,
            scope: new AllScope({ directory }),
            delivery: { mode: 'automatic', fast: 2_000, slow: 10_000 },
        });
        this.#subscriber = subscriber;
        const people = office.people.length;
        await new Promise<void>(resolve => {
            const look = (): void => {
                if (known >= people && subscriber.state.phase === 'online' && subscriber.size >= people) resolve();
            };
            subscriber.on('state', look);
            reader.on('change', look);
            notifications.open(url);
            subscriber.start();
        });
        reader.off('change', count);
    }

    async stop(): Promise<void> {
        await this.#subscriber?.stop(true);
        await this.tenant.stop();
        this.#server?.close();
        this.#server?.closeAllConnections();
    }
}
