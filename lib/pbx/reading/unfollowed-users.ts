import { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { LeftOut } from '../users/user-table';
import type { PresenceSubscriptions } from './presence-subscriptions';

/** Milliseconds within which what changes is looked at together. */
const together = 100;
/** The same while the list stays as it is: each look costs time for each user. */
const togetherWhileAway = 1_000;
/** Milliseconds that a PBX has to tell the first presence of a user. */
const hearingTime = 5_000;
/** Milliseconds that a PBX may be away before its users are named. */
const awayTime = 30_000;
/** Milliseconds after which the last state of a user of whom nothing is told any more is no longer claimed. */
const staleTime = 15 * 60_000;

/** Why nothing is told of a user. */
interface Missing {
    /** Counts from when this was first there: a GUID, or a PBX name. */
    key: string;
    /** One that is only a code is made when it is needed, for there may be ten thousands. */
    reason: SyncError | 'PBX_PRESENCE_HIDDEN' | 'PBX_HOME_AWAY';
    /** Milliseconds until the user is named. */
    after: number;
}

interface UnfollowedUse {
    /** Name of the App object, as the setting to make names it. */
    app: string;
    directory: UserDirectory;
    subscriptions: Pick<PresenceSubscriptions, 'of'>;
    links: Pick<PbxLinks, 'home' | 'states'>;
    /** Names in lower case of the users whose visibility is known to lack the right. */
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
    /** When something that may pass was first seen (monotonic), by {@link Missing.key}. */
    #since = new Map<string, number>();
    #list = new Map<string, LeftOut>();
    #timer?: { handle: Timer; due: number };

    constructor(use: UnfollowedUse) {
        this.#use = use;
    }

    get all(): Iterable<LeftOut> {
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
        const { directory, links } = this.#use;
        const before = this.#since;
        const unallowed = this.#use.unallowed();
        const away = new Set([...directory.homes].filter(loc => !links.home(loc)));
        const list = new Map<string, LeftOut>();
        let wait = Number.POSITIVE_INFINITY;
        this.#since = new Map();
        for (const user of directory.all()) {
            const missing = this.#missing(user, away, unallowed);
            if (!missing) continue;
            const since = before.get(missing.key) ?? now;
            this.#since.set(missing.key, since);
            const passed = now - since;
            for (const time of [missing.after, staleTime]) if (time > passed) wait = Math.min(wait, time - passed);
            if (passed >= staleTime) this.#use.expired(user);
            if (passed >= missing.after) list.set(user.pbx.guid, this.#unfollowed(user, missing.reason));
        }
        if (wait < Number.POSITIVE_INFINITY) this.#lookIn(wait);
        if (!this.#isOnline || isSameList(this.#list, list)) return;
        this.#list = list;
        this.#use.changed();
    }

    /**
     * A user who is in the list stays there over a reconnect; one whose right is known to be missing may have been heard.
     * @param away PBX names that are not connected
     */
    #missing({ pbx }: PbxUser, away: ReadonlySet<string>, unallowed: ReadonlySet<string>): Missing | undefined {
        const { guid, name, loc = '' } = pbx;
        if (away.has(loc))
            return { key: `PBX ${loc}`, reason: 'PBX_HOME_AWAY', after: loc ? awayTime : Number.POSITIVE_INFINITY };
        const { refusal, isSilent } = this.#use.subscriptions.of(guid) ?? {};
        if (refusal) return { key: guid, reason: refusal, after: 0 };
        const isUnallowed = unallowed.has(name.toLowerCase());
        if (!isUnallowed && !isSilent) return undefined;
        return {
            key: guid,
            reason: 'PBX_PRESENCE_HIDDEN',
            after: isUnallowed || this.#list.has(guid) ? 0 : hearingTime,
        };
    }

    #unfollowed(user: PbxUser, reason: Missing['reason']): LeftOut {
        if (typeof reason !== 'string') return { user, reason };
        const known = this.#list.get(user.pbx.guid);
        if (known?.user === user && known.reason.code === reason) return known;
        const { displayName, pbx } = user;
        return { user, reason: new SyncError(reason, { user: displayName, app: this.#use.app, pbx: pbx.loc }) };
    }
}

function isSameList(one: ReadonlyMap<string, LeftOut>, other: ReadonlyMap<string, LeftOut>): boolean {
    if (one.size !== other.size) return false;
    return [...other].every(([guid, { reason }]) => one.get(guid)?.reason.message === reason.message);
}
