import { toSyncError } from '../../errors/errors';
import { isOwnCall, seeCall } from '../../presence/pbx-call';
import type { PbxRecord } from '../../presence/pbx-record';
import type { Clock, Timer } from '../../time/clock';
import { type Frame, failureOf, isObject, textOf } from '../connection/frame';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { UserDirectory } from '../users/user-directory';
import type { PresenceReader } from './presence-reader';

/** What RCC tells of users and calls. */
const kinds = ['UserInfo', 'CallAdd', 'CallUpdate', 'CallDel', 'CallDelete'];

/** Milliseconds in which a PBX tells the calls that exist already. */
const settlingTime = 1_000;

interface LineStatesUse {
    /** Told when it has become known whether a user is in a call, or is another answer. */
    reader: Pick<PresenceReader, 'receiveCalls'>;
    directory: Pick<UserDirectory, 'find' | 'byGuid'>;
    records: Pick<ReadonlyMap<string, PbxRecord>, 'get'>;
    links: Pick<PbxLinks, 'home'>;
    clock: Clock;
    log: Log;
}

/**
 * Who is in a call, as RCC of all connected PBXs tells it, once a node wants to know. What a PBX said last goes on
 * until it can be asked again.
 */
export class LineStates {
    readonly #use: LineStatesUse;
    readonly #monitors = new Map<PbxSession, CallMonitor>();
    /** In a call when their PBX was lost. */
    readonly #stale = new Set<string>();
    #isWanted = false;
    #isNeeded = false;

    constructor(use: LineStatesUse) {
        this.#use = use;
    }

    /**
     * From now on calls are asked for, also over connections that stand already.
     * @param isNeeded whether there is no other source, so that an administrator should know where they are not told
     */
    want(isNeeded: boolean): void {
        this.#isNeeded ||= isNeeded;
        if (this.#isWanted) return;
        this.#isWanted = true;
        for (const [session, monitor] of this.#monitors) void this.#ask(session, monitor);
    }

    begin(session: PbxSession): void {
        const monitor = new CallMonitor(session, this.#use, guid => {
            this.#stale.delete(guid);
            this.look(guid);
        });
        this.#monitors.set(session, monitor);
        if (this.#isWanted) void this.#ask(session, monitor);
    }

    end(session: PbxSession): void {
        const monitor = this.#monitors.get(session);
        for (const guid of monitor?.inCall ?? []) this.#stale.add(guid);
        this.#use.clock.cancel(monitor?.settling);
        this.#monitors.delete(session);
    }

    /** The user is gone. */
    forget(guid: string): void {
        this.#stale.delete(guid);
    }

    /** The user is not where they were: what other PBXs than that of the user have said no longer counts. */
    drop(guid: string): void {
        this.#stale.delete(guid);
        for (const [session, monitor] of this.#monitors) if (!this.#isHome(guid, session)) monitor.forget(guid);
        this.look(guid);
    }

    /** Looks again at a user who has come, or for whom one of our own calls has begun or ended. */
    look(guid: string): void {
        const { directory, records, reader } = this.#use;
        const { ownCall, state } = records.get(guid) ?? {};
        // As long as a call of ours begins it is not known which of the user's calls it is.
        if (!directory.byGuid(guid) || ownCall?.phase === 'beginning') return;
        const inCall = this.#stale.has(guid) || [...this.#monitors.values()].some(monitor => monitor.has(guid));
        if (inCall !== (state?.inCall ?? false)) reader.receiveCalls(guid, inCall);
    }

    async #ask(session: PbxSession, monitor: CallMonitor): Promise<void> {
        const missing = await monitor.start();
        if (session.end || this.#monitors.get(session) !== monitor) return;
        const { log, clock } = this.#use;
        const pbx = session.info.pbx ?? session.host;
        if (missing) log(this.#isNeeded ? 'warn' : 'debug', `PBX ${pbx} tells no calls: ${missing}`);
        monitor.settling = clock.after(settlingTime, () => this.#settle(session, monitor));
    }

    /** All users who are in a call have been told by now; calls that are added from now on are new ones. */
    #settle(session: PbxSession, monitor: CallMonitor): void {
        monitor.isSettled = true;
        for (const guid of [...this.#stale]) {
            if (!this.#isHome(guid, session)) continue;
            this.#stale.delete(guid);
            this.look(guid);
        }
    }

    #isHome(guid: string, session: PbxSession): boolean {
        const { directory, links } = this.#use;
        return links.home(directory.byGuid(guid)?.pbx.loc) === session;
    }
}

/** The calls of one user. */
interface UserCalls {
    readonly handles: Set<number>;
    /** Calls that the PBX has counted and not told otherwise. */
    untold: number;
}

/**
 * The calls of one PBX as RCC tells them over one connection. Every call counts from its first to its last message:
 * ringing, connected, held or parked, and several of a user count as one, as in the PBX's own `on-the-phone`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/RCC.htm
 */
class CallMonitor {
    /** The calls that were there before have been told: one that is added is a new one. */
    isSettled = false;
    /** Until that is so. */
    settling?: Timer;
    readonly #session: PbxSession;
    readonly #use: LineStatesUse;
    readonly #changed: (guid: string) => void;
    readonly #src: string;
    readonly #guidByCall = new Map<number, string>();
    readonly #byUser = new Map<string, UserCalls>();
    #isHeard = false;

    /** @param changed told of each user who is in a call now, or no longer */
    constructor(session: PbxSession, use: LineStatesUse, changed: (guid: string) => void) {
        this.#session = session;
        this.#use = use;
        this.#changed = changed;
        this.#src = session.newSource();
        session.mux.listen(this.#src, frame => this.#take(frame), { api: 'RCC', kinds });
    }

    /** GUIDs of the users who are in a call. */
    get inCall(): string[] {
        return [...this.#byUser.keys()].filter(guid => this.has(guid));
    }

    has(guid: string): boolean {
        const calls = this.#byUser.get(guid);
        if (!calls) return false;
        // Once known to be ours a call stays ours, though its end may be told after we have forgotten it.
        const record = this.#use.records.get(guid);
        for (const call of calls.handles) if (isOwnCall(record, call)) calls.handles.delete(call);
        return calls.handles.size + calls.untold > 0;
    }

    /** The user is no longer at this PBX, so the ends of their calls may not be told. */
    forget(guid: string): void {
        for (const call of this.#byUser.get(guid)?.handles ?? []) this.#guidByCall.delete(call);
        this.#byUser.delete(guid);
    }

    /**
     * Asks for all calls. Those that exist are told by CallAdd, or only counted in the list of the users; which of the
     * two is not documented.
     * @returns why there are none to be had; `undefined` if there are
     */
    async start(): Promise<string | undefined> {
        try {
            return failureOf(await this.#session.request('RCC', 'Initialize', { calls: true }, this.#src));
        } catch (thrown) {
            // The result comes after all users: 50 in 20 ms, which may take longer than an answer usually does.
            return this.#isHeard && !this.#session.end ? undefined : toSyncError(thrown).message;
        }
    }

    #take(frame: Frame): void {
        this.#isHeard = true;
        const call = typeof frame.call === 'number' ? frame.call : undefined;
        if (frame.mt === 'UserInfo') this.#count(frame);
        else if (call === undefined) return;
        else if (frame.mt === 'CallAdd') this.#add(call, textOf(frame.guid), this.isSettled);
        else if (frame.mt === 'CallUpdate') this.#update(call, frame);
        else if (frame.mt === 'CallDel' || frame.mt === 'CallDelete') this.#remove(call);
    }

    /** `channel` is the number of the user's calls, where the PBX tells it. @see https://sdk.innovaphone.com/14r1/doc/pbx/soap.htm */
    #count({ guid, channel, update }: Frame): void {
        const user = textOf(guid);
        if (update === 'del') {
            const isKnown = this.#byUser.has(user);
            this.forget(user);
            return isKnown ? this.#changed(user) : undefined;
        }
        if (!Number.isSafeInteger(channel)) return;
        const count = Number(channel) - (this.#use.records.get(user)?.ownCall ? 1 : 0);
        this.#change(user, calls => {
            calls.untold = Math.max(0, count - calls.handles.size);
        });
    }

    /** @param isNew the call is none of those that were counted */
    #add(call: number, guid: string, isNew: boolean): void {
        if (!guid || this.#guidByCall.has(call)) return;
        this.#guidByCall.set(call, guid);
        seeCall(this.#use.records.get(guid), call, true);
        this.#change(guid, calls => {
            calls.handles.add(call);
            if (!isNew) calls.untold = Math.max(0, calls.untold - 1);
        });
    }

    /** An update may be of a call that was there before us. */
    #update(call: number, { msg, local }: Frame): void {
        if (!this.#guidByCall.has(call)) {
            const name = isObject(local) ? textOf(local.h323) : '';
            this.#add(call, this.#use.directory.find(name)?.pbx.guid ?? '', false);
        }
        if (msg === 'del') this.#remove(call);
    }

    #remove(call: number): void {
        const guid = this.#guidByCall.get(call);
        if (guid === undefined) return;
        this.#guidByCall.delete(call);
        seeCall(this.#use.records.get(guid), call, false);
        this.#change(guid, calls => calls.handles.delete(call));
    }

    #change(guid: string, edit: (calls: UserCalls) => void): void {
        if (!guid) return;
        const calls = this.#byUser.get(guid) ?? { handles: new Set(), untold: 0 };
        edit(calls);
        if (calls.handles.size + calls.untold === 0) this.#byUser.delete(guid);
        else this.#byUser.set(guid, calls);
        this.#changed(guid);
    }
}
