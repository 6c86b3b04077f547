import { SyncError, toSyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { type Frame, failureOf, isObject } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { usnOf } from './position';
import type { ReadingPace } from './reading-pace';

const api = 'PbxTableUsers';
/** Milliseconds that a PBX known to leave unanswered what is beyond the end is waited for there. */
const patienceAtEnd = 2_000;

/** What a read needs of a session, whose limit for answers says when a request counts as unanswered. */
export type ReadingSession = Pick<PbxSession, 'request' | 'end' | 'host'>;

/**
 * How a read has ended. `lossy`: rows may have been lost because several were asked for at once. `unanswered`: the same,
 * unless the PBX just leaves unanswered what is asked for beyond the end.
 */
export type ReadingOutcome = 'complete' | 'lossy' | 'unanswered';

/** What a {@link TableReading} is made of. */
export interface TableReadingOptions {
    session: ReadingSession;
    /** That of the ReplicateStart before. */
    src: string;
    pace: ReadingPace;
    clock: Clock;
    /** Rows that are certainly there: those beyond are asked for one at a time. Default: nothing is known. */
    certain?: number;
    /** Takes one row; returns false for a row that was there before. */
    take(columns: Record<string, unknown>, usn: number | undefined): boolean;
}

/**
 * Asks for the rows of a started replication until the PBX has told that there are no more.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export class TableReading {
    readonly #options: TableReadingOptions;
    #asked = 0;
    #waiting = 0;
    /** How often the PBX has told that there are no more rows. */
    #ends = 0;
    #inDisorder = false;
    #lastUsn = Number.NEGATIVE_INFINITY;
    #timer?: Timer;
    #settle!: { resolve: (outcome: ReadingOutcome) => void; reject: (error: SyncError) => void };
    #settled = false;

    constructor(options: TableReadingOptions) {
        this.#options = options;
    }

    /** @throws SyncError PBX_TABLE_REFUSED, PBX_SILENT or what ended the session */
    run(): Promise<ReadingOutcome> {
        return new Promise((resolve, reject) => {
            this.#settle = { resolve, reject };
            this.#options.pace.begin();
            this.#ask();
        });
    }

    /** Where more and more are asked for, all must have been answered first, so that the first that cannot be borne shows. */
    #ask(): void {
        const { session, src, pace, certain = Number.POSITIVE_INFINITY } = this.#options;
        if (this.#waiting > 0 && pace.grows) return;
        while (!this.#settled && this.#ends === 0) {
            const together = this.#asked < certain ? pace.size : 1;
            if (this.#waiting >= together) return;
            this.#asked++;
            this.#waiting++;
            session.request(api, 'ReplicateNext', {}, src).then(
                result => this.#answer(result, together),
                thrown => this.#fail(toSyncError(thrown), together),
            );
        }
    }

    #answer(result: Frame, together: number): void {
        if (this.#settled) return;
        this.#waiting--;
        const detail = failureOf(result);
        if (detail !== undefined) this.#refused(detail, together);
        else if (isObject(result.columns)) this.#row(result.columns, usnOf(result.usn), together);
        else this.#ends++;
        if (this.#settled) return;
        if (this.#ends === 0) this.#ask();
        else if (this.#waiting === 0) this.#finish('complete');
        else if (this.#options.pace.endsSilently) this.#awaitRest();
    }

    #row(columns: Record<string, unknown>, usn: number | undefined, together: number): void {
        const { take, pace } = this.#options;
        const isNew = take(columns, usn);
        if (!isNew && !pace.repeatsRows) return this.#repeated(together);
        const isBehind = this.#ends > 0 || (usn !== undefined && usn < this.#lastUsn && !pace.isUnsorted);
        this.#lastUsn = Math.max(this.#lastUsn, usn ?? this.#lastUsn);
        if (isBehind && together === 1) pace.trustOrder();
        else if (isBehind) this.#disorder();
        else if (together === pace.size) pace.inOrder();
    }

    /** What was asked for before it showed tells nothing new, and past the end there is nothing to slow down. */
    #disorder(): void {
        this.#inDisorder = true;
        if (this.#options.pace.size > 1 && this.#ends === 0) this.#options.pace.disorder();
    }

    /** Of several requests two may have got one row and none another. A PBX that repeats rows to one who asks singly just does. */
    #repeated(together: number): void {
        if (together > 1) this.#lost(together);
        else this.#options.pace.trustRepetition();
    }

    /** What is asked for beyond the end may be refused. */
    #refused(detail: string, together: number): void {
        if (this.#ends > 0 && !this.#inDisorder) return;
        if (together > 1) return this.#lost(together);
        this.#stop();
        this.#settle.reject(new SyncError('PBX_TABLE_REFUSED', { detail }));
    }

    #fail(error: SyncError, together: number): void {
        if (this.#settled) return;
        if (!this.#options.session.end && together > 1) return this.#silent(together);
        this.#stop();
        this.#settle.reject(error);
    }

    /** Which of the requests was not answered cannot be told, but beyond the end it does not matter. */
    #silent(together: number): void {
        const isAtEnd = this.#ends === 1 && !this.#inDisorder;
        if (!isAtEnd) return this.#lost(together);
        this.#finish(this.#options.pace.endsSilently ? 'complete' : 'unanswered');
    }

    #awaitRest(): void {
        this.#timer ??= this.#options.clock.after(patienceAtEnd, () => {
            if (!this.#inDisorder) this.#finish('complete');
        });
    }

    #lost(together: number): void {
        this.#options.pace.lost(together);
        this.#finish('lossy');
    }

    #finish(outcome: ReadingOutcome): void {
        this.#stop();
        if (outcome === 'complete') this.#options.pace.complete();
        this.#settle.resolve(outcome);
    }

    #stop(): void {
        this.#settled = true;
        this.#options.clock.cancel(this.#timer);
        this.#timer = undefined;
    }
}
