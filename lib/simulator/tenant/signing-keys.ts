import { createHash, generateKeyPair, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

const newKeyPair = promisify(generateKeyPair);

/** Tokens that need no second look at their signature. */
const rememberedTokens = 1_000;

/** The claims of a JSON Web Token. */
export type Claims = Record<string, unknown>;

interface SigningKey {
    id: string;
    privateKey: KeyObject;
    publicKey: KeyObject;
    /** In the key set that clients read. */
    published: boolean;
}

/** The keys with which the tenant signs its tokens: RS256, kept in memory. */
export class SigningKeys {
    /** The one in use comes first. */
    readonly #keys: SigningKey[];
    /** A client sends the same token with each of thousands of requests. */
    readonly #verified = new Map<string, Claims>();

    private constructor(key: SigningKey) {
        this.#keys = [key];
    }

    static async create(): Promise<SigningKeys> {
        return new SigningKeys(await newKey());
    }

    /** Names the key that signs now. */
    get currentId(): string {
        return this.#keys[0]!.id;
    }

    /**
     * Signs with a new key from now on. Tokens of the old keys go on to be accepted here.
     * @param keepOld whether the old keys stay in the key set
     * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
     */
    async rotate(keepOld: boolean): Promise<void> {
        const key = await newKey();
        if (!keepOld) for (const old of this.#keys) old.published = false;
        this.#keys.unshift(key);
    }

    /**
     * The public keys as a JWK set; as in Entra's own, they do not name their algorithm.
     * @param issuer of the tokens that the keys are good for, with `{tenantid}` where that is any tenant's
     * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
     * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
     */
    keySet(issuer: string): { keys: JsonWebKey[] } {
        const published = this.#keys.filter(key => key.published);
        return {
            keys: published.map(({ id, publicKey }) => {
                const key = publicKey.export({ format: 'jwk' });
                return { ...key, use: 'sig', kid: id, x5t: id, issuer };
            }),
        };
    }

    /** A compact JWT. @see https://www.rfc-editor.org/rfc/rfc7515#section-3.1 */
    sign(claims: Claims): string {
        const { id, privateKey } = this.#keys[0]!;
        const content = `${encode({ typ: 'JWT', alg: 'RS256', kid: id, x5t: id })}.${encode(claims)}`;
        return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
    }

    /** The claims of a token that these keys have signed; undefined for anything else. Times are not checked. */
    verify(token: string): Claims | undefined {
        const known = this.#verified.get(token);
        if (known) return known;
        const claims = this.#verify(token);
        if (this.#verified.size >= rememberedTokens) this.#verified.clear();
        if (claims) this.#verified.set(token, claims);
        return claims;
    }

    #verify(token: string): Claims | undefined {
        const [header, claims, signature, ...rest] = token.split('.');
        if (!header || !claims || !signature || rest.length > 0) return undefined;
        const { alg, kid } = decodeJson(header) ?? {};
        const key = this.#keys.find(each => each.id === kid);
        if (alg !== 'RS256' || !key) return undefined;
        const content = Buffer.from(`${header}.${claims}`);
        return verify('sha256', content, key.publicKey, Buffer.from(signature, 'base64url'))
            ? decodeJson(claims)
            : undefined;
    }
}

async function newKey(): Promise<SigningKey> {
    const { privateKey, publicKey } = await newKeyPair('rsa', { modulusLength: 2048 });
    const der = publicKey.export({ format: 'der', type: 'spki' });
    return { id: createHash('sha1').update(der).digest('base64url'), privateKey, publicKey, published: true };
}

function encode(value: object): string {
    return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** One part of a JWT as an object; undefined if it is none. */
export function decodeJson(part: string): Claims | undefined {
    try {
        const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
        return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
    } catch {
        return undefined;
    }
}
