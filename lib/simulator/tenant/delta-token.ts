import { createHash } from 'node:crypto';

/** Where a client stands in following the users; the token in a link holds all of it. */
export interface DeltaState {
    /** `skip` goes on with a round, `delta` begins the next one. */
    kind: 'skip' | 'delta';
    /** Tokens of an earlier generation have been revoked. */
    generation: number;
    /** Milliseconds since the epoch. */
    issued: number;
    /** As in the first request. */
    select: string | null;
    /** Only these users, if the first request says so. */
    ids: string[] | null;
    /** In the first round: the place of the user who was told of last. */
    place: number | null;
    /** The version of the log up to which everything has been told. */
    version: number;
}

/** The opaque text of a state. */
export function toDeltaToken(state: DeltaState): string {
    const text = JSON.stringify(state);
    return `${Buffer.from(text).toString('base64url')}.${checksum(text)}`;
}

/** The state of a token; undefined for a text that is not one of ours. */
export function readDeltaToken(token: string): DeltaState | undefined {
    const [content = '', sum] = token.split('.');
    const text = Buffer.from(content, 'base64url').toString('utf8');
    return checksum(text) === sum ? (JSON.parse(text) as DeltaState) : undefined;
}

function checksum(text: string): string {
    return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
