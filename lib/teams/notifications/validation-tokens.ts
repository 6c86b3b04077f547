import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import type { Http } from '../http';

/**
 * The application that publishes change notifications.
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications
 */
const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';

/** Seconds that our clock may differ from Microsoft's, as Microsoft's own libraries allow. */
const clockTolerance = 300;

/** Checks one validation token; rejects if it is not Microsoft's for this app and tenant. */
export type VerifyToken = (token: string) => Promise<void>;

/**
 * Both issuer formats are in use: sts.windows.net (v1.0 tokens, `appid`) and the login host (v2.0 tokens, `azp`).
 * Keys are fetched once, and again for an unknown key id.
 * @param app.tenant GUID or domain; the issuers name the GUID, which Entra tells
 */
export function tokenVerifier(app: { loginUrl: string; clientId: string; tenant: string }, http: Http): VerifyToken {
    const keys = createRemoteJWKSet(new URL(`${app.loginUrl}/common/discovery/v2.0/keys`), {
        [customFetch]: (url, options) =>
            http.fetch(String(url), { method: options.method, headers: Object.fromEntries(options.headers) }) as never,
    });
    let issuers: Promise<string[]> | undefined;
    const issuersOnce = () => {
        issuers ??= issuersOf(app, http).catch(error => {
            issuers = undefined;
            throw error;
        });
        return issuers;
    };
    return async token => {
        const issuer = await issuersOnce();
        const expected = { audience: app.clientId, issuer, algorithms: ['RS256'], clockTolerance };
        const { payload } = await jwtVerify(token, keys, expected);
        if ((payload.azp ?? payload.appid) !== publisher) throw new Error('it is not from the notification publisher');
    };
}

async function issuersOf({ loginUrl, tenant }: { loginUrl: string; tenant: string }, http: Http): Promise<string[]> {
    const path = `${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
    const response = await http.fetch(`${loginUrl}/${path}`);
    const { issuer } = (await response.json()) as { issuer?: string };
    const tenantId = issuer?.split('/').find(part => /^[0-9a-f]{8}-/i.test(part));
    if (!issuer || !tenantId) throw new Error('the sign-in service does not tell the issuer of its tokens');
    return [issuer, `https://sts.windows.net/${tenantId}/`];
}
