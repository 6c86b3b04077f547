import type { Timer } from '../../time/clock';
import type { Call, CallObserver } from './calls';
import { type Api, type Frame, failures, notSimulated, resultOf, type Send, sourceKey, text } from './frame';
import type { Installation } from './installation';
import { groupsOf, type PbxUser } from './pbx-user';
import type { TableObserver } from './user-table';

/** What call monitoring works on. */
export interface RccContext {
    installation: Installation;
    /** The PBX that was asked; it knows the calls of the users who are homed there. */
    pbxName: string;
    /** Groups of which the App object is an active member. */
    groups: readonly string[];
    /** GUID of the user who has logged in, who sees nobody else; absent for the App object itself. */
    only?: string;
}

/** What one Initialize has asked for. */
interface Monitor {
    src: unknown;
    calls: boolean;
    /** Users of the App's groups instead of those who may access the App. */
    byGroup: boolean;
}

/** Users per tick, and the tick in ms. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/RCC.htm, Initialize */
const usersPerTick = 50;
const tick = 20;

/** What makes and changes calls. */
const callControl = [
    ...['Devices', 'UserCall', 'UserClear', 'UserConnect', 'UserRc', 'UserInfo', 'UserDTMF', 'UserUUI', 'UserTransfer'],
    ...['UserMediaTransfer', 'UserPickup', 'UserRedirect', 'UserReroute', 'UserCtrlCall', 'UserCtComplete', 'UserHold'],
    ...['UserRetrieve', 'UserPark'],
];

/**
 * The monitoring part of the API `RCC`, as one session uses it: users with Initialize, all calls of this PBX with its
 * flag `calls`, or the calls of single users with UserInitialize.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/RCC.htm
 */
export class Rcc implements Api, CallObserver, TableObserver {
    readonly #context: RccContext;
    readonly #send: Send;
    readonly #monitors = new Map<string, Monitor>();
    /** What each UserInitialize has begun: by the user's GUID, then by handle, its `src`. */
    readonly #users = new Map<string, Map<number, unknown>>();
    readonly #timers = new Set<Timer>();
    #lastUser = 0;

    constructor(context: RccContext, send: Send) {
        this.#context = context;
        this.#send = send;
        context.installation.calls.observers.add(this);
        context.installation.users.observers.add(this);
    }

    handle(frame: Frame): void {
        if (frame.mt === 'Initialize') this.#initialize(frame);
        else if (frame.mt === 'UserInitialize') this.#userInitialize(frame);
        else if (frame.mt === 'UserEnd') this.#userEnd(frame);
        else if (callControl.includes(text(frame.mt))) this.#send(notSimulated(frame));
    }

    close(): void {
        const { installation } = this.#context;
        installation.calls.observers.delete(this);
        installation.users.observers.delete(this);
        for (const timer of this.#timers) installation.clock.cancel(timer);
        this.#monitors.clear();
        this.#users.clear();
    }

    callChanged(call: Readonly<Call>, event: 'added' | 'updated' | 'removed', message: string): void {
        const user = this.#context.installation.users.byGuid(call.guid);
        if (!user || !this.#isTold(call, user)) return;
        for (const monitor of this.#monitors.values())
            if (monitor.calls) this.#tell(monitor, user, call, event, message);
        if (this.#context.installation.behaviour.rccCounts === 'with-calls') this.#tellUser(user, 'update');
        for (const [handle, src] of this.#users.get(call.guid) ?? []) {
            this.#send(this.#callInfo(handle, src, call, message));
            if (event === 'removed') this.#send(this.#callInfo(handle, src, call, 'del'));
        }
    }

    added(user: PbxUser): void {
        this.#tellUser(user, 'add');
    }

    updated(before: PbxUser, after: PbxUser): void {
        for (const monitor of this.#monitors.values()) {
            if (this.#isVisible(monitor, after)) this.#send(this.#userInfo(monitor.src, after, 'update'));
            else if (this.#isVisible(monitor, before)) this.#send(this.#userInfo(monitor.src, before, 'del'));
        }
    }

    removed(user: PbxUser): void {
        this.#tellUser(user, 'del');
    }

    #initialize(frame: Frame): void {
        // "Only available on AppWebsocket connections to an App Object so that not any user can read all PBX calls."
        const calls = frame.calls === true && this.#context.only === undefined;
        const monitor = { src: frame.src, calls, byGroup: frame.grp === true };
        this.#monitors.set(sourceKey(frame.src), monitor);
        const users = this.#context.installation.users.all().filter(user => this.#isVisible(monitor, user));
        const asked = typeof frame.limit === 'number' && frame.limit >= 1 ? Math.floor(frame.limit) : usersPerTick;
        const limit = Math.min(asked, usersPerTick);
        let next = 0;
        const sendSome = () => {
            for (const user of users.slice(next, next + limit)) this.#send(this.#userInfo(monitor.src, user));
            next += limit;
            if (next < users.length) return this.#later(sendSome);
            this.#send(resultOf(frame));
            if (monitor.calls && this.#context.installation.behaviour.rccExistingCalls) this.#tellExisting(monitor);
        };
        sendSome();
    }

    #tellExisting(monitor: Monitor): void {
        const { calls, users } = this.#context.installation;
        for (const call of calls.all()) {
            const user = users.byGuid(call.guid);
            if (user && this.#isTold(call, user)) this.#tell(monitor, user, call, 'added', '');
        }
    }

    #userInitialize(frame: Frame): void {
        const { users, calls } = this.#context.installation;
        const user = users.byLongName(text(frame.cn));
        const isVisible = user && this.#isReachable(user) && (user.rcc || this.#sharesGroup(user));
        if (!isVisible) return this.#send(resultOf(frame, failures.unknownUser));
        const handle = ++this.#lastUser;
        const handles = this.#users.get(user.guid) ?? new Map<number, unknown>();
        this.#users.set(user.guid, handles.set(handle, frame.src));
        this.#send(resultOf(frame, { user: handle }));
        for (const call of calls.of(user.guid)) {
            if (this.#isTold(call, user)) this.#send(this.#callInfo(handle, frame.src, call, 'update'));
        }
    }

    #userEnd(frame: Frame): void {
        const handle = Number(frame.user);
        const isThere = [...this.#users.values()].some(handles => handles.delete(handle));
        this.#send(resultOf(frame, isThere ? {} : failures.unknownUser));
    }

    #later(run: () => void): void {
        const { clock } = this.#context.installation;
        const timer = clock.after(tick, () => {
            this.#timers.delete(timer);
            run();
        });
        this.#timers.add(timer);
    }

    #tellUser(user: PbxUser, update: string): void {
        for (const monitor of this.#monitors.values()) {
            if (this.#isVisible(monitor, user)) this.#send(this.#userInfo(monitor.src, user, update));
        }
    }

    #isReachable({ guid }: PbxUser): boolean {
        return this.#context.only === undefined || this.#context.only === guid;
    }

    #isVisible({ byGroup }: Monitor, user: PbxUser): boolean {
        if (!this.#isReachable(user)) return false;
        return byGroup ? this.#sharesGroup(user) : user.rcc;
    }

    #sharesGroup(user: PbxUser): boolean {
        return groupsOf(user).some(group => this.#context.groups.includes(group));
    }

    /** Whether this PBX knows the call, and RCC tells such calls. */
    #isTold({ alien }: Readonly<Call>, { loc }: PbxUser): boolean {
        const { installation, pbxName } = this.#context;
        return loc === pbxName && (!alien || installation.behaviour.alienCallsInRcc);
    }

    #tell({ src }: Monitor, user: PbxUser, call: Readonly<Call>, event: string, msg: string): void {
        const { handle, id, conference, peer: remote } = call;
        const frame = { api: 'RCC', src, call: handle };
        const { callEnd, rccUpdateState } = this.#context.installation.behaviour;
        if (event === 'added') {
            const { guid, longName: cn } = user;
            const ids = { 'conf-id': conference, 'call-id': id };
            this.#send({ ...frame, mt: 'CallAdd', guid, cn, state: stateNumber(call), ...ids });
        } else {
            const state = rccUpdateState ? stateNumber(call) : undefined;
            const local = { h323: user.h323, e164: user.number };
            const update = { ...frame, mt: 'CallUpdate', msg, state, local, remote };
            this.#send(update);
            if (event !== 'removed') return;
            this.#send(callEnd === 'CallUpdate' ? { ...update, msg: 'del' } : { ...frame, mt: callEnd });
        }
    }

    #callInfo(user: number, src: unknown, call: Readonly<Call>, msg: string): Frame {
        const { handle, conference: conf, peer } = call;
        const state = stateNumber(call);
        return {
            api: 'RCC',
            mt: 'CallInfo',
            src,
            user,
            call: handle,
            conf,
            state,
            time: 0,
            peer,
            no: [],
            msg,
            info: [],
        };
    }

    /** @param update absent in the list that Initialize sends */
    #userInfo(src: unknown, user: PbxUser, update?: string): Frame {
        const { guid, longName: cn, displayName: dn, h323, number: e164, node, loc: pbx, pseudo } = user;
        const about = { guid, cn, dn, h323, e164, node, pbx, pseudo, regs: [{ hw: h323 }] };
        return { api: 'RCC', mt: 'UserInfo', src, update, ...about, ...this.#counts(user) };
    }

    #counts(user: PbxUser): { channel?: number; alert?: number } {
        const { behaviour, calls } = this.#context.installation;
        if (behaviour.rccCounts === 'absent') return {};
        const told = calls.of(user.guid).filter(call => this.#isTold(call, user));
        return { channel: told.length, alert: told.filter(({ state }) => state === 'ringing').length };
    }
}

const stateNumbers = { setup: 1, ringing: 4, connected: 5, parked: 8 };

/** The state as RCC writes it: the phase, and flags for direction, hold and held. */
function stateNumber({ state, direction, hold, held }: Readonly<Call>): number {
    return stateNumbers[state] + (direction === 'to-phone' ? 128 : 0) + (hold ? 256 : 0) + (held ? 512 : 0);
}
