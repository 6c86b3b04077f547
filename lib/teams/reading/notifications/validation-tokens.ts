import { createRemoteJWKSet, customFetch, errors, type JWK, jwtVerify } from 'jose';
import { SyncError } from '../../../errors/errors';
import { type Clock, systemClock } from '../../../time/clock';
import { clockAheadOf } from '../../connection/graph-error';
import type { Http } from '../../connection/http';

/**
 * The application that publishes change notifications.
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications
 */
const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';

/** Seconds that our clock may differ from Microsoft's, as Microsoft's own libraries allow. */
const clockTolerance = 300;

/** Keys are fetched again for an unknown key id, at most this often, and in any case once a day; ms. */
const keyLifetime = { cooldownDuration: 30_000, cacheMaxAge: 86_400_000 };

/** Microsoft sends the same token with many notifications: so many are remembered. */
const rememberedTokens = 64;

/** What a genuine validation token tells. */
interface Verified {
    tenantId: string;
    /** Ms by which Microsoft's clock is ahead of ours, negative if behind; 0 where they agree well enough. */
    clockAhead: number;
}

/** Checks one validation token; rejects if it is not Microsoft's for this app and tenant. */
export type VerifyToken = (token: string) => Promise<Verified>;

/** Where our clock is wrong, that of Microsoft is looked at again so many ms later at the earliest. */
const clockInterval = 30_000;

/**
 * Both issuer formats are in use: sts.windows.net (v1.0 tokens, `appid`) and the login host (v2.0 tokens, `azp`).
 * A token that was found genuine is known again by its text until it ends. Where one is not valid at our time, the time is
 * taken from Microsoft's own answers: a wrong clock makes nobody a forger.
 * @param app.tenant GUID or domain; the issuers name the GUID, which Entra tells
 */
export function tokenVerifier(
    app: { loginUrl: string; clientId: string; tenant: string },
    http: Http,
    clock: Clock = systemClock,
): VerifyToken {
    const keys = createRemoteJWKSet(new URL(`${app.loginUrl}/common/discovery/v2.0/keys`), {
        ...keyLifetime,
        [customFetch]: async (url, { method, headers }) => {
            const answer = await answerOf(http, String(url), { method, headers: Object.fromEntries(headers) });
            return new Response(await answer.text(), { status: answer.status });
        },
    });
    let issuers: ReturnType<typeof issuersOf> | undefined;
    /** By text; the end is one of Microsoft's clock. */
    const genuine = new Map<string, { tenantId: string; until: number }>();
    let clockAhead = 0;
    /** Date of the last look: a clock that was set since is looked at anew. */
    let lookedAt = Number.NEGATIVE_INFINITY;
    let looked: Promise<void> | undefined;

    /** Tokens that come meanwhile wait for the same look. */
    const lookAtClock = (): Promise<void> => {
        if (looked && Math.abs(clock.date() - lookedAt) < clockInterval) return looked;
        lookedAt = clock.date();
        looked = compareClocks();
        return looked;
    };
    const compareClocks = async (): Promise<void> => {
        const { headers } = await configurationOf(app, http);
        const ahead = clockAheadOf(headers.get('Date'), clock.date()) ?? 0;
        clockAhead = Math.abs(ahead) > clockTolerance * 1_000 ? ahead : 0;
    };
    const check = async (token: string): Promise<Verified> => {
        const known = genuine.get(token);
        if (known && known.until > clock.date() + clockAhead) return { tenantId: known.tenantId, clockAhead };
        // Asked until it succeeds, and then never again.
        issuers ??= issuersOf(app, http).catch(error => {
            issuers = undefined;
            throw error;
        });
        const { issuer, tenantId } = await issuers;
        const currentDate = new Date(clock.date() + clockAhead);
        const expected = { issuer, algorithms: ['RS256'], clockTolerance, currentDate };
        const requiredClaims = ['exp', 'aud'];
        const { payload, protectedHeader } = await jwtVerify(token, keys, { ...expected, requiredClaims });
        if (![payload.aud].flat().some(audience => isSameId(audience, app.clientId)))
            throw new Error('it is for another app');
        if (!isSameId(payload.azp ?? payload.appid, publisher))
            throw new Error('it is not from the notification publisher');
        if (
            !isKeyOf(
                keys.jwks()?.keys.find(({ kid }) => kid === protectedHeader.kid),
                issuer,
                tenantId,
            )
        )
            throw new errors.JWKSNoMatchingKey('its key is that of another tenant');
        const [oldest] = genuine.keys();
        if (genuine.size >= rememberedTokens && oldest !== undefined) genuine.delete(oldest);
        genuine.set(token, { tenantId, until: (payload.exp! + clockTolerance) * 1000 });
        return { tenantId, clockAhead };
    };
    return async token => {
        if (clockAhead !== 0) await lookAtClock();
        try {
            return await check(token);
        } catch (error) {
            if (!isAboutTime(error)) throw error;
        }
        await lookAtClock();
        return check(token);
    };
}

function isAboutTime(error: unknown): boolean {
    if (error instanceof errors.JWTExpired) return true;
    return error instanceof errors.JWTClaimValidationFailed && ['nbf', 'iat', 'exp'].includes(error.claim);
}

/** Ids are GUIDs, which are the same in capitals. */
function isSameId(one: unknown, other: string): boolean {
    return typeof one === 'string' && one.toLowerCase() === other.toLowerCase();
}

/**
 * The key set has keys of several issuers in it, each good for tokens of its own; most are good for any tenant.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
function isKeyOf(key: (JWK & { issuer?: unknown }) | undefined, issuers: readonly string[], tenantId: string): boolean {
    if (typeof key?.issuer !== 'string') return key !== undefined && key.issuer === undefined;
    return issuers.includes(key.issuer.replace('{tenantid}', tenantId));
}

interface Place {
    loginUrl: string;
    tenant: string;
}

function configurationOf({ loginUrl, tenant }: Place, http: Http): ReturnType<Http['fetch']> {
    const path = `${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
    return answerOf(http, `${loginUrl}/${path}`);
}

async function issuersOf(place: Place, http: Http): Promise<{ issuer: string[]; tenantId: string }> {
    const response = await configurationOf(place, http);
    const { issuer } = (await response.json()) as { issuer?: string };
    const tenantId = issuer?.split('/').find(part => /^[0-9a-f]{8}-/i.test(part));
    if (!issuer || !tenantId)
        throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'the sign-in service does not tell its issuer' });
    return { issuer: [issuer, `https://sts.windows.net/${tenantId}/`], tenantId: tenantId.toLowerCase() };
}

/**
 * A document of the sign-in service.
 * @throws SyncError for anything else, such as the error page of a proxy: it proves nothing about a notification
 */
async function answerOf(http: Http, url: string, init?: Parameters<Http['fetch']>[1]): ReturnType<Http['fetch']> {
    const response = await http.fetch(url, init);
    const document: unknown = await response
        .clone()
        .json()
        .catch(() => undefined);
    if (response.ok && typeof document === 'object' && document) return response;
    throw new SyncError('TEAMS_SERVICE_ERROR', { detail: `the sign-in service answered ${response.status}` });
}
