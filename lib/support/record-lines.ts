import { crc32 } from 'node:zlib';

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
    if (line.slice(0, 9) !== `${checksum(json)} `) return undefined;
    try {
        return JSON.parse(json);
    } catch {
        return undefined;
    }
}

/** Eight hexadecimal digits. */
function checksum(json: string): string {
    return crc32(json).toString(16).padStart(8, '0');
}
