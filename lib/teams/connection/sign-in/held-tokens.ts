import type { AuthenticationResult } from '@azure/msal-node';
import type { Clock } from '../../../time/clock';
import type { SignInError } from './sign-in-error';
import { recheckAfter } from './sign-in-error';

/** Access tokens for Graph; renewed before they expire. */
export type TokenSource = Pick<HeldTokens, 'token' | 'invalidate' | 'doubt'>;

/** Gets a token from Microsoft. `fresh`: not one that was got before. @throws SignInError */
export type Acquire = (fresh: boolean) => Promise<AuthenticationResult>;

/** A new token takes the place of the old one this long before the old one ends, in ms. */
const margin = 5 * 60_000;
/** A token that is younger than this, in ms, is not renewed because it can do too little. */
const youngest = 10 * 60_000;

interface Held {
    token: string;
    /** When (monotonic) it was got, or doubted last. */
    trustedAt: number;
    renewal: number;
    expiry: number;
}

/** One token for all who ask; one request at a time, and none at all while a failed sign-in waits for its re-check. */
export class HeldTokens {
    readonly #acquire: Acquire;
    readonly #clock: Clock;
    #held: Held | undefined;
    #refused: string | undefined;
    #pending: Promise<string> | undefined;
    #failure: { error: SignInError; until: number } | undefined;

    constructor(acquire: Acquire, clock: Clock) {
        this.#acquire = acquire;
        this.#clock = clock;
    }

    /** @throws SignInError with the sentence for the AADSTS code; the same one again, without asking, until a re-check is due. */
    token(): Promise<string> {
        this.#pending ??= this.#next().finally(() => {
            this.#pending = undefined;
        });
        return this.#pending;
    }

    /** Graph has refused this token (401): it is not handed out again. */
    invalidate(refused: string): void {
        this.#refused = refused;
    }

    /**
     * Graph lets this token do too little (403): a permission may have been granted since it was got. Only pulls the renewal
     * of an older one forward: the token goes on to serve if there is no other to be had.
     */
    doubt(token: string): void {
        const held = this.#held;
        const now = this.#clock.monotonic();
        if (held?.token !== token || now - held.trustedAt < youngest) return;
        held.trustedAt = held.renewal = now;
    }

    async #next(): Promise<string> {
        // A refusal may come while the token is being handed out.
        await Promise.resolve();
        const held = this.#usable();
        const now = this.#clock.monotonic();
        if (held && now < held.renewal) return held.token;
        if (this.#failure && now < this.#failure.until)
            return this.#fallBack(this.#failure.error, this.#failure.until - now);
        try {
            this.#held = this.#hold(await this.#renewed());
            this.#failure = undefined;
            return this.#held.token;
        } catch (error) {
            const failure = error as SignInError;
            const wait = failure.kind === 'outage' ? (failure.retryAfter ?? 0) : recheckAfter(failure);
            this.#failure = { error: failure, until: this.#clock.monotonic() + wait };
            return this.#fallBack(failure);
        }
    }

    async #renewed(): Promise<AuthenticationResult> {
        const result = await this.#acquire(this.#held !== undefined);
        return result.accessToken === this.#refused ? this.#acquire(true) : result;
    }

    /** MSAL tells the expiry by the system's clock, so only the time that is left counts. */
    #hold({ accessToken, expiresOn }: AuthenticationResult): Held {
        const since = this.#clock.monotonic();
        const left = expiresOn ? expiresOn.getTime() - Date.now() : 0;
        return {
            token: accessToken,
            trustedAt: since,
            renewal: since + left - Math.min(margin, left / 5),
            expiry: since + left,
        };
    }

    #usable(): Held | undefined {
        const held = this.#held;
        return held && held.token !== this.#refused && this.#clock.monotonic() < held.expiry ? held : undefined;
    }

    /** In an outage, the old token serves to its end. */
    #fallBack(error: SignInError, wait?: number): string {
        const held = error.kind === 'outage' ? this.#usable() : undefined;
        if (held) return held.token;
        throw wait === undefined ? error : error.repeated(wait);
    }
}
