import type { Clock, Timer } from '../../lib/time/clock';

interface Pending {
    /** By the monotonic clock of this host. */
    due: number;
    run: () => void;
    /** Of the world's clock; absent while the host stands still. */
    handle?: Timer;
}

/**
 * The clock of the host that the product runs on, driven by the world's clock, by which Microsoft and the PBX go. The host
 * can sleep, be frozen, have its date set, and die; the world does not notice.
 */
export class HostClock implements Clock {
    readonly #world: Clock;
    readonly #pending = new Set<Pending>();
    /** What its date is ahead of the world's, in ms. */
    #ahead: number;
    /** What its monotonic clock has missed, in ms. */
    #missed = 0;
    #stopped: { at: number; kind: 'asleep' | 'frozen' | 'dead' } | undefined;

    /** @param ahead ms that its date is ahead of the world's */
    constructor(world: Clock, ahead = 0) {
        this.#world = world;
        this.#ahead = ahead;
    }

    /** What its date is ahead of the world's, in ms. */
    get ahead(): number {
        return this.#ahead;
    }

    /** Nothing runs there now. */
    get standsStill(): boolean {
        return this.#stopped !== undefined;
    }

    monotonic(): number {
        const stopped = this.#stopped;
        const world = stopped?.kind === 'asleep' ? stopped.at : this.#world.monotonic();
        return world - this.#missed;
    }

    date(): number {
        return this.#world.date() + this.#ahead;
    }

    after(delay: number, run: () => void): Timer {
        // In whole ms, as the system's timers: nothing ever falls due a rounding error too early.
        const pending: Pending = { due: this.monotonic() + Math.ceil(Math.max(0, delay)), run };
        this.#pending.add(pending);
        if (!this.#stopped) this.#arm(pending);
        return pending;
    }

    cancel(timer: Timer | undefined): void {
        const pending = timer as Pending | undefined;
        if (!pending || !this.#pending.delete(pending)) return;
        this.#world.cancel(pending.handle);
    }

    /** The date is set. @param by ms */
    stepDate(by: number): void {
        this.#ahead += by;
    }

    /** Nothing runs until {@link goOn}: asleep, the monotonic clock stands still; frozen, it goes on. Dead is for good. */
    stop(kind: 'asleep' | 'frozen' | 'dead'): void {
        this.#stopped = { at: this.#world.monotonic(), kind };
        for (const pending of this.#pending) this.#world.cancel(pending.handle);
    }

    /** What fell due while the host was frozen runs now, the earliest first. */
    goOn(): void {
        const stopped = this.#stopped;
        if (!stopped || stopped.kind === 'dead') return;
        if (stopped.kind === 'asleep') this.#missed += this.#world.monotonic() - stopped.at;
        this.#stopped = undefined;
        for (const pending of [...this.#pending].sort((one, other) => one.due - other.due)) this.#arm(pending);
    }

    #arm(pending: Pending): void {
        pending.handle = this.#world.after(pending.due - this.monotonic(), () => {
            this.#pending.delete(pending);
            pending.run();
        });
    }
}
