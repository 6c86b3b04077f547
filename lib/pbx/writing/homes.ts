import { type ErrorCode, SyncError, toSyncError } from '../../errors/errors';
import { nothing, ourContact, sameSetting } from '../../presence/pbx-list';
import { entryOf, handleOf, type PbxRecord, type PbxSide } from '../../presence/pbx-record';
import { endClaims } from '../../presence/record';
import type { Reconciler } from '../../sync/reconciler';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { UserDirectory } from '../users/user-directory';

const impersonation = 'PbxImpersonation';
/** Milliseconds after which a PBX is asked again for what it has refused: the reason may have passed. */
const refusalLasts = 5 * 60_000;
/** That grows while the answer stays the same, up to this many ms. */
const longestRefusal = 24 * 3_600_000;

/** A PBX where users are homed. */
export interface Home extends PbxSide {
    /** Its PBX name as the user table tells it; empty where that does not. */
    readonly loc: string;
    /** Absent while it is not connected, or not everything is ready. */
    session?: PbxSession;
    /** Whether the App object may act as users over this connection; absent until it is asked. */
    allowsCalls?: Promise<boolean>;
    /** Times that a list was read back since to find out whether our contact is taken. */
    readBacks: number;
    /** When it is forgotten what it has refused (monotonic). */
    refusedUntil: number;
    /** ms that it will be remembered. */
    refusalLasts: number;
}

export interface HomesUse {
    links: Pick<PbxLinks, 'home'>;
    directory: UserDirectory;
    clock: Clock;
    log: Log;
    people(): Pick<Reconciler<PbxRecord>, 'records' | 'recordOf' | 'touch'>;
    /** {@link Homes.notes} are other ones. */
    noted(): void;
}

/** The PBXs where users are homed, and what has been found out about each. */
export class Homes {
    /** All who write make a dry run; absent as long as nobody has written. */
    isDry?: boolean;
    readonly #use: HomesUse;
    /** By PBX name, as the user table tells it. */
    readonly #byName = new Map<string, Home>();
    readonly #notes = new Map<ErrorCode, SyncError>();
    /** Users for whom the PBX refuses calls, by GUID: the status names the first, the log all. */
    readonly #withoutCalls = new Map<string, SyncError>();

    /** Asks again for what was refused. */
    readonly #again: Alarm;

    constructor(use: HomesUse) {
        this.#use = use;
        this.#again = new Alarm(use.clock, () => this.#askAgain());
    }

    /** The PBX where the user of the record is homed. */
    of({ person }: PbxRecord): Home {
        const loc = person.pbx?.loc ?? '';
        const home = this.#byName.get(loc) ?? this.#homeAt(loc);
        home.isDry = this.isDry;
        if (this.#use.clock.monotonic() >= home.refusedUntil) {
            home.refusalLasts = Math.min(2 * home.refusalLasts, longestRefusal);
            forgetRefusals(home);
        }
        return home;
    }

    /** There is a connection, ready by now or soon. */
    isConnected({ person }: PbxRecord): boolean {
        const session = this.#use.links.home(person.pbx?.loc ?? '');
        return session !== undefined && !session.end;
    }

    /** Gives each PBX the connection of now. @returns the PBXs that have another one than before, or none any more */
    connect(): Set<Home> {
        const changed = [...this.#byName.values()].filter(home => this.#sessionAt(home.loc) !== home.session);
        for (const home of changed) connect(home, this.#sessionAt(home.loc));
        return new Set(changed);
    }

    /** Whether the PBX takes a contact of our own has been found out. */
    contactKnown(home: Home): void {
        this.note('PBX_OWN_ENTRY_REFUSED', home.takesContact === false);
        if (home.takesContact === false) return this.#landed(home);
        home.refusalLasts = refusalLasts;
        this.#changed(home);
    }

    /** The PBX has refused what it may take later: a contact of our own, or an activity. It is asked for again then. */
    refused(home: Home): void {
        home.refusedUntil = Math.min(home.refusedUntil, this.#use.clock.monotonic() + home.refusalLasts);
        this.#again.set(home.refusalLasts);
    }

    #askAgain(): void {
        const now = this.#use.clock.monotonic();
        for (const home of this.#byName.values()) {
            if (home.refusedUntil <= now) this.#changed(home);
            else if (home.refusedUntil < Number.POSITIVE_INFINITY) this.#again.set(home.refusedUntil - now);
        }
    }

    /** Nothing is asked for again. May be called twice. */
    stop(): void {
        this.#again.stop();
    }

    /** The write for this user has found out which contact is taken, or the write for another one may. */
    probed(home: Home, key: string): void {
        if (home.probing === key) delete home.probing;
        this.#changed(home);
    }

    /**
     * Whether the App object may act as users over this connection, however long the PBX takes to say so; never rejects.
     * That is asked once, by deleting an API that does not exist.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
     */
    allowsCalls(home: Home, session: PbxSession): Promise<boolean> {
        home.allowsCalls ??= askForCalls(session).then(areAllowed => {
            if (home.session !== session || session.end) return areAllowed;
            this.note('PBX_CALLS_NOT_ALLOWED', !areAllowed);
            home.takesCalls = areAllowed;
            this.#changed(home);
            return areAllowed;
        });
        return home.allowsCalls;
    }

    /** What the PBX does not do as it was asked to, and what is done instead. */
    get notes(): SyncError[] {
        const [withoutCall] = this.#withoutCalls.values();
        return [...this.#notes.values(), ...(withoutCall ? [withoutCall] : [])];
    }

    /** This is so, or no longer; the log has it once as long as it is so. */
    note(code: ErrorCode, isSo: boolean, parameters: Record<string, string> = {}): void {
        if (isSo === this.#notes.has(code)) return;
        if (isSo) {
            const note = new SyncError(code, parameters);
            this.#notes.set(code, note);
            this.#use.log('info', note.message);
        } else this.#notes.delete(code);
        this.#use.noted();
    }

    /** The PBX was asked for a call of the user. @param refusal `undefined`: it makes it */
    called({ key: guid, person: { displayName } }: PbxRecord, refusal: string | undefined): void {
        if ((refusal !== undefined) === this.#withoutCalls.has(guid)) return;
        const about = { user: displayName, detail: refusal };
        if (refusal === undefined) this.#withoutCalls.delete(guid);
        else {
            const note = new SyncError('PBX_CALL_NOT_SHOWN', about);
            const further = new SyncError('PBX_REQUEST_REFUSED', { ...about, what: 'show on-the-phone' });
            this.#use.log('info', (this.#withoutCalls.size === 0 ? note : further).message);
            this.#withoutCalls.set(guid, note);
        }
        this.#use.noted();
    }

    /** Something has become known of the PBX, so what its users wait for may go on. */
    #changed(home: Home): void {
        for (const { key } of this.#recordsAt(home)) this.#use.people().touch(key);
    }

    /** The PBX keeps no entry under our contact: what was written there is gone, or stands in place of the user's own. */
    #landed(home: Home): void {
        const now = this.#use.clock.monotonic();
        for (const record of this.#recordsAt(home)) {
            const state = entryOf(record);
            if (!state || record.sending) continue;
            const ours = record.state?.list?.ours ?? nothing;
            endClaims(state, now, claim => handleOf(claim).contact === ourContact && !sameSetting(ours, claim.value));
            this.#use.people().touch(record.key);
        }
    }

    /** Of the users for whom something is wanted or held. */
    #recordsAt(home: Home): PbxRecord[] {
        const records = [...this.#use.people().records.values()];
        return records.filter(record => Object.keys(record.parts).length > 0 && this.of(record) === home);
    }

    #homeAt(loc: string): Home {
        const never = Number.NEGATIVE_INFINITY;
        const home: Home = {
            ...{ loc, heldOffUntil: 0, served: 0, servedAt: never, sourcesKnownBy: 0 },
            ...{ untaken: new Set(), readBacks: 0, refusedUntil: 0, refusalLasts },
        };
        connect(home, this.#sessionAt(loc));
        this.#byName.set(loc, home);
        return home;
    }

    #sessionAt(loc: string): PbxSession | undefined {
        const { directory, links } = this.#use;
        const session = directory.loaded ? links.home(loc) : undefined;
        return session?.isReady && !session.end ? session : undefined;
    }
}

/** There is another connection, over which the PBX may do what it has not done so far, or none. */
function connect(home: Home, session: PbxSession | undefined): void {
    home.heldOffUntil = session ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    forgetRefusals(home);
    delete home.allowsCalls;
    delete home.takesCalls;
    delete home.probing;
    if (session) home.session = session;
    else delete home.session;
}

function forgetRefusals(home: Home): void {
    home.untaken.clear();
    home.readBacks = 0;
    home.refusedUntil = Number.POSITIVE_INFINITY;
    if (!home.takesContact) delete home.takesContact;
}

/** Even an answer that tells of a failure comes from an API that is there; whether it serves is then seen. */
async function askForCalls(session: PbxSession): Promise<boolean> {
    if (session.may(impersonation) !== undefined) return session.may(impersonation) === true;
    try {
        await session.request(impersonation, 'DeleteApi', { target: '' });
        return session.may(impersonation) !== false;
    } catch (thrown) {
        return toSyncError(thrown).code !== 'PBX_API_MISSING';
    }
}
