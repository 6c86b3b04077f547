import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../lib/simulator/pbx/visibility';
import { manyPeople, officeDomain, type Person } from '../../lib/simulator/person';
import { seededRandom } from '../../lib/simulator/random';
import { FakeClock } from '../support/fake-clock';
import { ModelTenant } from './model-tenant';

const tenantId = '6d1f0a52-0c5e-4d3b-9a51-1f2e3d4c5b6a';
const pbxApp = { name: 'presence-sync', password: 'pässword' };
const readingApp = { clientId: 'aaaaaaaa-0000-4000-8000-000000000001', clientSecret: 'secret of the reader' };
const writingApp = { clientId: 'aaaaaaaa-0000-4000-8000-000000000002', clientSecret: 'secret of the writer' };
const account = { username: `presence-sync-1@${officeDomain}`, password: 'password of the account' };

/** Turns of the event loop without any traffic after which the network is at rest. */
const calm = 8;
/** Real ms after which what has no answer yet is taken for something that never gets one. */
const longestWork = 60;

/** @see https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
const endings = ['undici:request:trailers', 'undici:request:error'];

interface Certificate {
    key: string;
    cert: string;
}

/** Made once for all offices of the process. */
let authority: Promise<CertificateAuthority> | undefined;
let certificate: Promise<Certificate> | undefined;

/** A PBX, a Microsoft 365 tenant and the public address of the product, on one clock that only the test moves. */
export class Office {
    readonly people: readonly Person[];
    readonly clock: FakeClock;
    readonly tenant: ModelTenant;
    readonly pbx: SimulatedPbx;
    readonly site: {
        tenantId: string;
        ca: string;
        reads: typeof readingApp;
        writes: typeof writingApp;
        accounts: (typeof account)[];
    };
    /** Serves the notification endpoint; undefined while the product does not run. */
    endpoint: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
    /** Work of the product beside the event loop. */
    busy: () => number = () => 0;
    /** What no time may pass for, such as the start of a process. */
    begins = 0;
    readonly #webhooks: Server;
    readonly #underWay = new Set<unknown>();
    #latency = 0;
    /** The PBX has shown an entry of ours. */
    hasShownOurs = false;
    /** Somebody has come back to Teams. */
    hasReturned = false;
    /** Somebody in a call has had a setting in the PBX, which shows both. */
    showsBesideCalls = false;
    #traffic = 0;
    readonly #onCreate = (message: unknown): void => {
        this.#traffic++;
        this.#underWay.add((message as { request: unknown }).request);
    };
    readonly #onEnd = (message: unknown): void => {
        this.#traffic++;
        this.#underWay.delete((message as { request: unknown }).request);
    };

    /** Requests that a server has and has not answered: it waits for the clock, or for ever. */
    readonly #served = new Set<unknown>();
    readonly #onServed = (message: unknown): void => {
        const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
        this.#traffic++;
        this.#served.add(response);
        if (request.socket.localPort === this.tenant.port) this.#delay(response);
        response.once('close', () => {
            this.#traffic++;
            this.#served.delete(response);
        });
    };

    private constructor(options: {
        people: readonly Person[];
        clock: FakeClock;
        tenant: ModelTenant;
        pbx: SimulatedPbx;
        webhooks: Server;
        ca: string;
    }) {
        this.people = options.people;
        this.clock = options.clock;
        this.tenant = options.tenant;
        this.pbx = options.pbx;
        this.#webhooks = options.webhooks;
        const apps = { reads: readingApp, writes: writingApp, accounts: [account] };
        this.site = { tenantId, ca: options.ca, ...apps };
        this.#webhooks.on('request', (request, response) => {
            this.#traffic++;
            if (this.endpoint) this.endpoint(request, response);
            else request.socket.destroy();
        });
        subscribe('undici:request:create', this.#onCreate);
        for (const name of endings) subscribe(name, this.#onEnd);
        subscribe('http.server.request.start', this.#onServed);
    }

    static async open(count: number, seed: number): Promise<Office> {
        authority ??= CertificateAuthority.create();
        certificate ??= authority.then(each => each.issue(['127.0.0.1']));
        const clock = new FakeClock();
        const people = manyPeople(count);
        const tenant = new ModelTenant({
            ...{ tenantId, clock, people, accounts: [account] },
            authority: await authority,
            random: seededRandom(seed),
            registrations: [
                {
                    ...readingApp,
                    publicClient: false,
                    roles: ['User.Read.All', 'Presence.Read.All'],
                    scopes: ['User.Read.All', 'Presence.Read.All'],
                },
                {
                    ...writingApp,
                    publicClient: false,
                    // Serves both directions where there is but one.
                    roles: ['User.Read.All', 'Presence.ReadWrite.All'],
                    scopes: ['User.Read.All', 'Presence.Read.All'],
                },
            ],
        });
        const pbx = new SimulatedPbx({
            people,
            app: { ...pbxApp, apis: ['PbxApi', 'PbxTableUsers', 'PbxAdminApi', 'PbxImpersonation', 'RCC'] },
            systemName: officeDomain,
            defaultVisibility: allRights,
            clock,
        });
        const webhooks = createServer(await certificate);
        webhooks.listen(0, '127.0.0.1');
        await Promise.all([once(webhooks, 'listening'), tenant.start(), pbx.start()]);
        return new Office({ people, clock, tenant, pbx, webhooks, ca: (await authority).certificate });
    }

    get url(): string {
        return this.tenant.url;
    }

    get pbxAddress() {
        return { url: this.pbx.url, appName: pbxApp.name, password: pbxApp.password };
    }

    get notificationUrl(): string {
        return `https://127.0.0.1:${(this.#webhooks.address() as AddressInfo).port}/notify`;
    }

    /** ms that Graph takes for an answer, half of them on its way back; the PBX takes a fifth. */
    set latency(ms: number) {
        this.#latency = ms;
        this.clearFaults();
        this.pbx.behaviour.latency = ms / 5;
    }

    /** Graph works as usual again. */
    clearFaults(): void {
        this.tenant.faults.clear();
        this.tenant.faults.latency = this.#latency / 2;
    }

    /** An answer travels: what it says can be overtaken. */
    #delay(response: ServerResponse): void {
        const end = response.end.bind(response);
        response.end = ((...answer: Parameters<typeof end>) => {
            if (this.#latency === 0) return end(...answer);
            this.clock.after(this.#latency / 2, () => {
                this.#traffic++;
                end(...answer);
            });
            return response;
        }) as typeof response.end;
    }

    /** Breaks the connections to the notification endpoint. */
    dropWebhooks(): void {
        this.#webhooks.closeAllConnections();
    }

    /** Moves time on; after each thing that falls due the network comes to rest. */
    async pass(ms: number): Promise<void> {
        await this.clock.advance(ms, () => this.rest());
    }

    /** Lets the network come to rest; the clock stands still. */
    async rest(): Promise<void> {
        let seen = -1;
        let quietSince = 0;
        for (let turns = 0; turns < calm; turns++) {
            await new Promise(resolve => setImmediate(resolve));
            const now = this.#traffic + this.pbx.counters.messages + this.tenant.counters.requests;
            if (now !== seen) {
                seen = now;
                turns = 0;
                quietSince = performance.now();
            }
            const works = this.busy() > 0 || this.#underWay.size > this.#served.size;
            if (this.begins > 0 || (works && performance.now() - quietSince < longestWork)) turns = 0;
        }
    }

    async close(): Promise<void> {
        unsubscribe('undici:request:create', this.#onCreate);
        for (const name of endings) unsubscribe(name, this.#onEnd);
        unsubscribe('http.server.request.start', this.#onServed);
        const closed = new Promise(resolve => this.#webhooks.close(resolve));
        this.#webhooks.closeAllConnections();
        await Promise.all([closed, this.pbx.stop(), this.tenant.stop()]);
    }
}
