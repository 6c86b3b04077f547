import { SyncError } from '../errors/errors';
import type { Language } from '../errors/sentence';
import { type ExplainedPerson, explainPerson } from '../presence/explain';
import { type Glance, glance } from '../presence/glance';
import type { Journal } from '../presence/journal';
import { Losses } from '../presence/losses';
import { nameOf, type Outcome, type PresenceUser, teamsIdOf } from '../presence/message';
import { liveClaims, type Statement, unsure } from '../presence/record';
import { takeUp } from '../presence/teams-claims';
import {
    grace,
    type HiddenReason,
    sessionOf,
    type TeamsRecord,
    type TeamsSide,
    teamsParts,
} from '../presence/teams-record';
import { shownInTeams } from '../presence/teams-shown';
import { type TeamsTarget, targetOf } from '../presence/teams-states';
import type { TeamsPresence } from '../presence/vocabulary';
import { keepJournal } from '../sync/keep-journal';
import type { ClaimBook } from '../sync/logged-claims';
import { Reconciler } from '../sync/reconciler';
import type { Clock, Timer } from '../time/clock';
import type { GatheredRequests } from './connection/gathered-requests';
import { PresenceReader } from './reading/presence-reader';
import type { KnownUsers } from './users/directory-reader';
import { outcomeOf } from './writing/outcomes';
import { TeamsExecutor, type TeamsWriting } from './writing/teams-executor';

/** People written to at the same time: enough to fill the batches that are under way. */
const parallel = 240;
/** Milliseconds after a start that the PBX has to speak of its users. */
const sourcesSpeak = 5_000;
/** Milliseconds after a gap in which the PBX may be connected again, and nothing is written. */
const sourcesReturn = 5_000;

/** The people of one tenant: what Teams shows of them, what is wanted there, and what we hold. */
export class TeamsPeople {
    readonly reader: PresenceReader;
    readonly reconciler: Reconciler<TeamsRecord>;
    readonly #clock: Clock;
    readonly #directory: KnownUsers | undefined;
    readonly #side: TeamsSide;
    readonly #executor: TeamsExecutor;
    /** All that an earlier process has set is known. */
    #knows = false;
    /** How many write for real. */
    #wet = 0;
    #timer: Timer | undefined;
    /** When what an earlier process may have set has ended. Monotonic. */
    #foundOutAt = Number.NEGATIVE_INFINITY;

    /**
     * @param options.book where claims are written down; without one every start is a start that knows nothing
     * @param options.directory of the tenant; without them nothing is known of any
     */
    constructor(options: {
        clock: Clock;
        random?: () => number;
        book?: ClaimBook;
        journal?: Journal;
        directory?: KnownUsers;
    }) {
        const { clock, random, book, journal, directory } = options;
        this.#clock = clock;
        this.#directory = directory;
        this.#side = {
            // Until there is a way to write.
            heldOffUntil: Number.POSITIVE_INFINITY,
            served: 0,
            servedAt: Number.NEGATIVE_INFINITY,
            sourcesKnownBy: clock.monotonic() + sourcesSpeak,
            mayHaveSessions: false,
            way: '',
            losses: new Losses(),
        };
        this.#executor = new TeamsExecutor({
            side: this.#side,
            clock,
            directory,
            read: (ids, priority) => this.reader.readAgain(ids, priority),
            waits: error => this.reconciler.waits(error),
        });
        this.reconciler = new Reconciler({ executor: this.#executor, clock, random, book, parallel });
        this.reader = new PresenceReader({ people: this.reconciler, side: this.#side, clock });
        keepJournal(this.reconciler, { side: 'teams', system: book?.system ?? '', journal });
    }

    /** Takes in what an earlier process held; to be called before anything is read or written. */
    async restore(): Promise<void> {
        const isKnown = await this.reconciler.restore(id => this.#directory?.users.byId(id) ?? named(id));
        if (isKnown) this.#foundOut();
    }

    /**
     * A node writes presence in the name of an app from now on; returns what ends that. What an earlier process may have
     * set is none of the business of a node that makes a dry run.
     */
    writing({ way, node, lease, dryRun: isDry = false }: TeamsWriting, requests: GatheredRequests): () => void {
        if (!this.#knows && !isDry) this.#findOut(lease);
        if (!isDry) this.#wet += 1;
        this.#side.isDry = this.#wet === 0;
        this.#side.way ||= way;
        const endUse = this.#executor.use(way, node, requests);
        const endReading = this.reader.use(requests.graph);
        const now = this.#clock.monotonic();
        if (!isDry) for (const record of this.reconciler.records.values()) takeUp(record, way, now);
        this.#side.heldOffUntil = Number.NEGATIVE_INFINITY;
        this.reconciler.touchAll();
        return () => {
            endReading();
            endUse();
            if (!isDry) this.#wet -= 1;
            this.#side.isDry = this.#wet === 0;
            if (this.#executor.isUsed) return;
            this.#side.heldOffUntil = Number.POSITIVE_INFINITY;
        };
    }

    /**
     * Makes Teams show this for the user. Resolves once Teams has answered, however long an outage lasts.
     * @throws SyncError TEAMS_PAIR_INVALID for a pair that Teams does not take; a refusal of Graph with the user's name
     */
    async set(user: PresenceUser, presence: TeamsPresence, writer: TeamsWriting): Promise<Outcome> {
        const target = targetOf(presence, writer);
        if (target) return await this.#state(user, target, writer);
        const { availability, activity } = presence.preferred ?? presence;
        throw new SyncError('TEAMS_PAIR_INVALID', { availability, activity });
    }

    /**
     * Takes back what we have set for the user; what the user shows without us shows again.
     * @param isSilence the PBX does not know what holds, so a choice by hand stays what it was
     * @throws as {@link set}
     */
    clear(user: PresenceUser, writer: TeamsWriting, isSilence = false): Promise<Outcome> {
        return this.#state(user, {}, writer, isSilence);
    }

    /** What is wanted for one user is wanted for another: matches have moved, perhaps in a circle. Never rejects. */
    move(moves: readonly { from: PresenceUser; to: PresenceUser }[]): void {
        const wanted = moves.flatMap(({ from, to }) => {
            const record = this.reconciler.records.get(teamsIdOf(from));
            if (!record?.spoken) return [];
            return [{ from, to, target: wantedOf(record), writer: record.spoken.writer as TeamsWriting }];
        });
        const isMovedTo = new Set(wanted.map(({ to }) => teamsIdOf(to)));
        for (const { from, to, target, writer } of wanted) {
            this.#state(to, target, writer).catch(() => {});
            if (!isMovedTo.has(teamsIdOf(from))) this.clear(from, writer).catch(() => {});
        }
    }

    /**
     * Takes back everything that a node wanted; what waits is not written any more. What others want by now and only this
     * node can end is set by them anew. Never rejects.
     */
    async clearAll(node: string): Promise<void> {
        const now = this.#clock.monotonic();
        const clears = [...this.reconciler.records.values()].flatMap((record): Promise<unknown>[] => {
            const { person, parts } = record;
            const writers = Object.values(parts).map(state => state?.desired?.by.writer);
            const writer = writers.find(each => each?.node === node);
            if (writer) return [this.clear(person, { ...writer, settle: 0 }, true)];
            const [call] = liveClaims(sessionOf(record), now);
            return call && this.#executor.isOnlyOf(node, call.way) ? [this.#handOver(record)] : [];
        });
        await Promise.allSettled(clears);
    }

    /** The call is taken back by the way that goes, and set again by that of the node that wants it now. */
    async #handOver(record: TeamsRecord): Promise<void> {
        const { person, spoken } = record;
        if (!spoken || spoken.writer.dryRun) return;
        const writer = spoken.writer as TeamsWriting;
        const wanted = wantedOf(record);
        const ends = this.#state(person, { ...wanted, session: undefined }, { ...writer, settle: 0 }, true);
        const { spoken: silence } = record;
        // It goes on also where it could not be taken back.
        await ends.catch(() => {});
        if (record.spoken === silence) await this.#state(person, wanted, writer, spoken.isSilence);
    }

    /** Why what we have set does not show: where Teams says nothing of a user, it may be for want of a licence. */
    reasonOf(record: TeamsRecord, reason: HiddenReason): HiddenReason | 'no-licence' {
        return reason === 'unknown' && this.#executor.lacksTeams(record) ? 'no-licence' : reason;
    }

    /** Why Teams shows what it shows of the user, and what comes next; undefined where nothing is known of the user. */
    explain(user: PresenceUser, language: Language = 'en'): ExplainedPerson | undefined {
        const record = this.reconciler.records.get(teamsIdOf(user));
        if (!record) return undefined;
        const [now, date] = [this.#clock.monotonic(), this.#clock.date()];
        const question = { parts: teamsParts, common: this.#side, shown: shownInTeams(record, now), now, date };
        return explainPerson(record, { side: 'teams', ...question }, language);
    }

    /** Looks at people as they are at this moment, by key: each in one line, or undefined where nothing is known. */
    glances(): (key: string) => Glance | undefined {
        const now = this.#clock.monotonic();
        const { records } = this.reconciler;
        return key => {
            const record = records.get(key);
            return record && glance(record, { parts: teamsParts, shown: shownInTeams(record, now), now });
        };
    }

    /** How many people something is known or wanted of. */
    get size(): number {
        return this.reconciler.records.size;
    }

    /** Who they are. */
    *known(): Iterable<PresenceUser> {
        for (const { person } of this.reconciler.records.values()) yield person;
    }

    /**
     * Takes back what we hold, and writes nothing until then; what is wanted meanwhile is written afterwards.
     * @param until date, ms since the epoch; absent: until {@link resume}
     * @throws SyncError TEAMS_USER_UNKNOWN, as all that is asked for one user
     */
    pause(who: PresenceUser | 'all', until = Number.POSITIVE_INFINITY): void {
        const end = this.#clock.monotonic() + until - this.#clock.date();
        this.reconciler.pause(end, this.#meant(who));
    }

    /** Ends a pause, and a rest that changes without an end have caused. */
    resume(who: PresenceUser | 'all'): void {
        this.reconciler.resume(this.#meant(who));
    }

    /** Reads and judges anew, and writes what differs. */
    resync(who: PresenceUser | 'all'): void {
        this.reconciler.doubt(this.#meant(who));
    }

    /**
     * Everything may be untrue: the side was away, the host slept, or the clock was set. All are read again.
     * @param missed ms that may have passed without being counted
     */
    gap(missed = 0): void {
        this.reconciler.doubt(undefined, missed);
    }

    /** The process stood still: what the PBX has said may be as old as what we know, so it is given time to return. */
    interrupted(missed = 0): void {
        this.#side.heldOffUntil = Math.max(this.#side.heldOffUntil, this.#clock.monotonic() + sourcesReturn);
        this.gap(missed);
    }

    /**
     * The directory has these anew, or by another name: what was refused is tried again at once. Of people who have come
     * back it is not known whether anything of before is there, and what does not show is no choice.
     */
    joined(added: readonly PresenceUser[], changed: readonly PresenceUser[]): void {
        for (const record of this.#known(added)) {
            record.own = undefined;
            for (const state of Object.values(record.parts)) {
                if (state?.desired?.value === undefined) continue;
                for (const claim of state.claims) unsure(claim);
                state.yields = undefined;
            }
        }
        for (const record of this.#known([...added, ...changed])) {
            record.setAside = undefined;
            record.refusals = undefined;
            record.readTrouble = undefined;
            this.reconciler.tryAgain(record);
        }
    }

    #known(users: readonly PresenceUser[]): TeamsRecord[] {
        return users.map(user => this.reconciler.records.get(teamsIdOf(user))).filter(record => record !== undefined);
    }

    /** What is held stays until its lease ends. May be called twice. */
    stop(): void {
        this.#clock.cancel(this.#timer);
        this.reconciler.stop();
    }

    /** From now on records begin in doubt, until what an earlier process may have set was found out or has ended. */
    #findOut(lease: number): void {
        this.#side.mayHaveSessions = true;
        this.reconciler.knowsNothing = true;
        const until = this.#clock.monotonic() + Math.max(grace, lease);
        if (until <= this.#foundOutAt) return;
        this.#foundOutAt = until;
        this.#clock.cancel(this.#timer);
        this.#timer = this.#clock.after(Math.max(grace, lease), () => {
            this.#foundOut();
            void this.reconciler.settleBook();
        });
    }

    #foundOut(): void {
        this.#knows = true;
        this.#side.mayHaveSessions = false;
        this.reconciler.knowsNothing = false;
        this.#clock.cancel(this.#timer);
    }

    /** Undefined for all people. */
    #meant(who: PresenceUser | 'all'): TeamsRecord[] | undefined {
        if (who === 'all') return undefined;
        const id = teamsIdOf(who);
        if (!id) throw new SyncError('TEAMS_USER_UNKNOWN', { user: nameOf(who) });
        return [this.reconciler.recordOf(id, who)];
    }

    async #state(person: PresenceUser, target: TeamsTarget, writer: TeamsWriting, isSilence = false): Promise<Outcome> {
        const silence = isSilence ? ({ isSilence } as const) : {};
        const { session, preferred, statusMessage } = target;
        const record = this.reconciler.recordOf(teamsIdOf(person), person);
        const at = this.#clock.monotonic();
        const by: Statement = { source: 'pbx', writer, person, at, own: record.own, ...silence };
        // Where the PBX leads, what was chosen in Teams before stands above nothing any more.
        if (writer.leads && record.parts.preferred) record.parts.preferred.yields = undefined;
        const { end, written } = await this.reconciler.state(record, by, { session, preferred, statusMessage });
        return outcomeOf(end, written, target, record, this.#clock.monotonic());
    }
}

/** What its source wants of a person. */
function wantedOf({ parts }: TeamsRecord): TeamsTarget {
    return Object.fromEntries(Object.entries(parts).map(([name, state]) => [name, state?.desired?.value]));
}

/** A user of whom the log tells only the id. */
function named(id: string): PresenceUser {
    return { addresses: [], displayName: id, teams: { id, userPrincipalName: '', mail: null } };
}
