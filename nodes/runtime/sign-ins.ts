import { randomBytes } from 'node:crypto';
import { type ErrorCode, SyncError } from '../../lib/errors/errors';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { createHttp, type Http } from '../../lib/teams/connection/http';
import { signInWithBrowser } from '../../lib/teams/connection/sign-in/authorization-code';
import { type DeviceCode, signInWithDeviceCode } from '../../lib/teams/connection/sign-in/device-code';
import type { TokenCache } from '../../lib/teams/connection/sign-in/registration';
import { SignInError } from '../../lib/teams/connection/sign-in/sign-in-error';
import { type Clock, systemClock, type Timer } from '../../lib/time/clock';
import type { SignInStore } from './sign-in-store';

/**
 * A sign-in that no dialog asks about any more ends after this time, in ms: the dialog was closed, or has given up. Behind
 * Microsoft's page a browser lets the editor run once a minute only.
 */
const forgottenAfter = 180_000;
/** How long Microsoft's page may lead back to us, in ms. */
const answeredWithin = 10 * 60_000;

/** Where a sign-in in a browser leads back to, below the editor. */
export const redirectPath = 'teams-accounts/signed-in';

interface Pending {
    ending: AbortController;
    username: Promise<string>;
    forget: Timer;
}

/** What the administrator has to do, and for how many seconds it is possible. */
interface Shown {
    signIn: string;
    seconds: number;
}

interface ShownCode extends Shown {
    userCode: string;
    verificationUri: string;
}

interface ShownAddress extends Shown {
    /** Microsoft's page. */
    address: string;
    /** What must be registered. */
    redirectUri: string;
    /** The browser finds nothing there, so that its address must be pasted. */
    isPasted: boolean;
}

/** A way of signing in at work; `show` is called once, with what the administrator has to do. */
interface Work<S> {
    signIn: string;
    http: Http;
    tokenCache: Pick<TokenCache, 'save'>;
    signal: AbortSignal;
    show(shown: Omit<S, 'signIn'>): void;
}

/**
 * Sign-ins that wait for an administrator in a dialog. What comes out is kept under a name of its own: a row uses it from
 * the deploy on that names it, and a cancelled dialog changes nothing.
 */
export class SignIns {
    readonly #store: SignInStore;
    readonly #clock: Clock;
    readonly #pending = new Map<string, Pending>();
    /** Who waits for a redirect, by the state that it brings back. */
    readonly #awaited = new Map<string, { signIn: string; answer(answer: URLSearchParams): void }>();

    constructor(store: SignInStore, clock: Clock = systemClock) {
        this.#store = store;
        this.#clock = clock;
    }

    /** Asks for a code for a teams-accounts node. @throws SyncError if there is none, or if nothing could be kept */
    startByCode(settings: RegistrationSettings, node: string): Promise<ShownCode> {
        return this.#start<ShownCode>(node, settings, ({ http, tokenCache, signal, show }) => {
            const onCode = ({ userCode, verificationUri, expiresAt }: DeviceCode): void => {
                const seconds = Math.max(0, Math.round((expiresAt - systemClock.date()) / 1000));
                show({ userCode, verificationUri, seconds });
            };
            return signInWithDeviceCode(settings, http, { tokenCache, onCode, signal });
        });
    }

    /**
     * Gives the address of Microsoft's page for a teams-accounts node.
     * @param editor the address of the editor, as its browser has it
     * @throws SyncError as {@link startByCode}
     */
    startInBrowser(settings: RegistrationSettings, node: string, editor: string): Promise<ShownAddress> {
        const redirect = redirectOf(editor);
        const { redirectUri } = redirect;
        const state = randomBytes(24).toString('base64url');
        return this.#start<ShownAddress>(node, settings, ({ signIn, http, tokenCache, signal, show }) => {
            const answer = new Promise<URLSearchParams>((resolve, reject) => {
                const end = (): void => {
                    this.#clock.cancel(late);
                    this.#awaited.delete(state);
                };
                const fail = (code: ErrorCode) => (): void => {
                    end();
                    reject(new SignInError(code, { code: 'expired' }));
                };
                const late = this.#clock.after(answeredWithin, fail('TEAMS_BROWSER_SIGN_IN_OLD'));
                signal.addEventListener('abort', fail('TEAMS_DEVICE_CODE_CANCELLED'));
                const take = (answer: URLSearchParams): void => {
                    end();
                    resolve(answer);
                };
                this.#awaited.set(state, { signIn, answer: take });
            });
            // It may fail before anybody waits for it.
            answer.catch(() => {});
            const onAddress = (address: string): void => show({ address, ...redirect, seconds: answeredWithin / 1000 });
            return signInWithBrowser(settings, http, { redirectUri, state, tokenCache, onAddress, answer });
        });
    }

    /**
     * Takes what a redirect brings, or what stands in an address that was pasted: once, and for a sign-in that waits for it.
     * @returns the user name
     * @throws SyncError TEAMS_BROWSER_SIGN_IN_OLD, or what the sign-in fails with
     */
    async answer(answer: URLSearchParams): Promise<string> {
        const awaited = this.#awaited.get(answer.get('state') ?? '');
        const pending = awaited && this.#pending.get(awaited.signIn);
        if (!pending) throw new SyncError('TEAMS_BROWSER_SIGN_IN_OLD', { code: 'state' });
        awaited.answer(answer);
        return pending.username;
    }

    /** The user name once the administrator has signed in, undefined before. @throws SyncError if it has failed or ended */
    async state(signIn: string): Promise<string | undefined> {
        const pending = this.#pending.get(signIn);
        if (!pending) throw new SyncError('TEAMS_DEVICE_CODE_EXPIRED', { code: 'expired_token' });
        this.#clock.cancel(pending.forget);
        pending.forget = this.#forgetLater(signIn);
        return Promise.race([pending.username, undefined]);
    }

    /** Ends it; harmless if it has ended. What is kept already stays for the deploy. */
    cancel(signIn: string): void {
        const pending = this.#pending.get(signIn);
        if (!pending) return;
        this.#pending.delete(signIn);
        this.#clock.cancel(pending.forget);
        pending.ending.abort();
    }

    async #start<S extends Shown>(
        node: string,
        { trust }: RegistrationSettings,
        work: (options: Work<S>) => Promise<{ username: string }>,
    ): Promise<S> {
        await this.#store.probe();
        const signIn = randomBytes(12).toString('hex');
        const ending = new AbortController();
        const http = createHttp(trust);
        let kept = '';
        const save = async (serialized: string): Promise<void> => {
            kept = serialized;
        };
        const begin = async (show: Work<S>['show']): Promise<string> => {
            const { signal } = ending;
            const { username } = await work({ signIn, http, tokenCache: { save }, signal, show });
            await this.#store.save({ node, signIn, username }, kept);
            return username;
        };
        return new Promise<S>((resolve, reject) => {
            const username = begin(shown => resolve({ signIn, ...shown } as S)).finally(() => http.close());
            username.catch(reject);
            this.#pending.set(signIn, { ending, username, forget: this.#forgetLater(signIn) });
        });
    }

    #forgetLater(signIn: string): Timer {
        return this.#clock.after(forgottenAfter, () => this.cancel(signIn));
    }
}

/**
 * Where Microsoft may lead the browser back to: it takes https, and http for localhost. The editor of this machine is
 * there by that name, too; elsewhere nobody answers at localhost, but the browser shows the address.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url
 */
function redirectOf(editor: string): Pick<ShownAddress, 'redirectUri' | 'isPasted'> {
    const url = new URL(redirectPath, URL.canParse(redirectPath, editor) ? editor : 'http://elsewhere');
    if (['127.0.0.1', '[::1]'].includes(url.hostname)) url.hostname = 'localhost';
    const isReached = url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost');
    if (isReached) return { redirectUri: `${url.origin}${url.pathname}`, isPasted: false };
    return { redirectUri: `http://localhost/${redirectPath}`, isPasted: true };
}
