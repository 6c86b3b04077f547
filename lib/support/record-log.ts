import promises from 'node:fs/promises';
import { Alarm } from '../time/alarm';
import { type Clock, within } from '../time/clock';
import { RetrySchedule } from '../time/retry-schedule';
import { FileLock, type Files } from './file-lock';
import { encodeRecord, markIncomplete, RecordFile, type Recovered, readRecordFile } from './record-file';

/**
 * Why a log takes no records: an error of the file system, no answer in time, a file that another process has, or one
 * that another process has taken over. The last two are final.
 */
export interface Trouble {
    kind: 'failed' | 'slow' | 'locked' | 'lost';
    /** The words of the file system, or the process that has the file. */
    detail: string;
}

interface RecordLogOptions {
    path: string;
    /** Name and version of what is in the records. */
    format: string;
    clock: Clock;
    /**
     * Everything that is to be in the log, for a new file; what is appended while it is asked for bit by bit is added
     * after it. A record is a state of something: it may be in the file more than once, and the last one counts.
     */
    snapshot: () => Iterable<unknown>;
    /** Called once when the log begins to take no records, and with nothing when it takes records again. */
    onTrouble: (trouble: Trouble | undefined) => void;
    files?: Files;
}

/** What an append comes to: `unanswered` may be in the file, or come into it later. */
export type Answer = 'written' | 'refused' | 'unanswered';

/** Records of one turn of the event loop, which are written at once and answered together. */
interface Batch {
    text: string;
    answered: Promise<Answer>;
    /** The first answer counts. */
    answer: (answer: Answer) => void;
}

/** How long an append may wait for the operating system, in ms. */
const patience = 250;
/** How long a byte may be in the memory of the operating system only, in ms; the disk is asked no more often, for a memory card wears out. */
const flushInterval = 5_000;
/** How long opening and closing may take, in ms. */
const [openingTime, closingTime] = [5_000, 2_000];
/** A new file is written when the old one is longer than this many times what the last new one took, and this many bytes. */
const [growth, allowance] = [4, 1_048_576];
/** Characters that are kept while a new file is written: a disk that hangs must not fill the memory. */
const longestWait = 16_777_216;
/**
 * A file that takes no records is replaced after so many ms, again and again until that works: more and more seldom, also
 * where the new one fails soon, for a disk that is slow or full is to be spared.
 */
const healing = { first: 5_000, factor: 2, longest: 300_000, jitter: 0 };

/**
 * An append-only file of records that survives a crash of the process at any point: what was answered with `written` has
 * been handed to the operating system. What could not be written makes the file incomplete, which it says itself, until
 * a new file with everything in it has taken its place. One process has the file; another one that opens it does without.
 * Nothing here rejects, and nothing waits for ever.
 */
export class RecordLog {
    readonly #options: RecordLogOptions;
    readonly #files: Files;
    readonly #lock: FileLock;
    #file: RecordFile | undefined;
    #compactAt = 0;
    /** What waits for its turn to be written. */
    #batch: Batch | undefined;
    /** What has been appended since the snapshot of the compaction that runs; absent if it became too much. */
    #sinceSnapshot: string | undefined;
    #compacting: Promise<void> | undefined;
    /** Ends with the last operation on the file: one at a time. */
    #turn: Promise<void> = Promise.resolve();
    /** Ends when the file says that it is incomplete. */
    #marked: Promise<void> = Promise.resolve();
    /** The same, or when that takes too long. */
    #markedOrLate: Promise<unknown> = Promise.resolve();
    #flushed: Promise<void> = Promise.resolve();
    readonly #nextFlush: Alarm;
    #trouble: Trouble | undefined;
    #isTold = false;
    readonly #heal: Alarm;
    readonly #healing = new RetrySchedule(healing);
    #healedAt: number;
    #closed: Promise<void> | undefined;

    constructor(options: RecordLogOptions) {
        this.#options = options;
        this.#files = options.files ?? promises;
        this.#lock = new FileLock(`${options.path}.lock`, this.#files);
        this.#nextFlush = new Alarm(options.clock, () => {
            this.#flushed = this.#flushed.then(() => this.#flush());
        });
        this.#heal = new Alarm(options.clock, () => void this.compact());
        this.#healedAt = options.clock.monotonic();
    }

    /** Takes the lock and reads what is there. To be followed by {@link start}. */
    async open(): Promise<Recovered> {
        const read = await within(this.#options.clock, openingTime, this.#read());
        return read ?? { records: [], doubt: 'incomplete' };
    }

    /** Begins the file of this process with what the snapshot says; with a disk that hangs, later. */
    start(): Promise<void> {
        return within(this.#options.clock, openingTime, this.compact());
    }

    /** Hands the records to the operating system, in one write with all others of this turn of the event loop. */
    append(records: readonly unknown[]): Promise<Answer> {
        if (records.length === 0) return Promise.resolve('written');
        const text = records.map(encodeRecord).join('');
        if (this.#sinceSnapshot !== undefined) this.#sinceSnapshot += text;
        if (this.#sinceSnapshot && this.#sinceSnapshot.length > longestWait) this.#sinceSnapshot = undefined;
        if (this.#trouble) return this.#answerIn(this.#trouble);
        if (this.#closed) return Promise.resolve('refused');
        this.#batch ??= this.#newBatch();
        this.#batch.text += text;
        return this.#batch.answered;
    }

    /** Puts a new file with what the snapshot says in the place of the old one. */
    compact(): Promise<void> {
        this.#compacting ??= this.#compact().finally(() => {
            this.#sinceSnapshot = undefined;
            this.#compacting = undefined;
        });
        return this.#compacting;
    }

    /** Makes everything safe on the disk and lets go of the file. May be called twice. */
    close(): Promise<void> {
        this.#closed ??= within(this.#options.clock, closingTime, this.#finish());
        return this.#closed;
    }

    async #read(): Promise<Recovered> {
        const owner = await this.#lock.take().catch(() => undefined);
        if (!owner) return readRecordFile(this.#files, this.#options.path, this.#options.format);
        this.#fail('locked', `process ${owner.pid} has it`);
        return { records: [], doubt: 'locked' };
    }

    #newBatch(): Batch {
        let answer: Batch['answer'] = () => {};
        const answered = new Promise<Answer>(resolve => {
            answer = resolve;
        });
        const batch = { text: '', answered, answer };
        setImmediate(() => {
            void this.#expect(batch);
            void this.#inTurn(() => this.#write(batch));
        });
        return batch;
    }

    /** Lets nobody wait longer for the answer than {@link patience}, not counting the time in which the process stood still. */
    async #expect(batch: Batch): Promise<void> {
        const { clock } = this.#options;
        let from: number;
        do {
            from = clock.monotonic();
            if (await within(clock, patience, batch.answered)) return;
            // The answer may be there and wait behind the timer.
            await new Promise(resolve => setImmediate(resolve));
            if (await Promise.race([batch.answered, undefined])) return;
        } while (clock.monotonic() - from > 2 * patience);
        this.#fail('slow', `no answer within ${patience} ms`, batch);
    }

    async #write(batch: Batch): Promise<void> {
        if (this.#batch !== batch) return;
        this.#batch = undefined;
        try {
            await this.#added(this.#file, batch.text);
            batch.answer('written');
        } catch (error) {
            this.#fail('failed', error, batch);
        }
        if (this.#file && this.#file.size > this.#compactAt) void this.compact();
    }

    async #compact(): Promise<void> {
        if (this.#isOver()) return;
        const { path, format, snapshot } = this.#options;
        let next: RecordFile | undefined;
        try {
            const owner = await this.#lock.take();
            if (owner) return this.#fail('locked', `process ${owner.pid} has it`);
            next = await RecordFile.create(this.#files, path);
            this.#sinceSnapshot = '';
            await next.begin(format, snapshot());
            await this.#inTurn(() => this.#replaceBy(next!));
        } catch (error) {
            await next?.discard();
            // What cannot be compacted may still be added to.
            if (!this.#file || this.#trouble) this.#fail('failed', error);
            else this.#compactAt = this.#file.size + allowance;
        }
    }

    async #replaceBy(next: RecordFile): Promise<void> {
        // A mark that is still on its way is meant for the old file.
        await this.#marked;
        const [lines, trouble] = [this.#sinceSnapshot, this.#trouble];
        if (lines === undefined || this.#isOver()) throw new Error('The new file came too late');
        // What is appended from here on waits for its turn, and so goes into the new file.
        this.#sinceSnapshot = undefined;
        this.#trouble = undefined;
        try {
            await this.#added(next, lines);
            await next.putInPlace();
        } catch (error) {
            this.#trouble ??= trouble;
            throw error;
        }
        void this.#file?.close();
        this.#file = next;
        this.#compactAt = growth * next.size + allowance;
        // Without an answer meanwhile, something was told to go on that this file does not hold either.
        if (this.#trouble) this.#mark();
        else this.#recover();
    }

    async #added(file: RecordFile | undefined, lines: string): Promise<void> {
        if (!file) throw new Error('The log has no file yet');
        await file.add(lines);
        this.#nextFlush.set(flushInterval);
    }

    async #flush(): Promise<void> {
        const file = this.#file;
        try {
            await file?.flush();
        } catch (error) {
            // The system may have dropped what it could not write, and does not say so a second time.
            if (file === this.#file) this.#fail('failed', error);
        }
        if (!(await this.#lock.isHeld())) this.#fail('lost', 'another process has taken it over');
    }

    /** Takes no records from now on, until a new file has taken the place of this one. */
    #fail(kind: Trouble['kind'], error: unknown, batch?: Batch): void {
        const { clock, onTrouble } = this.#options;
        const trouble = { kind, detail: error instanceof Error ? error.message : String(error) };
        const waiting = [batch, this.#batch];
        this.#batch = undefined;
        const [wasOver, isFirst, wasTold] = [this.#isOver(), this.#trouble === undefined, this.#isTold];
        if (!wasOver) this.#trouble = trouble;
        const isOver = this.#isOver();
        if (isFirst && !isOver) this.#mark();
        for (const each of waiting) void this.#answerIn(trouble).then(answer => each?.answer(answer));
        if (wasOver) return;
        this.#isTold = true;
        if (isOver || !wasTold) onTrouble(trouble);
        if (isOver) return this.#heal.stop();
        // It is let go of: nothing is to take the lock again.
        if (this.#closed) return;
        if (!wasTold && clock.monotonic() - this.#healedAt > healing.longest) this.#healing.reset();
        if (!this.#heal.isSet) this.#heal.set(this.#healing.next());
    }

    /** A new file is in place. */
    #recover(): void {
        const { clock, onTrouble } = this.#options;
        this.#heal.stop();
        if (!this.#isTold) return;
        this.#isTold = false;
        this.#healedAt = clock.monotonic();
        onTrouble(undefined);
    }

    #mark(): void {
        this.#marked = this.#marked.then(() => markIncomplete(this.#files, this.#options.path));
        this.#markedOrLate = within(this.#options.clock, patience, this.#marked);
    }

    /** No request goes out for what was refused before the file says that it is incomplete. */
    async #answerIn({ kind }: Trouble): Promise<Answer> {
        if (kind === 'slow') return 'unanswered';
        await this.#markedOrLate;
        return 'refused';
    }

    /** True where another process has the file. */
    #isOver(): boolean {
        return this.#trouble?.kind === 'locked' || this.#trouble?.kind === 'lost';
    }

    async #inTurn(operation: () => Promise<void>): Promise<void> {
        const done = this.#turn.then(operation);
        this.#turn = done.catch(() => {});
        await done;
    }

    async #finish(): Promise<void> {
        // The last batch takes its turn at the end of this turn of the event loop.
        await new Promise(resolve => setImmediate(resolve));
        await this.#inTurn(async () => {});
        await this.#compacting;
        if (this.#trouble) await this.compact();
        this.#nextFlush.stop();
        this.#heal.stop();
        await this.#marked;
        await this.#flushed;
        const isOurs = !this.#trouble && (await this.#lock.isHeld());
        if (isOurs) await this.#file?.seal().catch(() => {});
        await this.#file?.close();
        await this.#lock.release();
    }
}
