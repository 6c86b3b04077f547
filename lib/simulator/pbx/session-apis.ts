import type { Behaviour } from './behaviour';
import { type Api, type Frame, failures, resultOf, type Send, text } from './frame';

/** Where the APIs of a connection come from. */
export interface ApiHost {
    /** The APIs that are ticked are in `apis`. */
    readonly app: Readonly<{ apis: readonly string[] }>;
    readonly behaviour: Readonly<Behaviour>;
    /** Makes an API for one session; undefined for one that the simulator does not have. */
    openApi(name: string, send: Send): Api | undefined;
}

/** The PBX APIs as one logged-in connection uses them: those that are ticked, and what they make. */
export class SessionApis {
    readonly #host: ApiHost;
    readonly #send: Send;
    readonly #open = new Map<string, Api | undefined>();

    constructor(host: ApiHost, send: Send) {
        this.#host = host;
        this.#send = send;
    }

    /** @param frame a request with `api` */
    handle(frame: Frame): void {
        const name = text(frame.api);
        const api = this.#host.app.apis.includes(name) ? this.#ticked(name) : this.#made(name);
        if (api) api.handle(frame);
        else if (!this.#open.has(name)) this.#refuse(frame);
    }

    /** Presence subscriptions that are alive. */
    get subscriptions(): number {
        return [...this.#open.values()].reduce((sum, api) => sum + (api?.subscriptions ?? 0), 0);
    }

    /** Ends everything that was subscribed; may be called twice. */
    close(): void {
        for (const api of this.#open.values()) api?.close();
        this.#open.clear();
    }

    /** What a PBX does with an API that is not ticked is not documented; the default is silence. */
    #refuse(frame: Frame): void {
        if (this.#host.behaviour.untickedApi === 'error') this.#send(resultOf(frame, failures.apiNotTicked));
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
        if (!this.#open.has(name)) this.#open.set(name, this.#host.openApi(name, this.#send));
        return this.#open.get(name);
    }
}
