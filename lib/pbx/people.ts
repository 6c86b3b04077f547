import { SyncError } from '../errors/errors';
import type { Language } from '../errors/sentence';
import { type ExplainedPerson, explainPerson } from '../presence/explain';
import { type Glance, glance } from '../presence/glance';
import type { Journal } from '../presence/journal';
import { type Outcome, type PresenceUser, replacedByNewer } from '../presence/message';
import { foundCall, holdsCall } from '../presence/pbx-call';
import {
    type CallHandle,
    callOf,
    entryOf,
    grace,
    type HeldUser,
    type PbxRecord,
    pbxParts,
    shownInPbx,
} from '../presence/pbx-record';
import { type Decision, liveClaims, type Statement, type Writer } from '../presence/record';
import { rules } from '../presence/rules';
import { keepJournal } from '../sync/keep-journal';
import { Reconciler, type ReconcilerOptions } from '../sync/reconciler';
import { type Timer, within } from '../time/clock';
import { PresenceReader } from './reading/presence-reader';
import type { UserChange } from './users/user-directory';
import type { PbxUser } from './users/user-row';
import type { HomesUse } from './writing/homes';
import { PbxExecutor } from './writing/pbx-executor';
import {
    defaultChoice,
    outcomeOf,
    type PbxTarget,
    stopped,
    targetOf,
    type Wish,
    type WriteChoice,
} from './writing/pbx-target';

/** Users who may have a write on its way at once. */
const parallel = 32;
/** Milliseconds that a PBX may take to take everything back. */
const takeBackLimit = 4_000;

/** How a node writes, and which node it is, so that what it wants can be taken back alone. */
export type PbxWriting = Partial<WriteChoice & Pick<Writer, 'node' | 'settle' | 'dryRun'>>;

/** Taken in as soon as the user can be named. */
type NewStatement = Omit<Statement, 'at'>;

export interface PbxPeopleOptions
    extends Omit<HomesUse, 'people'>,
        Pick<ReconcilerOptions<PbxRecord>, 'random' | 'book' | 'tellsTexts'> {
    journal?: Journal;
    /** A line state of the user means something else than before, because of a call of ours. */
    callChanged(guid: string): void;
    /** What the PBX shows of the user is to be asked for again. */
    reread(guid: string): void;
}

/** The people of one PBX system: what it shows of them, what is wanted there, and what we hold. */
export class PbxPeople {
    readonly reader: PresenceReader;
    readonly reconciler: Reconciler<PbxRecord>;
    readonly #use: PbxPeopleOptions;
    readonly #executor: PbxExecutor;
    /** Statements of users who cannot be named before the user table has been read, by address; each ends or goes on. */
    readonly #early = new Map<string, { node: string | undefined; settle(outcome?: Outcome): void }>();
    #questions = 0;
    /** All that an earlier process has set is known. */
    #knows = false;
    #makesCalls = false;
    #timer: Timer | undefined;
    #isStopped = false;

    constructor(options: PbxPeopleOptions) {
        this.#use = options;
        const { clock, random, log, book, journal, tellsTexts } = options;
        const executor = new PbxExecutor({
            ...{ ...options, people: () => this.reconciler },
            look: record => {
                this.reader.look(record);
                options.callChanged(record.key);
            },
        });
        this.#executor = executor;
        this.reconciler = new Reconciler({ executor, clock, random, book, parallel, tellsTexts });
        this.reader = new PresenceReader({
            ...{ people: this.reconciler, clock, log },
            sides: executor.homes,
            mayHaveCalls: () => this.#makesCalls && !this.#knows,
        });
        this.reconciler.on('trouble', error => error?.code === 'PBX_SILENT' && log('warn', error.message));
        keepJournal(this.reconciler, { side: 'pbx', system: book?.system ?? '', journal });
        this.reconciler.on('resting', ({ person }) => log('warn', `${person.displayName}: ${rules.resting.en}`));
        this.reconciler.on('decision', (record, decision) => this.#decided(record as PbxRecord, decision));
    }

    /** What the PBX does not do as it was asked to, and what is done instead; each once. */
    get notes(): SyncError[] {
        return this.#executor.homes.notes;
    }

    /**
     * May be called at any time, for each node.
     * @param settings.rate requests per second to all PBXs of the system together, 1 to 1,000; of several rates the lowest
     *   counts; absent: the node limits nothing any more
     * @param settings.makesCalls the node makes calls on behalf of users
     */
    configure({ rate, makesCalls = false }: { rate?: number; makesCalls?: boolean }, node = ''): void {
        if (rate !== undefined) this.#writes(makesCalls);
        this.#executor.requests.limit(node, rate);
    }

    /**
     * Goes on with what is on record from before this start: it may no longer apply, so it stays, and is taken back if no
     * source speaks of the user within some minutes of the first connection. To be called before the first one.
     */
    async restore(): Promise<void> {
        this.#knows = await this.reconciler.restore(guid => userOf(guid));
        for (const record of this.reconciler.records.values()) {
            // A PBX tells by itself what it shows; what is held waits until it is connected.
            record.doubt = undefined;
            record.restoredAt = undefined;
            for (const claim of callOf(record)?.claims ?? []) {
                if (claim.certainty === 'ended') continue;
                // A call of an earlier connection is made anew where it is wanted.
                claim.certainty = 'sent';
                const { number } = claim.handle as CallHandle;
                if (number !== undefined) foundCall(record, number);
            }
            const [claim] = [...(entryOf(record)?.claims ?? []), ...(callOf(record)?.claims ?? [])];
            record.person = userOf(record.key, (claim?.handle as CallHandle | undefined)?.user);
            this.#executor.homes.of(record);
        }
    }

    /**
     * Shows the presence for the user; nothing at all is the same as {@link clear}. Resolves when the PBX has answered or
     * when it is certain that nothing needs to be sent, however long an outage lasts.
     * @throws SyncError PBX_USER_UNKNOWN or PBX_REQUEST_REFUSED; the latter stands nevertheless, and is tried again
     */
    set(user: PresenceUser, wish: Wish, writing: PbxWriting = unchosen): Promise<Outcome> {
        const name = this.#use.directory.find(user)?.displayName ?? user.displayName;
        const about = { name, now: this.#use.clock.date() };
        return this.#state(targetOf(wish, { ...defaultChoice, ...writing }, about), statementOf(user, writing));
    }

    /**
     * Takes back what we show for the user, also from before a crash; what the user has set is left alone.
     * @param isSilence Teams does not know what holds, so a choice by hand stays what it was
     * @throws SyncError as {@link set}
     */
    clear(user: PresenceUser, writing: PbxWriting = unchosen, isSilence = false): Promise<Outcome> {
        return this.#state({}, statementOf(user, writing, isSilence));
    }

    /** Resolves once the PBX has told its users, and so who is one of them, or with the end of the system. */
    async known(): Promise<void> {
        if (this.#use.directory.loaded || this.#isStopped) return;
        this.#questions += 1;
        const key = `question ${this.#questions}`;
        await new Promise<void>(settle => this.#early.set(key, { node: undefined, settle: () => settle() }));
    }

    /** Why the PBX shows what it shows of the user, and what comes next; undefined where nothing is known of the user. */
    explain(user: PresenceUser, language: Language = 'en'): ExplainedPerson | undefined {
        const { directory, clock } = this.#use;
        const record = this.reconciler.records.get(directory.find(user)?.pbx.guid ?? user.pbx?.guid ?? '');
        if (!record) return undefined;
        const [now, date] = [clock.monotonic(), clock.date()];
        const common = this.#executor.homes.of(record);
        const question = { parts: pbxParts, common, shown: shownInPbx(record, now), now, date };
        return explainPerson(record, { side: 'pbx', ...question }, language);
    }

    /** Looks at people as they are at this moment, by key: each in one line, or undefined where nothing is known. */
    glances(): (key: string) => Glance | undefined {
        const now = this.#use.clock.monotonic();
        const { records } = this.reconciler;
        return key => {
            const record = records.get(key);
            return record && glance(record, { parts: pbxParts, shown: shownInPbx(record, now), now });
        };
    }

    /**
     * Takes back what we hold, and writes nothing until then; what is wanted meanwhile is written afterwards.
     * @param until date, ms since the epoch; absent: until {@link resume}
     * @throws SyncError PBX_USER_UNKNOWN, as all that is asked for one user
     */
    pause(who: PresenceUser | 'all', until = Number.POSITIVE_INFINITY): void {
        const { clock } = this.#use;
        this.reconciler.pause(clock.monotonic() + until - clock.date(), this.#meant(who));
    }

    /** Ends a pause, and a rest that changes without an end have caused. */
    resume(who: PresenceUser | 'all'): void {
        this.reconciler.resume(this.#meant(who));
    }

    /** Asks for what the PBX shows and judges anew, and writes what differs. */
    resync(who: PresenceUser | 'all'): void {
        const meant = this.#meant(who) ?? [...this.reconciler.records.values()];
        this.reconciler.doubt(meant);
        for (const { key, isMember } of meant) if (isMember) this.#use.reread(key);
    }

    /**
     * Takes back what we hold, all of it or what one node has wanted; what waits is not written any more. Resolves when
     * everything is done that can be done now; the rest is done when its PBX is connected again. Never rejects.
     */
    async clearAll(node?: string): Promise<void> {
        for (const [key, early] of this.#early) {
            if (node !== undefined && early.node !== node) continue;
            this.#early.delete(key);
            early.settle(replacedByNewer);
        }
        const { clock } = this.#use;
        const meant = [...this.reconciler.records.values()].filter(record => isOf(record, node, clock.monotonic()));
        await this.#executor.requests.hurry(async () => {
            const ends = meant.map(record => {
                const end = this.#stateOf(record, {}, statementOf(record.person, { node }, true));
                end.catch(() => undefined);
                return this.#executor.homes.isConnected(record) ? end : undefined;
            });
            await within(clock, takeBackLimit, Promise.allSettled(ends));
        });
    }

    /** Users have come, changed or gone; the directory knows it already. */
    usersChanged(changes: readonly UserChange[]): void {
        for (const { from, to } of changes) {
            if (to) this.#join(to);
            else this.#forget(from);
        }
    }

    /** Another connection is ready or over, or more is known of the users: what waits for that is written. */
    placed(): void {
        const changed = this.#executor.homes.connect();
        if (changed.size > 0)
            for (const record of this.reconciler.records.values())
                if (hasParts(record) && changed.has(this.#executor.homes.of(record))) this.#homeChanged(record);
        if (!this.#use.directory.loaded) return;
        // The newest first: two may be of the same user under two names.
        for (const { settle } of [...this.#early.values()].reverse()) settle();
        this.#early.clear();
    }

    /** What waits will not be written any more; what is held stays. May be called twice. */
    stop(): void {
        this.#isStopped = true;
        this.#use.clock.cancel(this.#timer);
        this.reconciler.stop();
        this.#executor.homes.stop();
        for (const { settle } of this.#early.values()) settle(stopped);
        this.#early.clear();
    }

    /**
     * From now on an entry with our contact is ours; after a while what an earlier process may have set was found out
     * or has ended.
     */
    #writes(makesCalls: boolean): void {
        this.#makesCalls ||= makesCalls;
        const { homes } = this.#executor;
        if (homes.isDry !== false) {
            homes.isDry = false;
            this.reader.adopt();
        }
        if (this.#knows) return;
        this.#timer ??= this.#use.clock.after(grace, () => {
            this.#knows = true;
            void this.reconciler.settleBook();
        });
    }

    async #state(target: PbxTarget, statement: NewStatement): Promise<Outcome> {
        const { person: user, writer } = statement;
        // A dry run takes nothing in the PBX for its own, and so takes nothing back.
        if (!writer.dryRun) this.#writes(target.call === true);
        else this.#executor.homes.isDry ??= true;
        const { directory } = this.#use;
        const found = directory.find(user);
        if (found) return this.#stateOf(this.#join(found), target, statement);
        if (this.#isStopped) return stopped;
        if (directory.loaded) throw unknownUser(user);
        const key = user.pbx?.guid || user.addresses[0] || user.displayName;
        this.#early.get(key)?.settle(replacedByNewer);
        this.#early.delete(key);
        const outcome = await new Promise<Outcome | undefined>(settle => {
            this.#early.set(key, { node: writer.node, settle });
        });
        // A statement that came after the user could be named is newer.
        const isOld = this.reconciler.records.get(directory.find(user)?.pbx.guid ?? '')?.spoken !== undefined;
        return outcome ?? (isOld ? replacedByNewer : this.#state(target, statement));
    }

    async #stateOf(record: PbxRecord, { call, entry }: PbxTarget, statement: NewStatement): Promise<Outcome> {
        const { clock } = this.#use;
        const done = this.reconciler.state(record, { ...statement, at: clock.monotonic() }, { call, entry });
        this.reader.stated(record);
        const { end, written } = await done;
        return outcomeOf(end, written, record, clock.monotonic());
    }

    /** Undefined for all people. */
    #meant(who: PresenceUser | 'all'): PbxRecord[] | undefined {
        if (who === 'all') return undefined;
        const found = this.#use.directory.find(who);
        if (!found) throw unknownUser(who);
        return [this.#join(found)];
    }

    #join(user: PbxUser): PbxRecord {
        const record = this.reconciler.recordOf(user.pbx.guid, user);
        const isNew = record.person !== user || !record.isMember;
        record.person = user;
        record.isMember = true;
        if (isNew && hasParts(record)) this.#homeChanged(record);
        return record;
    }

    /** The user takes no part any more, or is gone from the PBX: what we hold is taken back, if that can be done. */
    #forget(user: PbxUser): void {
        const record = this.reconciler.records.get(user.pbx.guid);
        if (!record) return;
        this.reader.forget(record);
        record.isMember = undefined;
        record.look = undefined;
        const { spoken: by } = record;
        for (const state of Object.values(record.parts)) {
            if (state && by) state.desired = { by };
            if (state) state.yields = undefined;
        }
        if (record.asked !== record.sending?.asked) record.asked?.settle(unknownUser(user));
        if (!hasParts(record)) this.#executor.calls.forget(record);
        this.reconciler.touch(record.key);
    }

    /** There is another connection, or another PBX, for the user. */
    #homeChanged(record: PbxRecord): void {
        const { session } = this.#executor.homes.of(record);
        if (!session) return this.reconciler.touch(record.key);
        if (!record.spoken) record.restoredAt ??= this.#use.clock.monotonic();
        // A call belongs to the connection that has made it.
        for (const claim of liveClaims(callOf(record), this.#use.clock.monotonic()))
            if (!holdsCall(record, session)) claim.certainty = 'sent';
        this.reconciler.tryAgain(record);
    }

    /** The node that asked is told a refusal; where it goes on, the log tells it once. */
    #decided(record: PbxRecord, { outcome, part, detail = '' }: Decision): void {
        const isAgain = record.parts[part]?.trouble?.failures === 2;
        if (outcome === 'refused' && isAgain && part !== 'call') this.#use.log('warn', detail);
        const isOver = outcome === 'accepted' && !record.isMember;
        const now = this.#use.clock.monotonic();
        if (isOver && Object.values(record.parts).every(state => liveClaims(state, now).length === 0))
            this.#executor.calls.forget(record);
    }
}

function hasParts({ parts }: PbxRecord): boolean {
    return Object.keys(parts).length > 0;
}

/** A node wants something for the user, or has set what we hold. */
function isOf({ parts }: PbxRecord, node: string | undefined, now: number): boolean {
    return Object.values(parts).some(state => {
        if (!state) return false;
        const { desired } = state;
        const isMeant = (by: string | undefined) => node === undefined || by === node;
        if (desired?.value !== undefined) return isMeant(desired.by.writer.node);
        return liveClaims(state, now).some(({ way }) => isMeant(way));
    });
}

const unchosen: PbxWriting = {};
/** Of what each node has chosen once: its statements are as many as the people. */
const writers = new WeakMap<PbxWriting, Writer>();

function statementOf(person: PresenceUser, writing: PbxWriting, isSilence = false): NewStatement {
    const { node = '', settle, dryRun } = writing;
    const writer = writers.get(writing) ?? { node, way: node, lease: Number.POSITIVE_INFINITY, settle, dryRun };
    writers.set(writing, writer);
    return { source: 'teams', writer, person, ...(isSilence ? { isSilence } : {}) };
}

/** Enough of a user to take something back. */
function userOf(guid: string, { name, displayName, loc }: HeldUser = { name: '', displayName: guid }): PbxUser {
    const pbx = { guid, name, longName: '', displayName, number: '', node: '', ...(loc ? { loc } : {}) };
    return { addresses: [], displayName, pbx };
}

function unknownUser(user: PresenceUser): SyncError {
    return new SyncError('PBX_USER_UNKNOWN', { user: user.addresses[0] ?? user.pbx?.name ?? user.displayName });
}
