import type { Clock } from '../../time/clock';

const minute = 60_000;
const second = 1_000;
const period = 10 * minute;

/** How Graph treats an endpoint: as usual, with notifications ten minutes late, or with none at all. */
export type EndpointState = 'well' | 'slow' | 'dropped';

/** What an endpoint's state costs each new notification, in milliseconds. */
export const slowDelay = period;

interface Window {
    from: number;
    answers: number;
    /** Later than three seconds, and later than ten. */
    slow: number;
    late: number;
    /** As the window before has left it. */
    state: EndpointState;
}

/**
 * How quickly notification endpoints answer, in windows of ten minutes: more than 10 % of the answers later than 3 s
 * make an endpoint slow, more than 15 % later than 10 s make Graph drop its notifications, for the ten minutes that
 * follow. An endpoint is a host: what one subscription spoils, all have to bear.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling
 */
export class EndpointHealth {
    readonly #clock: Clock;
    readonly #sample: () => number;
    readonly #windows = new Map<string, Window>();

    /** @param options.sample fewer answers in a window say nothing */
    constructor(options: { clock: Clock; sample: () => number }) {
        this.#clock = options.clock;
        this.#sample = options.sample;
    }

    stateOf(url: string): EndpointState {
        return this.#windowOf(url).state;
    }

    /** Takes note of an answer, or of waiting in vain, `elapsed` milliseconds after the request. */
    answered(url: string, elapsed: number): void {
        const window = this.#windowOf(url);
        window.answers += 1;
        if (elapsed >= 3 * second) window.slow += 1;
        if (elapsed >= 10 * second) window.late += 1;
    }

    #windowOf(url: string): Window {
        const { host } = new URL(url);
        const now = this.#clock.monotonic();
        const existing = this.#windows.get(host);
        if (existing && now - existing.from < period) return existing;
        const follows = existing && now - existing.from < 2 * period;
        const from = follows ? existing.from + period : now;
        const window: Window = { from, answers: 0, slow: 0, late: 0, state: follows ? this.#judge(existing) : 'well' };
        this.#windows.set(host, window);
        return window;
    }

    #judge({ answers, slow, late }: Window): EndpointState {
        if (answers < Math.max(1, this.#sample())) return 'well';
        if (late / answers > 0.15) return 'dropped';
        return slow / answers > 0.1 ? 'slow' : 'well';
    }
}
