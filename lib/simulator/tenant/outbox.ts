import { type Clock, pause } from '../../time/clock';
import type { WebhookClient } from './webhook-client';

const firstTimeLimit = 3_000;
const retryTimeLimit = 10_000;
const longestRetry = 4 * 3_600_000;

/** Milliseconds before each further try; the last one repeats, until four hours have passed. */
const retryDelays = [1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000, 120_000, 300_000];

/** What an outbox needs; functions where the value may change while it runs. */
export interface OutboxOptions<Notice> {
    clock: Clock;
    webhooks: Pick<WebhookClient, 'post'>;
    url: () => string;
    /** Milliseconds between a change and its notification. */
    delay: () => number;
    /** The most notices in one request. */
    mostAtOnce: () => number;
    /** The request body for some notices. */
    compose: (notices: Notice[]) => string;
    /** False while notifications must wait. */
    deliverable: () => boolean;
    /** True while notifications vanish. */
    vanishing: () => boolean;
    /** Called after each request, answered or not, with the milliseconds that it took. */
    onAnswer: (elapsed: number) => void;
    onSent: (count: number) => void;
}

/**
 * The notices for one endpoint, delivered in order: one request at a time, with what has gathered meanwhile.
 * Anything but a 2xx within three seconds is tried again, for four hours.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#change-notifications
 */
export class Outbox<Notice> {
    readonly #options: OutboxOptions<Notice>;
    readonly #notices: Notice[] = [];
    readonly #closed = new AbortController();
    #busy = false;

    constructor(options: OutboxOptions<Notice>) {
        this.#options = options;
    }

    push(notice: Notice): void {
        if (this.#closed.signal.aborted) return;
        this.#notices.push(notice);
        if (this.#busy) return;
        this.#busy = true;
        this.#drain().catch(() => undefined);
    }

    /** Sends nothing from now on. */
    close(): void {
        this.#notices.length = 0;
        this.#closed.abort(new Error('The subscription has ended'));
    }

    async #drain(): Promise<void> {
        try {
            await this.#wait(this.#options.delay());
            while (this.#notices.length > 0)
                await this.#deliver(this.#notices.splice(0, Math.max(1, this.#options.mostAtOnce())));
        } finally {
            this.#busy = false;
        }
    }

    async #deliver(notices: Notice[]): Promise<void> {
        const { clock, vanishing, compose } = this.#options;
        if (vanishing()) return;
        const body = compose(notices);
        const giveUp = clock.monotonic() + longestRetry;
        for (let attempt = 0; ; attempt++) {
            if (await this.#send(body, attempt === 0 ? firstTimeLimit : retryTimeLimit)) {
                this.#options.onSent(notices.length);
                return;
            }
            const delay = retryDelays[Math.min(attempt, retryDelays.length - 1)]!;
            if (clock.monotonic() + delay > giveUp) return;
            await this.#wait(delay);
            if (vanishing()) return;
        }
    }

    async #send(body: string, timeLimit: number): Promise<boolean> {
        this.#closed.signal.throwIfAborted();
        const { clock, webhooks, url, deliverable, onAnswer } = this.#options;
        if (!deliverable()) return false;
        const began = clock.monotonic();
        try {
            const answer = await webhooks.post(url(), body, 'application/json', timeLimit);
            return answer.status >= 200 && answer.status < 300;
        } catch {
            return false;
        } finally {
            onAnswer(clock.monotonic() - began);
        }
    }

    async #wait(delay: number): Promise<void> {
        if (delay > 0) await pause(this.#options.clock, delay, this.#closed.signal);
    }
}
