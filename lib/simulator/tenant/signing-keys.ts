import { createHash, generateKeyPair, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

const newKeyPair = promisify(generateKeyPair);

/** The claims of a JSON Web Token. */
export type Claims = Record<string, unknown>;

/** The keys with which the tenant signs its tokens: RS256, one key, kept in memory. */
export class SigningKeys {
    readonly #privateKey: KeyObject;
    readonly #publicKey: KeyObject;
    readonly #id: string;

    private constructor(keys: { privateKey: KeyObject; publicKey: KeyObject }) {
        this.#privateKey = keys.privateKey;
        this.#publicKey = keys.publicKey;
        const der = keys.publicKey.export({ format: 'der', type: 'spki' });
        this.#id = createHash('sha1').update(der).digest('base64url');
    }

    static async create(): Promise<SigningKeys> {
        return new SigningKeys(await newKeyPair('rsa', { modulusLength: 2048 }));
    }

    /** The public keys as a JWK set. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
    keySet(issuer: string): { keys: JsonWebKey[] } {
        const key = this.#publicKey.export({ format: 'jwk' });
        return { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: this.#id, x5t: this.#id, issuer }] };
    }

    /** A compact JWT. @see https://www.rfc-editor.org/rfc/rfc7515#section-3.1 */
    sign(claims: Claims): string {
        const content = `${encode({ typ: 'JWT', alg: 'RS256', kid: this.#id, x5t: this.#id })}.${encode(claims)}`;
        return `${content}.${sign('sha256', Buffer.from(content), this.#privateKey).toString('base64url')}`;
    }

    /** The claims of a token that these keys have signed; undefined for anything else. Times are not checked. */
    verify(token: string): Claims | undefined {
        const [header, claims, signature, ...rest] = token.split('.');
        if (!header || !claims || !signature || rest.length > 0) return undefined;
        if (decode(header)?.alg !== 'RS256') return undefined;
        const content = Buffer.from(`${header}.${claims}`);
        return verify('sha256', content, this.#publicKey, Buffer.from(signature, 'base64url'))
            ? decode(claims)
            : undefined;
    }
}

function encode(value: object): string {
    return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Claims | undefined {
    try {
        const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
        return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
    } catch {
        return undefined;
    }
}
