import type { Clock, Timer } from '../../support/clock';
import { SyncError } from '../../support/errors';
import type { PbxLinks } from '../connection/pbx-links';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { PresenceSubscriptions } from './presence-subscriptions';

/** Milliseconds within which what changes is looked at together. */
const together = 100;
/** Milliseconds that a PBX has to tell the first presence of a user. */
const hearingTime = 5_000;
/** Milliseconds that a PBX may be away before its users are named. */
const awayTime = 30_000;
/** Milliseconds after which the last state of a user of whom nothing is told any more is no longer claimed. */
const staleTime = 15 * 60_000;

/** A user whose presence the PBX does not tell, and why. */
export interface Unfollowed {
    user: PbxUser;
    reason: SyncError;
}

/** What {@link UnfollowedUsers} looks at, and whom it tells. */
export interface UnfollowedUse {
    /** Name of the App object, as the setting to make names it. */
    app: string;
    directory: UserDirectory;
    subscriptions: PresenceSubscriptions;
    links: Pick<PbxLinks, 'home' | 'states'>;
    /** Names of the users whose visibility is known to lack the right. */
    unallowed(): ReadonlySet<string>;
    clock: Clock;
    /** The list is another one. */
    changed(): void;
    /** Nothing has been told of the user for so long that the last state means nothing; possibly many times in a row. */
    expired(user: PbxUser): void;
}

/**
 * Names those whose presence the PBX does not tell, each with what to do about it: who was refused, whose visibility
 * lacks the right, and who is homed at a PBX that has been away for a while. While the master is away the list stays.
 * Whoever stays unheard of for long is no longer shown as they were: a call that nobody sees end would last for ever.
 */
export class UnfollowedUsers {
    readonly #use: UnfollowedUse;
    /** When something that may pass was first seen: milliseconds since the Unix epoch, by GUID or PBX name. */
    #since = new Map<string, number>();
    #list = new Map<string, Unfollowed>();
    /** PBXs that have been away for so long that their users have been told to be expired. */
    #stale = new Set<string>();
    #timer?: { handle: Timer; due: number };

    constructor(use: UnfollowedUse) {
        this.#use = use;
    }

    get all(): Iterable<Unfollowed> {
        return this.#list.values();
    }

    /** Something may have changed; it is looked at soon. */
    look(): void {
        this.#lookIn(together);
    }

    stop(): void {
        this.#use.clock.cancel(this.#timer?.handle);
        this.#timer = undefined;
    }

    #lookIn(delay: number): void {
        const { clock } = this.#use;
        const due = clock.now() + delay;
        if (this.#timer && this.#timer.due <= due) return;
        this.stop();
        const handle = clock.after(delay, () => {
            this.#timer = undefined;
            this.#lookNow();
        });
        this.#timer = { handle, due };
    }

    #lookNow(): void {
        const { links, changed } = this.#use;
        const look = new Look(this.#since, this.#use.clock.now());
        const found = [...this.#refused(look), ...this.#unheard(look), ...this.#homeless(look)];
        this.#expireUsersOf(look);
        const list = new Map(found.map(each => [each.user.pbx.guid, each]));
        const isMasterOnline = links.states()[0]?.state.phase === 'online';
        this.#since = isMasterOnline ? look.since : new Map([...this.#since, ...look.since]);
        if (look.wait !== undefined) this.#lookIn(look.wait);
        if (!isMasterOnline || isSameList(this.#list, list)) return;
        this.#list = list;
        changed();
    }

    *#refused(look: Look): Iterable<Unfollowed> {
        for (const { refused } of this.#use.subscriptions.sessions) {
            for (const [guid, reason] of refused) {
                const user = this.#use.directory.find(guid);
                if (!user) continue;
                this.#expireIfOld(user, look);
                yield { user, reason };
            }
        }
    }

    /** Those of whom nothing has come, and those whose right is known to be missing, though something may have come before. */
    *#unheard(look: Look): Iterable<Unfollowed> {
        const { app, directory, subscriptions, unallowed } = this.#use;
        const named = [...unallowed()].flatMap(name => directory.named(name)?.pbx.guid ?? []);
        const isNamed = new Set(named);
        const unheard = [...subscriptions.sessions].flatMap(each => [...each.unheard]);
        for (const guid of new Set([...named, ...unheard])) {
            const user = directory.find(guid);
            if (!user || (!isNamed.has(guid) && !look.isOlder(guid, hearingTime))) continue;
            this.#expireIfOld(user, look);
            yield { user, reason: new SyncError('PBX_PRESENCE_HIDDEN', { user: user.displayName, app }) };
        }
    }

    #expireIfOld(user: PbxUser, look: Look): void {
        if (look.isOlder(user.pbx.guid, staleTime)) this.#use.expired(user);
    }

    #expireUsersOf(look: Look): void {
        const { directory, links, expired } = this.#use;
        const away = [...directory.homes].filter(pbx => !links.home(pbx) && look.isOlder(`PBX ${pbx}`, staleTime));
        const fresh = new Set(away.filter(pbx => !this.#stale.has(pbx)));
        this.#stale = new Set(away);
        if (fresh.size === 0) return;
        for (const user of directory.all()) if (fresh.has(user.pbx.loc ?? '')) expired(user);
    }

    *#homeless(look: Look): Iterable<Unfollowed> {
        const { directory, links } = this.#use;
        const away = [...directory.homes].filter(pbx => !links.home(pbx) && look.isOlder(`PBX ${pbx}`, awayTime));
        if (away.length === 0) return;
        for (const user of directory.all()) {
            const pbx = user.pbx.loc;
            if (!pbx || !away.includes(pbx)) continue;
            yield { user, reason: new SyncError('PBX_HOME_AWAY', { user: user.displayName, pbx }) };
        }
    }
}

/** One look at everything, which remembers what was there at the last one. */
class Look {
    readonly since = new Map<string, number>();
    /** Milliseconds until the first of those that are too young is old enough. */
    wait?: number;
    readonly #before: ReadonlyMap<string, number>;
    readonly #now: number;

    constructor(before: ReadonlyMap<string, number>, now: number) {
        this.#before = before;
        this.#now = now;
    }

    /** Whether `key` has been there at each look for so many milliseconds. */
    isOlder(key: string, age: number): boolean {
        const since = this.#before.get(key) ?? this.#now;
        this.since.set(key, since);
        const rest = since + age - this.#now;
        if (rest > 0) this.wait = Math.min(rest, this.wait ?? rest);
        return rest <= 0;
    }
}

function isSameList(one: ReadonlyMap<string, Unfollowed>, other: ReadonlyMap<string, Unfollowed>): boolean {
    if (one.size !== other.size) return false;
    return [...other].every(([guid, { reason }]) => one.get(guid)?.reason.message === reason.message);
}
