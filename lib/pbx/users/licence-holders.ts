import { toSyncError } from '../../errors/errors';
import type { Clock } from '../../time/clock';
import { Interval } from '../../time/interval';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { RequestWindow } from '../connection/request-window';

/** Milliseconds after which every answer is asked for anew: the PBX does not tell when a licence is given or taken. */
const askAgain = 15 * 60_000;
/** The same after a reconnect, which brings work of its own, and for users of whom nothing could be found out. */
const askSoon = 60_000;
/** Questions that may be on their way at once. */
const parallelQuestions = 32;

/** Whether a user holds the licence; a text says why nothing could be found out. */
export type LicenceAnswer = boolean | string;

interface LicenceHoldersOptions {
    /** As the PBX names it: `App(innovaphone-microsoft365)`. */
    licence: string;
    clock: Clock;
    log: Log;
    /** All users who may have to be asked about: GUIDs. */
    users(): Iterable<string>;
    /** Something else than before was found, later than {@link LicenceHolders.learn} asked for it. */
    changed(guid: string): void;
}

/**
 * Who holds an App licence, of their own or from their template. Asked of the PBX once, whenever the user changes, and
 * every 15 minutes. The last answer counts until there is another: a PBX that cannot answer takes no licence away.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (CheckAppLic)
 */
export class LicenceHolders {
    readonly #options: LicenceHoldersOptions;
    readonly #answers = new Map<string, LicenceAnswer>();
    readonly #interval: Interval;
    readonly #window = new RequestWindow(parallelQuestions);
    #session?: PbxSession;
    /** When all users are asked about again. */
    #due = 0;

    constructor(options: LicenceHoldersOptions) {
        this.#options = options;
        const { clock } = options;
        this.#interval = new Interval({ clock, interval: () => askSoon, run: () => this.#sweep() });
    }

    /** False, too, for a user who has not been asked about yet. */
    answerOf(guid: string): LicenceAnswer {
        return this.#answers.get(guid) ?? false;
    }

    /**
     * Asks about the users of whom nothing is known, and goes on asking over this connection.
     * @throws SyncError PBX_API_MISSING where PbxAdminApi is not ticked, PBX_SILENT or what ended the session
     */
    async learn(session: PbxSession, guids: Iterable<string>): Promise<void> {
        this.end();
        this.#session = session;
        this.#due = this.#options.clock.monotonic() + (this.#answers.size === 0 ? askAgain : askSoon);
        const unknown = [...guids].filter(guid => !this.#knows(guid));
        this.#warn(await Promise.all(unknown.map(guid => this.#ask(session, guid))));
        if (session === this.#session) this.#interval.start();
    }

    /** The user is new or another one. */
    look(guid: string): void {
        if (this.#session) void this.#lookAgain(this.#session, guid);
    }

    /** Asks about the users of whom nothing is known. */
    lookAtUnknown(): void {
        for (const guid of this.#options.users()) if (!this.#answers.has(guid)) this.look(guid);
    }

    forget(guid: string): void {
        this.#answers.delete(guid);
    }

    end(): void {
        this.#interval.stop();
        this.#session = undefined;
    }

    #knows(guid: string): boolean {
        return typeof this.#answers.get(guid) === 'boolean';
    }

    /** Returns the failure that the PBX has answered with, if it has. */
    async #ask(session: PbxSession, guid: string): Promise<string | undefined> {
        const { licence: lic } = this.#options;
        const result = await this.#window.run(() => session.request('PbxAdminApi', 'CheckAppLic', { guid, lic }));
        const failure = failureOf(result);
        if (failure !== undefined) return this.#failed(guid, failure);
        this.#answers.set(guid, result.ok === true);
        return undefined;
    }

    /** The same, where what is known counts already; never rejects. */
    async #lookAgain(session: PbxSession, guid: string): Promise<string | undefined> {
        const before = this.answerOf(guid);
        const failed = (thrown: unknown) => (session.end ? undefined : this.#failed(guid, toSyncError(thrown).message));
        const failure = await this.#ask(session, guid).catch(failed);
        if (this.answerOf(guid) !== before) this.#options.changed(guid);
        return failure;
    }

    #failed(guid: string, failure: string): string {
        if (!this.#knows(guid)) this.#answers.set(guid, failure);
        return failure;
    }

    /** Asks about all users when that is due, and sooner about those of whom nothing is known. */
    async #sweep(): Promise<void> {
        const session = this.#session;
        if (!session) return;
        const now = this.#options.clock.monotonic();
        const isForAll = now >= this.#due;
        if (isForAll) this.#due = now + askAgain;
        const asked = [...this.#options.users()].filter(guid => isForAll || !this.#knows(guid));
        const failures = await Promise.all(asked.map(guid => this.#lookAgain(session, guid)));
        if (isForAll && !session.end) this.#warn(failures);
    }

    #warn(failures: readonly (string | undefined)[]): void {
        const failed = failures.filter(failure => failure !== undefined);
        if (failed.length === 0) return;
        const { licence, log } = this.#options;
        const users = failed.length === 1 ? 'one user' : `${failed.length} users`;
        log(
            'warn',
            `The PBX could not say of ${users} whether they hold ${licence} (${failed[0]}): the last answer counts`,
        );
    }
}
