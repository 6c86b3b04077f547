import type { Outcome, PresenceUser } from '../../presence/message';
import { isHeld, type TeamsLedger } from '../../presence/teams-ledger';
import { pairText, type TeamsTarget, targetOf } from '../../presence/teams-states';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Clock, Timer } from '../../support/clock';
import { SyncError, toSyncError } from '../../support/errors';
import { KeyedQueue } from '../../support/keyed-queue';
import { RetrySchedule } from '../../support/retry-schedule';
import { LeasedPresence } from './leased-presence';
import { LeftoverSessions } from './leftover-sessions';
import type { PresenceActions } from './presence-actions';

interface Task {
    user: PresenceUser;
    /** `renew` sets again what is held, `leftover` ends a session from before this process. */
    target: TeamsTarget | 'renew' | 'leftover';
    settle?: { resolve: (outcome: Outcome) => void; reject: (error: SyncError) => void };
}

/** Users written to at the same time. */
const parallel = 16;
/** How often leases are looked at, in ms: one timer for all. */
const renewalTick = 15_000;
/** What must be changed by an administrator is looked at again after this many ms. */
const slowRetry = 60_000;

/** What the writer's node shows; undefined while Teams can be written to. */
export type WriterState = { outage: SyncError | undefined };

/**
 * Sets presence in Teams and keeps it alive. Everything is leased: it ends by itself soon after we die. Only the
 * newest wish of a user counts, and only differences to what we hold are written.
 */
export class PresenceWriter {
    readonly #leased: LeasedPresence;
    readonly #leftovers: LeftoverSessions;
    readonly #clock: Clock;
    readonly #random: () => number;
    readonly #lease: number;
    readonly #onState: (state: WriterState) => void;
    readonly #queue: KeyedQueue<Task>;
    readonly #schedule: RetrySchedule;
    /** When what we hold for a user is due for renewal. */
    readonly #due = new Map<string, { user: PresenceUser; at: number }>();
    readonly #running = new Map<string, PresenceUser>();
    #renewals: Timer | undefined;
    /** The newest wish of users for whom the last attempt failed. */
    readonly #failing = new Map<string, Task>();
    #retry: Timer | undefined;
    #stopped = false;

    /** @param options.lease ms, 5 min to 4 h; @param options.onState told of each outage and of its end */
    constructor(options: {
        actions: PresenceActions;
        ledger: TeamsLedger;
        clock: Clock;
        lease: number;
        random?: () => number;
        onState?: (state: WriterState) => void;
    }) {
        this.#leased = new LeasedPresence(options);
        this.#clock = options.clock;
        this.#lease = options.lease;
        this.#random = options.random ?? Math.random;
        this.#onState = options.onState ?? (() => {});
        this.#schedule = new RetrySchedule({ first: 500, factor: 2, longest: 5_000, jitter: 0.2 }, this.#random);
        this.#queue = new KeyedQueue((_, task) => this.#run(task), parallel);
        this.#leftovers = new LeftoverSessions({
            read: ids => options.actions.read(ids),
            clock: options.clock,
            onSuspect: user => this.#queue.putBack(idOf(user), { user, target: 'leftover' }),
        });
    }

    /**
     * Makes Teams show this for the user. Resolves once Teams has answered, however long an outage lasts.
     * @throws SyncError TEAMS_PAIR_INVALID for a pair that Teams does not take; a refusal of Graph with the user's name.
     */
    set(user: PresenceUser, presence: TeamsPresence): Promise<Outcome> {
        const target = targetOf(presence);
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

    /** Goes on with what the ledger holds from before a redeploy. */
    adopt(users: Iterable<PresenceUser>): void {
        for (const user of users) {
            if (this.#leased.holds(user)) this.#renewAfter(user, 0);
        }
    }

    /** Takes back everything that we hold; what waits is not written any more. */
    async clearAll(): Promise<void> {
        const dropped = this.#dropWaiting();
        const users = [...[...this.#due.values()].map(({ user }) => user), ...this.#running.values(), ...dropped];
        const byId = new Map(users.map(user => [idOf(user), user]));
        await Promise.allSettled([...byId.values()].map(user => this.clear(user)));
    }

    /** Ends renewals and waiting writes; what is held stays until its lease ends. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#leftovers.stop();
        this.#clock.cancel(this.#renewals);
        this.#clock.cancel(this.#retry);
        this.#dropWaiting();
    }

    #dropWaiting(): PresenceUser[] {
        const tasks = [...this.#queue.drain(), ...this.#failing.values()];
        this.#failing.clear();
        for (const task of tasks) settle(task, stopped);
        return tasks.map(({ user }) => user);
    }

    #put(user: PresenceUser, target: TeamsTarget): Promise<Outcome> {
        if (this.#stopped) return Promise.resolve(stopped);
        return new Promise((resolve, reject) => {
            const id = idOf(user);
            const waiting = this.#queue.put(id, { user, target, settle: { resolve, reject } });
            for (const older of [this.#failing.get(id), waiting]) if (older) settle(older, replacedByNewer);
            this.#failing.delete(id);
        });
    }

    async #run(task: Task): Promise<void> {
        const id = idOf(task.user);
        this.#running.set(id, task.user);
        try {
            const outcome = await this.#serve(task);
            if (outcome.written) this.#renewIfHeld(task.user);
            this.#recovered();
            settle(task, outcome);
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (error.retryable && !this.#stopped) this.#again(task, error);
            else this.#giveUp(task, error);
        } finally {
            this.#running.delete(id);
        }
    }

    async #serve({ user, target }: Task): Promise<Outcome> {
        if (target === 'renew') {
            await this.#leased.renew(user);
            return { written: true, reason: 'Renewed' };
        }
        if (target === 'leftover') {
            await this.#leased.endLeftover(user);
            return { written: true, reason: 'A session from before was ended' };
        }
        const written = await this.#leased.change(user, target);
        if (written) this.#leftovers.pass(idOf(user));
        else if (!isHeld(target)) this.#leftovers.look(idOf(user), user);
        return outcomeOf(written, target);
    }

    #renewIfHeld(user: PresenceUser): void {
        if (this.#leased.holds(user)) this.#renewAfter(user, this.#lease * (0.6 + 0.1 * this.#random()));
        else this.#due.delete(idOf(user));
    }

    #renewAfter(user: PresenceUser, delay: number): void {
        this.#due.set(idOf(user), { user, at: this.#clock.now() + delay });
        if (!this.#stopped) this.#renewals ??= this.#clock.after(renewalTick, () => this.#renewDue());
    }

    #renewDue(): void {
        this.#renewals = undefined;
        const now = this.#clock.now();
        for (const [id, { user, at }] of this.#due) {
            // Behind a wish that may yet fail there must be no renewal that could take its place.
            const isBusy = this.#failing.has(id) || this.#running.has(id);
            if (at <= now && !isBusy) this.#queue.putBack(id, { user, target: 'renew' });
        }
        if (this.#due.size > 0) this.#renewals = this.#clock.after(renewalTick, () => this.#renewDue());
    }

    /** Tries again later; where nobody can be served, the others wait too instead of failing one by one. */
    #again(task: Task, error: SyncError): void {
        const id = idOf(task.user);
        if (this.#queue.isWaiting(id)) settle(task, replacedByNewer);
        else this.#failing.set(id, task);
        if (error.code !== 'TEAMS_SERVICE_ERROR') {
            this.#queue.pause();
            this.#onState({ outage: error });
        }
        this.#retry ??= this.#clock.after(this.#schedule.next(), () => this.#resume());
    }

    #resume(): void {
        this.#retry = undefined;
        const tasks = [...this.#failing];
        this.#failing.clear();
        for (const [id, task] of tasks) {
            if (!this.#queue.putBack(id, task)) settle(task, replacedByNewer);
        }
        this.#queue.resume();
    }

    #giveUp(task: Task, error: SyncError): void {
        task.settle?.reject(error);
        if (task.target !== 'renew') return;
        if (error.kind === 'input') this.#due.delete(idOf(task.user));
        else this.#renewAfter(task.user, slowRetry);
        // Nobody waits for a renewal: what an administrator must change would go unnoticed.
        if (!this.#stopped) this.#onState({ outage: error });
    }

    #recovered(): void {
        this.#schedule.reset();
        this.#onState({ outage: undefined });
    }
}

const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };
const stopped: Outcome = { written: false, reason: 'The node was stopped' };

function settle(task: Task, outcome: Outcome): void {
    task.settle?.resolve(outcome);
}

function idOf(user: PresenceUser): string {
    return user.teams?.id ?? '';
}

function outcomeOf(written: boolean, target: TeamsTarget): Outcome {
    if (!isHeld(target)) {
        return { written, reason: written ? 'Taken back in Teams' : 'Nothing of ours to take back in Teams' };
    }
    const text = pairText((target.session ?? target.preferred)!);
    return { written, reason: written ? `Set to ${text} in Teams` : `Already set to ${text} in Teams` };
}
