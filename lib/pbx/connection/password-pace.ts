import type { Clock, Timer } from '../../time/clock';

/** As long as wrong passwords have been tried within so many ms, the next are tried in turn. */
const watch = 10_000;

/** Lets passwords be tried at once, and one after the other once wrong ones are tried: nobody shall guess one quickly. */
export class PasswordPace {
    readonly #clock: Clock;
    readonly #pause: number;
    #watchedUntil = Number.NEGATIVE_INFINITY;
    /** Who waits, in the order in which they came. */
    readonly #line = new Set<() => boolean>();
    #timer: Timer | undefined;

    /** @param pause ms from one to the next, whoever tries */
    constructor(clock: Clock, pause: number) {
        this.#clock = clock;
        this.#pause = pause;
    }

    /**
     * @param isRight tries it
     * @returns gives up the place in line, for one who is gone
     */
    take(isRight: () => boolean): () => void {
        if (!this.#timer && this.#clock.monotonic() >= this.#watchedUntil) this.#run(isRight);
        else {
            this.#line.add(isRight);
            this.#timer ??= this.#clock.after(this.#pause, this.#next);
        }
        return () => void this.#line.delete(isRight);
    }

    readonly #next = (): void => {
        this.#timer = undefined;
        const [first] = this.#line;
        if (!first) return;
        this.#line.delete(first);
        this.#timer = this.#clock.after(this.#pause, this.#next);
        this.#run(first);
    };

    #run(isRight: () => boolean): void {
        if (!isRight()) this.#watchedUntil = this.#clock.monotonic() + watch;
    }
}
