import { SyncError, toSyncError } from '../../errors/errors';
import { comparable } from '../../presence/foreign-text';
import type { Clock } from '../../time/clock';
import { Interval } from '../../time/interval';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { RequestWindow } from '../connection/pending-requests';
import type { PbxUser } from './user-row';

/** Milliseconds after which every answer is asked for anew: the PBX does not tell when a licence is given or taken. */
const askAgain = 15 * 60_000;
/** The same after a reconnect, which brings work of its own, and for users of whom nothing could be found out. */
const askSoon = 60_000;
/** Questions that may be on their way at once. */
const parallelQuestions = 32;

/** Who of the users of the PBX takes part. Upper and lower case make no difference anywhere. */
export interface ParticipationSettings {
    /**
     * `all`: all users. `group`: members of one of {@link groups}. `licence`: holders of {@link licence}. `listed`:
     * only the users in {@link include}.
     */
    who: 'all' | 'group' | 'licence' | 'listed';
    /** Names of groups of the PBX, for `group`. */
    groups?: readonly string[];
    /** Name of an App licence, for `licence`; both `App(innovaphone-microsoft365)` and the name in brackets will do. */
    licence?: string;
    /** Users who take part whatever {@link who} says: PBX names, long names, addresses or GUIDs. */
    include?: readonly string[];
    /** Users who never take part, not even if they are in {@link include}; written as there. */
    exclude?: readonly string[];
}

/** Decides who takes part. {@link LicenceHolders} find out who holds a licence. */
export class Participation {
    /** The licence that decides, as the PBX names it; `undefined` where none does. */
    readonly licence: string | undefined;
    readonly #who: ParticipationSettings['who'];
    readonly #groups: ReadonlySet<string>;
    readonly #groupNames: string;
    readonly #include: ReadonlySet<string>;
    readonly #exclude: ReadonlySet<string>;

    constructor(settings: ParticipationSettings = { who: 'all' }) {
        const { who, groups = [], licence = '', include = [], exclude = [] } = settings;
        this.#who = who;
        this.licence = who === 'licence' ? licenceName(licence) : undefined;
        this.#groups = entriesOf(groups);
        this.#groupNames = groups.map(name => name.trim()).join(', ');
        this.#include = entriesOf(include);
        this.#exclude = entriesOf(exclude);
    }

    /** Whether it depends on the licence alone if this user takes part. */
    asksLicence(user: PbxUser): boolean {
        if (this.licence === undefined || !user.pbx.name) return false;
        return !isListed(this.#exclude, user) && !isListed(this.#include, user);
    }

    /**
     * Why the user takes no part, as an administrator reads it; `undefined` for a user who does.
     * @param answer whether the user holds {@link licence}; counts for those of {@link asksLicence} only
     */
    reasonAgainst(user: PbxUser, answer: LicenceAnswer): SyncError | undefined {
        const name = user.displayName;
        if (isListed(this.#exclude, user)) return new SyncError('PBX_USER_EXCLUDED', { user: name });
        if (!user.pbx.name) return new SyncError('PBX_USER_NAMELESS', { user: name });
        if (this.#who === 'all' || isListed(this.#include, user)) return undefined;
        if (this.#who === 'listed') return new SyncError('PBX_USER_NOT_LISTED', { user: name });
        if (this.#who === 'group') return this.#isMember(user) ? undefined : this.#notInGroup(user);
        if (answer === true) return undefined;
        const licence = this.licence ?? '';
        if (answer === false) return new SyncError('PBX_USER_UNLICENSED', { user: name, licence });
        return new SyncError('PBX_USER_LICENCE_UNKNOWN', { user: name, licence, detail: answer });
    }

    /** The entries of both lists that none of these users goes by. */
    unknownEntries(users: Iterable<PbxUser>): string[] {
        const unknown = new Set([...this.#include, ...this.#exclude]);
        if (unknown.size === 0) return [];
        for (const user of users) for (const name of namesOf(user)) unknown.delete(name);
        return [...unknown];
    }

    #isMember({ pbx }: PbxUser): boolean {
        return pbx.groups?.some(group => this.#groups.has(comparable(group))) ?? false;
    }

    /**
     * Whether the table tells groups that come from the Config Template is not documented. There is no request for those of
     * a template, only GetObject for each of its users; so who has a template is told what else there is to do.
     */
    #notInGroup({ displayName, pbx }: PbxUser): SyncError {
        const parameters = { user: displayName, groups: this.#groupNames };
        return new SyncError(pbx.template ? 'PBX_USER_NOT_IN_GROUP_ITSELF' : 'PBX_USER_NOT_IN_GROUP', parameters);
    }
}

/** The licences page of the PBX writes `App(name)`. @see https://sdk.innovaphone.com/14r1/doc/licensing.htm */
function licenceName(licence: string): string {
    const name = licence.trim();
    return /^App\(.*\)$/i.test(name) ? name : `App(${name})`;
}

function entriesOf(list: readonly string[]): ReadonlySet<string> {
    return new Set(list.map(comparable).filter(Boolean));
}

function isListed(list: ReadonlySet<string>, user: PbxUser): boolean {
    return list.size > 0 && namesOf(user).some(name => list.has(name));
}

function namesOf({ addresses, pbx }: PbxUser): string[] {
    return [pbx.name, pbx.longName, pbx.guid].map(comparable).concat(addresses);
}

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
