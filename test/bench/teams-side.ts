import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PresenceUser } from '../../lib/presence/message';
import type { TeamsPresence } from '../../lib/presence/vocabulary';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import type { ClaimBook } from '../../lib/sync/logged-claims';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import type { Sender } from '../../lib/teams/connection/graph-client';
import { TeamsPeople } from '../../lib/teams/people';
import { Following, type TeamsChange } from '../../lib/teams/reading/following';
import { PresenceSource } from '../../lib/teams/reading/presence-source';
import {
    type PresenceFollower,
    type PresenceReceiver,
    type TeamsRegistration,
    TeamsSystem,
    type TeamsWriter,
} from '../../lib/teams/teams-system';
import type { PbxUsers } from '../../lib/teams/users/scopes';
import { systemClock } from '../../lib/time/clock';

/** An office as far as following takes it: who it is, and the public address of a local one. */
export interface Office {
    identity: OfficeIdentity;
    publish(localUrl: string): string | Promise<string>;
}

/** Reading alone, in the name of whatever sends the requests. */
export function readingOf(app: Sender): Following {
    const { reader } = new TeamsPeople({ clock: systemClock });
    const following = new Following({ reader, clock: systemClock });
    const source = new PresenceSource({ app, accounts: [], clock: systemClock });
    following.read = (ids, priority) => source.read(ids, priority);
    return following;
}

interface Writing {
    /** Of what is set, in ms. */
    lease?: number;
    /** Where it is logged; by default nowhere. */
    book?: ClaimBook;
}

/** Our Microsoft side, as the nodes put it together; all that the bench builds of it is built here. */
export class TeamsSide {
    readonly registration: TeamsRegistration;
    readonly system: TeamsSystem;
    readonly #lease: number;
    readonly #receiver: PresenceReceiver;
    #server: Server | undefined;
    #follower: PresenceFollower | undefined;
    #writer: TeamsWriter | undefined;

    constructor(options: { settings: RegistrationSettings; system?: TeamsSystem } & Writing) {
        const { settings, book, lease = 15 * 60_000 } = options;
        this.system = options.system ?? new TeamsSystem({ clock: systemClock, book });
        this.registration = this.system.register(settings);
        this.#receiver = this.system.receive(this.registration);
        this.#lease = lease;
    }

    /** For a simulated office. */
    static of({ identity }: Pick<Office, 'identity'>, writing: Writing = {}): TeamsSide {
        const { loginUrl, graphUrl, ca, tenantId, app } = identity;
        const settings = { loginUrl, graphUrl, tenant: tenantId, ...app, trust: { ca, extent: 'only' } as const };
        return new TeamsSide({ settings, ...writing });
    }

    /** What people's own sources say. */
    onChange(listener: (change: TeamsChange) => void): void {
        this.registration.following.on('change', listener);
    }

    /** Answers what Graph sends to the notification address. */
    get endpoint(): RequestListener {
        return this.#receiver.endpoint(() => '');
    }

    /** Follows users without asking Graph for anything: only what is notified counts. */
    take(users: Iterable<PresenceUser>): void {
        this.registration.following.follow(users);
    }

    /** Begins to follow everybody, or those whom the PBX knows. @param url where notifications arrive */
    begin(url: string, accounts: OfficeIdentity['accounts'], pbx?: PbxUsers): PresenceFollower {
        this.#follower = this.system.follow(this.registration, {
            accounts,
            scope: pbx ? { kind: 'pbx', pbx } : { kind: 'all' },
            delivery: { mode: 'automatic', fast: 2_000, slow: 10_000 },
        });
        this.#receiver.open(url);
        this.#follower.start();
        return this.#follower;
    }

    /** Follows so many; resolves once all subscriptions stand and every state is known. */
    async follow(office: Office, people: number, pbx?: PbxUsers): Promise<void> {
        this.#server = createServer(this.endpoint).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const { port } = this.#server.address() as AddressInfo;
        const { following } = this.registration;
        const known = new Set<string>();
        const count = ({ user }: TeamsChange): unknown => known.add(user.teams!.id);
        following.on('change', count);
        const url = await office.publish(`http://127.0.0.1:${port}/bench`);
        const follower = this.begin(url, office.identity.accounts, pbx);
        await new Promise<void>(resolve => {
            const look = (): void => {
                if (known.size < people || follower.state.phase !== 'online' || follower.size < people) return;
                follower.off('state', look);
                following.off('change', look).off('change', count);
                resolve();
            };
            follower.on('state', look);
            following.on('change', look);
        });
    }

    /** Resolves once the users of the tenant are known, whose presence can be set from then on. */
    async write(): Promise<void> {
        const { directory } = this.system;
        const loaded = directory.loaded || once(directory, 'loaded');
        this.#writer = this.system.writer(this.registration, { node: 'bench', lease: this.#lease });
        this.#writer.start();
        await loaded;
    }

    find(user: PresenceUser): PresenceUser | undefined {
        return this.system.directory.users.find(user);
    }

    /** Resolves once Graph has answered. */
    async set(user: PresenceUser, presence: TeamsPresence): Promise<void> {
        await this.#writer?.set(user, presence);
    }

    async clear(user: PresenceUser): Promise<void> {
        await this.#writer?.clear(user);
    }

    async stop(): Promise<void> {
        await this.#writer?.stop(false);
        this.#receiver.stop();
        await this.#follower?.stop(true);
        await this.system.unregister(this.registration);
        this.#server?.close();
        this.#server?.closeAllConnections();
    }
}
