import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PresenceUser } from '../../lib/presence/message';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import type { TeamsPresence } from '../../lib/presence/vocabulary';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import type { Sender } from '../../lib/teams/connection/first-that-works';
import { notificationEndpoint } from '../../lib/teams/reading/notifications/notification-endpoint';
import { PresenceReader, type TeamsChange } from '../../lib/teams/reading/presence-reader';
import { PresenceSource } from '../../lib/teams/reading/presence-source';
import { PresenceSubscriber } from '../../lib/teams/reading/presence-subscriber';
import { TeamsTenant, type TenantSettings } from '../../lib/teams/teams-tenant';
import { AllScope } from '../../lib/teams/users/all-scope';
import { PbxScope, type PbxUsers } from '../../lib/teams/users/pbx-scope';
import { PresenceActions } from '../../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../../lib/teams/writing/presence-writer';
import { type Clock, systemClock } from '../../lib/time/clock';

/** An office as far as following takes it: who it is, and the public address of a local one. */
export interface Office {
    identity: OfficeIdentity;
    publish(localUrl: string): string | Promise<string>;
}

/** Reading alone, in the name of whatever sends the requests. */
export function readingOf(app: Sender): { reader: PresenceReader } {
    const reader = new PresenceReader({ ledger: new TeamsLedger(), clock: systemClock });
    const source = new PresenceSource({ app, accounts: [], clock: systemClock });
    reader.start((ids, priority) => source.read(ids, priority));
    return { reader };
}

/** Our Microsoft side, as the nodes put it together; all that the bench builds of it is built here. */
export class TeamsSide {
    readonly tenant: TeamsTenant;
    readonly #lease: number;
    #server: Server | undefined;
    #subscriber: PresenceSubscriber | undefined;
    #writer: PresenceWriter | undefined;
    #endUse: () => void = () => {};

    /** @param options.lease of what is set, in ms */
    constructor(options: { settings: TenantSettings; clock?: Clock; lease?: number }) {
        const { settings, clock = systemClock, lease = 15 * 60_000 } = options;
        this.tenant = new TeamsTenant({ settings, ledger: new TeamsLedger(), clock });
        this.#lease = lease;
        const { notifications, reader } = this.tenant;
        notifications.on('presence', (id, presence, sequence) =>
            reader.observe(id, presence, 'notification', sequence),
        );
    }

    /** For a simulated office. */
    static of({ identity }: Pick<Office, 'identity'>, lease?: number): TeamsSide {
        const { loginUrl, graphUrl, ca, tenantId, app } = identity;
        const settings = { loginUrl, graphUrl, tenant: tenantId, ...app, trust: { ca, extent: 'only' } as const };
        return new TeamsSide({ settings, lease });
    }

    /** What people's own sources say. */
    onChange(listener: (change: TeamsChange) => void): void {
        this.tenant.reader.on('change', listener);
    }

    /** Answers what Graph sends to the notification address. */
    get endpoint(): RequestListener {
        return notificationEndpoint(this.tenant.notifications, () => '');
    }

    /** Follows users without asking Graph for anything: only what is notified counts. */
    take(users: Iterable<PresenceUser>): void {
        this.tenant.reader.follow(users);
    }

    /** Begins to follow everybody, or those whom the PBX knows. @param url where notifications arrive */
    begin(url: string, accounts: OfficeIdentity['accounts'], pbx?: PbxUsers): PresenceSubscriber {
        const { directory, notifications } = this.tenant;
        const scope = pbx ? new PbxScope({ directory, pbx }) : new AllScope({ directory });
        const delivery = { mode: 'automatic', fast: 2_000, slow: 10_000 } as const;
        this.#subscriber = new PresenceSubscriber({ tenant: this.tenant, accounts, scope, delivery });
        notifications.open(url);
        this.#subscriber.start();
        return this.#subscriber;
    }

    /** Follows so many; resolves once all subscriptions stand and every state is known. */
    async follow(office: Office, people: number, pbx?: PbxUsers): Promise<void> {
        this.#server = createServer(this.endpoint).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const { port } = this.#server.address() as AddressInfo;
        const known = new Set<string>();
        const count = ({ user }: TeamsChange): unknown => known.add(user.teams!.id);
        this.tenant.reader.on('change', count);
        const url = await office.publish(`http://127.0.0.1:${port}/bench`);
        const subscriber = this.begin(url, office.identity.accounts, pbx);
        await new Promise<void>(resolve => {
            const look = (): void => {
                if (known.size < people || subscriber.state.phase !== 'online' || subscriber.size < people) return;
                subscriber.off('state', look);
                this.tenant.reader.off('change', look).off('change', count);
                resolve();
            };
            subscriber.on('state', look);
            this.tenant.reader.on('change', look);
        });
    }

    /** The users of the tenant are known from now on, so that {@link find} finds them; whoever follows needs no call. */
    async knowUsers(): Promise<void> {
        const loaded = once(this.tenant.directory, 'loaded');
        this.#endUse = this.tenant.directory.use(this.tenant.asApp());
        await loaded;
    }

    find(user: PresenceUser): PresenceUser | undefined {
        return this.tenant.directory.find(user);
    }

    /** Resolves once Graph has answered. */
    async set(user: PresenceUser, presence: TeamsPresence): Promise<void> {
        await this.#writing.set(user, presence);
    }

    async clear(user: PresenceUser): Promise<void> {
        await this.#writing.clear(user);
    }

    async stop(): Promise<void> {
        this.#writer?.stop();
        this.#endUse();
        await this.#subscriber?.stop(true);
        await this.tenant.stop();
        this.#server?.close();
        this.#server?.closeAllConnections();
    }

    get #writing(): PresenceWriter {
        const { ledger, clock, settings } = this.tenant;
        this.#writer ??= new PresenceWriter({
            actions: new PresenceActions({ graph: this.tenant.asApp(), clientId: settings.clientId }),
            ...{ ledger, clock, lease: this.#lease },
        });
        return this.#writer;
    }
}
