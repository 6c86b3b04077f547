import { Withdrawn } from '../../support/withdrawn';
import type { Clock, Timer } from '../../time/clock';
import type { Frame } from '../connection/frame';
import type { PbxApiName, PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';

/** Requests per second where no node says otherwise. */
export const defaultRate = 100;
/** Requests that the PBX gets at once, as a share of those of a second: what exceeds them is spread. */
const burst = 0.1;

/** Requests to the PBX, no more of them per second than allowed; those that wait keep their order. */
export class PacedRequests {
    readonly #clock: Clock;
    readonly #log: Log;
    readonly #limits = new Map<string, number>();
    readonly #waiting: (() => void)[] = [];
    #rate = defaultRate;
    /** Requests that may be sent at once. */
    #credit: number;
    #creditedAt: number;
    #hurrying = 0;
    #isTold = false;
    #timer?: Timer;

    constructor(clock: Clock, log: Log) {
        this.#clock = clock;
        this.#log = log;
        this.#credit = this.#atOnce;
        this.#creditedAt = clock.monotonic();
    }

    /**
     * Limits the requests, also those that wait already. Of several limits the lowest counts.
     * @param rate requests per second, more than 0; `undefined`: the owner limits nothing any more
     */
    limit(owner: string, rate: number | undefined): void {
        if (rate === undefined) this.#limits.delete(owner);
        else this.#limits.set(owner, rate);
        const lowest = Math.min(...(this.#limits.size > 0 ? this.#limits.values() : [defaultRate]));
        const isOdd = [...this.#limits.values()].some(limit => limit !== lowest);
        if (isOdd && !this.#isTold)
            this.#log(
                'warn',
                `Nodes disagree on how many changes go to the PBX per second: the lowest number counts, ${lowest}`,
            );
        this.#isTold ||= isOdd;
        this.#earn();
        const used = this.#atOnce - this.#credit;
        this.#rate = lowest;
        this.#credit = Math.max(0, this.#atOnce - used);
        this.#clock.cancel(this.#timer);
        this.#timer = undefined;
        this.#serve();
    }

    /**
     * @param options.src comes back with the result; a new one where none is given
     * @param options.signal withdraws the request as long as it has not been sent
     * @throws Withdrawn; SyncError as {@link PbxSession.request}; RangeError when it is longer than the PBX takes
     */
    async ask(
        session: PbxSession,
        api: PbxApiName,
        mt: string,
        fields: Record<string, unknown>,
        { src, signal }: { src?: string; signal?: AbortSignal | undefined } = {},
    ): Promise<Frame> {
        await this.#turn();
        if (signal?.aborted) throw new Withdrawn();
        return session.request(api, mt, fields, src);
    }

    /**
     * Nothing is held back as long as the task runs, what waits already included: there is little time. Each user has
     * one request on its way at most, so the answers of the PBX set the pace.
     */
    async hurry(task: () => Promise<unknown>): Promise<void> {
        this.#hurrying++;
        this.#serve();
        await task().finally(() => this.#hurrying--);
    }

    get #atOnce(): number {
        return Math.max(1, Math.round(this.#rate * burst));
    }

    #turn(): Promise<void> {
        return new Promise(resolve => {
            this.#waiting.push(resolve);
            this.#serve();
        });
    }

    #serve(): void {
        this.#earn();
        while (this.#waiting.length > 0 && (this.#hurrying > 0 || this.#credit >= 1)) {
            this.#credit = Math.max(0, this.#credit - 1);
            this.#waiting.shift()!();
        }
        if (this.#waiting.length === 0 || this.#timer) return;
        this.#timer = this.#clock.after(Math.ceil(((1 - this.#credit) / this.#rate) * 1_000), () => {
            this.#timer = undefined;
            this.#serve();
        });
    }

    #earn(): void {
        const now = this.#clock.monotonic();
        const earned = ((now - this.#creditedAt) * this.#rate) / 1_000;
        this.#creditedAt = now;
        this.#credit = Math.min(this.#atOnce, this.#credit + earned);
    }
}
