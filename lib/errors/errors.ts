import { pbxErrors } from './pbx-errors';
import { configuration, type ErrorKind, fill, input, outage, type Parameters, type Sentence } from './sentence';
import { teamsErrors } from './teams-errors';

export const errorTable = {
    FIELD_MISSING: configuration('{field} is missing', '{field} fehlt'),
    FIELD_INVALID: configuration('{field} is not valid: {why}', '{field} ist ungültig: {why}'),
    VARIABLE_UNSET: configuration(
        'The environment variable {name} is not set',
        'Die Umgebungsvariable {name} ist nicht gesetzt',
    ),
    VARIABLE_NOT_ALONE: configuration(
        'A field takes one environment variable and nothing beside it, not {text}',
        'Ein Feld nimmt eine Umgebungsvariable allein, nicht {text}',
    ),
    TEST_NOT_DEPLOYED: configuration(
        'Deploy first: without the permission to deploy, stored secrets and variables of the environment are tested only as they are deployed',
        'Erst übernehmen: Ohne das Recht dazu werden gespeicherte Geheimnisse und Umgebungsvariablen nur getestet, wie sie übernommen sind',
    ),
    UNEXPECTED: outage('Unexpected error: {detail}', 'Unerwarteter Fehler: {detail}'),
    SIMULATOR_TWICE: configuration(
        'Another presence-simulator node already runs the office',
        'Ein anderer Node „Präsenz-Simulator“ (presence-simulator) betreibt das Büro schon',
    ),
    SIMULATOR_WISH_UNKNOWN: input('msg.payload must be "start" or "stop"', 'msg.payload muss „start“ oder „stop“ sein'),
    PORT_CROWDED: outage(
        'Many connections to port {port} ask for nothing: those that do still find room. Let only Microsoft or the proxy reach it',
        'Viele Verbindungen zu Port {port} fragen nichts: Wer etwas fragt, findet noch Platz. Nur Microsoft oder der Proxy sollte ihn erreichen',
    ),
    PORT_REFUSED: configuration('Port {port} cannot be used: {why}', 'Port {port} kann nicht benutzt werden: {why}'),
    SIGN_IN_NOT_KEPT: configuration(
        'The sign-in cannot be kept: Node-RED may not write into its folder {folder} ({detail})',
        'Die Anmeldung kann nicht aufbewahrt werden: Node-RED darf nicht in seinen Ordner {folder} schreiben ({detail})',
    ),
    CLAIMS_NOT_LOGGED: outage(
        'It cannot be written down what is set for people ({file}: {detail}): after a crash it takes a few seconds until that is found out',
        'Was für Personen gesetzt ist, kann nicht aufgeschrieben werden ({file}: {detail}): Nach einem Absturz dauert es einige Sekunden, bis es wieder bekannt ist',
    ),
    USER_MISSING: input(
        'The message names no user: neither msg.user nor msg.topic is set',
        'Die Nachricht nennt keinen Benutzer: Weder msg.user noch msg.topic ist gesetzt',
    ),
    SOURCE_UNKNOWN: input(
        'The message is of another source ({source}) than Teams and the PBX, and there is no place for that yet; what is set stays',
        'Die Nachricht stammt aus einer anderen Quelle ({source}) als Teams und der PBX, für die es noch keinen Platz gibt; was gesetzt ist, bleibt',
    ),
    ACTION_UNKNOWN: input(
        'msg.action must be "pause", "resume", "resync" or "get"',
        'msg.action muss „pause“, „resume“, „resync“ oder „get“ sein',
    ),
    PAUSE_END_INVALID: input(
        'The end of the pause is not valid: msg.minutes must be a number above 0, or msg.until a date to come',
        'Das Ende der Pause ist ungültig: msg.minutes muss eine Zahl über 0 sein oder msg.until ein Datum in der Zukunft',
    ),
    NODE_STOPPED: input(
        'The node was stopped before the message could be served',
        'Der Node wurde angehalten, bevor die Nachricht bearbeitet werden konnte',
    ),
    PRESENCE_WORDS_MISSING: input(
        'msg.payload holds no presence: expected {expected}',
        'msg.payload enthält keine Präsenz: erwartet wird {expected}',
    ),
    ...teamsErrors,
    ...pbxErrors,
};

/** Every code an error of ours can have. */
export type ErrorCode = keyof typeof errorTable;

/** The one error of the package: a code from the table, the sentence an administrator reads, and how to treat it. */
export class SyncError extends Error {
    readonly code: ErrorCode;
    readonly kind: ErrorKind;
    readonly parameters: Parameters;

    /** @param parameters fill the sentence's placeholders; never secrets. `cause` is kept for the debug log only. */
    constructor(code: ErrorCode, parameters: Parameters = {}, cause?: unknown) {
        super(fill(errorTable[code], parameters).en, { cause });
        this.name = 'SyncError';
        this.code = code;
        this.kind = errorTable[code].kind;
        this.parameters = parameters;
    }

    /** What an administrator reads, in each language; `message` is the English one. */
    get sentence(): Sentence {
        return fill(errorTable[this.code], this.parameters);
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
