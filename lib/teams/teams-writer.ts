import { EventEmitter } from 'node:events';
import { type SyncError, toSyncError } from '../errors/errors';
import { type Outcome, type PresenceUser, replacedByNewer, topicOf } from '../presence/message';
import type { PersonRecord } from '../presence/record';
import type { HiddenReason, TeamsRecord } from '../presence/teams-record';
import type { UserMatches } from '../presence/user-matches';
import type { TeamsPresence } from '../presence/vocabulary';
import type { ConnectionState } from '../support/connection-state';
import { type Clock, type Timer, within } from '../time/clock';
import { RetrySchedule } from '../time/retry-schedule';
import { GatheredRequests } from './connection/gathered-requests';
import type { GraphAccess } from './connection/graph-access';
import { attemptAfter } from './connection/sign-in/sign-in-error';
import type { TeamsPeople } from './people';
import type { DirectoryReader } from './users/directory-reader';
import { PeopleFinder, type WrittenFor } from './users/people-finder';
import { nodeStopped } from './writing/outcomes';
import type { TeamsWriting } from './writing/teams-executor';

export { noTeamsUser } from './users/people-finder';

/** How one node writes. */
export interface WriteSettings extends Omit<TeamsWriting, 'way'> {
    /** Which Teams user is which PBX user; without it users are found by Teams id or address. */
    matches?: () => Promise<UserMatches>;
    /** What the registration lacks to write, as far as a check has found: told until a write succeeds. */
    missing?: Promise<SyncError | undefined>;
}

/** Why a person does not show what was asked for. */
export type NotShownReason = 'left-out' | 'ambiguous' | 'quarantined' | `hidden.${HiddenReason | 'no-licence'}`;

interface Events {
    /** What keeps all users from being written to. */
    state: [ConnectionState];
    /** By name, possibly again and again. */
    notShown: [name: string, reason: NotShownReason];
    /** Nothing is written for this person for 5 minutes: our changes and others have answered each other. */
    resting: [name: string];
}

interface Parts {
    access: GraphAccess;
    directory: DirectoryReader;
    people: TeamsPeople;
    /** Resolves once it is known what an earlier process holds. */
    ready: Promise<void>;
    writtenFor: WrittenFor;
    clock: Clock;
}

/** Taking back may last so long at the end, in ms. */
const closingTime = 4_000;

/** While nothing comes from Graph for so long, in ms, it is asked whether it answers at all: it may be silent. */
const longestSilence = 5_000;

/** What keeps all users from being written to, the worst first. */
const troubles = ['sign-in', 'outage', 'silence', 'permission', 'PBX'] as const;

/** Writes for one node. Where a PBX user has become another Teams user, what the former one shows for us is taken back. */
export class TeamsWriter extends EventEmitter<Events> {
    readonly #parts: Parts;
    readonly #settings: WriteSettings;
    readonly #writing: TeamsWriting;
    readonly #requests: GatheredRequests;
    readonly #finder: PeopleFinder;
    readonly #troubles = new Map<(typeof troubles)[number], SyncError>();
    /** What is being taken back because a message said so. */
    readonly #clears = new Set<Promise<Outcome>>();
    readonly #onDirectory = (): void => this.#report();
    readonly #onTrouble = (outage: SyncError | undefined): void => this.#note('outage', outage);
    readonly #onHidden = (record: TeamsRecord, reason: HiddenReason): void => {
        if (this.#hasAsked(record))
            this.emit('notShown', topicOf(record.person), `hidden.${this.people.reasonOf(record, reason)}`);
    };
    readonly #onSetAside = (record: PersonRecord): void => {
        if (this.#hasAsked(record)) this.emit('notShown', topicOf(record.person), 'quarantined');
    };
    readonly #onResting = (record: PersonRecord): void => {
        if (this.#hasAsked(record)) this.emit('resting', topicOf(record.person));
    };
    readonly #signInSchedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 });
    #ends: (() => void)[] = [];
    #signInTimer: Timer | undefined;
    #silenceTimer: Timer | undefined;
    #stopped = false;
    /** Nothing is set any more. */
    #takesBack = false;

    /** @throws SyncError FIELD_MISSING without a secret or certificate of the app */
    constructor(parts: Parts, settings: WriteSettings) {
        super();
        this.#parts = parts;
        this.#settings = settings;
        const { access } = parts;
        const { matches: _, missing: __, ...writing } = settings;
        const overridesChoice = settings.overridesChoice && !settings.callsOnly;
        this.#finder = new PeopleFinder(parts);
        this.#requests = new GatheredRequests(access.asApp());
        this.#writing = { ...writing, way: access.settings.clientId, overridesChoice };
    }

    /** The worst of what keeps all users from being written to. */
    get state(): ConnectionState {
        const { state } = this.#parts.directory;
        const error = troubles.map(trouble => this.#troubles.get(trouble)).find(each => each !== undefined);
        if (!error || (state.phase !== 'online' && !this.#troubles.has('sign-in'))) return state;
        return { phase: error.retryable ? 'retrying' : 'failed', error };
    }

    start(): void {
        const { access, directory, people } = this.#parts;
        const { reconciler, reader } = people;
        reconciler.on('trouble', this.#onTrouble).on('setAside', this.#onSetAside).on('resting', this.#onResting);
        reader.on('hidden', this.#onHidden);
        directory.on('state', this.#onDirectory);
        this.#finder.on('notFound', (name, reason) => this.emit('notShown', name, reason));
        this.#finder.on('former', user => people.clear(user, this.#writing).catch(() => {}));
        this.#finder.on('moved', moves => people.move(moves));
        this.#ends.push(directory.use(access.asApp()), people.writing(this.#writing, this.#requests));
        this.#signIn();
        this.#listenLater();
        const matches = this.#settings.matches?.();
        this.#finder.start(matches);
        // Users who are named by a Teams id or an address are written to nevertheless.
        matches?.catch(thrown => this.#note('PBX', toSyncError(thrown)));
        this.#settings.missing?.then(
            missing => this.#note('permission', missing),
            () => {},
        );
        this.#report();
    }

    /**
     * Makes Teams show this for a person. Resolves once Teams has answered, however long an outage lasts.
     * @param who as a message names one: a text is an address or a Teams id
     * @throws SyncError one of {@link noTeamsUser}, or as {@link TeamsPeople.set}
     */
    set(who: PresenceUser | string, presence: TeamsPresence): Promise<Outcome> {
        const { people } = this.#parts;
        return this.#serve(who, async user =>
            this.#takesBack ? nodeStopped : people.set(user, presence, this.#writing),
        );
    }

    /** The people of the tenant, for what concerns one of them or all. */
    get people(): TeamsPeople {
        return this.#parts.people;
    }

    /** The Teams user of a person. @throws SyncError one of {@link noTeamsUser} */
    find(who: PresenceUser | string): Promise<PresenceUser> {
        return this.#finder.find(who);
    }

    /**
     * Takes back what we have set for a person.
     * @param isSilence the PBX does not know what holds, so it is no change of its setting
     * @throws SyncError one of {@link noTeamsUser}
     */
    clear(who: PresenceUser | string, isSilence = false): Promise<Outcome> {
        const { people } = this.#parts;
        const clear = this.#serve(who, user => people.clear(user, this.#writing, isSilence));
        this.#clears.add(clear);
        const over = (): boolean => this.#clears.delete(clear);
        clear.then(over, over);
        return clear;
    }

    /** @param takeBack what is held ends now; else it ends with its lease, or another writer goes on with it */
    async stop(takeBack: boolean): Promise<void> {
        if (this.#stopped) return;
        this.#stopped = true;
        this.#takesBack = takeBack;
        this.#finder.giveUp();
        const { directory, people, clock } = this.#parts;
        const clears = [...this.#clears, ...(takeBack ? [people.clearAll(this.#writing.node)] : [])];
        // This node is the way by which it can be taken back. While Teams is out of reach the leases do it.
        const isReachable = directory.state.phase === 'online' && !this.#troubles.has('sign-in');
        if (isReachable && clears.length > 0) await within(clock, closingTime, Promise.allSettled(clears));
        clock.cancel(this.#signInTimer);
        clock.cancel(this.#silenceTimer);
        this.#finder.stop();
        directory.off('state', this.#onDirectory);
        const { reconciler, reader } = people;
        reconciler.off('trouble', this.#onTrouble).off('setAside', this.#onSetAside).off('resting', this.#onResting);
        reader.off('hidden', this.#onHidden);
        for (const end of this.#ends.splice(0)) end();
    }

    /** This node was the last that wanted something for the person. */
    #hasAsked({ spoken }: PersonRecord): boolean {
        return spoken?.writer.node === this.#writing.node;
    }

    /** The users may be read through another registration: whether this one may act shows only here before a write. */
    #signIn(): void {
        const { access, clock } = this.#parts;
        access
            .tokensOf()
            .token()
            .then(
                () => this.#note('sign-in', undefined),
                thrown => {
                    const error = toSyncError(thrown);
                    if (this.#stopped) return;
                    this.#signInTimer = clock.after(attemptAfter(error, this.#signInSchedule), () => this.#signIn());
                    this.#note('sign-in', error);
                },
            );
    }

    /** Who has nothing to write would not notice an outage. Any answer will do, so no token is needed. */
    #listenLater(): void {
        const { access, clock } = this.#parts;
        const { answers } = access.http;
        this.#silenceTimer = clock.after(longestSilence, async () => {
            const isSilent = access.http.answers === answers;
            const url = `${access.settings.graphUrl}/v1.0`;
            const ask = isSilent ? access.http.fetch(url, { method: 'HEAD' }) : undefined;
            const error = await ask?.then(() => undefined, toSyncError);
            if (this.#stopped) return;
            this.#note('silence', error);
            this.#listenLater();
        });
    }

    async #serve(who: PresenceUser | string, write: (user: PresenceUser) => Promise<Outcome>): Promise<Outcome> {
        const user = await this.#finder.findFor(who, () => this.#serve(who, write));
        if (!user) return replacedByNewer;
        const outcome = await write(user);
        if (outcome.written) this.#note('permission', undefined);
        return outcome;
    }

    #note(trouble: (typeof troubles)[number], error: SyncError | undefined): void {
        if (error?.message === this.#troubles.get(trouble)?.message) return;
        if (error) this.#troubles.set(trouble, error);
        else this.#troubles.delete(trouble);
        this.#report();
    }

    #report(): void {
        if (!this.#stopped) this.emit('state', this.state);
    }
}
