import type { PresenceUser } from '../../presence/message';
import { explains, pairOf, sessionPairs } from '../../presence/teams-states';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';

/** Users who are looked at within this many ms share one read. */
const gathering = 500;

/** Line states that we set as sessions; without them "Available" would look like ours. */
const lineStates = sessionPairs
    .flatMap(text => pairOf(text) ?? [])
    .filter(({ activity }) => /Call|Presenting/.test(activity));

/**
 * Looks for sessions of ours that were left in Teams when this process was killed: for users who, as far as we know,
 * have none, but whose presence may come from one. Each user is looked at once.
 */
export class LeftoverSessions {
    readonly #read: (ids: string[]) => Promise<Map<string, TeamsPresence>>;
    readonly #clock: Clock;
    readonly #onSuspect: (user: PresenceUser) => void;
    readonly #looked = new Set<string>();
    readonly #schedule = new RetrySchedule({ first: gathering, factor: 2, longest: 30_000, jitter: 0 });
    #waiting = new Map<string, PresenceUser>();
    #timer: Timer | undefined;
    #stopped = false;

    /** @param options.onSuspect told of each user who may show a session of ours */
    constructor(options: {
        read: (ids: string[]) => Promise<Map<string, TeamsPresence>>;
        clock: Clock;
        onSuspect: (user: PresenceUser) => void;
    }) {
        this.#read = options.read;
        this.#clock = options.clock;
        this.#onSuspect = options.onSuspect;
    }

    /** We know what we hold for the user: no need to look. */
    pass(userId: string): void {
        this.#looked.add(userId);
        this.#waiting.delete(userId);
    }

    /** Looks at the user soon, unless that was done before. */
    look(userId: string, user: PresenceUser): void {
        if (this.#looked.has(userId)) return;
        this.#looked.add(userId);
        this.#waiting.set(userId, user);
        this.#timer ??= this.#clock.after(gathering, () => this.#lookNow());
    }

    stop(): void {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
    }

    #lookNow(): void {
        this.#timer = undefined;
        const users = this.#waiting;
        this.#waiting = new Map();
        this.#suspects(users).then(
            suspects => {
                this.#schedule.reset();
                if (!this.#stopped) for (const user of suspects) this.#onSuspect(user);
            },
            () => this.#lookLater(users),
        );
    }

    #lookLater(users: Map<string, PresenceUser>): void {
        if (this.#stopped) return;
        this.#waiting = new Map([...users, ...this.#waiting]);
        this.#timer ??= this.#clock.after(this.#schedule.next(), () => this.#lookNow());
    }

    async #suspects(users: Map<string, PresenceUser>): Promise<PresenceUser[]> {
        const presences = await this.#read([...users.keys()]);
        return [...users].flatMap(([id, user]) => {
            const shown = presences.get(id);
            return shown && lineStates.some(session => explains({ session }, shown)) ? [user] : [];
        });
    }
}
