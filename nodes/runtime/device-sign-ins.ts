import { randomBytes } from 'node:crypto';
import { SyncError } from '../../lib/errors/errors';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { createHttp } from '../../lib/teams/connection/http';
import { type DeviceCode, signInWithDeviceCode } from '../../lib/teams/connection/sign-in/device-code';
import { systemClock, type Timer } from '../../lib/time/clock';
import type { SignInStore } from './sign-in-store';

/** A sign-in that no dialog asks about any more ends after this time, in ms: the dialog was closed, or has given up. */
const forgottenAfter = 60_000;

interface Pending {
    ending: AbortController;
    username: Promise<string>;
    forget: Timer;
}

/** What the administrator has to do, and for how many seconds it is possible. */
interface Shown {
    signIn: string;
    userCode: string;
    verificationUri: string;
    seconds: number;
}

/**
 * Sign-ins by device code that wait for an administrator in a dialog. What comes out is kept under a name of its own:
 * a row uses it from the deploy on that names it, and a cancelled dialog changes nothing.
 */
export class DeviceSignIns {
    readonly #store: SignInStore;
    readonly #pending = new Map<string, Pending>();

    constructor(store: SignInStore) {
        this.#store = store;
    }

    /**
     * Asks for a code.
     * @param node the teams-accounts node for which it is
     * @throws SyncError if there is no code, or if nothing could be kept
     */
    async start(settings: RegistrationSettings, node: string): Promise<Shown> {
        await this.#store.probe();
        const signIn = randomBytes(12).toString('hex');
        const ending = new AbortController();
        return new Promise<Shown>((resolve, reject) => {
            const onCode = ({ userCode, verificationUri, expiresAt }: DeviceCode): void => {
                const seconds = Math.max(0, Math.round((expiresAt - systemClock.date()) / 1000));
                resolve({ signIn, userCode, verificationUri, seconds });
            };
            const username = this.#run(settings, { node, signIn }, onCode, ending.signal);
            username.catch(reject);
            this.#pending.set(signIn, { ending, username, forget: this.#forgetLater(signIn) });
        });
    }

    /**
     * How far it is: the user name once the administrator has signed in, undefined before.
     * @throws SyncError if it has failed, or has ended unnoticed
     */
    async state(signIn: string): Promise<string | undefined> {
        const pending = this.#pending.get(signIn);
        if (!pending) throw new SyncError('TEAMS_DEVICE_CODE_EXPIRED', { code: 'expired_token' });
        systemClock.cancel(pending.forget);
        pending.forget = this.#forgetLater(signIn);
        return Promise.race([pending.username, undefined]);
    }

    /** Ends it; harmless if it has ended. What is kept already stays for the deploy. */
    cancel(signIn: string): void {
        const pending = this.#pending.get(signIn);
        if (!pending) return;
        this.#pending.delete(signIn);
        systemClock.cancel(pending.forget);
        pending.ending.abort();
    }

    #forgetLater(signIn: string): Timer {
        return systemClock.after(forgottenAfter, () => this.cancel(signIn));
    }

    async #run(
        settings: RegistrationSettings,
        name: { node: string; signIn: string },
        onCode: (code: DeviceCode) => void,
        signal: AbortSignal,
    ): Promise<string> {
        const http = createHttp(settings.trust);
        let kept = '';
        const save = async (serialized: string): Promise<void> => {
            kept = serialized;
        };
        try {
            const { username } = await signInWithDeviceCode(settings, http, { tokenCache: { save }, onCode, signal });
            await this.#store.save({ ...name, username }, kept);
            return username;
        } finally {
            await http.close();
        }
    }
}
