import type { Clock } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { CallMonitor, type CallMonitorUse } from './call-monitor';

/** Milliseconds in which a PBX tells the calls that exist already. */
const settlingTime = 1_000;

interface LineStatesUse extends CallMonitorUse {
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
    readonly #changed: (guid: string, inCall: boolean) => void;
    readonly #monitors = new Map<PbxSession, CallMonitor>();
    /** In a call when their PBX was lost. */
    readonly #stale = new Set<string>();
    readonly #told = new Set<string>();
    #isWanted = false;
    #isNeeded = false;

    /** @param changed told when it has become known whether a user is in a call, or is another answer */
    constructor(use: LineStatesUse, changed: (guid: string, inCall: boolean) => void) {
        this.#use = use;
        this.#changed = changed;
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
        this.#told.delete(guid);
    }

    /** The user is not where they were: what other PBXs than that of the user have said no longer counts. */
    drop(guid: string): void {
        this.#stale.delete(guid);
        for (const [session, monitor] of this.#monitors) if (!this.#isHome(guid, session)) monitor.forget(guid);
        this.look(guid);
    }

    /** Looks again at a user who has come, or for whom one of our own calls has begun or ended. */
    look(guid: string): void {
        const { directory, records } = this.#use;
        // As long as a call of ours begins it is not known which of the user's calls it is.
        if (!directory.byGuid(guid) || records.get(guid)?.ownCall?.phase === 'beginning') return;
        const inCall = this.#stale.has(guid) || [...this.#monitors.values()].some(monitor => monitor.has(guid));
        if (inCall === this.#told.has(guid)) return;
        if (inCall) this.#told.add(guid);
        else this.#told.delete(guid);
        this.#changed(guid, inCall);
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
