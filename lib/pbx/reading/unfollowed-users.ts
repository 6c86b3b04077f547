import { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { PresenceSubscriptions } from './presence-subscriptions';

/** Milliseconds within which what changes is looked at together. */
const together = 100;
/** The same while the list stays as it is: all users are waited for then, and each look costs time for each of them. */
const togetherWhileAway = 1_000;
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

/** A user who is to be named; a reason that is only a code is made when it is needed, for there may be ten thousands. */
interface Found {
    user: PbxUser;
    reason: SyncError | 'PBX_PRESENCE_HIDDEN' | 'PBX_HOME_AWAY';
}

/** Whether what goes by this key has been there at each look for so many milliseconds; if not, it is looked at again then. */
type IsOlder = (key: string, age: number) => boolean;

interface UnfollowedUse {
    /** Name of the App object, as the setting to make names it. */
    app: string;
    directory: UserDirectory;
    subscriptions: PresenceSubscriptions;
    links: Pick<PbxLinks, 'home' | 'states'>;
    /** Names of the users whose visibility is known to lack the right. */
    unallowed(): ReadonlySet<string>;
    clock: Clock;
    changed(): void;
    /** Nothing has been told of the user for so long that the last state means nothing; possibly many times in a row. */
    expired(user: PbxUser): void;
}

/**
 * Names the users whose presence the PBX does not tell, each with what to do about it: the PBX refuses it, the visibility
 * lacks the right, or the PBX where they are homed has been away for a while. While the master is away the list stays.
 * A user of whom nothing is heard for long is no longer shown as before: a call whose end is not told would last for ever.
 */
export class UnfollowedUsers {
    readonly #use: UnfollowedUse;
    /** When something that may pass was first seen (monotonic), by GUID or PBX name. */
    #since = new Map<string, number>();
    #list = new Map<string, Unfollowed>();
    #timer?: { handle: Timer; due: number };

    constructor(use: UnfollowedUse) {
        this.#use = use;
    }

    get all(): Iterable<Unfollowed> {
        return this.#list.values();
    }

    /** Something was told of the user: what is not told from now on is counted anew. */
    heard(guid: string): void {
        if (this.#since.has(guid)) this.#since.set(guid, this.#use.clock.monotonic());
    }

    /** Something may have changed; it is looked at soon. */
    look(): void {
        this.#lookIn(this.#isOnline ? together : togetherWhileAway);
    }

    stop(): void {
        this.#use.clock.cancel(this.#timer?.handle);
        this.#timer = undefined;
    }

    get #isOnline(): boolean {
        return this.#use.links.states()[0]?.state.phase === 'online';
    }

    #lookIn(delay: number): void {
        const due = this.#use.clock.monotonic() + delay;
        if (this.#timer && this.#timer.due <= due) return;
        this.stop();
        const handle = this.#use.clock.after(delay, () => {
            this.#timer = undefined;
            this.#lookNow(this.#use.clock.monotonic());
        });
        this.#timer = { handle, due };
    }

    #lookNow(now: number): void {
        const before = this.#since;
        const since = new Map<string, number>();
        let wait = Number.POSITIVE_INFINITY;
        const isOlder: IsOlder = (key, age) => {
            since.set(key, before.get(key) ?? now);
            const rest = since.get(key)! + age - now;
            if (rest > 0) wait = Math.min(rest, wait);
            return rest <= 0;
        };
        const found = [...this.#refused(isOlder), ...this.#unheard(isOlder), ...this.#homeless(isOlder)];
        this.#since = since;
        if (wait < Number.POSITIVE_INFINITY) this.#lookIn(wait);
        if (!this.#isOnline) return;
        const list = new Map(found.map(each => [each.user.pbx.guid, this.#unfollowed(each)]));
        if (isSameList(this.#list, list)) return;
        this.#list = list;
        this.#use.changed();
    }

    #unfollowed({ user, reason }: Found): Unfollowed {
        if (typeof reason !== 'string') return { user, reason };
        const known = this.#list.get(user.pbx.guid);
        if (known?.user === user && known.reason.code === reason) return known;
        const { displayName, pbx } = user;
        return { user, reason: new SyncError(reason, { user: displayName, app: this.#use.app, pbx: pbx.loc }) };
    }

    *#refused(isOlder: IsOlder): Iterable<Found> {
        for (const { refused } of this.#use.subscriptions.sessions) {
            for (const [guid, reason] of refused) {
                const user = this.#use.directory.byGuid(guid);
                if (!user) continue;
                this.#expireIfOld(user, isOlder);
                yield { user, reason };
            }
        }
    }

    /**
     * Users of whom nothing has come, and users whose right is known to be missing, though something may have come before.
     * A user who is in the list stays there over a reconnect.
     */
    *#unheard(isOlder: IsOlder): Iterable<Found> {
        const { directory, subscriptions, unallowed } = this.#use;
        const named = [...unallowed()].flatMap(name => directory.named(name)?.pbx.guid ?? []);
        const isNamed = new Set(named);
        const unheard = [...subscriptions.sessions].flatMap(each => [...each.unheard]);
        for (const guid of new Set([...named, ...unheard])) {
            if (!isNamed.has(guid) && !this.#list.has(guid) && !isOlder(guid, hearingTime)) continue;
            const user = directory.byGuid(guid);
            if (!user) continue;
            this.#expireIfOld(user, isOlder);
            yield { user, reason: 'PBX_PRESENCE_HIDDEN' };
        }
    }

    #expireIfOld(user: PbxUser, isOlder: IsOlder): void {
        if (isOlder(user.pbx.guid, staleTime)) this.#use.expired(user);
    }

    *#homeless(isOlder: IsOlder): Iterable<Found> {
        const { directory, links } = this.#use;
        const away = [...directory.homes].filter(pbx => !links.home(pbx) && isOlder(`PBX ${pbx}`, awayTime));
        if (away.length === 0) return;
        const stale = away.filter(pbx => isOlder(`PBX ${pbx}`, staleTime));
        for (const user of directory.all()) {
            const { loc: pbx = '' } = user.pbx;
            if (!away.includes(pbx)) continue;
            if (stale.includes(pbx)) this.#use.expired(user);
            if (pbx === '') continue;
            yield { user, reason: 'PBX_HOME_AWAY' };
        }
    }
}

function isSameList(one: ReadonlyMap<string, Unfollowed>, other: ReadonlyMap<string, Unfollowed>): boolean {
    if (one.size !== other.size) return false;
    return [...other].every(([guid, { reason }]) => one.get(guid)?.reason.message === reason.message);
}
