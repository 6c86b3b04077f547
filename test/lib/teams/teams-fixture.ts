import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import type { Person } from '../../../lib/simulator/person';
import {
    SimulatedTenant,
    type TenantBehaviour,
    type TenantOptions,
} from '../../../lib/simulator/tenant/simulated-tenant';
import { MemoryClaimStore } from '../../../lib/sync/claim-store';
import type { ClaimBook } from '../../../lib/sync/logged-claims';
import type { RegistrationSettings } from '../../../lib/teams/connection/graph-access';
import { TeamsPeople } from '../../../lib/teams/people';
import type { Following } from '../../../lib/teams/reading/following';
import { notificationEndpoint } from '../../../lib/teams/reading/notifications/notification-endpoint';
import { type TeamsRegistration, TeamsSystem } from '../../../lib/teams/teams-system';
import { Continuity } from '../../../lib/time/continuity';
import { unlisted } from '../../permissions/made-calls';
import { FakeClock } from '../../support/fake-clock';
import { account, anna, app, ben, otherAccount, publicApp, tenantId } from '../simulator/tenant/tenant-fixture';

export { account, anna, app, ben, otherAccount, person, publicApp, until } from '../simulator/tenant/tenant-fixture';

/** A second registration that may do the same as {@link app}. */
export const otherApp = { clientId: '11111111-2222-3333-4444-555555555555', clientSecret: 'another secret' };

/** A person as a user of ours. */
export function userOf(person: Person) {
    return {
        addresses: [person.mail],
        displayName: person.name,
        teams: { id: person.teamsId, userPrincipalName: person.mail, mail: person.mail },
    };
}

/** @see https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
const endings = ['undici:request:trailers', 'undici:request:error'];

const scopes = ['User.Read.All', 'Presence.Read.All'];

/** Reads all followed people and tells the differences. */
export async function readAll(following: Following, via: 'snapshot' | 'poll'): Promise<void> {
    await following.readSome([...following.users.keys()], via);
}

/** The simulated tenant and our side of it, on one clock that only the test moves. */
export class TeamsFixture {
    readonly clock: FakeClock;
    /** With a tick once a day: ninety days of ticks would take long. */
    readonly continuity: Continuity;
    readonly simulated: SimulatedTenant;
    people: TeamsPeople;
    /** Says that nothing is left from before. */
    readonly book: ClaimBook;
    readonly authority: CertificateAuthority;
    /** Requests to Graph and Entra until now, as "METHOD /path". */
    readonly requests: string[] = [];
    readonly #registrations: { system: TeamsSystem; registration: TeamsRegistration }[] = [];
    /** Requests, ours and Microsoft's, that have no answer yet, and notifications that are being worked on. */
    readonly #underWay = new Set<unknown>();
    /** The tenant and our receivers. */
    readonly #origins = new Set<string>();
    readonly #onCreate = (message: unknown): void => {
        const { request } = message as { request: { origin: string } };
        if (this.#origins.has(request.origin)) this.#underWay.add(request);
    };
    readonly #onEnd = (message: unknown): void => {
        this.#underWay.delete((message as { request: unknown }).request);
    };
    readonly #servers: Server[] = [];

    private constructor(simulated: SimulatedTenant, authority: CertificateAuthority, clock: FakeClock) {
        this.clock = clock;
        this.continuity = new Continuity(clock, { tick: 86_400_000 });
        this.book = emptyBook(clock);
        this.people = new TeamsPeople({ clock, random: () => 0.5, book: this.book });
        this.simulated = simulated;
        this.authority = authority;
        logRequests(this.simulated, this.requests);
        this.#watch();
    }

    /** Timers of ours that wait, the tick of {@link continuity} aside. */
    get timers(): number {
        return this.clock.waiting - Math.min(1, this.#registrations.length);
    }

    /** How many requests there were whose "METHOD /path" fits. */
    count(pattern: RegExp): number {
        return this.requests.filter(request => pattern.test(request)).length;
    }

    /** The clock starts now: validation tokens are judged by the time of day. */
    static async start(
        options: { people?: Person[]; behaviour?: Partial<TenantBehaviour>; roles?: string[] } & Partial<
            Pick<TenantOptions, 'accounts' | 'throttling'>
        > = {},
    ): Promise<TeamsFixture> {
        const clock = new FakeClock(Date.now());
        const { people = [anna, ben], behaviour, roles = ['Presence.ReadWrite.All', 'User.Read.All'] } = options;
        const authority = await CertificateAuthority.create();
        const simulated = new SimulatedTenant({
            tenantId,
            authority,
            clock: clock.elsewhere,
            people,
            accounts: options.accounts ?? [account, otherAccount],
            throttling: options.throttling,
            registrations: [
                { ...app, publicClient: false, roles, scopes },
                { ...otherApp, publicClient: false, roles, scopes },
                { ...publicApp, publicClient: true, roles: [], scopes },
            ],
            behaviour: { notificationDelay: 0, ...behaviour },
        });
        await simulated.start();
        const fixture = new TeamsFixture(simulated, authority, clock);
        await fixture.people.restore();
        return fixture;
    }

    /** @param options.listed false where a test has made requests of its own, which Microsoft's table need not have */
    async stop({ listed = true } = {}): Promise<void> {
        this.#unwatch();
        await Promise.all(this.#registrations.map(({ system, registration }) => system.unregister(registration)));
        await Promise.all(
            this.#servers.map(async server => {
                server.closeAllConnections();
                await new Promise(resolve => server.close(resolve));
            }),
        );
        await this.simulated.stop();
        if (listed) assert.deepEqual(unlisted(this.requests), []);
    }

    settings(changed: Partial<RegistrationSettings> = {}): RegistrationSettings {
        return {
            ...app,
            tenant: tenantId,
            loginUrl: this.simulated.url,
            graphUrl: this.simulated.url,
            trust: { ca: this.authority.certificate, extent: 'only' },
            ...changed,
        };
    }

    /** As after a crash: whatever is made from now on knows nothing of what was written. */
    forgetOurWrites(): void {
        this.people.stop();
        this.people = new TeamsPeople({ clock: this.clock, random: () => 0.5 });
    }

    /** Our side of the tenant, without a way to it. */
    system(continuity: Continuity): TeamsSystem {
        const { clock, book } = this;
        return new TeamsSystem({ clock, continuity, book, random: () => 0.5 });
    }

    /** Our side of the tenant, and one app registration that leads to it. */
    teams(
        changed: Partial<RegistrationSettings> = {},
        system = this.system(this.continuity),
    ): { system: TeamsSystem; registration: TeamsRegistration } {
        const registration = system.register(this.settings(changed));
        this.#registrations.push({ system, registration });
        return { system, registration };
    }

    /** An endpoint for notifications on a port of its own; returns its address. */
    async receiver(registration: TeamsRegistration): Promise<string> {
        const server = createServer(
            await this.authority.issue(['127.0.0.1']),
            notificationEndpoint(registration.notifications, () => 'It works.'),
        );
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        this.#servers.push(server);
        this.#watchWork(registration);
        const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
        this.#origins.add(origin);
        return `${origin}/notify`;
    }

    /** Moves the clock in steps and lets the network work after each, until the condition holds. */
    async passTime(condition: () => boolean, step = 100): Promise<void> {
        const end = Date.now() + 30_000;
        while (!condition()) {
            if (Date.now() > end) throw new Error('It did not happen within 30 s');
            await this.clock.advance(step);
            await this.rest();
        }
    }

    /** Lets the network come to rest; the clock stands still. */
    async rest(): Promise<void> {
        let seen = this.activity;
        for (let calm = 0; calm < 20; calm++) {
            await new Promise(resolve => setImmediate(resolve));
            if (this.#underWay.size > 0 || this.activity !== seen) calm = 0;
            seen = this.activity;
        }
    }

    /** Grows with all traffic. */
    private get activity(): number {
        return this.requests.length + this.simulated.counters.notificationsSent;
    }

    /** Notifications are decrypted after their answer, beside the event loop. */
    #watchWork({ notifications }: TeamsRegistration): void {
        const receive = notifications.receive.bind(notifications);
        notifications.receive = body => {
            const reception = receive(body);
            this.#underWay.add(reception);
            const over = (): void => void this.#underWay.delete(reception);
            reception.done.then(over, over);
            return reception;
        };
    }

    #watch(): void {
        this.#origins.add(this.simulated.url);
        subscribe('undici:request:create', this.#onCreate);
        for (const name of endings) subscribe(name, this.#onEnd);
    }

    #unwatch(): void {
        unsubscribe('undici:request:create', this.#onCreate);
        for (const name of endings) unsubscribe(name, this.#onEnd);
    }
}

/** That of a process before which nothing was set. */
function emptyBook(clock: FakeClock): ClaimBook {
    const store = new MemoryClaimStore(clock);
    const part = { side: 'teams', system: 'firm' } as const;
    for (const name of ['session', 'preferred', 'statusMessage']) void store.settle({ ...part, part: name });
    return { store, ...part };
}

/** Notes every request that the tenant gets, Entra's too. */
function logRequests(tenant: SimulatedTenant, log: string[]): void {
    const { faults } = tenant;
    const next = faults.next.bind(faults);
    faults.next = (method, path) => {
        log.push(`${method} ${path}`);
        return next(method, path);
    };
}
