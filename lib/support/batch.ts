import type { Clock, Timer } from '../time/clock';

/** What a log answers: `unanswered` may be in it, or come into it later. */
export type Answer = 'written' | 'refused' | 'unanswered';

/** Lines that are written at once and answered together. */
export class Batch {
    text = '';
    readonly answered: Promise<Answer>;
    readonly #clock: Clock;
    #resolve: (answer: Answer) => void = () => {};
    #timer: Timer | undefined;
    #isAnswered = false;

    constructor(clock: Clock) {
        this.#clock = clock;
        this.answered = new Promise(resolve => {
            this.#resolve = resolve;
        });
    }

    /** The first answer counts. */
    answer(answer: Answer): void {
        this.#isAnswered = true;
        this.#clock.cancel(this.#timer);
        this.#resolve(answer);
    }

    /** Calls `onLate` unless there is an answer within `patience` ms in which the process ran. */
    expect(patience: number, onLate: () => void): void {
        const from = this.#clock.monotonic();
        if (this.#isAnswered) return;
        this.#timer = this.#clock.after(patience, () => {
            // The answer may be there and wait behind this timer, if it was the process that stood still.
            setImmediate(() => {
                if (this.#isAnswered) return;
                if (this.#clock.monotonic() - from > 2 * patience) this.expect(patience, onLate);
                else onLate();
            });
        });
    }
}
