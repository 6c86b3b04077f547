import { SyncError } from '../../errors/errors';
import type { PresenceUser } from '../../presence/message';
import { Withdrawn } from '../../support/withdrawn';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
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
    /** Requests that were sent ahead of their turn, at {@link #countedAt}; it falls with time. */
    #ahead = 0;
    #countedAt = 0;
    #hurrying = 0;
    #isTold = false;
    readonly #next: Alarm;

    constructor(clock: Clock, log: Log) {
        this.#clock = clock;
        this.#next = new Alarm(clock, () => this.#serve());
        this.#log = log;
    }

    /**
     * Limits the requests, also those that wait already. Of several limits the lowest counts.
     * @param rate requests per second, more than 0; `undefined`: the owner limits nothing any more
     */
    limit(owner: string, rate: number | undefined): void {
        if (rate === undefined) this.#limits.delete(owner);
        else this.#limits.set(owner, rate);
        const limits = [...this.#limits.values()];
        this.#rate = limits.length > 0 ? Math.min(...limits) : defaultRate;
        if (!this.#isTold && limits.some(limit => limit !== this.#rate)) {
            this.#isTold = true;
            this.#log(
                'warn',
                `Nodes disagree on how many changes go to the PBX per second: the lowest number counts, ${this.#rate}`,
            );
        }
        this.#next.stop();
        this.#serve();
    }

    /**
     * @param options.signal withdraws the request as long as it has not been sent
     * @param options.takeLate gets an answer that comes after the request has failed
     * @throws Withdrawn; SyncError as {@link PbxSession.request}; RangeError when it is longer than the PBX takes
     */
    async ask(
        session: PbxSession,
        api: PbxApiName,
        mt: string,
        fields: Record<string, unknown>,
        { signal, takeLate }: { signal?: AbortSignal | undefined; takeLate?: (answer: Frame) => void } = {},
    ): Promise<Frame> {
        await new Promise<void>(resolve => {
            this.#waiting.push(resolve);
            this.#serve();
        });
        if (signal?.aborted) throw new Withdrawn();
        return session.request(api, mt, fields, undefined, takeLate);
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

    #serve(): void {
        const now = this.#clock.monotonic();
        const atOnce = Math.max(1, Math.round(this.#rate * burst));
        const passed = ((now - this.#countedAt) * this.#rate) / 1_000;
        this.#ahead = Math.min(atOnce, Math.max(0, this.#ahead - passed));
        this.#countedAt = now;
        while (this.#waiting.length > 0 && (this.#hurrying > 0 || this.#ahead + 1 <= atOnce)) {
            this.#ahead = Math.min(atOnce, this.#ahead + 1);
            this.#waiting.shift()!();
        }
        if (this.#waiting.length === 0) return;
        this.#next.set(Math.ceil(((this.#ahead + 1 - atOnce) / this.#rate) * 1_000));
    }
}

/** The PBX has refused what was asked of it for the user. */
export function refused(
    what: 'set the presence' | 'show on-the-phone' | 'end the call',
    { displayName: user }: PresenceUser,
    detail: string,
): SyncError {
    return new SyncError('PBX_REQUEST_REFUSED', { what, user, detail });
}
