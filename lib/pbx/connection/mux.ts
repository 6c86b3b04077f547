import type { Frame } from './frame';

/** Takes one message of the PBX. */
type Listener = (frame: Frame) => void;

/** Every `src` of ours begins like this; what follows is a number that is never used twice. */
const ours = 'presence-';
/** Late answers that are waited for at once: a PBX that owes more will not give the oldest any more. */
const mostLate = 1_000;

/**
 * Hands each message of one connection to the listener that it is for, with one look-up. First by `src`, which the PBX
 * repeats in everything that belongs to a request or a subscription. What carries none, or one that is not ours, goes by
 * API and `mt`. What carries one of ours that has no listener belongs to something that is over, and is dropped.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class Mux {
    readonly #bySource = new Map<string, Listener>();
    /** By `mt`: the messages of the APIs that we use have different names. */
    readonly #byKind = new Map<string, { api: string; listener: Listener }>();
    /** Sources of requests that were given up, the oldest first. */
    readonly #late = new Set<string>();
    #count = 0;

    /** A `src` that has not been used on this connection. */
    newSource(): string {
        this.#count++;
        return `${ours}${this.#count}`;
    }

    /**
     * From now on the listener gets what carries this `src`, until {@link unlisten} or the end of the connection.
     * @param told messages of an API, by `mt`, that it gets also where they carry no `src`, or none of ours: that a PBX
     *   repeats it in all that it tells is not certain. One listener for each kind
     */
    listen(src: string, listener: Listener, told?: { api: string; kinds: readonly string[] }): void {
        this.#bySource.set(src, listener);
        for (const mt of told?.kinds ?? []) this.#byKind.set(mt, { api: told!.api, listener });
    }

    /** What carries this `src` is dropped from now on. */
    unlisten(src: string): void {
        this.#bySource.delete(src);
        this.#late.delete(src);
    }

    /**
     * The listener gets the result of a request that was given up, if it comes at all, so that what the PBX has done all
     * the same can be undone.
     */
    awaitLate(src: string, listener: Listener): void {
        const [oldest] = this.#late;
        if (this.#late.size === mostLate) this.unlisten(oldest!);
        this.#late.add(src);
        this.listen(src, frame => {
            this.unlisten(src);
            if (frame.mt.endsWith('Result')) listener(frame);
        });
    }

    /** Hands the message on. @throws what the listener throws */
    route(frame: Frame): void {
        const { src, api, mt } = frame;
        if (src?.startsWith(ours)) return this.#bySource.get(src)?.(frame);
        const kind = this.#byKind.get(mt);
        if (kind && (!api || api === kind.api)) kind.listener(frame);
    }
}
