import { EventEmitter } from 'node:events';
import { ItemsByKey } from '../support/items-by-key';
import { MatchKeys, type MatchSettings } from './match-keys';
import { type PresenceUser, teamsIdOf } from './message';

/** A user with whom several users of the other side could be matched, so that none is. */
export interface Ambiguity {
    user: PresenceUser;
    /** Some of those others; at least two. */
    candidates: readonly PresenceUser[];
}

/** Users of the other side that an {@link Ambiguity} names at most. */
const namedCandidates = 5;

/**
 * Finds the Teams user that is a PBX user, and the other way round. A match counts only if it is the only one for both:
 * nobody is guessed. Users come and go one by one. Emits `change` whenever somebody may have another match, or several
 * candidates, possibly many times in a row.
 */
export class UserMatches extends EventEmitter<{ change: [] }> {
    readonly #pbx: Side;
    readonly #teams: Side;

    constructor(settings: MatchSettings = { by: 'address' }) {
        super();
        // One listener per node that writes is no leak.
        this.setMaxListeners(0);
        const keys = new MatchKeys(settings);
        this.#pbx = new Side(pbxIdOf, user => keys.ofPbx(user));
        this.#teams = new Side(teamsIdOf, user => keys.ofTeams(user));
    }

    /** Adds the PBX user or takes over what is new; one without GUID is ignored. */
    putPbx(user: PresenceUser): void {
        this.#put(this.#pbx, user);
    }

    /** Adds the Teams user or takes over what is new; one without id is ignored. */
    putTeams(user: PresenceUser): void {
        this.#put(this.#teams, user);
    }

    removePbx(guid: string): void {
        this.#remove(this.#pbx, guid);
    }

    removeTeams(id: string): void {
        this.#remove(this.#teams, id);
    }

    /**
     * The one PBX user that is this Teams user, who need not have been put; `undefined` where there is none, or where it
     * is not certain.
     */
    pbxOf(teams: PresenceUser): PresenceUser | undefined {
        return this.#match(this.#teams, this.#pbx, teams);
    }

    /**
     * The one Teams user, of those that have been put, that is this PBX user, as the PBX knows them now; `undefined` as for
     * {@link pbxOf}.
     */
    teamsOf(user: PresenceUser): PresenceUser | undefined {
        return this.#match(this.#pbx, this.#teams, this.#pbx.known(user));
    }

    /**
     * Everybody who could be matched with several users of the other side, PBX users first. Looks at those only who share
     * a key with somebody who has come, gone or changed since the last call.
     */
    ambiguous(): Ambiguity[] {
        const touched = new Set([...this.#pbx.takeChangedKeys(), ...this.#teams.takeChangedKeys()]);
        for (const [side, other] of [
            [this.#pbx, this.#teams],
            [this.#teams, this.#pbx],
        ] as const) {
            for (const user of new Set([...touched].flatMap(key => [...side.holders(key)])))
                side.noteAmbiguity(user, other.holding(side.keysOf(user), namedCandidates));
        }
        return [...this.#pbx.ambiguous.values(), ...this.#teams.ambiguous.values()];
    }

    /** What keeps a PBX user whom somebody fits from being matched; `undefined` where nobody fits, or for a match. */
    ambiguityOf(user: PresenceUser): Ambiguity | undefined {
        const pbx = this.#pbx.known(user);
        const candidates = this.#teams.holding(this.#pbx.keysOf(pbx), namedCandidates);
        const [found, second] = candidates;
        if (second) return { user: pbx, candidates };
        if (!found || this.teamsOf(pbx)) return undefined;
        return { user: found, candidates: this.#pbx.holding(this.#teams.keysOf(found), namedCandidates) };
    }

    #put(side: Side, user: PresenceUser): void {
        if (!side.idOf(user)) return;
        side.put(user);
        this.emit('change');
    }

    #remove(side: Side, id: string): void {
        side.remove(id);
        this.emit('change');
    }

    #match(side: Side, other: Side, user: PresenceUser): PresenceUser | undefined {
        const [found, second] = other.holding(side.keysOf(user), 2);
        if (!found || second) return undefined;
        const id = side.idOf(user);
        const rivals = side.holding(other.keysOf(found), 2).filter(rival => side.idOf(rival) !== id);
        return rivals.length === 0 ? found : undefined;
    }
}

/** The users of one side, found by id and by key. */
class Side {
    readonly users = new Map<string, { user: PresenceUser; keys: readonly string[] }>();
    readonly idOf: (user: PresenceUser) => string;
    readonly keysOf: (user: PresenceUser) => readonly string[];
    /** By id, as of the last look. */
    readonly ambiguous = new Map<string, Ambiguity>();
    readonly #holders = new ItemsByKey<PresenceUser>();
    #changedKeys = new Set<string>();

    constructor(idOf: (user: PresenceUser) => string, keysOf: (user: PresenceUser) => readonly string[]) {
        this.idOf = idOf;
        this.keysOf = keysOf;
    }

    /** The user as the side knows them now. */
    known(user: PresenceUser): PresenceUser {
        return this.users.get(this.idOf(user))?.user ?? user;
    }

    put(user: PresenceUser): void {
        const id = this.idOf(user);
        this.remove(id);
        const keys = this.keysOf(user);
        this.users.set(id, { user, keys });
        for (const key of keys) {
            this.#holders.add(key, user);
            this.#changedKeys.add(key);
        }
    }

    remove(id: string): void {
        const { user, keys = [] } = this.users.get(id) ?? {};
        this.users.delete(id);
        this.ambiguous.delete(id);
        for (const key of keys) {
            this.#holders.delete(key, user!);
            this.#changedKeys.add(key);
        }
    }

    /** Keys of users who have come, gone or changed since the last call. */
    takeChangedKeys(): Set<string> {
        const keys = this.#changedKeys;
        this.#changedKeys = new Set();
        return keys;
    }

    holders(key: string): Iterable<PresenceUser> {
        return this.#holders.get(key);
    }

    noteAmbiguity(user: PresenceUser, candidates: readonly PresenceUser[]): void {
        const id = this.idOf(user);
        if (candidates.length > 1) this.ambiguous.set(id, { user, candidates });
        else this.ambiguous.delete(id);
    }

    /** Up to `most` users who have one of the keys. */
    holding(keys: readonly string[], most: number): PresenceUser[] {
        const found: PresenceUser[] = [];
        for (const key of keys) {
            for (const holder of this.#holders.get(key)) {
                if (!found.includes(holder)) found.push(holder);
                if (found.length >= most) return found;
            }
        }
        return found;
    }
}

function pbxIdOf({ pbx }: PresenceUser): string {
    return pbx?.guid ?? '';
}
