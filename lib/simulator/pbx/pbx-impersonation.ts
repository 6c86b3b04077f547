import { type Api, type Failure, type Frame, failures, resultOf, text } from './frame';
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
    readonly #made = new Map<string, Api>();
    #next = 0;

    constructor(context: Omit<PbxApiContext, 'name' | 'viewer' | 'actsAs'>) {
        this.#context = context;
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
        for (const api of this.#made.values()) api.close();
        this.#made.clear();
    }

    #create(frame: Frame): void {
        const made = this.#make(text(frame.sip), text(frame.target));
        this.#context.connection.send(resultOf(frame, typeof made === 'string' ? { target: made } : { ...made }));
    }

    /** @returns the name of the instance */
    #make(sip: string, target: string): string | Failure {
        const { installation } = this.#context;
        const user = installation.users.bySip(sip);
        if (!user) return failures.unknownUser;
        if (!targets.includes(target)) return failures.refusedValue;
        const isRemote = user.loc !== this.#context.pbxName;
        if (isRemote && installation.behaviour.remoteWrites === 'refused') return failures.homedElsewhere;
        const name = `${target}.${this.#next++}`;
        const context = { ...this.#context, viewer: installation.viewerOf(user), actsAs: user.guid, name };
        this.#made.set(name, target === 'PbxApi' ? new PbxApi(context) : silentApi);
        return name;
    }

    #delete(frame: Frame): void {
        const name = text(frame.target);
        this.#made.get(name)?.close();
        this.#context.connection.send(resultOf(frame, { ok: this.#made.delete(name) }));
    }
}
