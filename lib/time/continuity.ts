import { type Clock, systemClock, type Timer } from './clock';

/**
 * What interrupts a process:
 * - `sleep`: the host slept, or its date was set forward, which looks the same: the date ran ahead of the monotonic clock;
 * - `step`: the date was set back;
 * - `freeze`: the process did not run, though the host did, as after SIGSTOP or while a virtual machine was moved.
 */
export type Interruption = 'sleep' | 'step' | 'freeze';

/** @param gap ms that were slept, stepped or frozen; always positive. Must not throw. */
export type OnInterruption = (interruption: Interruption, gap: number) => void;

/** Date and monotonic clock may drift apart by so many ms between two looks: a time service corrects less. */
const longestDrift = 2_000;
/** A tick may come so many ms late before the process counts as frozen. */
const longestDelay = 5_000;

/**
 * Notices when nothing that was known a moment ago can be trusted any more: connections may be dead, leases over,
 * changes missed. Looks once a tick, and whenever it is told to: before every input, so that none is taken for current
 * that waited through an interruption. Tells each interruption once.
 */
export class Continuity {
    readonly #clock: Clock;
    readonly #tick: number;
    readonly #listeners = new Set<OnInterruption>();
    /** By how much the date was ahead of the monotonic clock at the last look. */
    #ahead = 0;
    #tickDue = 0;
    #timer: Timer | undefined;

    /** @param options.tick ms between two looks */
    constructor(clock: Clock, { tick = 1_000 }: { tick?: number } = {}) {
        this.#clock = clock;
        this.#tick = tick;
    }

    /** @param listener watches once. @returns ends the watch; may be called twice */
    watch(listener: OnInterruption): () => void {
        this.#listeners.add(listener);
        if (this.#listeners.size === 1) {
            this.#ahead = this.#clock.date() - this.#clock.monotonic();
            this.#wait();
        }
        return () => {
            this.#listeners.delete(listener);
            if (this.#listeners.size === 0) this.#clock.cancel(this.#timer);
        };
    }

    /**
     * To be called before every input: tells now what the next tick would.
     * @returns true if there was an interruption, which the input may have waited through
     */
    look(): boolean {
        if (this.#listeners.size === 0) return false;
        const now = this.#clock.monotonic();
        const drift = this.#clock.date() - now - this.#ahead;
        const late = now - this.#tickDue;
        this.#ahead += drift;
        if (Math.abs(drift) > longestDrift) this.#tell(drift > 0 ? 'sleep' : 'step', Math.abs(drift));
        else if (late >= longestDelay) this.#tell('freeze', late);
        else return false;
        return true;
    }

    #wait(): void {
        this.#clock.cancel(this.#timer);
        this.#tickDue = this.#clock.monotonic() + this.#tick;
        this.#timer = this.#clock.after(this.#tick, () => {
            this.look();
            if (this.#listeners.size > 0) this.#wait();
        });
    }

    #tell(interruption: Interruption, gap: number): void {
        // Before the listeners: what they do must not find the same interruption again.
        this.#wait();
        for (const listener of [...this.#listeners]) listener(interruption, gap);
    }
}

/** The one of this process, for everything that goes by {@link systemClock}. */
export const systemContinuity = new Continuity(systemClock);
