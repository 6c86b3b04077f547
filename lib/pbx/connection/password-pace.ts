import type { Clock } from '../../time/clock';

/** As long as wrong passwords have been tried within so many ms, the next are tried in turn. */
const watch = 10_000;

/** Lets passwords be tried at once, and one after the other once wrong ones are tried: nobody shall guess one quickly. */
export class PasswordPace {
    readonly #clock: Clock;
    readonly #pause: number;
    #watchedUntil = Number.NEGATIVE_INFINITY;
    #next = Number.NEGATIVE_INFINITY;

    /** @param pause ms from one to the next, whoever tries */
    constructor(clock: Clock, pause: number) {
        this.#clock = clock;
        this.#pause = pause;
    }

    /** @param isRight tries it; true also for one who is gone by then */
    take(isRight: () => boolean): void {
        const now = this.#clock.monotonic();
        const run = (): void => {
            if (!isRight()) this.#watchedUntil = this.#clock.monotonic() + watch;
        };
        if (now >= this.#watchedUntil) return run();
        this.#next = Math.max(now, this.#next) + this.#pause;
        this.#clock.after(this.#next - now, run);
    }
}
