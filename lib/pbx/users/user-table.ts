import { toSyncError } from '../../errors/errors';
import { systemClock } from '../../time/clock';
import { type Frame, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type LeftOut, Participants, type ParticipantsOptions } from './participants';
import { advanced, type Position, usnOf } from './position';
import { ReadingPace } from './reading-pace';
import { type Replication, type ReplicationOptions, replicate, replicateOnce } from './replication';
import { type DirectoryChange, isChange } from './user-directory';
import { type PbxUser, RowMaker, type UserRow } from './user-row';

/** What tells a change of the table. */
const kinds = ['ReplicateAdd', 'ReplicateUpdate', 'ReplicateDel'];

export interface UserTableOptions extends ParticipantsOptions {
    /** System name of the PBX, where it is entered by hand; else what the PBX tells counts. */
    domain?: string;
}

/**
 * Replicates the user table of the PBX and keeps a directory of the users who take part.
 *
 * After a reconnect only what is newer is read where the PBX offers that. Whether it tells, too, who was removed
 * meanwhile is not documented: until that is found out, the whole table is read once more behind the scenes.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export class UserTable {
    readonly #options: UserTableOptions;
    readonly #participants: Participants;
    readonly #pace = new ReadingPace();
    readonly #maker: RowMaker;
    #rows = new Map<string, UserRow>();
    /** From where the next connection can go on. */
    #position?: Position;
    /** Whether a PBX that goes on from there tells who was removed; `undefined` as long as that is not known. */
    #tellsRemoved?: boolean;
    /** The replication that is being read. */
    #reading?: Replication;
    /** `src` of the one whose changes count at once. */
    #src?: string;

    constructor(options: UserTableOptions) {
        this.#options = options;
        this.#maker = new RowMaker(options.domain);
        this.#participants = new Participants(options);
    }

    get leftOut(): Iterable<LeftOut> {
        return this.#participants.leftOut;
    }

    /**
     * Reads the table, or what is new in it, and leaves the replication running.
     * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_TABLE_LOSSY, PBX_SILENT or what ended the session
     */
    async read(session: PbxSession): Promise<DirectoryChange> {
        this.#src = undefined;
        this.#follow(session);
        session.mux.listenTo('PbxTableUsers', kinds, frame => this.#take(frame));
        const from = this.#tellsRemoved === false ? undefined : this.#position;
        const replication = await replicate(this.#replicationIn(session), from, begun => this.#begun(session, begun));
        const known = replication.isResumed ? this.#rows : new Map<string, UserRow>();
        await this.#participants.learn(session, usersOf(new Map([...known, ...replication.told])).values());
        const someGone = [...replication.told].some(([guid, row]) => !row && this.#rows.has(guid));
        const change = this.#adopt(replication);
        if (replication.isResumed && this.#tellsRemoved !== true) this.#check(session, someGone);
        return change;
    }

    end(): void {
        this.#participants.end();
    }

    /**
     * An Add may be a duplicate, an Update of a user unknown so far.
     * @param src of the replication that tells it; `undefined` where the PBX does not say which
     */
    #take({ mt, columns, usn: number }: Frame, src?: string): void {
        if (!kinds.includes(mt)) return;
        const isGone = mt === 'ReplicateDel';
        const row = isGone ? undefined : this.#maker.rowOf(columns);
        const guid = row?.user.pbx.guid ?? (isGone && isObject(columns) ? textOf(columns.guid) : '');
        if (!guid) return;
        const usn = usnOf(number);
        const { src: readingSrc } = this.#reading ?? {};
        if (src === undefined || src === readingSrc) this.#reading?.change(guid, row, usn);
        if (this.#src === undefined || (src !== undefined && src !== this.#src)) return;
        this.#position &&= advanced(this.#position, usn);
        this.#change(guid, row);
    }

    #replicationIn(session: PbxSession): ReplicationOptions {
        const { clock = systemClock } = this.#options;
        return { session, maker: this.#maker, pace: this.#pace, clock };
    }

    #begun(session: PbxSession, replication: Replication): void {
        const { src } = replication;
        this.#reading = replication;
        session.mux.listen(src, frame => this.#take(frame, src));
    }

    /** Takes over what a replication has told, and from now on what it tells at once. */
    #adopt(replication: Replication): DirectoryChange {
        const rows = replication.isResumed ? this.#rows : new Map<string, UserRow>();
        for (const [guid, row] of replication.told) {
            if (row) rows.set(guid, this.#maker.completed(row));
            else rows.delete(guid);
        }
        this.#rows = rows;
        this.#position = replication.position;
        this.#src = replication.src;
        this.#reading = undefined;
        return this.#participants.replaceAll(usersOf(rows));
    }

    /**
     * Reads the whole table again, to find users who were removed while there was no connection. Until the connection
     * ends, both replications tell each change, and only what the newer one tells counts from then on.
     * @param someGone whether the PBX has told of any
     */
    #check(session: PbxSession, someGone: boolean): void {
        const check = async (): Promise<void> => {
            const replication = await replicateOnce(this.#replicationIn(session), begun => this.#begun(session, begun));
            const isMissing = [...this.#rows.keys()].some(guid => !replication.told.get(guid));
            this.#tellsRemoved = isMissing ? false : someGone || undefined;
            this.#tell(this.#adopt(replication));
        };
        check().catch(thrown => {
            if (session.end) return;
            // The next connection goes on from the position of now and checks again.
            this.#reading = undefined;
            this.#options.log?.('warn', toSyncError(thrown).message);
        });
    }

    #change(guid: string, row: UserRow | undefined): void {
        if (row) {
            this.#rows.set(guid, row);
            this.#participants.put(row.user);
        } else {
            this.#rows.delete(guid);
            this.#participants.remove(guid);
        }
    }

    /** Takes the system name from the PBX, which may tell it later than the first users. */
    #follow(session: PbxSession): void {
        if (this.#options.domain) return;
        const learn = (): void => {
            const { domain } = session.info;
            if (!domain || domain === this.#maker.domain) return;
            this.#maker.domain = domain;
            for (const [guid, row] of this.#rows) this.#rows.set(guid, this.#maker.completed(row));
            if (this.#src !== undefined) this.#tell(this.#participants.replaceAll(usersOf(this.#rows)));
        };
        session.on('info', learn);
        learn();
    }

    #tell(change: DirectoryChange): void {
        if (isChange(change)) this.#options.changed?.(change);
    }
}

function usersOf(rows: ReadonlyMap<string, UserRow | undefined>): Map<string, PbxUser> {
    return new Map([...rows].flatMap(([guid, row]) => (row ? [[guid, row.user] as const] : [])));
}
