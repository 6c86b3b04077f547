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
}

/**
 * Names those whose presence the PBX does not tell, each with what to do about it: who was refused, whose visibility
 * lacks the right, and who is homed at a PBX that has been away for a while. While the master is away the list stays.
 */
export class UnfollowedUsers {
    readonly #use: UnfollowedUse;
    /** When something that may pass was first seen: milliseconds since the Unix epoch, by GUID or PBX name. */
    #since = new Map<string, number>();
    #list = new Map<string, Unfollowed>();
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
        if (links.states()[0]?.state.phase !== 'online') return;
        const look = new Look(this.#since, this.#use.clock.now());
        const found = [...this.#refused(), ...this.#unheard(look), ...this.#homeless(look)];
        const list = new Map(found.map(each => [each.user.pbx.guid, each]));
        this.#since = look.since;
        if (look.wait !== undefined) this.#lookIn(look.wait);
        if (isSameList(this.#list, list)) return;
        this.#list = list;
        changed();
    }

    *#refused(): Iterable<Unfollowed> {
        for (const { refused } of this.#use.subscriptions.sessions) {
            for (const [guid, reason] of refused) {
                const user = this.#use.directory.find(guid);
                if (user) yield { user, reason };
            }
        }
    }

    *#unheard(look: Look): Iterable<Unfollowed> {
        const { app, directory, subscriptions, unallowed } = this.#use;
        const names = unallowed();
        for (const { unheard } of subscriptions.sessions) {
            for (const guid of unheard) {
                const user = directory.find(guid);
                if (!user || (!names.has(user.pbx.name) && !look.isOlder(guid, hearingTime))) continue;
                yield { user, reason: new SyncError('PBX_PRESENCE_HIDDEN', { user: user.displayName, app }) };
            }
        }
    }

    *#homeless(look: Look): Iterable<Unfollowed> {
        const { directory, links } = this.#use;
        if (links.states().every(({ state }) => state.phase === 'online')) return;
        for (const user of directory.all()) {
            const pbx = user.pbx.loc;
            if (!pbx || links.home(pbx) || !look.isOlder(`PBX ${pbx}`, awayTime)) continue;
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
