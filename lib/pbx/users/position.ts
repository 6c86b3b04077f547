import { textOf } from '../connection/frame';

/**
 * How far a table has been read: the GUID of the table in the PBX and the update sequence number of the last row that is
 * known. A PBX that is asked to begin there sends only what is newer.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export interface Position {
    readonly guid: string;
    readonly usn: number;
}

/** The position in a result of ReplicateStart; `undefined` from a PBX that offers none. */
export function positionOf(result: Readonly<Record<string, unknown>>): Position | undefined {
    const guid = textOf(result.guid);
    const usn = usnOf(result.usn);
    return guid && usn !== undefined ? { guid, usn } : undefined;
}

/** The position when a row or a change with this number is known, too. */
export function advanced(position: Position, usn: number | undefined): Position {
    return usn !== undefined && usn > position.usn ? { ...position, usn } : position;
}

/** An update sequence number, of which JSON may lose digits past 2^53; `undefined` for anything else. */
export function usnOf(value: unknown): number | undefined {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
