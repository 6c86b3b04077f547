import { createPublicKey, verify } from 'node:crypto';
import { checkTimes, partsOf } from './client-assertion';
import { EntraError } from './entra-error';
import type { Registration } from './registration';
import type { SigningKeys } from './signing-keys';

const usualAudience = 'api://AzureADTokenExchange';
/** The app that the usual audience is the name of; tokens of managed identities carry its id. */
const exchangeApp = 'fb60f99c-7a34-4190-8149-302f77469936';

/** Whether somebody else than the app itself has issued an assertion. */
export function isFederated(assertion: string, registration: Registration): boolean {
    const { iss } = partsOf(assertion).claims;
    const { clientId, certificates, federatedCredentials } = registration;
    return iss !== undefined && iss !== clientId && Boolean(federatedCredentials || !certificates);
}

/**
 * Checks the token of another issuer with which an app proves who it is; throws an {@link EntraError} where Entra refuses.
 * @param ownKeys of the tenant, which issues the tokens of managed identities
 * @param now milliseconds since the epoch
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export function checkFederated(assertion: string, registration: Registration, ownKeys: SigningKeys, now: number): void {
    const parts = partsOf(assertion);
    const { iss, sub, aud, idtyp } = parts.claims;
    const { federatedCredentials = [], clientId: client } = registration;
    if (federatedCredentials.length === 0) throw new EntraError(70025, { client });
    const [issuer, subject] = [String(iss), String(sub)];
    const ofIssuer = federatedCredentials.filter(each => each.issuer === issuer);
    if (ofIssuer.length === 0) throw new EntraError(700211, { issuer });
    const ofSubject = ofIssuer.filter(each => each.subject === subject);
    if (ofSubject.length === 0) throw new EntraError(700213, { subject });
    const audiences = [aud].flat().map(each => (each === exchangeApp ? usualAudience : each));
    const trusted = ofSubject.find(each => audiences.includes(each.audience ?? usualAudience));
    if (!trusted) throw new EntraError(700212, { audience: String(audiences) });
    if (!trusted.keys) {
        if (!ownKeys.verify(assertion)) throw new EntraError(7000272, { key: String(parts.header.kid), issuer });
        if (idtyp !== 'app') throw new EntraError(700229);
    } else {
        const key = trusted.keys.find(each => each.kid === parts.header.kid);
        if (!key) throw new EntraError(7000272, { key: String(parts.header.kid), issuer });
        const publicKey = createPublicKey({ key, format: 'jwk' });
        if (parts.header.alg !== 'RS256' || !verify('sha256', parts.signed, publicKey, parts.signature))
            throw new EntraError(50027, {
                reason: `External ID token from issuer '${issuer}' failed signature verification.`,
            });
    }
    checkTimes(parts, now);
}
