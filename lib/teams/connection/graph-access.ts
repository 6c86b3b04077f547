import { UUID_REGEX } from 'valibot';
import { SyncError } from '../../errors/errors';
import { RateBudget, type RateLimit } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { GraphClient } from './graph-client';
import { createHttp, type Http, type Trust } from './http';
import {
    type Account,
    type AppRegistration,
    accountTokens,
    appTokens,
    canActAsApp,
    type TokenSource,
} from './sign-in/token-source';

/** What one app registration is and how it is reached. */
export interface RegistrationSettings extends AppRegistration {
    trust?: Trust;
    /** Presence calls allowed in 30 s; {@link presenceLimit} by default. */
    requestsPer30s?: number;
}

/**
 * Presence calls of one registration in one tenant, the stricter of the two documented numbers.
 * @see https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid
 */
export const presenceLimit: RateLimit = { requests: 1_500, period: 30_000 };

/** Graph through one app registration: in its own name, and in the name of its accounts. All share one rate budget. */
export class GraphAccess {
    readonly settings: RegistrationSettings;
    readonly http: Http;
    readonly budget: RateBudget;
    readonly #clock: Clock;
    /** Of each account, and of the app by this. */
    readonly #known = new WeakMap<object, { tokens: TokenSource; graph: GraphClient }>();

    /** @param options.budget of the same registration in the same tenant, where there is one already */
    constructor(options: { settings: RegistrationSettings; clock: Clock; budget?: RateBudget }) {
        const { settings, clock, budget } = options;
        this.settings = settings;
        this.http = createHttp(settings.trust);
        this.#clock = clock;
        this.budget = budget ?? new RateBudget(limitOf(settings), clock);
    }

    /** Whether the registration can prove itself, without which it cannot act in its own name. */
    get canActAsApp(): boolean {
        return canActAsApp(this.settings);
    }

    /** Graph in the name of the app. @throws SyncError FIELD_MISSING where it cannot prove itself. */
    asApp(): GraphClient {
        return this.#of(undefined).graph;
    }

    /** Graph in the name of a communication user, who signs in once however many ask for it. */
    asAccount(account: Account): GraphClient {
        return this.#of(account).graph;
    }

    /** The tokens of a communication user, or of the app itself: the same that {@link asAccount} and {@link asApp} work with. */
    tokensOf(account?: Account): TokenSource {
        return this.#of(account).tokens;
    }

    async stop(): Promise<void> {
        await this.http.close();
    }

    #of(account: Account | undefined): { tokens: TokenSource; graph: GraphClient } {
        const { settings, http } = this;
        const known = this.#known.get(account ?? this);
        if (known) return known;
        const clock = this.#clock;
        const tokens = account ? accountTokens(settings, account, http, clock) : appTokens(settings, http, clock);
        const { graphUrl } = settings;
        const graph = new GraphClient({ graphUrl, tokens, http, clock, budget: this.budget });
        const created = { tokens, graph };
        this.#known.set(account ?? this, created);
        return created;
    }
}

/** How many presence calls a registration may make. */
export function limitOf({ requestsPer30s: requests }: RegistrationSettings): RateLimit {
    return { ...presenceLimit, requests: requests ?? presenceLimit.requests };
}

/** @throws SyncError FIELD_MISSING or FIELD_INVALID that names the field. */
export function checkRegistration({ tenant, clientId }: { tenant: string; clientId: string }): void {
    if (!tenant) throw new SyncError('FIELD_MISSING', { field: 'Tenant' });
    if (!clientId) throw new SyncError('FIELD_MISSING', { field: 'Client id' });
    if (!UUID_REGEX.test(clientId)) throw new SyncError('FIELD_INVALID', { field: 'Client id', why: 'it is no GUID' });
    if (clientId.toLowerCase() === tenant.toLowerCase())
        throw new SyncError('FIELD_INVALID', { field: 'Client id', why: 'it is the id of the tenant' });
    if (!UUID_REGEX.test(tenant) && !/^[\w-]+(\.[\w-]+)+$/.test(tenant)) {
        throw new SyncError('FIELD_INVALID', { field: 'Tenant', why: 'it is neither a GUID nor a domain' });
    }
}
