import type { ApiConnection } from './api-connection';
import type { Call } from './calls';
import { type Frame, failures, resultOf } from './frame';
import type { Installation } from './installation';

/**
 * The alien calls of an API that acts as a user: they make the user busy and show as on-the-phone. An API that acts
 * as nobody, as that of the App object itself, gets numbers for them and makes nobody busy.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class AlienCalls {
    readonly #installation: Installation;
    readonly #connection: ApiConnection;
    readonly #guid: string | undefined;
    /** Numbers of calls that make nobody busy. */
    readonly #void = new Set<unknown>();

    /** @param guid the user; undefined where the API acts as nobody */
    constructor(installation: Installation, connection: ApiConnection, guid: string | undefined) {
        this.#installation = installation;
        this.#connection = connection;
        this.#guid = guid;
    }

    add(frame: Frame): void {
        this.#connection.send(resultOf(frame, { id: this.#make() }));
    }

    /** A call that somebody else made as the same user can be deleted as well, if its number tells which one it is. */
    delete(frame: Frame): void {
        const call = this.#named(frame.id);
        if (call) this.#installation.calls.remove(call.handle);
        const isKnown = call !== undefined || this.#void.delete(frame.id);
        const isFine = isKnown || this.#installation.behaviour.unknownAlienCall === 'ok';
        this.#connection.send(resultOf(frame, isFine ? {} : failures.unknownCall));
    }

    /** The API is no more. */
    close(): void {
        const { behaviour, calls } = this.#installation;
        if (behaviour.alienCalls === 'with-api') calls.removeMadeBy(this);
    }

    #make(): number {
        const { calls, users } = this.#installation;
        if (this.#guid === undefined || !users.byGuid(this.#guid)) {
            const id = this.#number();
            this.#void.add(id);
            return id;
        }
        const connection = this.#connection;
        const call = calls.add(this.#guid, {}, handle => ({ id: this.#number(handle), api: this, connection }));
        return call.alien!.id;
    }

    /** @param handle absent for a call that RCC does not know */
    #number(handle?: number): number {
        const { alienCallIds } = this.#installation.behaviour;
        if (alienCallIds === 'own') return this.#installation.calls.nextAlienNumber();
        if (alienCallIds === 'as-in-rcc' && handle !== undefined) return handle;
        return ++this.#connection.lastAlienCall;
    }

    #named(id: unknown): Readonly<Call> | undefined {
        const { behaviour, calls } = this.#installation;
        const named = this.#guid === undefined ? [] : calls.of(this.#guid).filter(({ alien }) => alien?.id === id);
        const own = named.find(({ alien }) => alien?.connection === this.#connection);
        const isForAll = behaviour.alienCallIds !== 'per-connection' || behaviour.alienCalls === 'kept';
        return own ?? (isForAll ? named[0] : undefined);
    }
}
