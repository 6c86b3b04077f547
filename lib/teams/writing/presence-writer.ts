import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../../errors/errors';
import type { Outcome, PresenceUser } from '../../presence/message';
import { isHeld, type TargetChoice, type TeamsTarget, targetOf } from '../../presence/teams-states';
import { teamsIdOf } from '../../presence/user-matching';
import type { TeamsPresence } from '../../presence/vocabulary';
import { KeyedQueue } from '../../support/keyed-queue';
import type { Clock } from '../../time/clock';
import { Withdrawn } from '../connection/gathered-requests';
import { GraphRefusal } from '../connection/graph-error';
import { AdoptedHoldings } from './adopted-holdings';
import { KeptWishes, slowRetry } from './kept-wishes';
import { LeasedPresence, type LeasedPresenceOptions } from './leased-presence';
import { LeftoverSessions } from './leftover-sessions';
import { leftAlone, outcomeOf, replacedByNewer, stopped } from './outcomes';
import { Quarantine } from './quarantine';
import { type Hidden, lacksTeams, ReadBack } from './read-back';
import { Renewals } from './renewals';
import { Retries } from './retries';
import type { Task } from './task';
import { Troubles } from './troubles';

/** Users written to at the same time: enough to fill the batches that are under way. */
const parallel = 240;
/** Whoever has to wait this many ms or longer because Microsoft asks for it is told. */
const longWait = 5_000;

/** What the writer's node shows; undefined while Teams can be written to. */
export type WriterState = { outage: SyncError | undefined };

/** What a {@link PresenceWriter} works with. */
export interface PresenceWriterOptions extends LeasedPresenceOptions {
    random?: () => number;
    choice?: TargetChoice;
    /** Ids of a user's enabled service plans; undefined where they are not known. */
    plansOf?: (userId: string) => readonly string[] | undefined;
    /** Whether the directory has the user; undefined where it is not known. */
    isKnown?: (userId: string) => boolean | undefined;
}

interface WriterEvents {
    /** Why wishes wait: an outage, or what an administrator must change; and its end. */
    state: [WriterState];
    /** Teams has accepted something and does not show it. */
    hidden: [Hidden];
    /** A user whose writes are refused again and again is left alone, and tried again once a day. */
    quarantined: [user: PresenceUser, error: SyncError];
}

/**
 * Sets presence in Teams and keeps it alive. Everything is leased: it ends by itself soon after we die. Only the
 * newest wish of a user counts, and only differences to what we hold are written.
 */
export class PresenceWriter extends EventEmitter<WriterEvents> {
    readonly #options: PresenceWriterOptions;
    readonly #clock: Clock;
    readonly #random: () => number;
    readonly #leased: LeasedPresence;
    readonly #queue: KeyedQueue<Task>;
    readonly #retries: Retries;
    readonly #kept: KeptWishes;
    readonly #troubles = new Troubles(outage => this.emit('state', { outage }));
    readonly #renewals: Renewals;
    readonly #leftovers: LeftoverSessions;
    readonly #readBack: ReadBack;
    readonly #quarantine: Quarantine;
    readonly #adopted: AdoptedHoldings;
    readonly #running = new Map<string, { user: PresenceUser; withdrawal: AbortController }>();
    #stopped = false;

    /** @param options.lease ms, 5 min to 4 h */
    constructor(options: PresenceWriterOptions) {
        super();
        const { actions, ledger, clock, plansOf, random = Math.random } = options;
        this.#options = options;
        this.#clock = clock;
        this.#random = random;
        this.#leased = new LeasedPresence(options);
        this.#queue = new KeyedQueue((_, task) => this.#run(task), parallel);
        this.#retries = new Retries({
            clock,
            random,
            queue: this.#queue,
            onReplaced: task => this.#settle(task, replacedByNewer),
        });
        this.#kept = new KeptWishes({ clock, onRetry: task => this.#queue.putBack(teamsIdOf(task.user), task) });
        this.#renewals = new Renewals({ clock, renew: user => this.#beginRenewal(user) });
        const read = (ids: readonly string[]) => actions.read(ids);
        this.#leftovers = new LeftoverSessions({
            read,
            clock,
            onSuspect: user => this.#queue.putBack(teamsIdOf(user), { user, target: 'leftover', failures: 0 }),
        });
        this.#readBack = new ReadBack({
            read,
            ledger,
            clock,
            plansOf,
            onHidden: hidden => this.emit('hidden', hidden),
        });
        this.#adopted = new AdoptedHoldings({
            ledger,
            clock,
            renew: user => this.#renewInTime(user),
            takeBack: user => this.#queue.putBack(teamsIdOf(user), { user, target: {}, failures: 0 }),
        });
        this.#quarantine = new Quarantine({
            clock,
            onRetry: (user, target) => this.#queue.putBack(teamsIdOf(user), { user, target, failures: 0 }),
            exists: id => this.#exists(id),
        });
    }

    /**
     * Makes Teams show this for the user. Resolves once Teams has answered, however long an outage lasts.
     * @throws SyncError TEAMS_PAIR_INVALID for a pair that Teams does not take; a refusal of Graph with the user's name.
     */
    set(user: PresenceUser, presence: TeamsPresence): Promise<Outcome> {
        const target = targetOf(presence, this.#options.choice);
        if (!target) {
            const { availability, activity } = presence.preferred ?? presence;
            return Promise.reject(new SyncError('TEAMS_PAIR_INVALID', { availability, activity }));
        }
        return this.#put(user, target);
    }

    /** Takes back what we have set for the user; what the user shows without us shows again. */
    clear(user: PresenceUser): Promise<Outcome> {
        return this.#put(user, {});
    }

    /** Goes on with what the ledger holds from before a redeploy or a restart. */
    adopt(find: (userId: string) => PresenceUser | undefined): void {
        if (this.#stopped) return;
        const users = this.#options.ledger.held().flatMap(userId => find(userId) ?? []);
        this.#adopted.adopt(users.filter(user => this.#leased.holds(user)));
    }

    /** Takes back everything that we hold; what waits is not written any more. */
    async clearAll(): Promise<void> {
        const dropped = this.#dropWaiting();
        const running = [...this.#running.values()].map(({ user }) => user);
        const byId = new Map([...this.#renewals.users(), ...running, ...dropped].map(user => [teamsIdOf(user), user]));
        await Promise.allSettled([...byId.values()].map(user => this.clear(user)));
    }

    /** Ends renewals and waiting writes; what is held stays until its lease ends. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#leftovers.stop();
        this.#readBack.stop();
        this.#renewals.stop();
        this.#quarantine.stop();
        this.#adopted.stop();
        this.#dropWaiting();
        for (const { withdrawal } of this.#running.values()) withdrawal.abort();
    }

    #dropWaiting(): PresenceUser[] {
        const tasks = [...this.#queue.drain(), ...this.#retries.drain(), ...this.#kept.drain()];
        for (const task of tasks) this.#settle(task, stopped);
        return tasks.map(({ user }) => user);
    }

    #put(user: PresenceUser, target: TeamsTarget): Promise<Outcome> {
        if (this.#stopped) return Promise.resolve(stopped);
        const id = teamsIdOf(user);
        if (this.#quarantine.holds(id)) {
            this.#quarantine.keep(id, target);
            return Promise.resolve(leftAlone);
        }
        return new Promise((resolve, reject) => {
            this.#running.get(id)?.withdrawal.abort();
            const task: Task = { user, target, settle: { resolve, reject }, failures: 0 };
            const waiting = this.#queue.put(id, task);
            for (const older of [this.#retries.take(id), this.#kept.take(id), waiting])
                if (older) this.#settle(older, replacedByNewer);
        });
    }

    #beginRenewal(user: PresenceUser): boolean {
        const id = teamsIdOf(user);
        // Behind a wish that may yet fail there must be no renewal that could take its place.
        if (this.#retries.has(id) || this.#kept.has(id) || this.#running.has(id)) return false;
        return this.#queue.putBack(id, { user, target: 'renew', failures: 0 });
    }

    async #run(task: Task): Promise<void> {
        const id = teamsIdOf(task.user);
        const withdrawal = new AbortController();
        this.#running.set(id, { user: task.user, withdrawal });
        if (this.#options.actions.heldOff >= longWait)
            this.#troubles.add(id, new SyncError('TEAMS_THROTTLED'), 'common');
        try {
            const outcome = await this.#serve(task, withdrawal.signal);
            if (outcome.written) this.#accepted(task);
            else {
                this.#troubles.over(id);
                this.#keepRenewed(task.user);
            }
            this.#settle(task, outcome);
        } catch (thrown) {
            this.#failed(task, thrown);
        } finally {
            this.#running.delete(id);
        }
    }

    async #serve({ user, target }: Task, signal: AbortSignal): Promise<Outcome> {
        if (target === 'renew') {
            const written = await this.#leased.renew(user, signal);
            return { written, reason: 'Renewed' };
        }
        if (target === 'leftover') {
            await this.#leased.endLeftover(user);
            return { written: true, reason: 'A session from before was ended' };
        }
        const change = await this.#leased.change(user, target, signal);
        if (change.written) this.#leftovers.pass(teamsIdOf(user));
        else if (!isHeld(target)) this.#leftovers.look(teamsIdOf(user), user);
        return outcomeOf(change, target);
    }

    #accepted({ user, target }: Task): void {
        const id = teamsIdOf(user);
        this.#quarantine.accepted(id);
        this.#retries.succeeded();
        this.#kept.served();
        this.#troubles.served(id);
        if (this.#leased.holds(user)) {
            const share = 0.6 + 0.1 * this.#random();
            if (!this.#stopped) this.#renewals.set(user, this.#clock.monotonic() + share * this.#options.lease);
            if (typeof target === 'object') this.#readBack.look(user);
        } else this.#renewals.delete(id);
    }

    /** Nothing was written: what is held goes on as before, also where a renewal has given way to a wish. */
    #keepRenewed(user: PresenceUser): void {
        const id = teamsIdOf(user);
        if (!this.#leased.holds(user)) this.#renewals.delete(id);
        else if (!this.#renewals.has(id)) this.#renewInTime(user);
    }

    /** Before the lease ends that is under way. */
    #renewInTime(user: PresenceUser): void {
        const { ledger, lease } = this.#options;
        const id = teamsIdOf(user);
        if (this.#stopped || ledger.isRestored(id)) return;
        const ends = Math.min(ledger.heldUntil(id), this.#clock.monotonic() + lease);
        this.#renewals.set(user, ends - lease * (0.3 + 0.1 * this.#random()));
    }

    #failed(task: Task, thrown: unknown): void {
        if (thrown instanceof Withdrawn) {
            this.#settle(task, this.#stopped ? stopped : replacedByNewer);
            return this.#keepRenewed(task.user);
        }
        const error = toSyncError(thrown);
        if (!error.retryable || this.#stopped) return this.#giveUp(task, error);
        this.#retries.add(task, error);
        this.#troubles.add(teamsIdOf(task.user), error, task.failures > 0 ? 'again' : 'first');
    }

    #giveUp(task: Task, error: SyncError): void {
        const { user, target } = task;
        const id = teamsIdOf(user);
        this.#finishRenewal(task);
        const wish = typeof target === 'object' ? target : this.#options.ledger.heldFor(id);
        const status = error instanceof GraphRefusal ? error.status : 0;
        const isLeftAlone = this.#quarantine.refused(user, status, wish);
        if (isLeftAlone) this.emit('quarantined', user, error);
        task.settle?.reject(error);
        if (this.#stopped) return;
        const isGone = isLeftAlone || (status === 404 && !this.#exists(id));
        if (target !== 'renew') this.#keepRenewed(user);
        else if (isGone) this.#renewals.delete(id);
        else this.#renewals.set(user, this.#clock.monotonic() + slowRetry);
        if (isGone || (target !== 'renew' && error.kind !== 'configuration')) return this.#troubles.over(id);
        if (typeof target === 'object') this.#kept.keep({ user, target, failures: 0 });
        this.#troubles.add(id, error, 'common');
    }

    /** True for a user whom Teams must know, as far as the directory says. */
    #exists(userId: string): boolean {
        const { isKnown, plansOf } = this.#options;
        return isKnown?.(userId) === true && !lacksTeams(plansOf?.(userId));
    }

    #settle(task: Task, outcome: Outcome): void {
        this.#finishRenewal(task);
        task.settle?.resolve(outcome);
    }

    #finishRenewal({ user, target }: Task): void {
        if (target === 'renew') this.#renewals.finished(teamsIdOf(user));
    }
}
