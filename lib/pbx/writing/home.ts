import type { PbxSide } from '../../presence/pbx-record';
import type { PbxSession } from '../connection/pbx-session';

/** The PBX where people are homed, as those who write for them see it. */
export interface Home extends PbxSide {
    /** Its PBX name as the user table tells it; empty where that does not. */
    readonly loc: string;
    /** Absent while it is not connected, or not everything is ready. */
    session?: PbxSession;
    /** Times that a list was read back since to find out whether our contact is taken. */
    readBacks: number;
}

/** A PBX of which nothing is known yet. */
export function newHome(loc: string): Home {
    const heldOffUntil = Number.POSITIVE_INFINITY;
    return {
        loc,
        heldOffUntil,
        served: 0,
        servedAt: Number.NEGATIVE_INFINITY,
        sourcesKnownBy: 0,
        untaken: new Set(),
        readBacks: 0,
    };
}

/** There is another connection, over which the PBX may do what it has not done so far, or none. */
export function connect(home: Home, session: PbxSession | undefined): void {
    home.heldOffUntil = session ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    home.readBacks = 0;
    if (!home.takesContact) delete home.takesContact;
    delete home.takesCalls;
    delete home.probing;
    if (session) home.session = session;
    else delete home.session;
}
