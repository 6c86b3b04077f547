import { SyncError } from '../../errors/errors';
import type { Clock } from '../../time/clock';
import { failureOf } from '../connection/frame';
import { advanced, type Position, positionOf } from './position';
import type { ReadingPace } from './reading-pace';
import { type ReadingOutcome, type ReadingSession, TableReading } from './table-reading';
import { type RowMaker, type UserRow, userColumns } from './user-row';

/** What a {@link Replication} needs. */
export interface ReplicationOptions {
    session: ReadingSession & { newSource(): string };
    maker: RowMaker;
    pace: ReadingPace;
    clock: Clock;
}

/**
 * Replicates with as many requests at once as the PBX bears; where something may have been lost once more and in full.
 * The protocol cannot end a replication: whatever was started goes on telling changes for as long as the connection
 * lasts. So nothing is tried a third time; the next connection begins more slowly.
 * @param begun told of each attempt before it asks for anything
 * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_TABLE_LOSSY, PBX_SILENT or what ended the session
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export async function replicate(
    options: ReplicationOptions,
    from: Position | undefined,
    begun: (replication: Replication) => void,
): Promise<Replication> {
    const first = new Replication(options);
    begun(first);
    const outcome = await first.run(from);
    if (outcome === 'complete') return first;
    const isDoubtful = outcome === 'unanswered' && !first.isResumed;
    const second = await replicateOnce(options, begun, isDoubtful ? first.rows : undefined);
    // The careful read has found no user whom the fast one had not: what was left unanswered was beyond the end.
    if (isDoubtful && first.told.size === second.told.size) options.pace.endsSilently = true;
    return second;
}

/**
 * Replicates in full, in a single attempt.
 * @param certain rows that are certainly there, if that is known
 * @throws SyncError as {@link replicate}
 */
export async function replicateOnce(
    options: ReplicationOptions,
    begun: (replication: Replication) => void,
    certain?: number,
): Promise<Replication> {
    const replication = new Replication(options);
    begun(replication);
    const outcome = await replication.run(undefined, certain);
    if (outcome !== 'complete') throw new SyncError('PBX_TABLE_LOSSY', { host: options.session.host });
    return replication;
}

/** One replication of the user table: what the PBX has told from its start on, until the table takes it over. */
export class Replication {
    /** Goes with each message of it. */
    readonly src: string;
    /** The newest row of each user; undefined for a user who is gone. */
    readonly told = new Map<string, UserRow | undefined>();
    /** How far it has come; absent where the PBX offers no going on later. */
    position: Position | undefined;
    /** How many rows have been read, repeated ones included. */
    rows = 0;
    readonly #options: ReplicationOptions;
    /** Users of whom a change was told: no row that is read can be newer. */
    readonly #changed = new Set<string>();
    #from?: Position;

    constructor(options: ReplicationOptions) {
        this.#options = options;
        this.src = options.session.newSource();
    }

    /** True if only what is newer than a position was told, as had been asked for. */
    get isResumed(): boolean {
        return this.#from !== undefined && this.#from.guid === this.position?.guid;
    }

    /**
     * Starts it and reads to the end, from a position on where the PBX offers that.
     * @param certain rows that are certainly there, if that is known
     * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_SILENT or what ended the session
     */
    async run(from?: Position, certain?: number): Promise<ReadingOutcome> {
        const { session, maker } = this.#options;
        const columns = Object.fromEntries(userColumns.map(name => [name, name === 'guid' ? {} : { update: true }]));
        const fields = { add: true, del: true, columns, ...from };
        const started = await session.request('PbxTableUsers', 'ReplicateStart', fields, this.src);
        const detail = failureOf(started);
        if (detail && from) return this.run();
        if (detail) throw new SyncError('PBX_TABLE_REFUSED', { detail });
        this.#from = from;
        this.position = positionOf(started);
        const take = (row: Record<string, unknown>, usn: number | undefined) => this.#read(maker.rowOf(row), usn);
        return new TableReading({ ...this.#options, src: this.src, certain, take }).run();
    }

    /** Takes a change that the PBX tells while it is read. */
    change(guid: string, row: UserRow | undefined, usn: number | undefined): void {
        this.#changed.add(guid);
        this.told.set(guid, row);
        this.#advance(usn);
    }

    #read(row: UserRow | undefined, usn: number | undefined): boolean {
        this.rows++;
        this.#advance(usn);
        if (!row || this.#changed.has(row.user.pbx.guid)) return true;
        const isNew = !this.told.has(row.user.pbx.guid);
        this.told.set(row.user.pbx.guid, row);
        return isNew;
    }

    #advance(usn: number | undefined): void {
        this.position &&= advanced(this.position, usn);
    }
}
