import { SyncError, toSyncError } from '../../errors/errors';
import { type Clock, within } from '../../time/clock';
import { type Frame, failureOf, isObject } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type PbxUser, userColumns, userOf } from './user-row';

const api = 'PbxTableUsers';
/** Rows that are asked for at once at most. */
const most = 64;
/** Rows in turn that tell nobody new: a table that goes on like this has no end. */
const mostIdle = 1_000;
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
    /** Rows in turn that have told nobody new. */
    #idle = 0;
    /** Users of whom a change was told: no row that is read can be newer. */
    readonly #changed = new Set<string>();

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
        pace.begin();
        for (let asked = 0; ; ) {
            const count = Math.max(1, Math.min(pace.size, certain - asked));
            asked += count;
            const outcome = await this.#ask(count);
            if (outcome) return outcome;
        }
    }

    /** Takes a change that the PBX tells while it is read. */
    change(guid: string, user: PbxUser | undefined): void {
        this.#changed.add(guid);
        this.told.set(guid, user);
    }

    /** Asks for so many rows at once. @returns how the read has ended, if it has */
    async #ask(count: number): Promise<ReadingOutcome | undefined> {
        const { session, pace, clock } = this.#options;
        const answers: Frame[] = [];
        let failure: SyncError | undefined;
        let end = (): void => {};
        const ended = new Promise<void>(resolve => {
            end = resolve;
        });
        const ask = async (): Promise<void> => {
            try {
                const answer = await session.request(api, 'ReplicateNext', {}, this.src);
                answers.push(answer);
                if (isEnd(answer)) end();
            } catch (thrown) {
                failure ??= toSyncError(thrown);
            }
        };
        const all = Promise.all(Array.from({ length: count }, ask));
        await Promise.race([all, ended]);
        await (pace.endsSilently ? within(clock, patienceAtEnd, all) : all);
        if (failure && (session.end || count === 1)) throw failure;
        return this.#judge(answers, count);
    }

    /** @param answers in the order in which they have come; fewer than were asked for where some are missing */
    #judge(answers: readonly Frame[], count: number): ReadingOutcome | undefined {
        const { pace } = this.#options;
        let ends = 0;
        /** A row has come after an end, so what is missing need not be beyond it. */
        let inDisorder = false;
        let isLost = false;
        for (const answer of answers) {
            const detail = failureOf(answer);
            if (isEnd(answer)) ends++;
            else if (detail !== undefined) {
                // What is asked for beyond the end may be refused.
                if (ends > 0 && !inDisorder) continue;
                if (count === 1) throw new SyncError('PBX_TABLE_REFUSED', { detail });
                isLost = true;
            } else if (this.#take(answer.columns) || pace.repeatsRows) inDisorder ||= ends > 0;
            // Of several requests two may have got one row and none another. A PBX that repeats rows singly just does.
            else if (count === 1) pace.trustRepetition();
            else isLost = true;
        }
        const isWhole = answers.length === count;
        // Which of the requests was not answered cannot be told, but beyond the end it does not matter.
        const isAtEnd = !inDisorder && (pace.endsSilently ? ends > 0 : ends === 1);
        if (isLost || (!isWhole && !isAtEnd)) {
            pace.lost();
            return 'lossy';
        }
        if (!isWhole && !pace.endsSilently) return 'unanswered';
        if (ends > 0) pace.complete();
        else if (count === pace.size) pace.grow();
        return ends > 0 ? 'complete' : undefined;
    }

    /** @returns false for a row that was there before */
    #take(columns: unknown): boolean {
        const user = userOf(columns);
        this.rows++;
        this.#idle++;
        if (this.#idle > mostIdle) throw new SyncError('PBX_TABLE_LOSSY', { host: this.#options.session.host });
        if (!user) return true;
        const isChanged = this.#changed.has(user.pbx.guid);
        const isNew = isChanged || !this.told.has(user.pbx.guid);
        if (isNew) this.#idle = 0;
        if (isChanged) return true;
        this.told.set(user.pbx.guid, user);
        return isNew;
    }
}

/** There are no more rows: a result without columns, or with none in them. */
function isEnd(answer: Frame): boolean {
    const { columns } = answer;
    return failureOf(answer) === undefined && !(isObject(columns) && Object.keys(columns).length > 0);
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

    /** How many are asked for now. */
    get size(): number {
        return this.#size;
    }

    begin(): void {
        this.#proven = 0;
        this.#size = 1;
    }

    /** All answers have come as they should. */
    grow(): void {
        this.#proven = Math.max(this.#proven, this.#size);
        this.#size = Math.min(2 * this.#size, this.#limit);
    }

    /** Something may have been lost because so many rows, two or more, were asked for together. */
    lost(): void {
        if (this.#size >= this.#lostWith) this.#ceiling = this.#lostWith / 2;
        this.#lostWith = Math.min(this.#lostWith, this.#size);
        this.#limit = Math.min(this.#ceiling, this.#size / 2);
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
