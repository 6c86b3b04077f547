import { type Clock, pause } from '../../support/clock';
import type { PresenceChange } from './change-notification';
import type { Subscription } from './subscription';
import type { WebhookClient } from './webhook-client';

const firstTimeLimit = 3_000;
const retryTimeLimit = 10_000;
const mostInOneRequest = 20;
const longestRetry = 4 * 3_600_000;

/** Milliseconds before each further try; the last one repeats, until four hours have passed. */
const retryDelays = [1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000, 120_000, 300_000];

/** What an outbox needs besides its subscription. */
export interface OutboxOptions {
    clock: Clock;
    webhooks: Pick<WebhookClient, 'post'>;
    /** Milliseconds between a change and its notification. */
    delay: () => number;
    /** The request body for some changes. */
    compose: (changes: PresenceChange[]) => string;
    /** False while notifications must wait. */
    deliverable: () => boolean;
    onSent: (count: number) => void;
}

/**
 * The notifications of one subscription, delivered in order: one request at a time, with what has gathered meanwhile.
 * Anything but a 2xx within three seconds is tried again, for four hours.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#change-notifications
 */
export class Outbox {
    readonly #subscription: Subscription;
    readonly #options: OutboxOptions;
    readonly #changes: PresenceChange[] = [];
    readonly #closed = new AbortController();
    #busy = false;

    constructor(subscription: Subscription, options: OutboxOptions) {
        this.#subscription = subscription;
        this.#options = options;
    }

    push(change: PresenceChange): void {
        this.#changes.push(change);
        if (this.#busy || this.#closed.signal.aborted) return;
        this.#busy = true;
        this.#drain().catch(() => undefined);
    }

    /** Sends nothing from now on. */
    close(): void {
        this.#changes.length = 0;
        this.#closed.abort(new Error('The subscription has ended'));
    }

    async #drain(): Promise<void> {
        try {
            await this.#wait(this.#options.delay());
            while (this.#changes.length > 0) await this.#deliver(this.#changes.splice(0, mostInOneRequest));
        } finally {
            this.#busy = false;
        }
    }

    async #deliver(changes: PresenceChange[]): Promise<void> {
        const { clock } = this.#options;
        const body = this.#options.compose(changes);
        const giveUp = clock.now() + longestRetry;
        for (let attempt = 0; ; attempt++) {
            if (await this.#send(body, attempt === 0 ? firstTimeLimit : retryTimeLimit)) {
                this.#options.onSent(changes.length);
                return;
            }
            const delay = retryDelays[Math.min(attempt, retryDelays.length - 1)]!;
            if (clock.now() + delay > giveUp) return;
            await this.#wait(delay);
        }
    }

    async #send(body: string, timeLimit: number): Promise<boolean> {
        this.#closed.signal.throwIfAborted();
        if (!this.#options.deliverable()) return false;
        const { notificationUrl } = this.#subscription;
        try {
            const answer = await this.#options.webhooks.post(notificationUrl, body, 'application/json', timeLimit);
            return answer.status >= 200 && answer.status < 300;
        } catch {
            return false;
        }
    }

    async #wait(delay: number): Promise<void> {
        if (delay > 0) await pause(this.#options.clock, delay, this.#closed.signal);
    }
}
