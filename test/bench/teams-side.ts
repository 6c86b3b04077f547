import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import {
    type PresenceFollower,
    type PresenceReceiver,
    type TeamsRegistration,
    TeamsSystem,
} from '../../lib/teams/teams-system';
import { systemClock } from '../../lib/time/clock';
import type { OfficeProcess } from './office-process';

/** Our Microsoft side, as the nodes put it together, against an office in another process. */
export class TeamsSide {
    readonly system: TeamsSystem;
    readonly registration: TeamsRegistration;
    #server: Server | undefined;
    #receiver: PresenceReceiver | undefined;
    #follower: PresenceFollower | undefined;

    constructor(office: OfficeProcess) {
        const { identity } = office;
        this.system = new TeamsSystem({ ledger: new TeamsLedger(), clock: systemClock });
        this.registration = this.system.register({
            loginUrl: identity.loginUrl,
            graphUrl: identity.graphUrl,
            trust: { ca: identity.ca, extent: 'only' },
            tenant: identity.tenantId,
            ...identity.app,
        });
    }

    /** Follows everybody; resolves once all subscriptions stand and every state is known. */
    async follow(office: OfficeProcess): Promise<void> {
        const receiver = this.system.receive(this.registration);
        this.#receiver = receiver;
        this.#server = createServer(receiver.endpoint(() => '')).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const { port } = this.#server.address() as AddressInfo;
        let known = 0;
        const count = (): void => {
            known += 1;
        };
        this.registration.following.on('change', count);
        const url = await office.publish(`http://127.0.0.1:${port}/bench`);
        const follower = this.system.follow(this.registration, {
            accounts: office.identity.accounts,
            scope: { kind: 'all' },
            delivery: { mode: 'automatic', fast: 2_000, slow: 10_000 },
        });
        this.#follower = follower;
        const people = office.people.length;
        await new Promise<void>(resolve => {
            const look = (): void => {
                if (known >= people && follower.state.phase === 'online' && follower.size >= people) resolve();
            };
            follower.on('state', look);
            this.registration.following.on('change', look);
            receiver.open(url);
            follower.start();
        });
        this.registration.following.off('change', count);
    }

    async stop(): Promise<void> {
        await this.#follower?.stop(true);
        this.#receiver?.stop();
        await this.registration.stop();
        this.#server?.close();
        this.#server?.closeAllConnections();
    }
}
