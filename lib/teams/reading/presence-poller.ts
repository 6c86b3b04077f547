import type { TeamsPresence } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import { Interval } from '../../time/interval';
import type { TeamsChange } from './following';
import { Round } from './round';
import { isInCall } from './shown-presence';

/** A user whose presence has changed is lively for this many ms. */
const liveliness = 2 * 60_000;

/**
 * Polls users: those in a call or with a change in the last two minutes often, the rest in a slower round. It reads in
 * bulk, never twice at the same time, and becomes slower rather than skip a user when answers take their time.
 */
export class PresencePoller {
    readonly #clock: Clock;
    readonly #toldOf: (userId: string) => TeamsPresence | undefined;
    readonly #all: Round;
    readonly #lively: Interval;
    /** Until when (monotonic) each lively user is; for ever while in a call. */
    readonly #livelyUntil = new Map<string, number>();

    /**
     * @param options.fast ms between two reads of lively users; @param options.slow ms for a round of all users
     * @param options.read must not reject; @param options.toldOf what was told last of a user
     */
    constructor(options: {
        clock: Clock;
        fast: number;
        slow: number;
        read: (userIds: string[]) => Promise<void>;
        toldOf: (userId: string) => TeamsPresence | undefined;
    }) {
        const { clock, fast, slow, read } = options;
        this.#clock = clock;
        this.#toldOf = options.toldOf;
        this.#all = new Round({ clock, period: slow, read });
        this.#lively = new Interval({
            clock,
            interval: () => fast,
            run: async () => {
                const userIds = this.#livelyNow();
                if (userIds.length > 0) await read(userIds);
            },
        });
    }

    get size(): number {
        return this.#all.users.size;
    }

    /** Polls exactly these users from now on; runs while there are any. */
    poll(userIds: ReadonlySet<string>): void {
        const isRunning = this.size > 0;
        this.#all.hold(userIds);
        for (const id of this.#livelyUntil.keys()) if (!userIds.has(id)) this.#livelyUntil.delete(id);
        for (const id of userIds) if (isInCall(this.#toldOf(id))) this.#livelyUntil.set(id, Number.POSITIVE_INFINITY);
        if (userIds.size === 0) return this.stop();
        if (isRunning) return;
        this.#all.start();
        this.#lively.start();
    }

    /** To be told of every change that the reader emits. */
    changed({ user, presence, previous }: TeamsChange): void {
        const id = user.teams?.id;
        if (!id || !this.#all.users.has(id)) return;
        if (isInCall(presence)) this.#livelyUntil.set(id, Number.POSITIVE_INFINITY);
        // What is seen for the first time has not changed.
        else if (previous) this.#livelyUntil.set(id, this.#clock.monotonic() + liveliness);
    }

    stop(): void {
        this.#all.stop();
        this.#lively.stop();
    }

    #livelyNow(): string[] {
        const now = this.#clock.monotonic();
        for (const [id, until] of this.#livelyUntil) if (until <= now) this.#livelyUntil.delete(id);
        return [...this.#livelyUntil.keys()];
    }
}
