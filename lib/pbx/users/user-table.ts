import type { SyncError } from '../../errors/errors';
import { type Clock, systemClock } from '../../time/clock';
import { type Frame, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { LicenceHolders } from './licence-holders';
import { Participation, type ParticipationSettings } from './participation';
import { ReadingPace } from './reading-pace';
import { type Replication, replicate } from './replication';
import { type DirectoryChange, isChange, type UserDirectory } from './user-directory';
import { type PbxUser, RowMaker, type UserRow } from './user-row';

/** What tells a change of the table. */
const kinds = ['ReplicateAdd', 'ReplicateUpdate', 'ReplicateDel'];

/** A user of the PBX who takes no part, or whose presence it does not tell, and why. */
export interface LeftOut {
    user: PbxUser;
    reason: SyncError;
}

export interface UserTableOptions {
    /** Gets the users who take part. */
    directory: UserDirectory;
    /** System name of the PBX, where it is entered by hand; else what the PBX tells counts. */
    domain?: string;
    /** Default: all users take part. */
    participation?: ParticipationSettings;
    clock?: Clock;
    log?: Log;
    /** Told of each change of the directory, but for those that are returned. */
    changed?(change: DirectoryChange): void;
    /** {@link UserTable.leftOut} may be another list. */
    leftOut?(): void;
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
    readonly #maker: RowMaker;
    #rows = new Map<string, UserRow>();
    #leftOut = new Map<string, LeftOut>();
    /** Entries of the settings that no user goes by, and that were told. */
    readonly #toldUnknown = new Set<string>();
    /** The replication that is being read. */
    #reading?: Replication;
    /** All has been read over the connection of now, so changes count at once. */
    #isRead = false;

    constructor(options: UserTableOptions) {
        this.#options = options;
        this.#maker = new RowMaker(options.domain);
        this.#participation = new Participation(options.participation);
        const { clock = systemClock, log = () => undefined } = options;
        const { licence } = this.#participation;
        if (licence === undefined) return;
        this.#licences = new LicenceHolders({
            ...{ licence, clock, log },
            users: () => this.#asked(this.#rows),
            changed: guid => {
                const row = this.#rows.get(guid);
                if (row) this.#judge(row.user);
            },
        });
    }

    /** Users who take no part, with the reason. */
    get leftOut(): Iterable<LeftOut> {
        return this.#leftOut.values();
    }

    /**
     * Reads the table and what else must be known of the users, and leaves the replication running.
     * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_TABLE_LOSSY, PBX_SILENT or what ended the session
     */
    async read(session: PbxSession): Promise<DirectoryChange> {
        const { clock = systemClock } = this.#options;
        this.#isRead = false;
        this.#learnDomain(session);
        const take = (frame: Frame) => this.#take(frame);
        session.mux.listenTo('PbxTableUsers', kinds, take);
        const replication = await replicate({ session, maker: this.#maker, pace: this.#pace, clock }, begun => {
            this.#reading = begun;
            session.mux.listen(begun.src, take);
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
        const row = isGone ? undefined : this.#maker.rowOf(columns);
        const guid = row?.user.pbx.guid ?? (isGone && isObject(columns) ? textOf(columns.guid) : '');
        if (!guid) return;
        this.#reading?.change(guid, row);
        if (!this.#isRead) return;
        if (row) this.#put(row);
        else this.#remove(guid);
    }

    #put(row: UserRow): void {
        const { user } = row;
        this.#rows.set(user.pbx.guid, row);
        if (this.#participation.asksLicence(user)) this.#licences?.look(user.pbx.guid);
        this.#judge(user);
    }

    #remove(guid: string): void {
        this.#rows.delete(guid);
        if (this.#leftOut.delete(guid)) this.#options.leftOut?.();
        this.#licences?.forget(guid);
        this.#tell(this.#options.directory.remove(guid));
    }

    #judge(user: PbxUser): void {
        const { directory, leftOut } = this.#options;
        const { guid } = user.pbx;
        const wasLeftOut = this.#leftOut.delete(guid);
        const takesPart = this.#takesPart(user);
        this.#tell(takesPart ? directory.put(user) : directory.remove(guid));
        if (wasLeftOut || !takesPart) leftOut?.();
    }

    /** Judges all users, with their addresses in the domain of now. */
    #judgeAll(): DirectoryChange {
        const wasSomeLeftOut = this.#leftOut.size > 0;
        this.#leftOut = new Map();
        const participants = new Map<string, PbxUser>();
        for (const [guid, row] of this.#rows) {
            const completed = this.#maker.completed(row);
            this.#rows.set(guid, completed);
            if (this.#takesPart(completed.user)) participants.set(guid, completed.user);
        }
        const change = this.#options.directory.replaceAll(participants);
        this.#licences?.lookAtUnknown();
        this.#nameUnknownEntries();
        if (wasSomeLeftOut || this.#leftOut.size > 0) this.#options.leftOut?.();
        return change;
    }

    /** A user who does not is in the list then. */
    #takesPart(user: PbxUser): boolean {
        const { guid } = user.pbx;
        const reason = this.#participation.reasonAgainst(user, this.#licences?.answerOf(guid) ?? false);
        if (reason) this.#leftOut.set(guid, { user, reason });
        return !reason;
    }

    #asked(rows: ReadonlyMap<string, UserRow | undefined>): string[] {
        return [...rows].filter(([, row]) => row && this.#participation.asksLicence(row.user)).map(([guid]) => guid);
    }

    /** Tells of entries that are probably misspelled, once each. */
    #nameUnknownEntries(): void {
        const unknown = this.#participation.unknownEntries(Array.from(this.#rows.values(), ({ user }) => user));
        const fresh = unknown.filter(entry => !this.#toldUnknown.has(entry));
        for (const entry of fresh) this.#toldUnknown.add(entry);
        if (fresh.length > 0) this.#options.log?.('warn', `No user of the PBX is called ${fresh.join(', ')}`);
    }

    /** Takes the system name from the PBX, which may tell it later than the first users. */
    #learnDomain(session: PbxSession): void {
        if (this.#options.domain) return;
        const learn = (): void => {
            const { domain } = session.info;
            if (!domain || domain === this.#maker.domain) return;
            this.#maker.domain = domain;
            if (this.#isRead) this.#tell(this.#judgeAll());
        };
        session.on('info', learn);
        learn();
    }

    #tell(change: DirectoryChange): void {
        if (isChange(change)) this.#options.changed?.(change);
    }
}
