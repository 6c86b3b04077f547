import type { Clock } from '../../../time/clock';
import { createNotificationKey, type NotificationKey } from './notification-key';

/** A new key is made this long after the last, in ms; the one before serves the subscriptions made with it. */
const keyLifetime = 90 * 86_400_000;

/** The keys of this process: one for new subscriptions, and the one before it. */
export class NotificationKeys {
    readonly #clock: Clock;
    readonly #create: (now: number) => Promise<NotificationKey>;
    #keys: { made: Promise<NotificationKey>; at: number }[] = [];

    /** @param create makes a key; is told the date */
    constructor(clock: Clock, create: (now: number) => Promise<NotificationKey> = createNotificationKey) {
        this.#clock = clock;
        this.#create = create;
    }

    /** The key for new subscriptions, made when it is first wanted. One that could not be made is made again. */
    newest(): Promise<NotificationKey> {
        const [newest] = this.#keys;
        const now = this.#clock.monotonic();
        if (newest && now - newest.at < keyLifetime) return newest.made;
        const made = this.#create(this.#clock.date());
        this.#keys = [{ made, at: now }, ...this.#keys].slice(0, 2);
        made.catch(() => {
            this.#keys = this.#keys.filter(key => key.made !== made);
        });
        return made;
    }

    /** The key of this id, if it is one of ours. */
    async find(id: string): Promise<NotificationKey | undefined> {
        for (const { made } of this.#keys) {
            const key = await made;
            if (key.id === id) return key;
        }
        return undefined;
    }
}
