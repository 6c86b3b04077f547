import { type Frame, failures, resultOf, type Send } from './frame';
import type { Installation } from './installation';

/**
 * The alien calls of an API that acts as a user: they make the user busy and show as on-the-phone. An API that acts
 * as nobody, as that of the App object itself, gets numbers for them and makes nobody busy.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class AlienCalls {
    readonly #installation: Installation;
    readonly #guid: string | undefined;
    readonly #send: Send;
    /** Those made through this API. */
    readonly #own = new Set<number>();
    /** Numbers given to who acts as nobody. */
    #void = 0;

    /** @param guid the user; undefined where the API acts as nobody */
    constructor(installation: Installation, guid: string | undefined, send: Send) {
        this.#installation = installation;
        this.#guid = guid;
        this.#send = send;
    }

    /** The numbers of the calls made through this API. */
    get own(): readonly number[] {
        return [...this.#own];
    }

    add(frame: Frame): void {
        this.#send(resultOf(frame, { id: this.#make() }));
    }

    /** A call that somebody else made as the same user can be deleted as well. */
    delete(frame: Frame): void {
        const { id } = frame;
        const isOwn = typeof id === 'number' && this.#own.delete(id);
        const calls = this.#guid === undefined ? [] : this.#installation.calls.of(this.#guid);
        const call = calls.find(each => each.alien && each.handle === id);
        if (call) this.#installation.calls.remove(call.handle);
        this.#send(resultOf(frame, isOwn || call ? {} : failures.unknownCall));
    }

    #make(): number {
        const { calls, users } = this.#installation;
        const isThere = this.#guid !== undefined && users.byGuid(this.#guid) !== undefined;
        const id = isThere ? calls.add(this.#guid!, {}, true) : ++this.#void;
        this.#own.add(id);
        return id;
    }
}
