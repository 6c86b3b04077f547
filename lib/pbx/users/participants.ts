import type { SyncError } from '../../errors/errors';
import { type Clock, systemClock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { LicenceHolders } from './licence-holders';
import { Participation, type ParticipationSettings } from './participation';
import { type DirectoryChange, isChange, type UserDirectory } from './user-directory';
import type { PbxUser } from './user-row';

/** A user of the PBX who takes no part, and why. */
export interface LeftOut {
    user: PbxUser;
    reason: SyncError;
}

export interface ParticipantsOptions {
    /** Gets the users who take part. */
    directory: UserDirectory;
    /** Default: all users take part. */
    participation?: ParticipationSettings;
    clock?: Clock;
    log?: Log;
    /** Told of each change of the directory, but for those that are returned. */
    changed?(change: DirectoryChange): void;
    /** {@link Participants.leftOut} may be another list. */
    leftOut?(): void;
}

/** Keeps a directory of the users of the PBX who take part, and a list of the others. */
export class Participants {
    readonly #options: ParticipantsOptions;
    readonly #participation: Participation;
    /** Absent where no licence decides. */
    readonly #licences?: LicenceHolders;
    #users: Map<string, PbxUser> = new Map();
    #leftOut = new Map<string, LeftOut>();
    readonly #toldUnknown = new Set<string>();

    constructor(options: ParticipantsOptions) {
        this.#options = options;
        this.#participation = new Participation(options.participation);
        const { clock = systemClock, log = () => undefined } = options;
        const { licence } = this.#participation;
        if (licence === undefined) return;
        this.#licences = new LicenceHolders({
            ...{ licence, clock, log },
            users: () => this.#askedIn(this.#users.values()),
            changed: guid => {
                const user = this.#users.get(guid);
                if (user) this.#judge(user);
            },
        });
    }

    /** Users who take no part, with the reason. */
    get leftOut(): Iterable<LeftOut> {
        return this.#leftOut.values();
    }

    /**
     * Finds out what has to be known of these users, and goes on finding out over this connection.
     * @throws SyncError PBX_API_MISSING where licences decide and PbxAdminApi is not ticked, PBX_SILENT or what ended
     *   the session
     */
    async learn(session: PbxSession, users: Iterable<PbxUser>): Promise<void> {
        await this.#licences?.learn(session, this.#askedIn(users));
    }

    /** Takes all users of the PBX and returns what has become of the directory. */
    replaceAll(users: Map<string, PbxUser>): DirectoryChange {
        for (const guid of this.#users.keys()) if (!users.has(guid)) this.#licences?.forget(guid);
        const wasSomeLeftOut = this.#leftOut.size > 0;
        this.#users = users;
        this.#leftOut = new Map();
        const participants = new Map([...users].filter(([, user]) => this.#takesPart(user)));
        const change = this.#options.directory.replaceAll(participants);
        this.#licences?.lookAtUnknown();
        this.#nameUnknownEntries();
        if (wasSomeLeftOut || this.#leftOut.size > 0) this.#options.leftOut?.();
        return change;
    }

    put(user: PbxUser): void {
        this.#users.set(user.pbx.guid, user);
        if (this.#participation.asksLicence(user)) this.#licences?.look(user.pbx.guid);
        this.#judge(user);
    }

    remove(guid: string): void {
        this.#users.delete(guid);
        if (this.#leftOut.delete(guid)) this.#options.leftOut?.();
        this.#licences?.forget(guid);
        this.#tell(this.#options.directory.remove(guid));
    }

    /** The connection of {@link learn} is over. */
    end(): void {
        this.#licences?.end();
    }

    /** Tells of entries that are probably misspelled, once each. */
    #nameUnknownEntries(): void {
        const unknown = this.#participation.unknownEntries(this.#users.values());
        const fresh = unknown.filter(entry => !this.#toldUnknown.has(entry));
        for (const entry of fresh) this.#toldUnknown.add(entry);
        if (fresh.length > 0) this.#options.log?.('warn', `No user of the PBX is called ${fresh.join(', ')}`);
    }

    #judge(user: PbxUser): void {
        const { directory, leftOut } = this.#options;
        const { guid } = user.pbx;
        const wasLeftOut = this.#leftOut.delete(guid);
        const takesPart = this.#takesPart(user);
        this.#tell(takesPart ? directory.put(user) : directory.remove(guid));
        if (wasLeftOut || !takesPart) leftOut?.();
    }

    /** A user who does not is in the list then. */
    #takesPart(user: PbxUser): boolean {
        const { guid } = user.pbx;
        const reason = this.#participation.reasonAgainst(user, this.#licences?.answerOf(guid) ?? false);
        if (reason) this.#leftOut.set(guid, { user, reason });
        return !reason;
    }

    #askedIn(users: Iterable<PbxUser>): string[] {
        return [...users].filter(user => this.#participation.asksLicence(user)).map(({ pbx }) => pbx.guid);
    }

    #tell(change: DirectoryChange): void {
        if (isChange(change)) this.#options.changed?.(change);
    }
}
