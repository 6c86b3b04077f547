import { EventEmitter } from 'node:events';
import { type ErrorCode, SyncError, toSyncError } from '../errors/errors';
import type { Outcome, PresenceUser } from '../presence/message';
import type { HiddenReason } from '../presence/teams-record';
import type { UserMatches } from '../presence/user-matches';
import { nameOf, topicOf } from '../presence/user-matching';
import type { TeamsPresence } from '../presence/vocabulary';
import type { ConnectionState } from '../support/connection-state';
import { type Clock, pause, type Timer } from '../time/clock';
import { RetrySchedule } from '../time/retry-schedule';
import type { GraphAccess } from './connection/graph-access';
import { attemptAfter } from './connection/sign-in/sign-in-error';
import type { TeamsPeople } from './people';
import type { DirectoryReader } from './users/directory-reader';
import { introduce, isOfPbx, teamsUserOf } from './users/introduction';
import type { WrittenFor } from './users/written-for';
import { PresenceActions } from './writing/presence-actions';
import type { TeamsWriting } from './writing/teams-executor';

/** How one node writes. */
export interface WriteSettings {
    /** Which node it is. */
    node: string;
    /** Milliseconds, 5 min to 4 h: what is set ends by itself so long after it was renewed last. */
    lease: number;
    /** Calls, and nothing of what the PBX user has set. */
    callsOnly?: boolean;
    /** Whether the note becomes the status message. */
    statusMessage?: boolean;
    /** A status that the user chose in Teams gives way when a call begins. */
    overridesChoice?: boolean;
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

/** Errors for a person who is no Teams user, or cannot be told apart. */
export const noTeamsUser: readonly ErrorCode[] = ['TEAMS_USER_UNKNOWN', 'PBX_USER_AMBIGUOUS'];

interface Unserved {
    who: PresenceUser | string;
    /** The directory is known, and lacks the person. */
    isUnknown: boolean;
    serve: () => Promise<unknown>;
}

/** Users and their matches come in swarms: people who wait for theirs are looked up in steps of so many ms. */
const gathering = 250;

/** So many people who cannot be found may wait; of more the oldest is dropped. */
const mostUnserved = 20_000;

/** Taking back may last so long at the end, in ms. */
const closingTime = 6_000;
const nodeStopped: Outcome = { written: false, reason: 'The node was stopped' };

/**
 * Writes for one node. Finds the Teams user of a person; where a PBX user has become another Teams user, what the former
 * one shows for us is taken back. The newest change of each person who cannot be found waits: for the directory, or for
 * the Teams user to come.
 */
export class TeamsWriter extends EventEmitter<Events> {
    readonly #parts: Parts;
    readonly #settings: WriteSettings;
    readonly #writing: TeamsWriting;
    readonly #actions: PresenceActions;
    /** The newest change of each person who could not be found, by GUID where the person is of the PBX. */
    readonly #unserved = new Map<string, Unserved>();
    /** What is being taken back because a message said so. */
    readonly #clears = new Set<Promise<Outcome>>();
    readonly #onDirectory = (): void => this.#report();
    readonly #onTrouble = (outage: SyncError | undefined): void => {
        this.#outage = outage;
        this.#report();
    };
    readonly #onHidden = (user: PresenceUser, reason: HiddenReason | 'no-licence', node: string): void => {
        if (node === this.#writing.node) this.emit('notShown', topicOf(user), `hidden.${reason}`);
    };
    readonly #onSetAside = (user: PresenceUser, _: SyncError, node: string): void => {
        if (node === this.#writing.node) this.emit('notShown', topicOf(user), 'quarantined');
    };
    readonly #onLoaded = (): void => void this.#usersChanged();
    readonly #onUsers = (): void => {
        if (this.#unserved.size > 0)
            this.#usersTimer ??= this.#parts.clock.after(gathering, () => this.#usersChanged());
    };
    readonly #signInSchedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 });
    #ends: (() => void)[] = [];
    #signInTimer: Timer | undefined;
    #usersTimer: Timer | undefined;
    /** What keeps the app from signing in. */
    #signInError: SyncError | undefined;
    #matches: Promise<UserMatches> | undefined;
    #outage: SyncError | undefined;
    #missing: SyncError | undefined;
    #wrongPbx: SyncError | undefined;
    #stopped = false;
    /** Nothing is set any more. */
    #takesBack = false;

    /** @throws SyncError FIELD_MISSING without a secret or certificate of the app */
    constructor(parts: Parts, settings: WriteSettings) {
        super();
        this.#parts = parts;
        this.#settings = settings;
        const { access, clock } = parts;
        const { clientId } = access.settings;
        const { node, lease, callsOnly = false, statusMessage = false, overridesChoice = false } = settings;
        this.#actions = new PresenceActions({ graph: access.asApp(), clientId, clock });
        this.#writing = {
            ...{ node, lease, way: clientId },
            choice: { lineStateOnly: callsOnly, statusMessage },
            overridesChoice: !callsOnly && overridesChoice,
        };
    }

    /** The worst of what keeps all users from being written to. */
    get state(): ConnectionState {
        const { state } = this.#parts.directory;
        const error = this.#signInError ?? this.#outage ?? this.#missing ?? this.#wrongPbx;
        if (!error || (state.phase !== 'online' && !this.#signInError)) return state;
        return { phase: error.retryable ? 'retrying' : 'failed', error };
    }

    start(): void {
        const { access, directory, people } = this.#parts;
        people.on('trouble', this.#onTrouble).on('hidden', this.#onHidden).on('setAside', this.#onSetAside);
        directory.on('state', this.#onDirectory).on('loaded', this.#onLoaded).on('change', this.#onUsers);
        this.#onUsers();
        this.#ends.push(
            directory.use(access.asApp()),
            people.writing(this.#writing.way, this.#writing.node, this.#actions),
        );
        this.#signIn();
        this.#matches = this.#settings.matches?.();
        this.#matches?.then(
            matches => {
                if (this.#stopped) return;
                matches.on('change', this.#onUsers);
                this.#ends.push(introduce(directory, matches), () => matches.off('change', this.#onUsers));
            },
            // Users who are named by a Teams id or an address are written to nevertheless.
            thrown => {
                this.#wrongPbx = toSyncError(thrown);
                this.#report();
            },
        );
        this.#settings.missing?.then(
            missing => {
                this.#missing = missing;
                if (missing) this.#report();
            },
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
    async find(who: PresenceUser | string): Promise<PresenceUser> {
        const user = await this.#find(who, nameOf(who));
        if (!user) throw new SyncError('TEAMS_USER_UNKNOWN', { user: nameOf(who) });
        return user;
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
        const { directory, people, clock } = this.#parts;
        // While Teams is out of reach the leases do it.
        if (directory.state.phase === 'online' && !this.#signInError && (takeBack || this.#clears.size > 0)) {
            // This node is the way by which it can be taken back.
            const clears = [...this.#clears, takeBack && people.clearAll(this.#writing.node)];
            await Promise.race([Promise.allSettled(clears), pause(clock, closingTime)]);
        }
        clock.cancel(this.#signInTimer);
        clock.cancel(this.#usersTimer);
        directory.off('state', this.#onDirectory).off('loaded', this.#onLoaded).off('change', this.#onUsers);
        people.off('trouble', this.#onTrouble).off('hidden', this.#onHidden).off('setAside', this.#onSetAside);
        for (const end of this.#ends.splice(0)) end();
    }

    /** The users may be read through another registration: whether this one may act shows only here before a write. */
    #signIn(): void {
        const { access, clock } = this.#parts;
        access.signIn().then(
            () => this.#signedIn(undefined),
            thrown => {
                const error = toSyncError(thrown);
                if (this.#stopped) return;
                this.#signInTimer = clock.after(attemptAfter(error, this.#signInSchedule), () => this.#signIn());
                this.#signedIn(error);
            },
        );
    }

    #signedIn(error: SyncError | undefined): void {
        if (error?.message === this.#signInError?.message) return;
        this.#signInError = error;
        this.#report();
    }

    /** People who wait and can be found by now are written to. */
    async #usersChanged(): Promise<void> {
        const { directory, clock } = this.#parts;
        clock.cancel(this.#usersTimer);
        this.#usersTimer = undefined;
        const matches = await this.#matches?.catch(() => undefined);
        if (!directory.loaded || this.#stopped) return;
        for (const [key, { who, isUnknown, serve }] of [...this.#unserved]) {
            if (isUnknown && !canBeFound(who, directory, matches)) continue;
            this.#unserved.delete(key);
            serve().catch(() => {});
        }
    }

    async #serve(who: PresenceUser | string, write: (user: PresenceUser) => Promise<Outcome>): Promise<Outcome> {
        const name = nameOf(who);
        const { directory } = this.#parts;
        const key = (typeof who === 'object' && who.pbx?.guid) || name;
        this.#unserved.delete(key);
        try {
            await this.#parts.ready;
            const user = await this.#find(who, name);
            if (!user) return { written: false, reason: 'Replaced by a newer change' };
            this.#endFormer(who, user);
            const outcome = await write(user);
            if (outcome.written && this.#missing) {
                this.#missing = undefined;
                this.#report();
            }
            return outcome;
        } catch (thrown) {
            const { code } = toSyncError(thrown);
            if (noTeamsUser.includes(code)) {
                this.#endFormer(who, undefined);
                this.emit('notShown', name, code === 'PBX_USER_AMBIGUOUS' ? 'ambiguous' : 'left-out');
            }
            const isUnknown = noTeamsUser.includes(code);
            if ((isUnknown || !directory.loaded) && !this.#stopped) {
                this.#unserved.set(key, { who, isUnknown, serve: () => this.#serve(who, write) });
                const [oldest] = this.#unserved.keys();
                if (this.#unserved.size > mostUnserved) this.#unserved.delete(oldest!);
            }
            throw thrown;
        }
    }

    /** Undefined where a newer change of the same person waits as well. */
    async #find(who: PresenceUser | string, name: string): Promise<PresenceUser | undefined> {
        const { directory } = this.#parts;
        const matches = isOfPbx(who) ? await this.#matches : undefined;
        return directory.findWhenLoaded(name, who, () => teamsUserOf(who, directory, matches));
    }

    /** Takes back what the former Teams user of a PBX user shows for us. */
    #endFormer(who: PresenceUser | string, now: PresenceUser | undefined): void {
        const former = this.#parts.writtenFor.note(who, now);
        if (former) this.#parts.people.clear(former, this.#writing).catch(() => {});
    }

    #report(): void {
        if (!this.#stopped) this.emit('state', this.state);
    }
}

function canBeFound(who: PresenceUser | string, directory: DirectoryReader, matches: UserMatches | undefined): boolean {
    try {
        return teamsUserOf(who, directory, matches) !== undefined;
    } catch {
        return false;
    }
}
