import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { EntraError } from './entra-error';
import type { Identities } from './identities';

const day = 86_400;
const lifetime = 90 * day;

/** What a refresh token stands for. */
export interface RefreshGrant {
    clientId: string;
    userId: string;
    /** It came by a redirect of a public client, which sends no secret. */
    isPublic?: boolean;
    /** The scopes of the sign-in. */
    scope: string;
}

interface Content extends RefreshGrant {
    username: string;
    /** Seconds since the epoch. */
    issued: number;
    /** How often the tokens of the user had been revoked. */
    revocations: number;
    /** So that no two tokens are equal. */
    nonce: string;
}

/**
 * Refresh tokens: opaque, of one app and one user. Each use gives a new one; the old one stays good until it has been
 * idle for ninety days, or until it is revoked. They outlive the signing keys of the tenant.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
export class RefreshTokens {
    readonly #identities: Identities;
    readonly #key = randomBytes(32);

    constructor(identities: Identities) {
        this.#identities = identities;
    }

    /** @param now seconds since the epoch */
    issue(grant: RefreshGrant, username: string, now: number): string {
        const content: Content = {
            ...grant,
            username,
            issued: now,
            revocations: this.#identities.revocations(username).count,
            nonce: randomBytes(12).toString('base64url'),
        };
        const text = Buffer.from(JSON.stringify(content)).toString('base64url');
        return `1.${text}-${this.#seal(text)}`;
    }

    /**
     * What a token stands for; throws an {@link EntraError} for one that is of no use to the app.
     * @param now seconds since the epoch
     */
    redeem(token: string, clientId: string, now: number): RefreshGrant {
        const content = this.#read(token);
        if (content?.clientId !== clientId) throw new EntraError(9002313);
        const issued = new Date(content.issued * 1000).toISOString();
        const { count, at } = this.#identities.revocations(content.username);
        if (content.revocations < count) throw new EntraError(50173, { issued, validFrom: new Date(at).toISOString() });
        if (now - content.issued >= lifetime) throw new EntraError(700082, { issued });
        return content;
    }

    /** Whether who redeems the token sends no secret. */
    isPublic(token: string | null): boolean {
        return this.#read(token ?? '')?.isPublic === true;
    }

    #read(token: string): Content | undefined {
        const [, text, seal] = /^1\.(\S+)-(\S{43})$/.exec(token) ?? [];
        if (text === undefined || !timingSafeEqual(Buffer.from(seal!), Buffer.from(this.#seal(text)))) return undefined;
        return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Content;
    }

    #seal(text: string): string {
        return createHmac('sha256', this.#key).update(text).digest('base64url');
    }
}
