import { SyncError, toSyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { type Frame, failureOf, isObject } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type PbxUser, userColumns, userOf } from './user-row';

const api = 'PbxTableUsers';
/** Requests that may wait for their answers at once. */
const most = 64;
/** Milliseconds that a PBX known to leave unanswered what is beyond the end is waited for there. */
const patienceAtEnd = 2_000;

interface ReplicationOptions {
    /** Its limit for answers says when a request counts as unanswered. */
    session: Pick<PbxSession, 'request' | 'end' | 'host' | 'newSource'>;
    pace: ReadingPace;
    clock: Clock;
}

/**
 * How a read has ended. `lossy`: rows may have been lost because several were asked for at once. `unanswered`: the same,
 * unless the PBX just leaves unanswered what is asked for beyond the end.
 */
type ReadingOutcome = 'complete' | 'lossy' | 'unanswered';

/**
 * Replicates with as many requests at once as the PBX bears; where something may have been lost once more.
 * The protocol cannot end a replication: whatever was started goes on telling changes for as long as the connection
 * lasts. So nothing is tried a third time; the next connection begins more slowly.
 * @param begun told of each attempt before it asks for anything
 * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_TABLE_LOSSY, PBX_SILENT or what ended the session
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export async function replicate(
    options: ReplicationOptions,
    begun: (replication: Replication) => void,
): Promise<Replication> {
    const { pace, session } = options;
    const first = new Replication(options);
    begun(first);
    const outcome = await first.run();
    if (outcome === 'complete') return first;
    const second = new Replication(options);
    begun(second);
    const isDoubtful = outcome === 'unanswered';
    if ((await second.run(isDoubtful ? first.rows : undefined)) !== 'complete')
        throw new SyncError('PBX_TABLE_LOSSY', { host: session.host });
    // The careful read has found no user whom the fast one had not: what was left unanswered was beyond the end.
    if (isDoubtful && first.told.size === second.told.size) pace.endsSilently = true;
    return second;
}

/** One replication of the user table: what the PBX has told from its start on, until the table takes it over. */
export class Replication {
    /** Goes with each message of it. */
    readonly src: string;
    /** The newest row of each user; undefined for a user who is gone. */
    readonly told = new Map<string, PbxUser | undefined>();
    /** How many rows have been read, repeated ones included. */
    rows = 0;
    readonly #options: ReplicationOptions;
    /** Users of whom a change was told: no row that is read can be newer. */
    readonly #changed = new Set<string>();
    #certain = Number.POSITIVE_INFINITY;
    #asked = 0;
    #waiting = 0;
    /** How often the PBX has told that there are no more rows. */
    #ends = 0;
    /** A row has come after an end, so what is missing need not be beyond it. */
    #inDisorder = false;
    #timer?: Timer;
    #settle!: (outcome: ReadingOutcome | SyncError) => void;
    #settled = false;

    constructor(options: ReplicationOptions) {
        this.#options = options;
        this.src = options.session.newSource();
    }

    /**
     * Starts it and reads to the end.
     * @param certain rows that are certainly there, if that is known: those beyond are asked for one at a time
     * @throws SyncError PBX_API_MISSING, PBX_TABLE_REFUSED, PBX_SILENT or what ended the session
     */
    async run(certain = Number.POSITIVE_INFINITY): Promise<ReadingOutcome> {
        const { session, pace } = this.#options;
        const columns = Object.fromEntries(userColumns.map(name => [name, name === 'guid' ? {} : { update: true }]));
        const fields = { add: true, del: true, columns };
        const detail = failureOf(await session.request(api, 'ReplicateStart', fields, this.src));
        if (detail) throw new SyncError('PBX_TABLE_REFUSED', { detail });
        this.#certain = certain;
        return await new Promise((resolve, reject) => {
            this.#settle = outcome => (outcome instanceof SyncError ? reject(outcome) : resolve(outcome));
            pace.begin();
            this.#ask();
        });
    }

    /** Takes a change that the PBX tells while it is read. */
    change(guid: string, user: PbxUser | undefined): void {
        this.#changed.add(guid);
        this.told.set(guid, user);
    }

    /** Where more and more are asked for, all must have been answered first, so that the first that cannot be borne shows. */
    #ask(): void {
        const { session, pace } = this.#options;
        if (this.#waiting > 0 && pace.grows) return;
        while (!this.#settled && this.#ends === 0) {
            const together = this.#asked < this.#certain ? pace.size : 1;
            if (this.#waiting >= together) return;
            this.#asked++;
            this.#waiting++;
            session.request(api, 'ReplicateNext', {}, this.src).then(
                result => this.#answer(result, together),
                thrown => this.#fail(toSyncError(thrown), together),
            );
        }
    }

    #answer(result: Frame, together: number): void {
        if (this.#settled) return;
        const { pace, clock } = this.#options;
        this.#waiting--;
        const detail = failureOf(result);
        if (detail !== undefined) this.#refused(detail, together);
        else if (isObject(result.columns)) this.#row(result.columns, together);
        else this.#ends++;
        if (this.#settled) return;
        if (this.#ends === 0) this.#ask();
        else if (this.#waiting === 0) this.#finish('complete');
        else if (pace.endsSilently)
            this.#timer ??= clock.after(patienceAtEnd, () => {
                if (!this.#inDisorder) this.#finish('complete');
            });
    }

    #row(columns: Record<string, unknown>, together: number): void {
        const { pace } = this.#options;
        const isNew = this.#take(columns);
        // Of several requests two may have got one row and none another. A PBX that repeats rows singly just does.
        if (!isNew && !pace.repeatsRows) return together > 1 ? this.#lost(together) : pace.trustRepetition();
        if (this.#ends > 0) this.#inDisorder = true;
        else if (together === pace.size) pace.answered();
    }

    /** What is asked for beyond the end may be refused. */
    #refused(detail: string, together: number): void {
        if (this.#ends > 0 && !this.#inDisorder) return;
        if (together > 1) return this.#lost(together);
        this.#finish(new SyncError('PBX_TABLE_REFUSED', { detail }));
    }

    #fail(error: SyncError, together: number): void {
        if (this.#settled) return;
        if (!this.#options.session.end && together > 1) return this.#silent(together);
        this.#finish(error);
    }

    /** Which of the requests was not answered cannot be told, but beyond the end it does not matter. */
    #silent(together: number): void {
        const isAtEnd = this.#ends === 1 && !this.#inDisorder;
        if (!isAtEnd) return this.#lost(together);
        this.#finish(this.#options.pace.endsSilently ? 'complete' : 'unanswered');
    }

    #lost(together: number): void {
        this.#options.pace.lost(together);
        this.#finish('lossy');
    }

    #finish(outcome: ReadingOutcome | SyncError): void {
        const { pace, clock } = this.#options;
        this.#settled = true;
        clock.cancel(this.#timer);
        if (outcome === 'complete') pace.complete();
        this.#settle(outcome);
    }

    /** @returns false for a row that was there before */
    #take(columns: Record<string, unknown>): boolean {
        const user = userOf(columns);
        this.rows++;
        if (!user || this.#changed.has(user.pbx.guid)) return true;
        const isNew = !this.told.has(user.pbx.guid);
        this.told.set(user.pbx.guid, user);
        return isNew;
    }
}

/**
 * How many rows of the user table are asked for at once: one at first, twice as many each time that all of them have
 * been answered. Outlives connections, so that nothing is tried in vain again: where rows may be lost, the next read has
 * half as many at most. Lost once more before a read has gone well with as many: never as many again. So a PBX that
 * cannot bear two requests loses rows twice in all, and a single mishap costs one read.
 */
export class ReadingPace {
    /** True for a PBX that is known to leave unanswered what is asked for beyond the end. */
    endsSilently = false;
    /** True for a PBX that is known to give rows again where one is asked for at a time: a repeated row means nothing. */
    repeatsRows = false;
    #size = 1;
    /** The most for now, and the most for good. */
    #limit = most;
    #ceiling = most;
    /** The fewest with which rows were lost, as long as no read has gone well with as many. */
    #lostWith = Number.POSITIVE_INFINITY;
    /** The most that have all been answered in this read. */
    #proven = 0;
    #answered = 0;

    /** How many requests may wait for their answers now. */
    get size(): number {
        return this.#size;
    }

    /** True as long as more may be asked for once all have been answered. */
    get grows(): boolean {
        return this.#size < this.#limit;
    }

    begin(): void {
        this.#proven = 0;
        this.#size = 1;
        this.#answered = 0;
    }

    /** An answer has come as it should. */
    answered(): void {
        this.#answered++;
        if (this.#answered < this.#size) return;
        this.#answered = 0;
        this.#proven = Math.max(this.#proven, this.#size);
        this.#size = Math.min(2 * this.#size, this.#limit);
    }

    /** Something may have been lost because so many rows, two or more, were asked for together. */
    lost(together: number): void {
        if (together >= this.#lostWith) this.#ceiling = this.#lostWith / 2;
        this.#lostWith = Math.min(this.#lostWith, together);
        this.#limit = Math.min(this.#ceiling, together / 2);
    }

    complete(): void {
        this.#limit = this.#ceiling;
        if (this.#proven >= this.#lostWith) this.#lostWith = Number.POSITIVE_INFINITY;
    }

    /** What looked like a loss was none. */
    trustRepetition(): void {
        this.repeatsRows = true;
        this.#lostWith = Number.POSITIVE_INFINITY;
        this.#ceiling = most;
        this.#limit = most;
    }
}
