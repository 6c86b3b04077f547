import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { EntraError } from './entra-error';
import type { Registration } from './registration';
import { type Claims, decodeJson } from './signing-keys';

/** The only type of client assertion. */
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Entra's own clocks differ, so it forgives this many seconds. */
const clockSkew = 300;

/** An assertion taken apart. */
export interface Parts {
    header: Claims;
    claims: Claims;
    signed: Buffer;
    signature: Buffer;
}

/**
 * Checks a JWT with which an app proves who it is; throws an {@link EntraError} where Entra refuses it.
 * @param isAudience whether a text is the address of the token endpoint
 * @param now milliseconds since the epoch
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function checkAssertion(
    assertion: string,
    registration: Registration,
    isAudience: (audience: string) => boolean,
    now: number,
): void {
    const parts = partsOf(assertion);
    checkSignature(parts, registration, now);
    const { iss, sub, aud, jti } = parts.claims;
    if (iss !== registration.clientId || sub !== iss)
        throw new EntraError(50048, { subject: String(sub), issuer: String(iss) });
    if (!isAudience(String(aud))) throw new EntraError(700023);
    if (typeof jti !== 'string' || jti === '') throw new EntraError(50027, { reason: "The claim 'jti' is missing." });
    checkTimes(parts, now);
}

/** Throws an {@link EntraError} for an assertion that is not valid at that time, in milliseconds since the epoch. */
export function checkTimes({ claims: { exp, nbf = 0 } }: Parts, now: number): void {
    const seconds = now / 1000;
    if (!(Number(exp) > seconds - clockSkew) || !(Number(nbf) < seconds + clockSkew))
        throw new EntraError(700024, { now: timeOf(seconds), from: timeOf(Number(nbf)), to: timeOf(Number(exp)) });
}

/** Throws an {@link EntraError} for what is no JWT. */
export function partsOf(assertion: string): Parts {
    const [header = '', claims = '', signature = '', ...rest] = assertion.split('.');
    const decoded = { header: decodeJson(header), claims: decodeJson(claims) };
    if (!decoded.header || !decoded.claims || rest.length > 0) throw new EntraError(50027, { reason: '' });
    return {
        header: decoded.header,
        claims: decoded.claims,
        signed: Buffer.from(`${header}.${claims}`),
        signature: Buffer.from(signature, 'base64url'),
    };
}

function checkSignature({ header, signed, signature }: Parts, registration: Registration, now: number): void {
    const [sha1, sha256] = [header.x5t, header['x5t#S256']];
    if (typeof sha1 !== 'string' && typeof sha256 !== 'string')
        throw new EntraError(50027, { reason: 'No certificate thumbprint specified in token header.' });
    const thumbprint = Buffer.from(String(sha256 ?? sha1), 'base64url')
        .toString('hex')
        .toUpperCase();
    const refuse = (reason: string) => new EntraError(700027, { reason, thumbprint, client: registration.clientId });
    const certificate = (registration.certificates ?? [])
        .map(pem => new X509Certificate(pem))
        .find(({ raw }) => thumbprint === hexDigest(sha256 === undefined ? 'sha1' : 'sha256', raw));
    if (!certificate) throw refuse('The key was not found.');
    if (Date.parse(certificate.validTo) <= now) throw refuse('The key used is expired.');
    const padding = paddings[String(header.alg)];
    const key = { key: certificate.publicKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    if (padding === undefined || !verify('sha256', signed, key, signature))
        throw refuse('Key was found, but use of the key to verify the signature failed.');
}

const paddings: Record<string, number> = {
    RS256: constants.RSA_PKCS1_PADDING,
    PS256: constants.RSA_PKCS1_PSS_PADDING,
};

function hexDigest(algorithm: string, content: Buffer): string {
    return createHash(algorithm).update(content).digest('hex').toUpperCase();
}

function timeOf(seconds: number): string {
    return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : 'unknown';
}
