import type { RateLimit } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { longestBulk } from '../connection/read-presence';

/** Hints come in swarms: their users are read together, in steps of this many ms. */
const hintGathering = 1_000;
/** Anyone can make hints: their reads take this share of the requests at most. */
const hintShare = 0.1;
/** Reads at once take this share at most, counted over so many ms, for writes come out of the same budget. */
const atOnce = { share: 0.5, within: 1_000 };
/** Reads that can wait are made in steps of this many ms. */
const gathering = 250;

/** When somebody is read for whom nothing changes before; from then on those who come at about the same time share a request. */
export function gathered(from: number): number {
    return Math.ceil(from / gathering) * gathering;
}

/**
 * When those are read of whom notifications tell, so that enough of the budget that they are read from is left for
 * everything else. Times are monotonic.
 */
export class ReadPace {
    readonly #clock: Clock;
    readonly #limit: RateLimit;
    /** Until when the reads at once are paid for. */
    #paid = Number.NEGATIVE_INFINITY;
    /** The request for people of whom there are hints that is due next: when, and how many it has. */
    #hints = { at: Number.NEGATIVE_INFINITY, people: 0 };

    constructor(clock: Clock, limit: RateLimit) {
        this.#clock = clock;
        this.#limit = limit;
    }

    /** When somebody is read of whom a notification tells something new: now, but where many change at once. */
    news(): number {
        const { requests, period } = this.#limit;
        const now = this.#clock.monotonic();
        const paid = Math.max(this.#paid, now - atOnce.within) + period / (requests * atOnce.share);
        if (paid > now) return gathered(now + 1);
        this.#paid = paid;
        return now;
    }

    /** When somebody is read of whom there is a hint; a request that is full is followed by another. */
    hint(): number {
        const { requests, period } = this.#limit;
        const step = Math.max(hintGathering, period / (requests * hintShare));
        const next = (Math.floor(this.#clock.monotonic() / step) + 1) * step;
        if (this.#hints.at < next) this.#hints = { at: next, people: 0 };
        else if (this.#hints.people === longestBulk) this.#hints = { at: this.#hints.at + step, people: 0 };
        this.#hints.people += 1;
        return this.#hints.at;
    }
}
