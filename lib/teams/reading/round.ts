import type { Clock } from '../../time/clock';
import { Interval } from '../../time/interval';
import { longestBulk } from '../connection/read-presence';

/**
 * Reads a set of users round and round, one bulk after the other, spread evenly over the time that a round may take.
 * A round that cannot keep its time goes on where it is and so becomes slower; no user is skipped for another.
 */
export class Round extends Interval {
    readonly #clock: Clock;
    readonly #period: number;
    readonly #longestStep: number;
    readonly #read: (userIds: string[]) => Promise<void>;
    readonly #users = new Set<string>();
    /** Lives on while users come and go: users who come are read at the end of the round. */
    #place = this.#users.values();
    #steppedAt = 0;

    /**
     * @param options.period ms that one round takes
     * @param options.longestStep ms between two bulks at most, however few users there are
     * @param options.read reads up to all users; must not reject
     */
    constructor(options: {
        clock: Clock;
        period: number;
        longestStep?: number;
        read: (userIds: string[]) => Promise<void>;
    }) {
        super({ clock: options.clock, interval: () => this.#interval, run: () => this.#step() });
        this.#clock = options.clock;
        this.#period = options.period;
        this.#longestStep = options.longestStep ?? options.period;
        this.#read = options.read;
    }

    get users(): ReadonlySet<string> {
        return this.#users;
    }

    /** Reads exactly these users from now on. */
    hold(userIds: ReadonlySet<string>): void {
        for (const id of this.#users) if (!userIds.has(id)) this.#users.delete(id);
        for (const id of userIds) this.#users.add(id);
    }

    /** The first bulk is read one step from now. */
    override start(): void {
        this.#steppedAt = this.#clock.monotonic();
        super.start();
    }

    get #bulks(): number {
        return Math.max(1, Math.ceil(this.#users.size / longestBulk));
    }

    get #interval(): number {
        return Math.min(this.#longestStep, this.#period / this.#bulks);
    }

    async #step(): Promise<void> {
        const now = this.#clock.monotonic();
        // Half a step of tolerance: a timer is never exact.
        const bulks = Math.floor((now - this.#steppedAt) / this.#interval + 0.5);
        this.#steppedAt = now;
        const userIds = this.#next(Math.min(Math.max(1, bulks), this.#bulks) * longestBulk);
        if (userIds.length > 0) await this.#read(userIds);
    }

    /** The next users of the round; it ends with what is left of it. */
    #next(most: number): string[] {
        const userIds: string[] = [];
        for (let turns = 0; turns < 2 && userIds.length === 0; turns++) {
            while (userIds.length < most) {
                const next = this.#place.next();
                if (next.done) {
                    this.#place = this.#users.values();
                    break;
                }
                userIds.push(next.value);
            }
        }
        return userIds;
    }
}
