import type { Clock } from '../../support/clock';
import { RateBudget } from '../../support/rate-budget';
import type { Frame } from '../connection/frame';
import type { PbxApiName, PbxSession } from '../connection/pbx-session';

/** Requests that the PBX gets at once, as a share of those of a second: what exceeds them is spread. */
const burst = 0.1;

/** Requests to the PBX, no more of them per second than allowed; those that wait keep their order. */
export class PacedRequests {
    readonly #clock: Clock;
    #budget: RateBudget;
    #rate: number;
    #hurrying = 0;

    /** @param rate requests per second, more than 0 */
    constructor(rate: number, clock: Clock) {
        this.#clock = clock;
        this.#rate = rate;
        this.#budget = budgetOf(rate, clock);
    }

    /** Requests per second. */
    set rate(rate: number) {
        if (rate === this.#rate) return;
        this.#rate = rate;
        this.#budget = budgetOf(rate, this.#clock);
    }

    /** @throws SyncError as {@link PbxSession.request}; RangeError when it is longer than the PBX takes */
    async ask(session: PbxSession, api: PbxApiName, mt: string, fields: Record<string, unknown>): Promise<Frame> {
        // A place is free again one period after the request, not after its answer: the rate is exact at any latency.
        if (this.#hurrying === 0) (await this.#budget.take('edge')).answered();
        return session.request(api, mt, fields);
    }

    /** Nothing is held back as long as the task runs: there is little time. */
    async hurry(task: () => Promise<unknown>): Promise<void> {
        this.#hurrying++;
        await task().finally(() => this.#hurrying--);
    }
}

function budgetOf(rate: number, clock: Clock): RateBudget {
    const requests = Math.max(1, Math.round(rate * burst));
    return new RateBudget({ requests, period: (1_000 * requests) / rate }, clock);
}
