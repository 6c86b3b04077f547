import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';

/** The first wait in ms; each further one is longer by the factor, up to the longest. */
const waits = { first: 1_000, factor: 3, longest: 60_000 };
/** Attempts at what the PBX refuses: two minutes and a half. What it does not answer is tried for ever. */
const mostAttempts = 5;

/** When what has failed for a user is tried again: later each time, all users on one timer. */
export class WriteRetries {
    readonly #clock: Clock;
    readonly #deadlines: DeadlineQueue;
    readonly #attempts = new Map<string, number>();
    readonly #refusals = new Map<string, number>();

    /** @param due called with the GUID of each user whose turn it is */
    constructor(clock: Clock, due: (guid: string) => void) {
        this.#clock = clock;
        this.#deadlines = new DeadlineQueue({
            clock,
            step: waits.first,
            onDue: () => {
                for (const guid of this.#deadlines.takeDue()) due(guid);
            },
        });
    }

    /** True if everything that was done last for the user has succeeded. */
    isFresh(guid: string): boolean {
        return !this.#attempts.has(guid);
    }

    /** The PBX does not answer. */
    silent(guid: string): void {
        this.#again(guid, this.#attempts.get(guid) ?? 0);
    }

    /** The PBX refuses. @returns whether it is asked again */
    refused(guid: string): boolean {
        const refusals = this.#refusals.get(guid) ?? 0;
        this.#refusals.set(guid, refusals + 1);
        if (refusals >= mostAttempts) this.end(guid);
        else this.#again(guid, refusals);
        return refusals < mostAttempts;
    }

    /** Nothing is to be tried again for the user. */
    end(guid: string): void {
        this.#attempts.delete(guid);
        this.#refusals.delete(guid);
        this.#deadlines.delete(guid);
    }

    stop(): void {
        this.#attempts.clear();
        this.#refusals.clear();
        this.#deadlines.stop();
    }

    #again(guid: string, attempts: number): void {
        const wait = Math.min(waits.longest, waits.first * waits.factor ** attempts);
        this.#attempts.set(guid, attempts + 1);
        this.#deadlines.set(guid, this.#clock.monotonic() + wait);
    }
}
