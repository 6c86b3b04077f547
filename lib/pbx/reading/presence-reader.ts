import type { PbxPresence } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import type { Log } from '../connection/pbx-settings';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { WriteLedger } from '../writing/write-ledger';
import { defaultFollowing, type FollowOptions, type PbxChange, PresenceFollower } from './presence-follower';
import { samePresence, sameState, type UserState, viewOf } from './presence-view';
import { type Entry, type KnownPresence, reducePresence } from './reduce-presence';

/** What is known of our own writes, and learns from what the PBX shows. */
export type OwnWrites = Pick<WriteLedger, 'explains' | 'explainsCall' | 'before' | 'observe'>;

interface Followed extends UserState {
    /** When the state was first seen: milliseconds since the Unix epoch. */
    at: number;
}

/**
 * What the users of the PBX show, our own writes left out. It outlives a connection, so that only differences are told.
 * Each follower looks at the same states in its own way.
 */
export class PresenceReader {
    readonly #directory: UserDirectory;
    readonly #ledger: OwnWrites;
    readonly #clock: Clock;
    readonly #log: Log;
    readonly #states = new Map<string, Followed>();
    readonly #followers = new Set<PresenceFollower>();

    constructor(options: {
        directory: UserDirectory;
        ledger: OwnWrites;
        clock: Clock;
        log: Log;
    }) {
        this.#directory = options.directory;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#log = options.log;
    }

    /** Tells changes from now on; what is known already is in {@link PresenceFollower.snapshot}. */
    follow(options: Partial<FollowOptions> = {}): PresenceFollower {
        const chosen = { ...defaultFollowing, ...options };
        const follower: PresenceFollower = new PresenceFollower({
            options: chosen,
            snapshot: () => this.#snapshot(chosen),
            stop: () => this.#followers.delete(follower),
        });
        this.#followers.add(follower);
        return follower;
    }

    /**
     * The user's own setting, its note as it is in the list, and the line state of the presence; `undefined` for a user
     * of whom the PBX has told nothing.
     */
    presenceOf(guid: string): PbxPresence | undefined {
        const state = this.#states.get(guid);
        if (!state?.list) return undefined;
        const { activity, note, onThePhone } = state.list.presence;
        return { activity, note, onThePhone: onThePhone && !state.isEcho };
    }

    /** What is known of a user beyond the presence: the entries that the writer compares with. */
    known(guid: string): KnownPresence | undefined {
        return this.#states.get(guid)?.list;
    }

    /**
     * Takes a user's whole presence list; tells a change if it means one.
     * @param isFirst it is the first list of a subscription, so there may have been a gap before it
     */
    receive(guid: string, entries: readonly Entry[], isFirst = false): void {
        const user = this.#directory.byGuid(guid);
        if (!user) return;
        const last = this.#states.get(guid);
        const before = last?.list ?? this.#ledger.before(guid);
        const list = reducePresence(entries, before, tel => this.#ledger.explains(guid, tel));
        this.#ledger.observe(guid, before, list);
        const isEcho = this.#ledger.explainsCall(guid);
        this.#take(user, { list, inCall: last?.inCall, isEcho }, isFirst && last?.list !== undefined);
    }

    /** Looks again at a user for whom a call of our own has begun or ended. */
    look(guid: string): void {
        const last = this.#states.get(guid);
        const user = this.#directory.byGuid(guid);
        if (!last || !user) return;
        this.#take(user, { ...last, isEcho: this.#ledger.explainsCall(guid) }, false);
    }

    /** Takes from RCC whether the user is in a call. */
    receiveCalls(guid: string, inCall: boolean): void {
        const user = this.#directory.find(guid);
        if (user) this.#take(user, { isEcho: false, ...this.#states.get(guid), inCall }, false);
    }

    /** Nobody tells the user's presence list any more: what it said is taken back until there is another. */
    expire(user: PbxUser): void {
        const last = this.#states.get(user.pbx.guid);
        if (last) this.#take(user, { ...last, isStale: true }, false);
    }

    /** The user is gone or takes no part any more: everything that was told is taken back. */
    forget(user: PbxUser): void {
        const last = this.#states.get(user.pbx.guid);
        if (!last) return;
        const inCall = last.inCall === undefined ? undefined : false;
        this.#take(user, { ...last, inCall, isStale: true }, false);
        this.#states.delete(user.pbx.guid);
    }

    *#snapshot(view: FollowOptions): Iterable<PbxChange> {
        for (const [guid, state] of this.#states) {
            const user = this.#directory.byGuid(guid);
            const presence = user && viewOf(state, view);
            if (presence) yield { user, presence, via: 'snapshot', at: new Date(state.at).toISOString() };
        }
    }

    /** @param wasGap whether those who want everything after a gap are told this */
    #take(user: PbxUser, now: UserState, wasGap: boolean): void {
        const { guid } = user.pbx;
        const last = this.#states.get(guid);
        const isNews = !last || !sameState(last, now);
        const seen = isNews ? this.#clock.date() : last.at;
        this.#states.set(guid, { ...now, at: seen });
        if (!isNews && !wasGap) return;
        const at = new Date(seen).toISOString();
        for (const follower of this.#followers) {
            const { options } = follower;
            const presence = viewOf(now, options);
            const previous = last && viewOf(last, options);
            if (!presence) continue;
            if (!previous) this.#tell(follower, { user, presence, via: 'snapshot', at });
            else if (!samePresence(previous, presence))
                this.#tell(follower, { user, presence, previous, via: 'update', at });
            else if (wasGap && options.snapshot === 'all')
                this.#tell(follower, { user, presence, via: 'snapshot', at });
        }
    }

    /** A listener that throws must not end the connection, let alone the process. */
    #tell(follower: PresenceFollower, change: PbxChange): void {
        try {
            follower.emit('change', change);
        } catch (thrown) {
            this.#log('warn', `A listener of 'change' has failed: ${String(thrown)}`);
        }
    }
}
