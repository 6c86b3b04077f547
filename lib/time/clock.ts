/** A pending call made with {@link Clock.after}; passing it to {@link Clock.cancel} twice is harmless. */
export type Timer = object;

/** Time as the library sees it, so that a test can move it by hand. All durations are milliseconds. */
export interface Clock {
    /** Milliseconds that only go forward, from an origin that means nothing: for every duration and deadline. */
    monotonic(): number;
    /** The date, in milliseconds since the Unix epoch: only where a protocol or a person needs one. It can be set. */
    date(): number;
    /** Calls `run` once, no earlier than `delay` ms from now. The timer never keeps the process alive. */
    after(delay: number, run: () => void): Timer;
    cancel(timer: Timer | undefined): void;
}

/** The longest delay `setTimeout` takes; anything longer would fire at once. */
const longestDelay = 2 ** 31 - 1;

export const systemClock: Clock = {
    monotonic: () => performance.now(),
    date: () => Date.now(),
    after: (delay, run) => setTimeout(run, Math.min(Math.max(0, Math.ceil(delay)), longestDelay)).unref(),
    cancel: timer => clearTimeout(timer as NodeJS.Timeout | undefined),
};

/** Resolves after `delay` ms, or rejects with the signal's reason as soon as `signal` aborts. */
export function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
            clock.cancel(timer);
            reject(signal?.reason);
        };
        const timer = clock.after(delay, () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
    });
}

/** What the work comes to; undefined where that takes longer than `limit` ms, though the work goes on. */
export async function within<Result>(clock: Clock, limit: number, work: Promise<Result>): Promise<Result | undefined> {
    let timer: Timer | undefined;
    const timeUp = new Promise<undefined>(resolve => {
        timer = clock.after(limit, () => resolve(undefined));
    });
    try {
        return await Promise.race([work, timeUp]);
    } finally {
        clock.cancel(timer);
    }
}
