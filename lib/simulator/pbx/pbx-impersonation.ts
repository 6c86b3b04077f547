import { type Api, type Failure, type Frame, failures, resultOf, type Send, text } from './frame';
import type { Installation } from './installation';
import { PbxApi, type PbxApiContext } from './pbx-api';

/** APIs that can be used on behalf of a user. Those of signalling are made and do nothing. */
const targets = ['PbxApi', 'PbxSignal', 'EpSignal'];

const silentApi: Api = { handle: () => {}, close: () => {} };

/**
 * The API `PbxImpersonation`, as one session uses it: makes instances of other APIs that act as a user.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
 */
export class PbxImpersonation implements Api {
    readonly #context: Omit<PbxApiContext, 'name' | 'viewer' | 'actsAs'>;
    readonly #send: Send;
    readonly #made = new Map<string, Api>();
    /** Alien calls of instances that were deleted and whose calls live on. */
    readonly #orphans: number[] = [];
    #next = 0;

    constructor(context: Omit<PbxApiContext, 'name' | 'viewer' | 'actsAs'>, send: Send) {
        this.#context = context;
        this.#send = send;
    }

    get #installation(): Installation {
        return this.#context.installation;
    }

    get subscriptions(): number {
        return [...this.#made.values()].reduce((sum, api) => sum + (api.subscriptions ?? 0), 0);
    }

    handle(frame: Frame): void {
        if (frame.mt === 'CreateApi') this.#create(frame);
        else if (frame.mt === 'DeleteApi') this.#delete(frame);
    }

    made(name: string): Api | undefined {
        return this.#made.get(name);
    }

    close(): void {
        for (const name of [...this.#made.keys()]) this.#end(name);
        if (this.#installation.behaviour.alienCalls === 'kept') return;
        for (const id of this.#orphans.splice(0)) this.#installation.calls.remove(id);
    }

    #create(frame: Frame): void {
        const made = this.#make(text(frame.sip), text(frame.target));
        this.#send(resultOf(frame, typeof made === 'string' ? { target: made } : { ...made }));
    }

    /** @returns the name of the instance */
    #make(sip: string, target: string): string | Failure {
        const installation = this.#installation;
        const user = installation.users.bySip(sip);
        if (!user) return failures.unknownUser;
        if (!targets.includes(target)) return failures.refusedValue;
        const isRemote = user.loc !== this.#context.pbxName;
        if (isRemote && installation.behaviour.remoteWrites === 'refused') return failures.homedElsewhere;
        const name = `${target}.${this.#next++}`;
        const context = { ...this.#context, viewer: installation.viewerOf(user), actsAs: user.guid, name };
        this.#made.set(name, target === 'PbxApi' ? new PbxApi(context, this.#send) : silentApi);
        return name;
    }

    #delete(frame: Frame): void {
        const name = text(frame.target);
        const ok = this.#made.has(name);
        if (ok) this.#end(name);
        this.#send(resultOf(frame, { ok }));
    }

    #end(name: string): void {
        const api = this.#made.get(name);
        this.#made.delete(name);
        api?.close();
        const calls = api instanceof PbxApi ? api.alienCalls : [];
        if (this.#installation.behaviour.alienCalls !== 'with-api') this.#orphans.push(...calls);
        else for (const id of calls) this.#installation.calls.remove(id);
    }
}
