import { SyncError } from '../errors/errors';
import { searchable } from '../presence/foreign-text';
import { type PresenceUser, teamsIdOf } from '../presence/message';
import type { Emitter, Watched, WatchedPbx, WatchedSystems, WatchedTenant } from './watched';

/** A person as one side knows them. */
interface Known<System> {
    of: Watched<System>;
    /** Of the person in that system: GUID of the PBX, or Entra object id. */
    key: string;
    user: PresenceUser;
}

/** A person of a PBX with whom they are in Teams, or one whom only Teams knows. */
export interface Person {
    /** Says which system knows the person, too. */
    key: string;
    /** Names, addresses and number, without accents and case; it begins with the display name. */
    text: string;
    pbx?: Known<WatchedPbx>;
    teams?: Known<WatchedTenant>;
    /** Why the person cannot be in step. */
    leftOut?: SyncError | undefined;
    /** The only Teams user of the same name, or with the same mailbox at another domain, where nobody fits. */
    suggestion?: PresenceUser | undefined;
    /** Takes no part, as it was chosen. */
    isAbsent?: true;
}

/**
 * Who the people of all systems are, sorted by name. What they show is not in it: it is made anew only where people or
 * matches have changed since it was asked for last.
 */
export class PeopleIndex {
    readonly #systems: WatchedSystems;
    readonly #watched = new WeakSet<WatchedPbx | WatchedTenant>();
    readonly #texts = new WeakMap<PresenceUser, string>();
    /** What it was made of: the systems, and how many people Teams is asked for. */
    #madeOf: readonly unknown[] = [];
    #isStale = true;
    #people: readonly Person[] = [];
    #byKey = new Map<string, Person>();

    constructor(systems: WatchedSystems) {
        this.#systems = systems;
    }

    all(): readonly Person[] {
        this.#look();
        return this.#people;
    }

    byKey(key: string): Person | undefined {
        this.#look();
        return this.#byKey.get(key);
    }

    #look(): void {
        const [pbxs, tenants] = [[...this.#systems.pbxs()], [...this.#systems.tenants()]];
        for (const { system } of pbxs) this.#watch(system, [system, 'leftOut'], [system.directory.matches, 'change']);
        for (const { system } of tenants) this.#watch(system, [system.directory, 'change']);
        const madeOf = [...pbxs, ...tenants].flatMap(({ system }) => [
            system,
            'size' in system.people && system.people.size,
        ]);
        const isSame =
            madeOf.length === this.#madeOf.length && madeOf.every((each, index) => each === this.#madeOf[index]);
        if (isSame && !this.#isStale) return;
        this.#isStale = false;
        this.#madeOf = madeOf;
        const people = pbxs.flatMap(pbx => this.#ofPbx(pbx, tenants));
        const matched = new Set(people.map(({ teams }) => teams?.key));
        for (const tenant of tenants) {
            for (const user of tenant.system.people.known()) {
                const key = teamsIdOf(user);
                if (matched.has(key)) continue;
                people.push({
                    ...{ key: `${tenant.id} ${key}`, text: this.#textOf(user), teams: { of: tenant, key, user } },
                });
            }
        }
        this.#people = people.sort((one, other) => (one.text < other.text ? -1 : 1));
        this.#byKey = new Map(people.map(person => [person.key, person]));
    }

    /** People of the system may be others after each of these. */
    #watch(system: WatchedPbx | WatchedTenant, ...changes: [emitter: Emitter, event: string][]): void {
        if (this.#watched.has(system)) return;
        this.#watched.add(system);
        for (const [emitter, event] of changes)
            emitter.on(event, () => {
                this.#isStale = true;
            });
        this.#isStale = true;
    }

    #ofPbx(of: Watched<WatchedPbx>, tenants: readonly Watched<WatchedTenant>[]): Person[] {
        const { directory, leftOut, unfollowed } = of.system;
        const { matches } = directory;
        const made = (user: PresenceUser): Person => {
            const key = user.pbx!.guid;
            return { key: `${of.id} ${key}`, text: this.#textOf(user), pbx: { of, key, user } };
        };
        const people: Person[] = [];
        const reasons = new Map(Array.from(unfollowed, ({ user, reason }) => [user.pbx!.guid, reason]));
        for (const { user, reason } of leftOut) {
            if (reason.code === 'PBX_USER_AMBIGUOUS') reasons.set(user.pbx!.guid, reason);
            else people.push({ ...made(user), leftOut: reason, isAbsent: true });
        }
        const glances = tenants.map(tenant => ({ tenant, glance: tenant.system.people.glances() }));
        let suggest: ReturnType<typeof suggesting> | undefined;
        for (const user of directory.all()) {
            const person = made(user);
            const other = matches.teamsOf(user);
            if (other) {
                const key = teamsIdOf(other);
                person.text += this.#textOf(other);
                const tenant = (glances.find(({ glance }) => glance(key)) ?? glances[0])?.tenant;
                if (tenant) person.teams = { of: tenant, key, user: other };
            }
            person.leftOut = reasons.get(user.pbx!.guid);
            if (!other && !person.leftOut && matches.knowsTeams) {
                person.leftOut = new SyncError('TEAMS_USER_UNKNOWN', { user: user.displayName });
                suggest ??= suggesting(tenants.flatMap(({ system }) => [...system.directory.users.all()]));
                person.suggestion = suggest(user);
            }
            people.push(person);
        }
        return people;
    }

    #textOf(user: PresenceUser): string {
        const known = this.#texts.get(user);
        if (known !== undefined) return known;
        const { displayName, addresses, pbx } = user;
        const words = [displayName, pbx?.number, pbx?.name, pbx?.longName, ...addresses];
        const text = searchable(words.filter(Boolean).join('\n'));
        this.#texts.set(user, text);
        return text;
    }
}

/** Who among these users may be meant by somebody whom none of them fits. */
function suggesting(users: readonly PresenceUser[]): (user: PresenceUser) => PresenceUser | undefined {
    const bySign = new Map<string, PresenceUser[]>();
    for (const user of users)
        for (const sign of signsOf(user)) {
            const alike = bySign.get(sign);
            if (alike) alike.push(user);
            else bySign.set(sign, [user]);
        }
    return user => {
        for (const sign of signsOf(user)) {
            const [found, second] = bySign.get(sign) ?? [];
            if (found && !second) return found;
        }
        return undefined;
    };
}

/** The name, in whatever order its parts come, and the mailbox of each address. */
function signsOf({ displayName, addresses }: PresenceUser): string[] {
    const name = searchable(displayName).split(/[^\p{L}\p{N}]+/u);
    const mailboxes = addresses.map(address => address.split('@')[0]!);
    return [name.filter(Boolean).sort().join(' '), ...mailboxes.map(mailbox => `${mailbox}@`)];
}
