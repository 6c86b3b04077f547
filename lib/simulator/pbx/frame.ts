/** A message of the App websocket. What a client sent is not to be trusted: each field may be of any type. */
export interface Frame {
    mt?: unknown;
    api?: unknown;
    src?: unknown;
    [field: string]: unknown;
}

/** The fields of a result that tell a failure. The PBX's own codes are not documented; these are the simulator's. */
export interface Failure {
    error: number;
    errorText: string;
}

export const failures = {
    wrongDigest: { error: 1, errorText: 'The digest is wrong' },
    unknownApp: { error: 2, errorText: 'There is no such App object' },
    noChallenge: { error: 3, errorText: 'Login without a fresh challenge' },
    apiNotTicked: { error: 4, errorText: 'The App object may not use this API' },
    unknownUser: { error: 5, errorText: 'There is no such user' },
    refusedValue: { error: 6, errorText: 'The value is refused' },
    notStarted: { error: 7, errorText: 'The replication was not started' },
    unknownCall: { error: 8, errorText: 'There is no such call' },
    notAllowed: { error: 9, errorText: 'The visibility of the user does not allow it' },
    homedElsewhere: { error: 10, errorText: 'The user is homed at another PBX' },
    otherUser: { error: 11, errorText: 'This API acts for another user' },
    noSubscription: { error: 12, errorText: 'There is no such subscription' },
    noColumns: { error: 13, errorText: 'There are no columns to replicate' },
    tooManyKinds: { error: 14, errorText: 'There are too many kinds of objects' },
} satisfies Record<string, Failure>;

/** The answer to a request that a PBX knows and the simulator does not: it names what is missing. */
export function notSimulated(request: Frame): Frame {
    return resultOf(request, { error: 15, errorText: `${text(request.mt)} of ${text(request.api)} is not simulated` });
}

/** An API of the PBX as one session uses it. */
export interface Api {
    handle(frame: Frame): void;
    /** An API that this one has made for the session, such as `PbxApi.0`; undefined for one it has not. */
    made?(name: string): Api | undefined;
    /** Presence subscriptions that are alive; absent where there can be none. */
    readonly subscriptions?: number;
    /** Ends everything that was subscribed; may be called twice. */
    close(): void;
}

/** Sends one message to the client; never throws. */
export type Send = (frame: Frame) => void;

/** The object in a text frame, or undefined if the text is no JSON or something else than an object. */
export function parseFrame(text: string): Frame | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Frame) : undefined;
    } catch {
        return undefined;
    }
}

/** The field's text; an empty string for a field that is missing or is not a string. */
export function text(value: unknown): string {
    return typeof value === 'string' ? value : '';
}

/** Whether a message is for an API; an empty name is none: go-myapps sends one with each message of the base protocol. */
export function hasApi({ api }: Frame): boolean {
    return api !== undefined && api !== '';
}

/** A key that is equal for equal `src` values, whatever their type. */
export function sourceKey(src: unknown): string {
    return JSON.stringify(src) ?? '';
}

/** A result: `<mt>Result` with the request's API and `src`; an undefined field is left out of the JSON. */
export function resultOf(request: Frame, fields: Record<string, unknown> = {}): Frame {
    return { api: request.api, mt: `${text(request.mt)}Result`, src: request.src, ...fields };
}
