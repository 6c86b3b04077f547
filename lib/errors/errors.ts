import type { ErrorKind, ErrorRow } from './error-row';
import { pbxErrors } from './pbx-errors';
import { teamsErrors } from './teams-errors';

export type { ErrorKind } from './error-row';

/** The one table of errors. */
const table = {
    FIELD_MISSING: { kind: 'configuration', sentence: '{field} is missing' },
    FIELD_INVALID: { kind: 'configuration', sentence: '{field} is not valid: {why}' },
    UNEXPECTED: { kind: 'outage', sentence: 'Unexpected error: {detail}' },
    SIMULATOR_TWICE: { kind: 'configuration', sentence: 'Another presence-simulator node already runs the office' },
    SIMULATOR_WISH_UNKNOWN: { kind: 'input', sentence: 'msg.payload must be "start" or "stop"' },
    PORT_REFUSED: { kind: 'configuration', sentence: 'Port {port} cannot be used: {why}' },
    SIGN_IN_NOT_KEPT: {
        kind: 'configuration',
        sentence: 'The sign-in cannot be kept: Node-RED may not write into its folder {folder} ({detail})',
    },
    USER_MISSING: { kind: 'input', sentence: 'The message names no user: neither msg.user nor msg.topic is set' },
    NODE_STOPPED: { kind: 'input', sentence: 'The node was stopped before the message could be served' },
    PRESENCE_WORDS_MISSING: {
        kind: 'input',
        sentence: 'msg.payload holds no presence: expected {expected}',
    },
    ...teamsErrors,
    ...pbxErrors,
} as const satisfies Record<string, ErrorRow>;

/** Every code an error of ours can have. */
export type ErrorCode = keyof typeof table;

type Parameters = Record<string, string | number | undefined>;

/** The one error of the package: a code from the table, the sentence an administrator reads, and how to treat it. */
export class SyncError extends Error {
    readonly code: ErrorCode;
    readonly kind: ErrorKind;
    readonly parameters: Parameters;

    /** @param parameters fill the sentence's placeholders; never secrets. `cause` is kept for the debug log only. */
    constructor(code: ErrorCode, parameters: Parameters = {}, cause?: unknown) {
        super(fill(table[code].sentence, parameters), { cause });
        this.name = 'SyncError';
        this.code = code;
        this.kind = table[code].kind;
        this.parameters = parameters;
    }

    /** True for what passes by itself. */
    get retryable(): boolean {
        return this.kind === 'outage';
    }
}

/** Any thrown value as a {@link SyncError}; one that is already is returned as it is. */
export function toSyncError(thrown: unknown): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return new SyncError('UNEXPECTED', { detail }, thrown);
}

/** A sentence with its placeholders filled; a question mark for what is not known. */
export function fill(sentence: string, parameters: Parameters): string {
    return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? '?'));
}
