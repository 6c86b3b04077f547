import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { SyncError } from '../../../errors/errors';
import { type Clock, pause, systemClock } from '../../../time/clock';
import type { Http } from '../http';
import { MsalNetwork, publicClient, scopesOf } from './msal';
import type { AppRegistration, TokenCache } from './registration';
import { SignInError, signInError } from './sign-in-error';

/** What the communication user must do to sign in. */
export interface DeviceCode {
    userCode: string;
    /** The address at which the code is entered. */
    verificationUri: string;
    /** Milliseconds since the epoch. */
    expiresAt: number;
}

interface DeviceCodeSignIn {
    tokenCache: Pick<TokenCache, 'save'>;
    onCode(code: DeviceCode): void;
    /** Ends the wait. */
    signal: AbortSignal;
    clock?: Clock;
}

/**
 * Signs in an account whose user enters a code on another device, second factor and all, and saves the sign-in. The
 * registration must allow public client flows, with or without a secret.
 * @returns the user name of the account that has signed in
 * @throws SignInError TEAMS_DEVICE_CODE_EXPIRED, _DECLINED or _CANCELLED, or as any sign-in
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export async function signInWithDeviceCode(
    app: AppRegistration,
    http: Http,
    { tokenCache, onCode, signal, clock = systemClock }: DeviceCodeSignIn,
): Promise<{ username: string }> {
    const network = new PollingNetwork(http, clock, signal);
    const client = publicClient(app, network);
    try {
        const result = await client.acquireTokenByDeviceCode({
            scopes: scopesOf(app),
            deviceCodeCallback: ({ userCode, verificationUri, expiresIn, interval }) => {
                network.begun(interval * 1000, expiresIn * 1000);
                onCode({ userCode, verificationUri, expiresAt: clock.date() + expiresIn * 1000 });
            },
        });
        if (!result?.account) throw new Error('the sign-in service returned no token');
        await tokenCache.save(client.getTokenCache().serialize());
        return { username: result.account.username };
    } catch (error) {
        if (signal.aborted) throw new SignInError('TEAMS_DEVICE_CODE_CANCELLED');
        if (error instanceof SyncError) throw error;
        const { tenant, clientId } = app;
        throw signInError(network.behind(error), { tenant, clientId, means: 'device-code' });
    }
}

/** Between two questions, in ms, where the service names no time. */
const usualInterval = 5_000;
/** How much longer the intervals get when Entra asks to slow down. @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5 */
const slower = 5_000;

/**
 * Asks again and again whether the code was entered, and gives MSAL the last answer only. MSAL by itself would go on
 * waiting after an abort, end with an outage of a second, and not know how to slow down.
 */
class PollingNetwork extends MsalNetwork implements INetworkModule {
    readonly #clock: Clock;
    readonly #signal: AbortSignal;
    #interval = usualInterval;
    #expiry = 0;

    constructor(http: Http, clock: Clock, signal: AbortSignal) {
        super(http, clock);
        this.#clock = clock;
        this.#signal = signal;
    }

    /** There is a code. @param interval ms between two questions, where the service says so; @param life ms */
    begun(interval: number, life: number): void {
        this.#interval = interval || usualInterval;
        this.#expiry = this.#clock.monotonic() + life;
    }

    protected override async send<T>(
        url: string,
        method: string,
        options?: NetworkRequestOptions,
    ): Promise<NetworkResponse<T>> {
        this.#signal.throwIfAborted();
        if (!options?.body?.includes('device_code=')) return await super.send<T>(url, method, options);
        for (;;) {
            await pause(this.#clock, this.#interval, this.#signal);
            const response = await this.#attempt<T>(url, method, options);
            if (response) return response;
        }
    }

    /** Undefined: ask again. */
    async #attempt<T>(
        url: string,
        method: string,
        options: NetworkRequestOptions,
    ): Promise<NetworkResponse<T> | undefined> {
        try {
            const response = await super.send<T>(url, method, options);
            const { error } = (response.body ?? {}) as { error?: string };
            if (error === 'slow_down') this.#interval += slower;
            return error === 'authorization_pending' || error === 'slow_down' ? undefined : response;
        } catch (error) {
            const isLate = this.#clock.monotonic() >= this.#expiry;
            if (error instanceof SyncError && error.retryable && !isLate) return undefined;
            throw error;
        }
    }
}
