import { EventEmitter } from 'node:events';
import { toSyncError } from '../../errors/errors';
import type { PbxRecord, PbxSide } from '../../presence/pbx-record';
import type { Clock } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { UserDirectory } from '../users/user-directory';
import type { WriteNotes } from './write-notes';

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
    /** Times that a list was read back since to find out whether our contact is taken. */
    readBacks: number;
    /** When it is forgotten what it has refused (monotonic). */
    refusedUntil: number;
    /** ms that it will be remembered. */
    refusalLasts: number;
}

interface Events {
    /** Something has become known of the PBX, so what its users wait for may go on. */
    changed: [home: Home];
    /** The PBX keeps no entry under our contact: what was written there is gone, or stands in place of the user's own. */
    landed: [home: Home];
}

/** The PBXs where users are homed, and what has been found out about each. */
export class Homes extends EventEmitter<Events> {
    readonly #links: Pick<PbxLinks, 'home'>;
    readonly #directory: UserDirectory;
    readonly #notes: WriteNotes;
    readonly #clock: Clock;
    /** By PBX name, as the user table tells it. */
    readonly #byName = new Map<string, Home>();
    #isDry = false;
    /** Connections that are ready to be written to. */
    readonly #ready = new Set<PbxSession>();
    /** Whether the App object may act as users over a connection. */
    readonly #allowed = new WeakMap<PbxSession, Promise<boolean>>();

    constructor(links: Pick<PbxLinks, 'home'>, directory: UserDirectory, notes: WriteNotes, clock: Clock) {
        super();
        this.#links = links;
        this.#directory = directory;
        this.#notes = notes;
        this.#clock = clock;
    }

    /** The PBX where the user of the record is homed. */
    of({ person }: PbxRecord): Home {
        const loc = person.pbx?.loc ?? '';
        const known = this.#byName.get(loc);
        if (known && this.#clock.monotonic() >= known.refusedUntil) {
            known.refusalLasts = Math.min(2 * known.refusalLasts, longestRefusal);
            forgetRefusals(known);
        }
        if (known) return known;
        const never = Number.NEGATIVE_INFINITY;
        const home: Home = {
            ...{ loc, heldOffUntil: 0, served: 0, servedAt: never, sourcesKnownBy: 0 },
            ...{ untaken: new Set(), readBacks: 0, refusedUntil: 0, refusalLasts, isDry: this.#isDry },
        };
        connect(home, this.#sessionAt(loc));
        this.#byName.set(loc, home);
        return home;
    }

    /** All who write make a dry run, or no longer. */
    set isDry(isDry: boolean) {
        this.#isDry = isDry;
        for (const home of this.#byName.values()) home.isDry = isDry;
    }

    /** There is a connection, ready by now or soon. */
    isConnected({ person }: PbxRecord): boolean {
        const session = this.#links.home(person.pbx?.loc ?? '');
        return session !== undefined && !session.end;
    }

    /** The connection is ready: the users of its PBX are known, and what they show has been told. */
    online(session: PbxSession): void {
        this.#ready.add(session);
    }

    lost(session: PbxSession): void {
        this.#ready.delete(session);
    }

    /** Gives each PBX the connection of now. @returns the PBXs that have another one than before, or none any more */
    connect(): Set<Home> {
        const changed = [...this.#byName.values()].filter(home => this.#sessionAt(home.loc) !== home.session);
        for (const home of changed) connect(home, this.#sessionAt(home.loc));
        return new Set(changed);
    }

    /** Whether the PBX takes a contact of our own has been found out. */
    contactKnown(home: Home): void {
        if (home.takesContact === false) {
            this.#notes.add('PBX_OWN_ENTRY_REFUSED');
            this.emit('landed', home);
        } else {
            home.refusalLasts = refusalLasts;
            this.#notes.drop('PBX_OWN_ENTRY_REFUSED');
            this.emit('changed', home);
        }
    }

    /** The PBX has refused what it may take later: a contact of our own, or an activity. */
    refused(home: Home): void {
        home.refusedUntil = Math.min(home.refusedUntil, this.#clock.monotonic() + home.refusalLasts);
    }

    /** The write for this user has found out which contact is taken, or the write for another one may. */
    probed(home: Home, key: string): void {
        if (home.probing === key) delete home.probing;
        this.emit('changed', home);
    }

    /**
     * Whether the App object may act as users over this connection, however long the PBX takes to say so; never rejects.
     * That is asked once, by deleting an API that does not exist.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
     */
    allowsCalls(session: PbxSession): Promise<boolean> {
        const known = this.#allowed.get(session);
        if (known) return known;
        const answer = askForCalls(session);
        this.#allowed.set(session, answer);
        void answer.then(areAllowed => !session.end && this.#callsKnown(session, areAllowed));
        return answer;
    }

    #callsKnown(session: PbxSession, areAllowed: boolean): void {
        if (areAllowed) this.#notes.drop('PBX_CALLS_NOT_ALLOWED');
        else this.#notes.add('PBX_CALLS_NOT_ALLOWED');
        for (const home of this.#byName.values()) {
            if (home.session !== session) continue;
            home.takesCalls = areAllowed;
            this.emit('changed', home);
        }
    }

    #sessionAt(loc: string): PbxSession | undefined {
        const session = this.#directory.loaded ? this.#links.home(loc) : undefined;
        return session && !session.end && this.#ready.has(session) ? session : undefined;
    }
}

/** There is another connection, over which the PBX may do what it has not done so far, or none. */
function connect(home: Home, session: PbxSession | undefined): void {
    home.heldOffUntil = session ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    forgetRefusals(home);
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
