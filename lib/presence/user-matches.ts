import { EventEmitter } from 'node:events';
import { ItemsByKey } from '../support/items-by-key';
import { comparable, folded } from './foreign-text';
import { type PresenceUser, teamsIdOf } from './message';
import { type PhoneNumber, phoneNumberOf, phoneNumbersIn, shortestPublic } from './phone-number';

/** By what a PBX user and a Teams user are found to be one person. */
export type MatchBy = 'address' | 'name-upn' | 'long-name' | 'number';

/** How PBX users are matched with Teams users. Upper and lower case make no difference anywhere. */
export interface MatchSettings {
    /**
     * - `address`: any address of the PBX user is the mail address, the user principal name or an alias of the Teams user.
     * - `name-upn`: the PBX name is the local part of the user principal name.
     * - `long-name`: the long name is the display name; spaces at the ends and repeated ones do not matter.
     * - `number`: the number is a business phone. Two public numbers, those of 7 digits or more, are the same if one ends
     *   with the other, as `+49 7031 7300911`, `07031 7300911` and `7300911` do. A shorter one is an extension. With a
     *   main number it is completed by that, on both sides; without, it is the same as an equal extension only: whose
     *   public number ends with it may be somebody else's.
     */
    by: MatchBy;
    /** For `number`: what stands before an extension from outside, such as `+49 7031 73009`. */
    mainNumber?: string;
    /** Pairs entered by hand. A user in one of them is matched by nothing else. */
    pairs?: readonly MatchPair[];
}

/** One person on both sides. */
interface MatchPair {
    /** PBX name, long name, address or GUID. */
    pbx: string;
    /** User principal name, mail address, alias or Entra object id. */
    teams: string;
}

/** A user with whom several users of the other side could be matched, so that none is. */
interface Ambiguity {
    user: PresenceUser;
    /** Some of those others; at least two. */
    candidates: readonly PresenceUser[];
}

/** So many people are concerned by one change at most; more than that share a key by mistake, and none of them matches. */
const mostConcerned = 20;
/** @see https://www.itu.int/rec/T-REC-E.164 */
const longestCountryCode = 3;
/** Users of the other side that an {@link Ambiguity} names at most. */
const namedCandidates = 5;

/**
 * Finds the Teams user that is a PBX user, and the other way round. A match counts only if it is the only one for both:
 * nobody is guessed. Users come and go one by one. Emits `change` whenever somebody may have another match, or several
 * candidates, possibly many times in a row, with the GUIDs of the PBX users whom that may concern.
 */
export class UserMatches extends EventEmitter<{ change: [guids: readonly string[]] }> {
    readonly #pbx: Side;
    readonly #teams: Side;

    constructor(settings: MatchSettings = { by: 'address' }) {
        super();
        // One listener per node that writes is no leak.
        this.setMaxListeners(0);
        this.#pbx = new Side('pbx', settings);
        this.#teams = new Side('teams', settings);
    }

    /** Users of Teams have been put, so whoever fits none of them fits nobody. */
    get knowsTeams(): boolean {
        return this.#teams.size > 0;
    }

    /** Adds the PBX user or takes over what is new; one without GUID is ignored. */
    putPbx(user: PresenceUser): void {
        this.#put(this.#pbx, user);
    }

    /**
     * Adds the Teams user or takes over what is new; one without id is ignored.
     * @param isCandidate false for one who is matched by hand only
     */
    putTeams(user: PresenceUser, isCandidate = true): void {
        this.#put(this.#teams, user, isCandidate);
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
        const changed = new Set([...this.#pbx.takeChangedKeys(), ...this.#teams.takeChangedKeys()]);
        return [...this.#pbx.ambiguous(changed, this.#teams), ...this.#teams.ambiguous(changed, this.#pbx)];
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

    #put(side: Side, user: PresenceUser, isCandidate = true): void {
        if (!side.idOf(user)) return;
        this.#changed([...side.put(user, isCandidate), ...side.keysOf(user)]);
    }

    #remove(side: Side, id: string): void {
        this.#changed(side.remove(id));
    }

    #changed(keys: readonly string[]): void {
        this.emit(
            'change',
            this.#pbx.holding(keys, mostConcerned).map(user => this.#pbx.idOf(user)),
        );
    }

    #match(side: Side, other: Side, user: PresenceUser): PresenceUser | undefined {
        const [found, second] = other.holding(side.keysOf(user), 2);
        if (!found || second) return undefined;
        const id = side.idOf(user);
        const rivals = side.holding(other.keysOf(found), 2).filter(rival => side.idOf(rival) !== id);
        return rivals.length === 0 ? found : undefined;
    }
}

/** The users of one side, found by id and by key: a PBX user and a Teams user go together if they share a key. */
class Side {
    readonly #name: 'pbx' | 'teams';
    readonly #by: MatchBy;
    readonly #mainNumber: string;
    /** The keys of the pairs entered by hand, by the names in them. */
    readonly #pairs = new ItemsByKey<string>();
    readonly #users = new Map<string, { user: PresenceUser; keys: readonly string[] }>();
    readonly #holders = new ItemsByKey<PresenceUser>();
    /** By id, who is matched by no key but that of a pair. */
    readonly #byHandOnly = new Set<string>();
    /** By id, as of the last look. */
    readonly #ambiguous = new Map<string, Ambiguity>();
    #changedKeys = new Set<string>();

    constructor(name: 'pbx' | 'teams', { by, mainNumber = '', pairs = [] }: MatchSettings) {
        this.#name = name;
        this.#by = by;
        this.#mainNumber = phoneNumberOf(mainNumber).digits;
        // No other key begins like this.
        for (const [index, pair] of pairs.entries()) this.#pairs.add(comparable(pair[name]), `\0${index}`);
    }

    get size(): number {
        return this.#users.size;
    }

    idOf(user: PresenceUser): string {
        return this.#name === 'pbx' ? (user.pbx?.guid ?? '') : teamsIdOf(user);
    }

    keysOf(user: PresenceUser): readonly string[] {
        const names = this.#pairs.isEmpty ? [] : namesOf[this.#name](user);
        const inPairs = names.flatMap(name => (name ? [...this.#pairs.get(comparable(name))] : []));
        return inPairs.length > 0 || this.#byHandOnly.has(this.idOf(user))
            ? inPairs
            : keysBy[this.#by][this.#name](user, this.#mainNumber);
    }

    /** The user as the side knows them now. */
    known(user: PresenceUser): PresenceUser {
        return this.#users.get(this.idOf(user))?.user ?? user;
    }

    /** @returns the keys that the user had before */
    put(user: PresenceUser, isCandidate: boolean): readonly string[] {
        const id = this.idOf(user);
        const before = this.remove(id);
        if (!isCandidate) this.#byHandOnly.add(id);
        const keys = this.keysOf(user);
        this.#users.set(id, { user, keys });
        for (const key of keys) {
            this.#holders.add(key, user);
            this.#changedKeys.add(key);
        }
        return before;
    }

    /** @returns the keys that the user had */
    remove(id: string): readonly string[] {
        const { user, keys = [] } = this.#users.get(id) ?? {};
        this.#users.delete(id);
        this.#byHandOnly.delete(id);
        this.#ambiguous.delete(id);
        for (const key of keys) {
            this.#holders.delete(key, user!);
            this.#changedKeys.add(key);
        }
        return keys;
    }

    /** Keys of users who have come, gone or changed since the last call. */
    takeChangedKeys(): Set<string> {
        const keys = this.#changedKeys;
        this.#changedKeys = new Set();
        return keys;
    }

    /** Those with whom several users of the other side share a key. @param changed keys whose users may differ by now */
    ambiguous(changed: ReadonlySet<string>, other: Side): Iterable<Ambiguity> {
        for (const user of new Set([...changed].flatMap(key => [...this.#holders.get(key)]))) {
            const candidates = other.holding(this.keysOf(user), namedCandidates);
            if (candidates.length > 1) this.#ambiguous.set(this.idOf(user), { user, candidates });
            else this.#ambiguous.delete(this.idOf(user));
        }
        return this.#ambiguous.values();
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

/** What a user may be called in a pair that is entered by hand. */
const namesOf: Record<'pbx' | 'teams', (user: PresenceUser) => readonly (string | null | undefined)[]> = {
    pbx: ({ addresses, pbx }) => [pbx?.name, pbx?.longName, pbx?.guid, ...addresses],
    teams: ({ addresses, teams }) => [teams?.id, teams?.userPrincipalName, teams?.mail, ...addresses],
};

type KeysOf = (user: PresenceUser, mainNumber: string) => readonly string[];

/** The keys of a user on either side, as {@link MatchSettings.by} says. */
const keysBy: Record<MatchBy, Record<'pbx' | 'teams', KeysOf>> = {
    address: { pbx: ({ addresses }) => addresses, teams: ({ addresses }) => addresses },
    'name-upn': {
        pbx: ({ pbx }) => present(comparable(pbx?.name ?? '')),
        teams: ({ teams }) => present(comparable(teams?.userPrincipalName ?? '').split('@')[0]),
    },
    'long-name': {
        pbx: ({ pbx }) => present(folded(pbx?.longName ?? '')),
        teams: ({ displayName }) => present(folded(displayName)),
    },
    number: {
        pbx: ({ pbx }, mainNumber) => keysOfNumber(completed(phoneNumberOf(pbx?.number ?? ''), mainNumber)),
        teams: ({ teams }, mainNumber) =>
            (teams?.businessPhones ?? []).flatMap(phoneNumbersIn).flatMap(phone => keysOfPhone(phone, mainNumber)),
    },
};

/** Digits only; an extension with the main number in front where there is one. */
function completed({ digits }: PhoneNumber, mainNumber: string): string {
    return digits.length < shortestPublic ? digits && mainNumber + digits : digits;
}

/** Itself, to be found among the endings of phones, and its own endings, to be found among whole phones. */
function keysOfNumber(number: string): string[] {
    return [...present(number), ...endings(number, shortestPublic).map(asWholePhone)];
}

/**
 * What a number of the PBX can be the same as. A number with an extension is that of the company, so only both together
 * are somebody's, unless the number ends with it already.
 */
function keysOfPhone(phone: PhoneNumber, mainNumber: string): string[] {
    const { digits, extension } = phone;
    if (extension === undefined) return keysOfWhole(completed(phone, mainNumber), mainNumber);
    const whole = digits.endsWith(extension) ? keysOfWhole(digits, mainNumber) : [];
    if (!mainNumber) return whole;
    // The main number may be entered without the country.
    const offset = digits.indexOf(mainNumber);
    const isOfMain = (offset >= 0 && offset <= longestCountryCode) || mainNumber.startsWith(digits);
    return isOfMain ? [...whole, ...keysOfWhole(mainNumber + extension, mainNumber)] : whole;
}

/** With a main number a public number may be shorter than usual. */
function keysOfWhole(phone: string, mainNumber: string): string[] {
    if (phone.length < shortestPublic) return present(phone);
    const shortest = mainNumber ? Math.min(shortestPublic, mainNumber.length + 1) : shortestPublic;
    return [phone, ...endings(phone, shortest), asWholePhone(phone)];
}

/** What the digits end with, without the digits themselves, from `shortest` digits on. */
function endings(digits: string, shortest: number): string[] {
    return Array.from({ length: Math.max(0, digits.length - shortest) }, (_, index) => digits.slice(index + 1));
}

function asWholePhone(digits: string): string {
    return `=${digits}`;
}

function present(text: string | undefined): string[] {
    return text ? [text] : [];
}
