import type { ApiConnection } from './api-connection';
import { type Api, type Frame, failures, resultOf, type Send, text } from './frame';
import type { Installation } from './installation';
import type { PbxUser } from './pbx-user';

/** Where the APIs of a connection come from. */
export interface ApiHost {
    /** The APIs that are ticked are in `apis`. */
    readonly app: Readonly<{ apis: readonly string[] }>;
    readonly installation: Installation;
    /** Makes an API for one session; undefined for one that no PBX has. */
    openApi(name: string, connection: ApiConnection): Api | undefined;
}

/**
 * The APIs that a user can reach who has logged in at the App object, as far as they are ticked for it.
 * @see https://sdk.innovaphone.com/14r1/doc/tutorials/migration_13r2_13r3.htm
 */
const userApis = ['PbxApi', 'PbxSignal', 'EpSignal', 'Messages', 'RCC'];

/** The PBX APIs as one logged-in connection uses them: those that are ticked, and what they make. */
export class SessionApis {
    readonly #host: ApiHost;
    readonly #connection: ApiConnection;
    readonly #open = new Map<string, Api | undefined>();

    /** @param user who has logged in; absent for the App object itself */
    constructor(host: ApiHost, send: Send, user?: PbxUser) {
        this.#host = host;
        this.#connection = { send, user, lastAlienCall: 0 };
    }

    /** @param frame a request with `api` */
    handle(frame: Frame): void {
        const name = text(frame.api);
        const api = this.#isTicked(name) ? this.#ticked(name) : this.#made(name);
        if (api) api.handle(frame);
        else if (!this.#open.has(name)) this.#refuse(frame);
    }

    /** Presence subscriptions that are alive. */
    get subscriptions(): number {
        return [...this.#open.values()].reduce((sum, api) => sum + (api?.subscriptions ?? 0), 0);
    }

    /** Ends everything that was begun; may be called twice. */
    close(): void {
        const { behaviour, calls } = this.#host.installation;
        for (const api of this.#open.values()) api?.close();
        this.#open.clear();
        if (behaviour.alienCalls !== 'kept') calls.removeMadeBy(this.#connection);
    }

    #isTicked(name: string): boolean {
        const isReachable = this.#connection.user === undefined || userApis.includes(name);
        return isReachable && this.#host.app.apis.includes(name);
    }

    /** What a PBX does with an API that is not ticked is not documented; the default is silence. */
    #refuse(frame: Frame): void {
        const { untickedApi } = this.#host.installation.behaviour;
        if (untickedApi === 'error') this.#connection.send(resultOf(frame, failures.apiNotTicked));
    }

    /** An API that another one has made for this session. */
    #made(name: string): Api | undefined {
        for (const api of this.#open.values()) {
            const made = api?.made?.(name);
            if (made) return made;
        }
        return undefined;
    }

    #ticked(name: string): Api | undefined {
        if (!this.#open.has(name)) this.#open.set(name, this.#host.openApi(name, this.#connection));
        return this.#open.get(name);
    }
}
