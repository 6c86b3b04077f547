import type { Clock } from '../../../time/clock';
import type { Timetable } from './timetable';

/** Users that Microsoft refuses are tried again after so long, in ms. */
const tryAgainAfter = 24 * 60 * 60_000;

/** Users that Microsoft takes into no subscription: left out by name, and tried again daily. */
export class SetAsideUsers {
    readonly #clock: Clock;
    readonly #timetable: Timetable;
    readonly #onDue: () => void;
    /** When each of them is tried again (monotonic). */
    readonly #users = new Map<string, number>();

    /** @param options.onDue called when some of them are to be tried again */
    constructor(options: { clock: Clock; timetable: Timetable; onDue: () => void }) {
        this.#clock = options.clock;
        this.#timetable = options.timetable;
        this.#onDue = options.onDue;
    }

    has(userId: string): boolean {
        return this.#users.has(userId);
    }

    add(userIds: readonly string[]): void {
        const again = this.#clock.monotonic() + tryAgainAfter;
        for (const userId of userIds) this.#users.set(userId, again);
        this.#tryLater();
    }

    /** Forgets everybody else: whoever comes back begins anew. */
    retain(wanted: ReadonlySet<string>): void {
        for (const userId of this.#users.keys()) if (!wanted.has(userId)) this.#users.delete(userId);
    }

    #tryLater(): void {
        const next = Math.min(...this.#users.values());
        if (Number.isFinite(next)) this.#timetable.put(this, next, () => this.#try());
    }

    #try(): void {
        const now = this.#clock.monotonic();
        for (const [userId, again] of this.#users) if (again <= now) this.#users.delete(userId);
        this.#tryLater();
        this.#onDue();
    }
}
