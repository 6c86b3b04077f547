import { EventEmitter } from 'node:events';
import { SyncError } from '../errors/errors';
import type { TeamsLedger } from '../presence/teams-ledger';
import { Mutex } from '../support/mutex';
import { RateBudget, type RateLimit } from '../support/rate-budget';
import type { Clock } from '../time/clock';
import { GraphClient } from './connection/graph-client';
import { createHttp, type Http, type Trust } from './connection/http';
import {
    type Account,
    type AppRegistration,
    accountTokens,
    appTokens,
    canActAsApp,
    type TokenSource,
} from './connection/sign-in/token-source';
import { NotificationChannel } from './reading/notifications/notification-channel';
import { tokenVerifier } from './reading/notifications/validation-tokens';
import { PresenceReader } from './reading/presence-reader';
import { DirectoryReader } from './users/directory-reader';

/** What one app registration is and how it is reached. */
export interface TenantSettings extends AppRegistration {
    trust?: Trust;
    /** Presence calls allowed in 30 s; {@link presenceLimit} by default. */
    requestsPer30s?: number;
}

/**
 * Presence calls of one registration in one tenant, the stricter of the two documented numbers.
 * @see https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid
 */
export const presenceLimit: RateLimit = { requests: 1_500, period: 30_000 };

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * One app registration in one tenant: Graph in its own name and in the name of its accounts, the newest presence, and
 * the channel for notifications. Emits `gap` when the service was away and everything must be read again.
 */
export class TeamsTenant extends EventEmitter<{ gap: [] }> {
    readonly settings: TenantSettings;
    readonly reader: PresenceReader;
    readonly notifications: NotificationChannel;
    /** The users of the tenant, for whoever needs them. */
    readonly directory: DirectoryReader;
    readonly clock: Clock;
    readonly ledger: TeamsLedger;
    /** One subscriber and one receiver: a second would take the first one's users or address. */
    readonly places = { subscriber: new Mutex(), receiver: new Mutex() };
    readonly #http: Http;
    readonly #budget: RateBudget;
    readonly #accounts = new WeakMap<Account, { tokens: TokenSource; graph: GraphClient }>();
    #app: GraphClient | undefined;

    /** @param options.budget of the same registration in the same tenant, where there is one already */
    constructor(options: { settings: TenantSettings; ledger: TeamsLedger; clock: Clock; budget?: RateBudget }) {
        super();
        this.setMaxListeners(0);
        const { settings, ledger, clock } = options;
        this.settings = settings;
        this.clock = clock;
        this.ledger = ledger;
        this.#http = createHttp(settings.trust);
        const { requestsPer30s: requests = presenceLimit.requests } = settings;
        this.#budget = options.budget ?? new RateBudget({ ...presenceLimit, requests }, clock);
        this.directory = new DirectoryReader({ clock });
        this.reader = new PresenceReader({ ledger, clock });
        this.notifications = new NotificationChannel({ verify: tokenVerifier(settings, this.#http, clock), clock });
    }

    /** Whether the registration has a secret or a certificate, without which it cannot act in its own name. */
    get canActAsApp(): boolean {
        return canActAsApp(this.settings);
    }

    /** Graph in the name of the app. @throws SyncError FIELD_MISSING without a client secret. */
    asApp(): GraphClient {
        this.#app ??= this.#graph(appTokens(this.settings, this.#http, this.clock));
        return this.#app;
    }

    /** Graph in the name of a communication user, who signs in once however many ask for it. */
    asAccount(account: Account): GraphClient {
        return this.#account(account).graph;
    }

    /** The tokens of a communication user, the same that {@link asAccount} works with. */
    tokensOf(account: Account): TokenSource {
        return this.#account(account).tokens;
    }

    /** Tells everybody that the service was away. */
    gap(): void {
        this.directory.refresh();
        this.emit('gap');
    }

    async stop(): Promise<void> {
        this.reader.stop();
        await this.#http.close();
    }

    #account(account: Account): { tokens: TokenSource; graph: GraphClient } {
        const known = this.#accounts.get(account);
        if (known) return known;
        const tokens = accountTokens(this.settings, account, this.#http, this.clock);
        const created = { tokens, graph: this.#graph(tokens) };
        this.#accounts.set(account, created);
        return created;
    }

    #graph(tokens: TokenSource): GraphClient {
        return new GraphClient({
            graphUrl: this.settings.graphUrl,
            tokens,
            http: this.#http,
            clock: this.clock,
            budget: this.#budget,
        });
    }
}

/** @throws SyncError FIELD_MISSING or FIELD_INVALID that names the field. */
export function checkRegistration({ tenant, clientId }: { tenant: string; clientId: string }): void {
    if (!tenant) throw new SyncError('FIELD_MISSING', { field: 'Tenant' });
    if (!clientId) throw new SyncError('FIELD_MISSING', { field: 'Client id' });
    if (!guid.test(clientId)) throw new SyncError('FIELD_INVALID', { field: 'Client id', why: 'it is no GUID' });
    if (!guid.test(tenant) && !/^[\w-]+(\.[\w-]+)+$/.test(tenant)) {
        throw new SyncError('FIELD_INVALID', { field: 'Tenant', why: 'it is neither a GUID nor a domain' });
    }
}
