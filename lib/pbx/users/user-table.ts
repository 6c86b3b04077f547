import type { Clock } from '../../time/clock';
import { type Frame, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { LeftOutList } from './left-out-list';
import { LicenceHolders, Participation, type ParticipationSettings } from './participation';
import { ReadingPace, type Replication, replicate } from './replication';
import type { UserChange, UserDirectory } from './user-directory';
import { completed, type PbxUser, userOf } from './user-row';

/** What tells a change of the table. */
const kinds = ['ReplicateAdd', 'ReplicateUpdate', 'ReplicateDel'];

export interface UserTableOptions {
    /** Gets the users who take part. */
    directory: UserDirectory;
    /** Gets the others, with the reason. */
    leftOut: Pick<LeftOutList, 'absent' | 'look'>;
    /** System name of the PBX, where it is entered by hand; else what the PBX tells counts. */
    domain?: string;
    /** Default: all users take part. */
    participation?: ParticipationSettings;
    clock: Clock;
    log: Log;
    /** Told of changes of the directory, but for those that are returned. */
    changed(changes: UserChange[]): void;
}

/**
 * Replicates the user table of the PBX, and keeps a directory of the users who take part and a list of the others. Each
 * connection reads all of it: whether a PBX that goes on from a number tells who was removed meanwhile is not documented.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export class UserTable {
    readonly #options: UserTableOptions;
    readonly #participation: Participation;
    /** Absent where no licence decides. */
    readonly #licences?: LicenceHolders;
    readonly #pace = new ReadingPace();
    /** System name of the PBX, as far as it is known. */
    #domain: string | undefined;
    /** All users as the PBX tells them, by GUID. */
    #rows = new Map<string, PbxUser>();
    /** Entries of the settings that no user goes by, and that were told. */
    readonly #toldUnknown = new Set<string>();
    /** The replication that is being read. */
    #reading?: Replication;
    /** All has been read over the connection of now, so changes count at once. */
    #isRead = false;

    constructor(options: UserTableOptions) {
        this.#options = options;
        this.#domain = options.domain;
        this.#participation = new Participation(options.participation);
        const { clock, log } = options;
        const { licence } = this.#participation;
        if (licence === undefined) return;
        this.#licences = new LicenceHolders({
            ...{ licence, clock, log },
            users: () => this.#asked(this.#rows),
            changed: guid => {
                const row = this.#rows.get(guid);
                if (row) this.#judge(row);
            },
        });
    }

    /**
     * Reads the table and what else must be known of the users, and leaves the replication running.
     * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_TABLE_LOSSY, PBX_SILENT or what ended the session
     */
    async read(session: PbxSession): Promise<UserChange[]> {
        const { clock } = this.#options;
        this.#isRead = false;
        this.#learnDomain(session);
        const replication = await replicate({ session, pace: this.#pace, clock }, begun => {
            this.#reading = begun;
            session.mux.listen(begun.src, frame => this.#take(frame), { api: 'PbxTableUsers', kinds });
        });
        await this.#licences?.learn(session, this.#asked(replication.told));
        const told = [...replication.told].flatMap(([guid, row]) => (row ? [[guid, row] as const] : []));
        for (const guid of this.#rows.keys()) if (!replication.told.get(guid)) this.#licences?.forget(guid);
        this.#rows = new Map(told);
        this.#reading = undefined;
        this.#isRead = true;
        return this.#judgeAll();
    }

    /** The connection is over. */
    end(): void {
        this.#licences?.end();
    }

    /** An Add may be a duplicate, an Update of a user unknown so far; where two replications run, each tells a change. */
    #take({ mt, columns }: Frame): void {
        if (!kinds.includes(mt)) return;
        const isGone = mt === 'ReplicateDel';
        const row = isGone ? undefined : userOf(columns);
        const guid = row?.pbx.guid ?? (isGone && isObject(columns) ? textOf(columns.guid) : '');
        if (!guid) return;
        this.#reading?.change(guid, row);
        if (!this.#isRead) return;
        if (row) this.#put(row);
        else this.#remove(guid);
    }

    #put(row: PbxUser): void {
        const { guid } = row.pbx;
        this.#rows.set(guid, row);
        if (this.#participation.asksLicence(this.#completed(row))) this.#licences?.look(guid);
        this.#judge(row);
    }

    #remove(guid: string): void {
        const { directory, leftOut } = this.#options;
        this.#rows.delete(guid);
        if (leftOut.absent.delete(guid)) leftOut.look();
        this.#licences?.forget(guid);
        this.#tell(directory.remove(guid));
    }

    #judge(row: PbxUser): void {
        const { directory, leftOut } = this.#options;
        const user = this.#completed(row);
        const { guid } = user.pbx;
        const wasLeftOut = leftOut.absent.delete(guid);
        const takesPart = this.#takesPart(user);
        this.#tell(takesPart ? directory.put(user) : directory.remove(guid));
        if (wasLeftOut || !takesPart) leftOut.look();
    }

    /** Judges all users, with their addresses in the domain of now. */
    #judgeAll(): UserChange[] {
        const { directory, leftOut } = this.#options;
        const wasSomeLeftOut = leftOut.absent.size > 0;
        leftOut.absent.clear();
        const participants = new Map<string, PbxUser>();
        const users = Array.from(this.#rows.values(), row => this.#completed(row));
        for (const user of users) if (this.#takesPart(user)) participants.set(user.pbx.guid, user);
        const changes = directory.replaceAll(participants);
        this.#licences?.lookAtUnknown();
        this.#nameUnknownEntries(users);
        if (wasSomeLeftOut || leftOut.absent.size > 0) leftOut.look();
        return changes;
    }

    /** A user who does not is in the list then. */
    #takesPart(user: PbxUser): boolean {
        const { guid } = user.pbx;
        const reason = this.#participation.reasonAgainst(user, this.#licences?.answerOf(guid) ?? false);
        if (reason) this.#options.leftOut.absent.set(guid, { user, reason });
        return !reason;
    }

    #asked(rows: ReadonlyMap<string, PbxUser | undefined>): string[] {
        const isAsked = (row: PbxUser) => this.#participation.asksLicence(this.#completed(row));
        return [...rows].filter(([, row]) => row && isAsked(row)).map(([guid]) => guid);
    }

    #completed(row: PbxUser): PbxUser {
        return completed(row, this.#domain);
    }

    /** Tells of entries that are probably misspelled, once each. */
    #nameUnknownEntries(users: readonly PbxUser[]): void {
        const unknown = this.#participation.unknownEntries(users);
        const fresh = unknown.filter(entry => !this.#toldUnknown.has(entry));
        for (const entry of fresh) this.#toldUnknown.add(entry);
        if (fresh.length > 0) this.#options.log('warn', `No user of the PBX is called ${fresh.join(', ')}`);
    }

    /** Takes the system name from the PBX, which may tell it later than the first users. */
    #learnDomain(session: PbxSession): void {
        if (this.#options.domain) return;
        const learn = (): void => {
            const { domain } = session.info;
            if (!domain || domain === this.#domain) return;
            this.#domain = domain;
            if (this.#isRead) this.#tell(this.#judgeAll());
        };
        session.on('info', learn);
        learn();
    }

    #tell(changes: UserChange[]): void {
        if (changes.length > 0) this.#options.changed(changes);
    }
}
