import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Files, OpenFile } from './file-lock';
import { parseJson } from './parse-json';
import { bootId, isSameBoot } from './process-identity';

/**
 * Why a file may not hold everything that was ever answered with `written`: there is none, it is damaged or could not be
 * written for a while, the machine was booted meanwhile without the file having been closed, or another process has it.
 */
export type Doubt = 'missing' | 'incomplete' | 'boot' | 'locked';

/** What was found in a file. */
export interface Recovered {
    records: unknown[];
    /** Absent where `records` is everything. */
    doubt?: Doubt;
}

/** Characters that are encoded and written at a time: a large file must not hold up everything else. */
const chunk = 32_768;

/** Reads what a crash left, at whatever byte; never rejects. A file of another format counts as missing. */
export async function readRecordFile(files: Files, path: string, format: string): Promise<Recovered> {
    const bytes = await files.readFile(path).catch(() => undefined);
    if (!bytes) return { records: [], doubt: 'missing' };
    const { state, header, records, isWhole } = decodeFile(bytes);
    const { format: found = format, boot } = (header ?? {}) as { format?: string; boot?: string };
    if (found !== format) return { records: [], doubt: 'missing' };
    if (!isWhole || state === 'incomplete') return { records, doubt: 'incomplete' };
    const isSafe = state === 'closed' || isSameBoot(String(boot), bootId());
    return isSafe ? { records } : { records, doubt: 'boot' };
}

/** Says in a file that it is not everything; a file that cannot say it is worse than none. Never rejects. */
export async function markIncomplete(files: Files, path: string): Promise<void> {
    try {
        const file = await files.open(path, 'r+');
        await file.write(encodeState('incomplete'), 0).finally(() => file.close());
    } catch {
        await files.rm(path, { force: true }).catch(() => {});
    }
}

/** A file of records that is being written; only its owner can read it. What rejects does so with the error of the file system. */
export class RecordFile {
    /** Bytes. */
    size = 0;
    readonly #files: Files;
    readonly #path: string;
    readonly #file: OpenFile;

    private constructor(files: Files, path: string, file: OpenFile) {
        this.#files = files;
        this.#path = path;
        this.#file = file;
    }

    /** A new file beside the one at `path`, which stays as it is until {@link putInPlace}. */
    static async create(files: Files, path: string): Promise<RecordFile> {
        await files.rm(newName(path), { force: true });
        return new RecordFile(files, path, await files.open(newName(path), 'w', 0o600));
    }

    /**
     * Writes what the file begins with, safe on the disk.
     * @param format name and version of what is in the records
     * @param records are asked for bit by bit
     */
    async begin(format: string, records: Iterable<unknown>): Promise<void> {
        let lines = encodeHeader({ format, boot: bootId() });
        for (const record of records) {
            lines += encodeRecord(record);
            if (lines.length < chunk) continue;
            await this.add(lines);
            lines = '';
        }
        await this.add(lines);
        await this.flush();
    }

    async add(lines: string): Promise<void> {
        await this.#file.appendFile(lines);
        this.size += Buffer.byteLength(lines);
    }

    /** Takes the place of the file at the path. */
    async putInPlace(): Promise<void> {
        await this.#files.rename(newName(this.#path), this.#path);
        void this.#syncName();
    }

    /** Makes its new name safe on the disk, too. Not every system can do it. */
    async #syncName(): Promise<void> {
        const directory = await this.#files.open(dirname(this.#path), 'r').catch(() => undefined);
        await directory?.sync().catch(() => {});
        await directory?.close().catch(() => {});
    }

    /** Makes safe on the disk what is in it. */
    async flush(): Promise<void> {
        await this.#file.datasync();
    }

    /** Says in the file that it is everything, whatever becomes of the machine. */
    async seal(): Promise<void> {
        await this.flush();
        await this.#file.write(encodeState('closed'), 0);
        await this.flush();
    }

    /** Never rejects. */
    async close(): Promise<void> {
        await this.#file.close().catch(() => {});
    }

    /** Removes a file that was never put in place. Never rejects. */
    async discard(): Promise<void> {
        await this.close();
        await this.#files.rm(newName(this.#path), { force: true }).catch(() => {});
    }
}

function newName(path: string): string {
    return `${path}.new`;
}

/**
 * The text of a log file: a header line, then one line a record. Each line is the CRC-32 of its JSON and the JSON, so
 * that a line which a crash or a failing disk left is told from a whole one. The first byte of the file says how far
 * the whole file can be believed; it stands outside the checksum since it is changed in place.
 */

/** `open`: all that was answered is in it; `closed`: and on the disk as well; `incomplete`: something could not be written. */
type FileState = 'open' | 'closed' | 'incomplete';

const states: Record<FileState, string> = { open: '+', closed: '=', incomplete: '-' };

/** The byte at the beginning of the file. */
export function encodeState(state: FileState): string {
    return states[state];
}

/** The beginning of a file. @param header plain JSON */
export function encodeHeader(header: unknown): string {
    return `${states.open} ${encodeRecord(header)}`;
}

/** One line. @param record plain JSON */
export function encodeRecord(record: unknown): string {
    const json = JSON.stringify(record);
    return `${checksum(json)} ${json}\n`;
}

/**
 * Reads whatever is there: never throws, and passes over lines that are not as they were written.
 * @returns the header, absent where its line is broken, and the records of the whole lines, in order. `isWhole` is false
 * if any line is broken, the last one included; a first byte that means nothing is `incomplete`.
 */
export function decodeFile(bytes: Buffer) {
    const text = bytes.toString();
    const known = (Object.keys(states) as FileState[]).find(state => text.startsWith(`${states[state]} `));
    const lines = text.slice(2).split('\n');
    // Without its end a line may be whole by chance; it is not believed, since the next one would be added to it.
    const cutOff = lines.pop();
    const [header, ...read] = lines.map(decodeLine);
    const records = read.filter(record => record !== undefined);
    const isWhole = header !== undefined && cutOff === '' && read.length === records.length;
    return { state: known ?? 'incomplete', header, records, isWhole };
}

/** Undefined for a line that is not as it was written. */
function decodeLine(line: string): unknown {
    const json = line.slice(9);
    return line.slice(0, 9) === `${checksum(json)} ` ? parseJson(json) : undefined;
}

/** Eight hexadecimal digits. */
function checksum(json: string): string {
    return crc32(json).toString(16).padStart(8, '0');
}
