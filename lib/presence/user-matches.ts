import { EventEmitter } from 'node:events';
import { MatchKeys, type MatchSettings, pbxNames, teamsNames } from './match-keys';
import type { PresenceUser } from './message';

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
 * nobody is guessed. Users come and go one by one, each at the cost of those who share a key with them. Emits `ambiguous`
 * for each user who has or no longer has several candidates, and `change` whenever somebody may have another match, both
 * possibly many times in a row.
 */
export class UserMatches extends EventEmitter<{ ambiguous: []; change: [] }> {
    readonly #pbx: Side;
    readonly #teams: Side;

    constructor(settings: MatchSettings = { by: 'address' }) {
        super();
        // One listener per node that writes is no leak.
        this.setMaxListeners(0);
        const keys = new MatchKeys(settings);
        const pairs = settings.pairs ?? [];
        const pbxPairs = new PairNames(pairs.map(({ pbx }) => pbx));
        const teamsPairs = new PairNames(pairs.map(({ teams }) => teams));
        this.#pbx = new Side(pbxId, user => pbxPairs.keysOf(pbxNames(user)) ?? keys.ofPbx(user));
        this.#teams = new Side(teamsId, user => teamsPairs.keysOf(teamsNames(user)) ?? keys.ofTeams(user));
    }

    /** Adds the PBX user or takes over what is new; one without GUID is ignored. */
    putPbx(user: PresenceUser): void {
        this.#put(this.#pbx, this.#teams, user);
    }

    /** Adds the Teams user or takes over what is new; one without id is ignored. */
    putTeams(user: PresenceUser): void {
        this.#put(this.#teams, this.#pbx, user);
    }

    removePbx(guid: string): void {
        this.#remove(this.#pbx, this.#teams, guid);
    }

    removeTeams(id: string): void {
        this.#remove(this.#teams, this.#pbx, id);
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
        return this.#match(this.#pbx, this.#teams, this.#pbx.byId(pbxId(user)) ?? user);
    }

    /** Everybody who could be matched with several users of the other side, PBX users first. */
    ambiguous(): Ambiguity[] {
        return [...this.#ambiguousOf(this.#pbx, this.#teams), ...this.#ambiguousOf(this.#teams, this.#pbx)];
    }

    /** What keeps a PBX user whom somebody fits from being matched; `undefined` where nobody fits, or for a match. */
    ambiguityOf(user: PresenceUser): Ambiguity | undefined {
        const pbx = this.#pbx.byId(pbxId(user)) ?? user;
        const candidates = this.#candidates(this.#pbx, this.#teams, pbx, namedCandidates);
        const [found, second] = candidates;
        if (second) return { user: pbx, candidates };
        if (!found || this.teamsOf(pbx)) return undefined;
        return { user: found, candidates: this.#candidates(this.#teams, this.#pbx, found, namedCandidates) };
    }

    #put(side: Side, other: Side, user: PresenceUser): void {
        const id = side.idOf(user);
        if (!id) return;
        this.#remove(side, other, id);
        this.#look(other, side, side.add(id, user));
        this.#lookAt(side, other, user);
        this.emit('change');
    }

    #remove(side: Side, other: Side, id: string): void {
        this.#look(other, side, side.remove(id));
        this.emit('change');
    }

    #match(side: Side, other: Side, user: PresenceUser): PresenceUser | undefined {
        const [found, second] = this.#candidates(side, other, user, 2);
        if (!found || second) return undefined;
        const id = side.idOf(user);
        const rivals = this.#candidates(other, side, found, 2).filter(rival => side.idOf(rival) !== id);
        return rivals.length === 0 ? found : undefined;
    }

    /** Up to `most` users of the other side with whom the user could be matched. */
    #candidates(side: Side, other: Side, user: PresenceUser, most: number): PresenceUser[] {
        const found = new Set<PresenceUser>();
        for (const key of side.keysOf(user)) {
            for (const candidate of other.holders(key)) {
                found.add(candidate);
                if (found.size >= most) return [...found];
            }
        }
        return [...found];
    }

    /** Looks again at those of `side` who share one of these keys. */
    #look(side: Side, other: Side, keys: Iterable<string>): void {
        for (const key of keys) for (const user of side.holders(key)) this.#lookAt(side, other, user);
    }

    #lookAt(side: Side, other: Side, user: PresenceUser): void {
        const id = side.idOf(user);
        const isAmbiguous = this.#candidates(side, other, user, 2).length > 1;
        if (isAmbiguous === side.ambiguous.has(id)) return;
        if (isAmbiguous) side.ambiguous.add(id);
        else side.ambiguous.delete(id);
        this.emit('ambiguous');
    }

    *#ambiguousOf(side: Side, other: Side): Iterable<Ambiguity> {
        for (const id of side.ambiguous) {
            const user = side.byId(id);
            if (user) yield { user, candidates: this.#candidates(side, other, user, namedCandidates) };
        }
    }
}

/** Begins the key of a pair; no other key does. */
const pairMark = '\0';

/** One side of the pairs entered by hand. */
class PairNames {
    readonly #keys = new Map<string, string[]>();

    constructor(names: readonly string[]) {
        for (const [index, name] of names.entries()) {
            const lower = name.trim().toLowerCase();
            if (lower) this.#keys.set(lower, [...(this.#keys.get(lower) ?? []), `${pairMark}${index}`]);
        }
    }

    /** The keys of the pairs in which a user with these names is; `undefined` for one who is in none. */
    keysOf(names: readonly string[]): string[] | undefined {
        if (this.#keys.size === 0) return undefined;
        const keys = new Set(names.flatMap(name => this.#keys.get(name) ?? []));
        return keys.size > 0 ? [...keys] : undefined;
    }
}

/** The users of one side, found by key. */
class Side {
    readonly idOf: (user: PresenceUser) => string;
    readonly keysOf: (user: PresenceUser) => string[];
    /** Ids of users with several candidates. */
    readonly ambiguous = new Set<string>();
    readonly #users = new Map<string, PresenceUser>();
    readonly #holders = new Map<string, PresenceUser | Set<PresenceUser>>();

    constructor(idOf: (user: PresenceUser) => string, keysOf: (user: PresenceUser) => string[]) {
        this.idOf = idOf;
        this.keysOf = user => [...new Set(keysOf(user))];
    }

    byId(id: string): PresenceUser | undefined {
        return this.#users.get(id);
    }

    /** Most keys have one holder, which needs no set. */
    holders(key: string): Iterable<PresenceUser> {
        const held = this.#holders.get(key);
        if (!held) return [];
        return held instanceof Set ? held : [held];
    }

    /** Returns the keys under which the number of holders was less than two: only there it makes a difference. */
    add(id: string, user: PresenceUser): string[] {
        this.#users.set(id, user);
        return this.keysOf(user).filter(key => {
            const held = this.#holders.get(key);
            if (!held) this.#holders.set(key, user);
            else if (held instanceof Set) held.add(user);
            else this.#holders.set(key, new Set([held, user]));
            return !(held instanceof Set) || held.size < 3;
        });
    }

    /** Returns the keys under which less than two holders are left. */
    remove(id: string): string[] {
        const user = this.#users.get(id);
        if (!user) return [];
        this.#users.delete(id);
        this.ambiguous.delete(id);
        return this.keysOf(user).filter(key => {
            const held = this.#holders.get(key);
            if (!(held instanceof Set)) return this.#holders.delete(key);
            held.delete(user);
            const [last] = held;
            if (held.size === 1 && last) this.#holders.set(key, last);
            return held.size < 2;
        });
    }
}

function pbxId({ pbx }: PresenceUser): string {
    return pbx?.guid ?? '';
}

function teamsId({ teams }: PresenceUser): string {
    return teams?.id ?? '';
}
