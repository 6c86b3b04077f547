import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../time/clock';
import { EntraError } from './entra-error';
import type { TenantUser } from './tenant-user';

const lifetime = 10 * 60_000;

/** What an app has asked the `/authorize` endpoint for. */
export interface AuthorizationRequest {
    clientId: string;
    redirectUri: string;
    /** Whether that is one of a public client ("Mobile and desktop applications"), which proves itself by no secret. */
    isPublic: boolean;
    scope: string;
    nonce: string;
    /** SHA-256 of the verifier in base64url. */
    challenge: string;
}

interface Issued extends AuthorizationRequest {
    user: TenantUser;
    /** Monotonic. */
    expires: number;
    isRedeemed: boolean;
}

/**
 * Authorization codes: each good once, for ten minutes, for whoever knows the verifier of the challenge.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 * @see https://www.rfc-editor.org/rfc/rfc7636
 */
export class AuthorizationCodes {
    readonly #clock: Clock;
    readonly #issued = new Map<string, Issued>();

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    issue(request: AuthorizationRequest, user: TenantUser): string {
        const now = this.#clock.monotonic();
        // An hour later nobody asks any more.
        for (const [code, { expires }] of this.#issued) if (expires + 3_600_000 < now) this.#issued.delete(code);
        const code = `1.${randomBytes(64).toString('base64url')}`;
        this.#issued.set(code, { ...request, user, expires: now + lifetime, isRedeemed: false });
        return code;
    }

    /** Whether who redeems the code sends no secret. */
    isPublic(code: string | null): boolean {
        return this.#issued.get(code ?? '')?.isPublic === true;
    }

    /** What a code stands for, once; throws an {@link EntraError} where Entra refuses. */
    redeem(code: string, by: { clientId: string; redirectUri: string; verifier: string | null }): Issued {
        const issued = this.#issued.get(code);
        const { clientId, redirectUri: redirect, verifier } = by;
        if (issued?.clientId !== clientId) throw new EntraError(70000);
        if (issued.isRedeemed) throw new EntraError(54005);
        if (issued.expires <= this.#clock.monotonic()) throw new EntraError(70008);
        if (issued.redirectUri !== redirect) throw new EntraError(50011, { redirect, client: clientId });
        if (!verifier) throw new EntraError(50148);
        const challenge = createHash('sha256').update(verifier).digest('base64url');
        if (!/^[\w.~-]{43,128}$/.test(verifier) || challenge !== issued.challenge) throw new EntraError(501481);
        issued.isRedeemed = true;
        return issued;
    }
}
