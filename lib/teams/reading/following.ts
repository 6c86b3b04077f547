import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { PresenceUser } from '../../presence/message';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { RateLimit } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { presenceLimit } from '../connection/graph-access';
import {
    type PresenceChange,
    type PresenceReader,
    type ReaderClient,
    type ReadPresences,
    unknownPresence,
    type Via,
} from './presence-reader';
import { ReadPace } from './read-pace';
import { isSamePresence } from './shown-presence';

/** A person's presence in Teams has changed, our own writes aside. */
export interface TeamsChange extends Omit<PresenceChange, 'userId'> {
    user: PresenceUser;
}

/**
 * The people who are followed through one app registration, each under the name that its scope gives them. A person may
 * be followed through several registrations: what is known of them is known once, in the reader.
 */
export class Following extends EventEmitter<{ change: [TeamsChange] }> implements ReaderClient {
    readonly #reader: PresenceReader;
    readonly #clock: Clock;
    readonly #users = new Map<string, PresenceUser>();
    readonly #onChange = ({ userId, ...change }: PresenceChange): void => {
        const user = this.#users.get(userId);
        if (user) this.emit('change', { user, ...change });
    };
    /** Undefined while they cannot be read; who is followed, and what is known of them, is kept meanwhile. */
    read: ReadPresences | undefined;
    readonly pace: ReadPace;

    /** @param options.limit of the requests by which they are read */
    constructor(options: { reader: PresenceReader; clock: Clock; limit?: RateLimit }) {
        super();
        this.setMaxListeners(0);
        this.#reader = options.reader;
        this.#clock = options.clock;
        this.pace = new ReadPace(options.clock, options.limit ?? presenceLimit);
        this.#reader.add(this);
        this.#reader.on('change', this.#onChange);
    }

    /** Forgets all users, without telling it. */
    end(): void {
        this.#users.clear();
        this.read = undefined;
        this.#reader.off('change', this.#onChange).remove(this);
    }

    /**
     * Follows these users too. A user who is followed already gets the newer name; what is known is kept. One who has become
     * another PBX user is told as unknown under the old name, and then under the new one; one whose row in the PBX is a new
     * one is told anew.
     */
    follow(users: Iterable<PresenceUser>): void {
        const toldAnew: [PresenceUser, TeamsPresence, Via][] = [];
        const followed: PresenceUser[] = [];
        for (const chosen of users) {
            const id = chosen.teams?.id;
            if (!id) continue;
            const before = this.#users.get(id);
            // Changes that were told hold the person, too: one and the same is kept once.
            const isSame = before && !isRowNew(before, chosen) && isDeepStrictEqual(before, chosen);
            const user = isSame ? before : chosen;
            const known = this.#reader.toldOf(id);
            if (known && before && isMove(before, user)) {
                this.#tell(before, unknownPresence, 'poll', known);
                toldAnew.push([user, known, 'poll']);
            } else if (known && (!before || isRowNew(before, user))) {
                // Who left the PBX for a moment shows nothing there any more.
                toldAnew.push([user, known, 'snapshot']);
            }
            this.#users.set(id, user);
            followed.push(user);
        }
        this.#reader.observeFrom(followed);
        // Last: two may have changed places.
        for (const [user, presence, via] of toldAnew)
            this.#tell(user, presence, via, via === 'poll' ? unknownPresence : undefined);
    }

    /** Follows these users no longer; what was told of them is taken back. */
    unfollow(userIds: readonly string[]): void {
        for (const id of userIds) {
            const user = this.#users.get(id);
            const known = this.#reader.toldOf(id);
            this.#users.delete(id);
            if (user && known) this.#tell(user, unknownPresence, 'poll', known);
        }
        this.#reader.forget(userIds);
    }

    /** What was told last of each user: for a node that begins to listen later. */
    *snapshot(): Iterable<TeamsChange> {
        const at = new Date(this.#clock.date()).toISOString();
        for (const [id, user] of this.#users) {
            const presence = this.#reader.toldOf(id);
            if (presence) yield { user, presence, via: 'snapshot', at };
        }
    }

    /** The followed people, by Entra object id. */
    get users(): ReadonlyMap<string, PresenceUser> {
        return this.#users;
    }

    toldOf(userId: string): TeamsPresence | undefined {
        return this.#reader.toldOf(userId);
    }

    /** As {@link PresenceReader.read}. */
    readSome(userIds: readonly string[], via: 'snapshot' | 'poll'): Promise<string[]> {
        return this.#reader.read(this, userIds, via);
    }

    #tell(user: PresenceUser, presence: TeamsPresence, via: Via, previous: TeamsPresence | undefined): void {
        if (previous && isSamePresence(previous, presence)) return;
        const at = new Date(this.#clock.date()).toISOString();
        this.emit('change', { user, presence, previous, via, at });
    }
}

/** True for a Teams user who was one PBX user and is another one now. */
function isMove({ pbx: from }: PresenceUser, { pbx: to }: PresenceUser): boolean {
    return from !== undefined && to !== undefined && from.guid !== to.guid;
}

/** True for a user of whom the PBX has told anew: it may have forgotten what we showed there. */
function isRowNew({ pbx: from }: PresenceUser, { pbx: to }: PresenceUser): boolean {
    return from !== undefined && to !== undefined && from !== to;
}
