import type { Clock, Timer } from '../../support/clock';
import { toSyncError } from '../../support/errors';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { RequestWindow } from '../connection/request-window';

/** Milliseconds after which every answer is asked for anew: the PBX does not tell when a licence is given or taken. */
const askAgain = 15 * 60_000;
/** The same after a reconnect, which brings enough work of its own. */
const askSoon = 60_000;
/** Questions that may be on their way at once. */
const parallelQuestions = 32;

/** What {@link LicenceHolders} is made of. */
export interface LicenceHoldersOptions {
    /** As the PBX names it: `App(innovaphone-microsoft365)`. */
    licence: string;
    clock: Clock;
    log: Log;
    /** Everybody who may have to be asked about: GUIDs. */
    everybody(): Iterable<string>;
    /** Another answer than before was found, later than {@link LicenceHolders.learn} asked for it. */
    changed(guid: string): void;
}

/**
 * Who holds an App licence, of their own or from their template. Asked of the PBX once, whenever the user changes, and
 * every 15 minutes; the last answer counts until there is another.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (CheckAppLic)
 */
export class LicenceHolders {
    readonly #options: LicenceHoldersOptions;
    readonly #answers = new Map<string, boolean>();
    #window = new RequestWindow(parallelQuestions);
    #session?: PbxSession;
    #timer?: Timer;

    constructor(options: LicenceHoldersOptions) {
        this.#options = options;
    }

    /** False, too, for somebody of whom it is not known yet. */
    holds(guid: string): boolean {
        return this.#answers.get(guid) ?? false;
    }

    /**
     * Asks about those of whom nothing is known, and goes on asking over this connection.
     * @throws SyncError PBX_API_MISSING where PbxAdminApi is not ticked, PBX_SILENT or what ended the session
     */
    async learn(session: PbxSession, guids: Iterable<string>): Promise<void> {
        this.end();
        this.#session = session;
        this.#window = new RequestWindow(parallelQuestions);
        const isFirst = this.#answers.size === 0;
        const unknown = [...guids].filter(guid => !this.#answers.has(guid));
        await Promise.all(unknown.map(guid => this.#ask(session, guid)));
        this.#schedule(isFirst ? askAgain : askSoon);
    }

    /** The user is new or another one. */
    look(guid: string): void {
        if (this.#session) this.#lookAgain(this.#session, guid).catch(() => undefined);
    }

    /** Asks about those of whom nothing is known. */
    lookAtUnknown(): void {
        if (!this.#session) return;
        for (const guid of this.#options.everybody()) if (!this.#answers.has(guid)) this.look(guid);
    }

    forget(guid: string): void {
        this.#answers.delete(guid);
    }

    /** Nothing can be asked any more. */
    end(): void {
        this.#options.clock.cancel(this.#timer);
        this.#timer = undefined;
        this.#session = undefined;
    }

    async #ask(session: PbxSession, guid: string): Promise<void> {
        const { licence: lic } = this.#options;
        const result = await this.#window.run(() => session.request('PbxAdminApi', 'CheckAppLic', { guid, lic }));
        // A user who has just gone is refused, and holds nothing.
        this.#answers.set(guid, failureOf(result) === undefined && result.ok === true);
    }

    async #lookAgain(session: PbxSession, guid: string): Promise<void> {
        const before = this.#answers.get(guid);
        await this.#ask(session, guid);
        if (this.#answers.get(guid) !== before) this.#options.changed(guid);
    }

    #schedule(delay: number): void {
        const session = this.#session;
        if (!session || session.end) return;
        this.#timer = this.#options.clock.after(delay, () => void this.#askAll(session));
    }

    /** Never rejects. */
    async #askAll(session: PbxSession): Promise<void> {
        const asked = [...this.#options.everybody()].map(guid => this.#lookAgain(session, guid));
        const failed = (await Promise.allSettled(asked)).find(({ status }) => status === 'rejected');
        if (session !== this.#session || session.end) return;
        if (failed?.status === 'rejected') this.#options.log('warn', toSyncError(failed.reason).message);
        this.#schedule(askAgain);
    }
}
