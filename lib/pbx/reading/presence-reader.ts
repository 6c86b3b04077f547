import { EventEmitter } from 'node:events';
import { isCopied, judgeCopy, noteSetting } from '../../presence/copies';
import type { PresenceOrigin, PresenceUser } from '../../presence/message';
import { isEchoOfCall, settleCall, suspectCall } from '../../presence/pbx-call';
import { type Entry, nothing, sameSetting } from '../../presence/pbx-list';
import {
    adoptEntry,
    conclude,
    judgePbx,
    type PbxRecord,
    type PbxSide,
    type UserState,
} from '../../presence/pbx-record';
import { rules } from '../../presence/rules';
import type { PbxPresence } from '../../presence/vocabulary';
import type { Reconciler } from '../../sync/reconciler';
import type { Clock } from '../../time/clock';
import { tell } from '../connection/pbx-links';
import type { Log } from '../connection/pbx-settings';
import { type FollowOptions, samePresence, sameState, viewOf } from './presence-view';

/** Ms within which RCC tells the calls that there are at the start. */
const rccTells = 5_000;

/** A user's presence has become another one. */
export interface PbxChange extends Pick<PresenceOrigin, 'at' | 'unknown'> {
    user: PresenceUser;
    presence: PbxPresence;
    previous?: PbxPresence;
    /** `snapshot` for the first state that is known of a user, or for one told again; `update` for a difference. */
    via: 'snapshot' | 'update';
}

/** What most nodes want. */
const defaultFollowing: FollowOptions = {
    ...{ lineState: 'automatic', calendar: false, snapshot: 'differences', language: 'en' },
};

/** Tells one node what changes, from the moment it was made until it is stopped. */
export interface PresenceFollower extends EventEmitter<{ change: [PbxChange] }> {
    readonly options: Readonly<FollowOptions>;
    /** All states that are known now. */
    readonly snapshot: () => Iterable<PbxChange>;
    /** Nothing is told any more; may be called twice. */
    readonly stop: () => void;
}

interface PresenceReaderOptions {
    people: Reconciler<PbxRecord>;
    sides: {
        /** False once there are writers. */
        readonly isDry?: boolean;
        /** The PBX where the user is homed. */
        of(record: PbxRecord): PbxSide;
        /** Whether this PBX takes a contact of our own has been seen. */
        contactKnown(side: PbxSide): void;
    };
    /** There may be calls of ours that no log knows. */
    mayHaveCalls(): boolean;
    clock: Clock;
    log: Log;
}

/**
 * Takes in what the PBX shows of people, tells what their own sources say, and concludes what has become of what we set.
 * What is known outlives a connection, so that only differences are told. Each follower looks at it in its own way.
 */
export class PresenceReader {
    readonly #use: PresenceReaderOptions;
    readonly #followers = new Set<PresenceFollower>();

    constructor(options: PresenceReaderOptions) {
        this.#use = options;
    }

    /**
     * There are writers from now on, so what has our contact is ours: what no claim explains is from before this start,
     * not that of a system beside this one.
     */
    adopt(): void {
        for (const record of this.#use.people.records.values()) this.#adopt(record);
    }

    /** Tells changes from now on; what is known already is in {@link PresenceFollower.snapshot}. */
    follow(options: Partial<FollowOptions> = {}): PresenceFollower {
        const chosen = { ...defaultFollowing, ...options };
        const follower: PresenceFollower = Object.assign(new EventEmitter<{ change: [PbxChange] }>(), {
            options: chosen,
            snapshot: () => this.#snapshot(chosen),
            stop: () => void this.#followers.delete(follower),
        });
        this.#followers.add(follower);
        return follower;
    }

    /**
     * Takes a user's whole presence list; tells a change if it means one.
     * @param isFirst it is the first list of a subscription, so there may have been a gap before it
     */
    receive(guid: string, entries: readonly Entry[], isFirst = false): void {
        const { people, sides, clock } = this.#use;
        const record = people.records.get(guid);
        if (!record) return;
        const now = clock.monotonic();
        const side = sides.of(record);
        const wasGap = isFirst && record.state?.list !== undefined;
        const { takesContact } = side;
        settleCall(record, now);
        const verdict = judgePbx(record, entries, isFirst, side, now);
        const { tel, ours = nothing } = verdict.list;
        const before = record.state?.list?.presence;
        const isOwnChange = !isFirst && before !== undefined && !sameSetting(before, verdict.list.presence);
        const state = conclude(record, verdict, side, now);
        if (verdict.ended)
            people.decide(record, 'entry', verdict.ended, '', (verdict.ended === 'gone' ? ours : tel).activity);
        else if (verdict.seen || verdict.over.length > 0) people.logClaims(record, 'entry');
        const isStart = !record.state?.list && !record.ownCall;
        if (isStart && state.list?.presence.onThePhone && this.#use.mayHaveCalls()) suspectCall(record, now + rccTells);
        if (isOwnChange) noteSetting(record, verdict.list.presence.activity, now);
        this.#take(record, state, wasGap);
        if (isFirst) this.#adopt(record);
        if (side.takesContact !== takesContact) sides.contactKnown(side);
        if (isOwnChange || verdict.ended === 'chosen in the PBX') people.ownChanged(record);
        people.touch(guid);
    }

    /** Looks again at a user for whom a call of our own has begun or ended. */
    look(record: PbxRecord): void {
        // What a PBX shows it tells by itself.
        record.doubt = undefined;
        settleCall(record, this.#use.clock.monotonic());
        if (record.state) this.#take(record, record.state, false);
        this.#use.people.touch(record.key);
    }

    /** Teams says something of the user: what the user has set a moment ago may be a copy of it. */
    stated(record: PbxRecord): void {
        if (record.copying && record.state) this.#take(record, record.state, false);
    }

    /** Takes from RCC whether the user is in a call. */
    receiveCalls(guid: string, inCall: boolean): void {
        const record = this.#use.people.records.get(guid);
        if (record) this.#take(record, { isEcho: false, at: 0, ...record.state, inCall }, false);
    }

    /** The PBX does not tell the user's presence list any more: what it said is taken back until there is another. */
    expire(guid: string): void {
        const record = this.#use.people.records.get(guid);
        if (record?.state) this.#take(record, { ...record.state, isStale: true }, false);
    }

    /** The user is gone or takes no part any more: everything that was told is taken back. */
    forget(record: PbxRecord): void {
        if (!record.state) return;
        const inCall = record.state.inCall === undefined ? {} : { inCall: false };
        this.#take(record, { ...record.state, ...inCall, isStale: true }, false);
        record.state = undefined;
    }

    #adopt(record: PbxRecord): void {
        if (this.#use.sides.isDry !== false || !record.isMember) return;
        adoptEntry(record, this.#use.clock.monotonic());
        this.#use.people.touch(record.key);
    }

    *#snapshot(view: FollowOptions): Iterable<PbxChange> {
        for (const { person: user, state, isMember } of this.#use.people.records.values()) {
            const presence = isMember && state && viewOf(state, view);
            if (presence) yield { user, presence, via: 'snapshot', at: new Date(state.at).toISOString() };
        }
    }

    #judgeCopy(record: PbxRecord): void {
        const { people, clock, log } = this.#use;
        if (!judgeCopy(record, clock.monotonic())) return;
        people.decide(record, 'entry', 'copied', '', record.copying!.activity);
        log('warn', `${record.person.displayName}: ${rules.copied.en}`);
    }

    /** @param wasGap whether nodes that want everything after a gap are told this */
    #take(record: PbxRecord, next: UserState, wasGap: boolean): void {
        const last = record.state;
        // What a call of ours makes of the line state depends on what RCC tells, too.
        record.state = next;
        const { isUnclear: _, isCopied: __, ...rest } = next;
        const isUnclear = record.ownCall?.isUnclear ? ({ isUnclear: true } as const) : {};
        this.#judgeCopy(record);
        const copied = isCopied(record) ? ({ isCopied: true } as const) : {};
        const now = { ...rest, isEcho: isEchoOfCall(record), ...isUnclear, ...copied };
        const isNews = !last || !sameState(last, now);
        const seen = isNews ? this.#use.clock.date() : last.at;
        record.state = { ...now, at: seen };
        if (!isNews && !wasGap) return;
        const { person: user } = record;
        const at = new Date(seen).toISOString();
        // While it was not known, it counted as nothing: that it is nothing now is news where it was something before.
        const { isStale: ___, ...known } = last ?? now;
        const isBack = last?.isStale === true && !now.isStale;
        const unknown = now.isStale ? ({ unknown: true } as const) : {};
        for (const follower of this.#followers) {
            const { options } = follower;
            const presence = viewOf(now, options);
            const previous = last && viewOf(last, options);
            if (!presence) continue;
            const isChange = previous !== undefined && !samePresence(previous, presence);
            const isOther = isBack && !samePresence(viewOf(known, options) ?? presence, presence);
            if (previous && !isChange && !isOther && !(wasGap && options.snapshot === 'all')) continue;
            const change = isChange ? ({ previous, via: 'update', ...unknown } as const) : { via: 'snapshot' as const };
            tell(follower, this.#use.log, 'change', { user, presence, at, ...change });
        }
    }
}
