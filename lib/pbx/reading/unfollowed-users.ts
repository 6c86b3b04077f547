import { SyncError } from '../../errors/errors';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import { type Frame, failureOf, isObject, textOf } from '../connection/frame';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { type LeftOut, linesOf } from '../users/left-out-list';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { LineStates } from './line-states';
import type { PresenceReader } from './presence-reader';
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
/** Names that a line of the log has room for. */
const mostNames = 10;

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
    reader: Pick<PresenceReader, 'expire'>;
    lineStates: Pick<LineStates, 'drop'>;
    clock: Clock;
    log: Log;
    /** {@link UnfollowedUsers.all} is another list. */
    changed(): void;
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
    /** Names in lower case of the users whose visibility is known to lack the right, as each PBX tells it. */
    readonly #unallowed = new Map<PbxSession, ReadonlySet<string>>();
    readonly #next: Alarm;

    constructor(use: UnfollowedUse) {
        this.#use = use;
        this.#next = new Alarm(use.clock, () => this.#lookNow(use.clock.monotonic()));
    }

    get all(): Iterable<LeftOut> {
        return this.#list.values();
    }

    begin(session: PbxSession): void {
        this.#unallowed.set(
            session,
            unallowedUsers(session, this.#use.app, () => this.look()),
        );
    }

    end(session: PbxSession): void {
        this.#unallowed.delete(session);
        this.look();
    }

    /** Something may have changed; it is looked at soon. */
    look(): void {
        this.#next.set(this.#isOnline ? together : togetherWhileAway);
    }

    stop(): void {
        this.#next.stop();
    }

    get #isOnline(): boolean {
        return this.#use.links.states()[0]?.state.phase === 'online';
    }

    #lookNow(now: number): void {
        const { directory, links, subscriptions } = this.#use;
        const before = this.#since;
        const unallowed = new Set([...this.#unallowed.values()].flatMap(names => [...names]));
        const away = new Set([...directory.homes].filter(loc => !links.home(loc)));
        const list = new Map<string, LeftOut>();
        let wait = Number.POSITIVE_INFINITY;
        this.#since = new Map();
        for (const user of directory.all()) {
            const missing = this.#missing(user, away, unallowed);
            if (!missing) continue;
            // Where something was told all the same, it is counted from then on.
            const { heardAt = 0 } = subscriptions.of(missing.key) ?? {};
            const since = Math.max(before.get(missing.key) ?? now, heardAt);
            this.#since.set(missing.key, since);
            const passed = now - since;
            for (const time of [missing.after, staleTime]) if (time > passed) wait = Math.min(wait, time - passed);
            if (passed >= staleTime) this.#expire(user);
            if (passed >= missing.after) list.set(user.pbx.guid, this.#unfollowed(user, missing.reason));
        }
        if (wait < Number.POSITIVE_INFINITY) this.#next.set(wait);
        if (!this.#isOnline || isSameList(this.#list, list)) return;
        this.#list = list;
        for (const { text } of linesOf([...list.values()], mostNames)) this.#use.log('warn', text);
        this.#use.changed();
    }

    /** Nothing has been told of the user for so long that the last state means nothing. */
    #expire({ pbx: { guid, loc } }: PbxUser): void {
        const { links, reader, lineStates } = this.#use;
        reader.expire(guid);
        if (!links.home(loc)) lineStates.drop(guid);
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

/**
 * Names in lower case of the users whose visibility lacks the right to see their presence, as PbxAdminApi tells them
 * where it is ticked, for as long as the session lasts. Without it, the right of each user of whom nothing is heard is
 * taken to be missing.
 * @param app name of the App object; what other Apps have subscribed is left out
 * @param changed called when they are others
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (MonitorUnallowed)
 */
function unallowedUsers(session: PbxSession, app: string, changed: () => void): ReadonlySet<string> {
    const names = new Set<string>();
    if (session.may('PbxAdminApi') === false) return names;
    const src = session.newSource();
    const take = ({ mt, user, srcs }: Frame): void => {
        const name = textOf(user).toLowerCase();
        if (mt === 'MonitorUnallowedAdd' && isOf(app, srcs)) names.add(name);
        else if (mt === 'MonitorUnallowedDel' && isOf(app, srcs, true)) names.delete(name);
        else return;
        changed();
    };
    session.mux.listen(src, take, { api: 'PbxAdminApi', kinds: ['MonitorUnallowedAdd', 'MonitorUnallowedDel'] });
    session
        .request('PbxAdminApi', 'MonitorUnallowed', {}, src)
        .then(result => failureOf(result) && names.clear())
        .catch(() => names.clear());
    return names;
}

/** @param ifEmpty whether an empty list means the App, too */
function isOf(app: string, sources: unknown, ifEmpty = false): boolean {
    if (!Array.isArray(sources)) return true;
    if (sources.length === 0) return ifEmpty;
    const name = app.toLowerCase();
    return sources.filter(isObject).some(source => source.grp !== true && textOf(source.name).toLowerCase() === name);
}
