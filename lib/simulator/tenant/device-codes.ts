import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '../../time/clock';
import { EntraError } from './entra-error';
import type { TenantUser } from './tenant-user';

const lifetime = 15 * 60;

/** Letters and digits that nobody confuses. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

interface Pending {
    clientId: string;
    scope: string;
    userCode: string;
    /** Monotonic. */
    expires: number;
    /** When the app asked last (monotonic). */
    asked: number;
    decision: { user: TenantUser } | 'declined' | undefined;
}

/** What a redeemed device code stands for. */
export interface DeviceGrant {
    user: TenantUser;
    scope: string;
}

/**
 * Sign-ins that a user completes in a browser elsewhere.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export class DeviceCodes {
    readonly #clock: Clock;
    readonly #interval: () => number;
    readonly #byDevice = new Map<string, Pending>();

    /** @param interval how many seconds clients are to wait between two questions */
    constructor(clock: Clock, interval: () => number) {
        this.#clock = clock;
        this.#interval = interval;
    }

    /** Begins a sign-in: the response of the `/devicecode` endpoint. @param page where users enter codes */
    begin(clientId: string, scope: string, page: string): object {
        this.#forgetExpired();
        const userCode = Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('');
        const deviceCode = randomBytes(48).toString('base64url');
        const expires = this.#clock.monotonic() + lifetime * 1000;
        this.#byDevice.set(deviceCode, { clientId, scope, userCode, expires, asked: -Infinity, decision: undefined });
        return {
            user_code: userCode,
            device_code: deviceCode,
            verification_uri: page,
            expires_in: lifetime,
            interval: this.#interval(),
            message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
        };
    }

    /** The user has entered the code and signed in, with a second factor where one is needed. */
    accept(userCode: string, user: TenantUser): void {
        this.#decide(userCode, { user });
    }

    /** The user has entered the code and refused. */
    decline(userCode: string): void {
        this.#decide(userCode, 'declined');
    }

    /**
     * What the code stands for, once; throws an {@link EntraError} until the user has signed in, and when that
     * cannot happen any more.
     */
    redeem(deviceCode: string, clientId: string): DeviceGrant {
        const pending = this.#byDevice.get(deviceCode);
        if (pending?.clientId !== clientId) throw new EntraError(70018);
        if (pending.expires <= this.#clock.monotonic()) throw new EntraError(70020);
        const { decision, scope } = pending;
        if (decision === undefined) throw this.#notYet(pending);
        if (decision === 'declined') throw new EntraError(70017);
        this.#byDevice.delete(deviceCode);
        return { user: decision.user, scope };
    }

    /** `slow_down` for who asks more than twice as often as told; Entra publishes no number for it (RFC 8628). */
    #notYet(pending: Pending): EntraError {
        const now = this.#clock.monotonic();
        const tooSoon = now - pending.asked < this.#interval() * 500;
        pending.asked = now;
        return new EntraError(70016, {}, tooSoon ? 'slow_down' : undefined);
    }

    #decide(userCode: string, decision: Pending['decision']): void {
        const wanted = userCode.trim().toUpperCase();
        const pending = [...this.#byDevice.values()].find(each => each.userCode === wanted);
        const isOpen = pending && pending.decision === undefined && pending.expires > this.#clock.monotonic();
        if (!isOpen) throw new Error(`The simulated tenant waits for no device code ${userCode}`);
        pending.decision = decision;
    }

    /** An hour later nobody asks any more. */
    #forgetExpired(): void {
        for (const [code, { expires }] of this.#byDevice)
            if (expires + 3_600_000 < this.#clock.monotonic()) this.#byDevice.delete(code);
    }
}
