import type { Clock, Timer } from '../../support/clock';
import { SyncError, toSyncError } from '../../support/errors';
import { type Frame, failureOf, isObject } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { usnOf } from './position';
import type { ReadingPace } from './reading-pace';

const api = 'PbxTableUsers';
/** Milliseconds without any answer after which several requests are taken for too many. */
const patience = 2_000;

/** What a read needs of a session. */
export type ReadingSession = Pick<PbxSession, 'request' | 'end'>;

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
    /** Takes one row; returns false for a row that was there before. */
    take(columns: Record<string, unknown>, usn: number | undefined): boolean;
}

/**
 * Asks for the rows of a started replication until the PBX has told that there are no more.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export class TableReading {
    readonly #options: TableReadingOptions;
    #waiting = 0;
    #ended = false;
    #inDisorder = false;
    #repeatsByHabit = false;
    #lastUsn = Number.NEGATIVE_INFINITY;
    #heard = false;
    #timer?: Timer;
    #settle!: { resolve: (outcome: ReadingOutcome) => void; reject: (error: SyncError) => void };
    #settled = false;

    constructor(options: TableReadingOptions) {
        this.#options = options;
    }

    /**
     * After anything but `complete` the pace is a slow one.
     * @throws SyncError PBX_TABLE_REFUSED, PBX_SILENT or what ended the session
     */
    run(): Promise<ReadingOutcome> {
        return new Promise((resolve, reject) => {
            this.#settle = { resolve, reject };
            this.#options.pace.begin();
            this.#ask();
        });
    }

    #ask(): void {
        const { session, src, pace } = this.#options;
        while (!this.#settled && !this.#ended && this.#waiting < pace.size) {
            const isAlone = pace.size === 1 && this.#waiting === 0;
            this.#waiting++;
            session.request(api, 'ReplicateNext', {}, src).then(
                result => this.#answer(result, isAlone),
                thrown => this.#fail(toSyncError(thrown), isAlone),
            );
        }
        if (pace.size > 1) this.#watch();
    }

    #answer(result: Frame, wasAlone: boolean): void {
        if (this.#settled) return;
        this.#waiting--;
        this.#heard = true;
        const detail = failureOf(result);
        if (detail !== undefined) this.#refused(detail, wasAlone);
        else if (isObject(result.columns)) this.#row(result.columns, usnOf(result.usn), wasAlone);
        else this.#ended = true;
        if (this.#settled) return;
        if (this.#ended && this.#waiting === 0) this.#finish('complete');
        else this.#ask();
    }

    #row(columns: Record<string, unknown>, usn: number | undefined, wasAlone: boolean): void {
        const { take, pace } = this.#options;
        const isNew = take(columns, usn);
        if (!isNew && !this.#repeatsByHabit) return this.#repeated(wasAlone);
        if (this.#ended || (usn !== undefined && usn < this.#lastUsn)) {
            this.#inDisorder = true;
            pace.disorder();
        } else {
            pace.inOrder();
        }
        this.#lastUsn = Math.max(this.#lastUsn, usn ?? this.#lastUsn);
    }

    /** Of several requests two may have got one row and none another. A PBX that repeats rows to one who asks singly just does. */
    #repeated(wasAlone: boolean): void {
        if (!wasAlone) return this.#tooMany();
        this.#repeatsByHabit = true;
        this.#options.pace.freely();
    }

    /** What is asked for beyond the end may be refused. */
    #refused(detail: string, wasAlone: boolean): void {
        if (this.#ended && !this.#inDisorder) return;
        if (!wasAlone) return this.#tooMany();
        this.#stop();
        this.#settle.reject(new SyncError('PBX_TABLE_REFUSED', { detail }));
    }

    #fail(error: SyncError, wasAlone: boolean): void {
        if (this.#settled) return;
        if (!this.#options.session.end && !wasAlone) return this.#silent();
        this.#stop();
        this.#settle.reject(error);
    }

    /** Which of the requests was not answered cannot be told, but beyond the end it does not matter. */
    #silent(): void {
        const { pace } = this.#options;
        if (!this.#ended || this.#inDisorder) return this.#tooMany();
        if (pace.endsSilently) return this.#finish('complete');
        pace.singly();
        this.#finish('unanswered');
    }

    #tooMany(): void {
        this.#options.pace.singly();
        this.#finish('lossy');
    }

    #watch(): void {
        this.#timer ??= this.#options.clock.after(patience, () => {
            this.#timer = undefined;
            if (!this.#heard && this.#waiting > 0) return this.#silent();
            this.#heard = false;
            this.#watch();
        });
    }

    #finish(outcome: ReadingOutcome): void {
        this.#stop();
        this.#settle.resolve(outcome);
    }

    #stop(): void {
        this.#settled = true;
        this.#options.clock.cancel(this.#timer);
        this.#timer = undefined;
    }
}
