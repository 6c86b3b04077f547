import type { Outcome, PresenceUser } from '../presence/message';
import { isHeld, type TeamsLedger } from '../presence/teams-ledger';
import { pairText, type TeamsTarget, targetOf } from '../presence/teams-states';
import type { TeamsPresence } from '../presence/vocabulary';
import type { Clock, Timer } from '../support/clock';
import { SyncError, toSyncError } from '../support/errors';
import { KeyedQueue } from '../support/keyed-queue';
import type { Priority } from '../support/rate-budget';
import { RetrySchedule } from '../support/retry-schedule';
import type { PresenceActions } from './presence-actions';

interface Task {
    user: PresenceUser;
    /** `renew` sets again what is held. */
    target: TeamsTarget | 'renew';
    settle?: { resolve: (outcome: Outcome) => void; reject: (error: SyncError) => void };
}

/** Users written to at the same time. */
const parallel = 16;
/** How often leases are looked at, in ms: one timer for all. */
const renewalTick = 15_000;

/** Connection state of the writer, as its node shows it. */
export type WriterState = { outage: SyncError | undefined };

/**
 * Sets presence in Teams and keeps it alive. Everything is leased: it ends by itself soon after we die. Only the
 * newest wish of a user counts, and only differences to what we hold are written.
 */
export class PresenceWriter {
    readonly #actions: PresenceActions;
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #random: () => number;
    readonly #lease: number;
    readonly #onState: (state: WriterState) => void;
    readonly #queue: KeyedQueue<Task>;
    readonly #schedule: RetrySchedule;
    /** When what we hold for a user is due for renewal. */
    readonly #due = new Map<string, { user: PresenceUser; at: number }>();
    #renewals: Timer | undefined;
    #pause: Timer | undefined;
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
        this.#actions = options.actions;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#lease = options.lease;
        this.#random = options.random ?? Math.random;
        this.#onState = options.onState ?? (() => {});
        this.#schedule = new RetrySchedule({ first: 500, factor: 2, longest: 5_000, jitter: 0.2 }, this.#random);
        this.#queue = new KeyedQueue((_, task) => this.#run(task), parallel);
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
            if (isHeld(this.#ledger.heldFor(idOf(user)))) this.#renewLater(user, 0);
        }
    }

    /** Takes back everything that we hold. */
    async clearAll(): Promise<void> {
        const users = [...this.#due.values()].map(({ user }) => user);
        await Promise.allSettled(users.map(user => this.clear(user)));
    }

    /** Ends renewals and waiting writes; what is held stays until its lease ends. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#clock.cancel(this.#renewals);
        this.#clock.cancel(this.#pause);
        for (const task of this.#queue.drain())
            task.settle?.resolve({ written: false, reason: 'The node was stopped' });
    }

    #put(user: PresenceUser, target: TeamsTarget): Promise<Outcome> {
        return new Promise((resolve, reject) => {
            const replaced = this.#queue.put(idOf(user), { user, target, settle: { resolve, reject } });
            replaced?.settle?.resolve({ written: false, reason: 'Replaced by a newer change' });
        });
    }

    async #run(task: Task): Promise<void> {
        const id = idOf(task.user);
        const held = this.#ledger.heldFor(id);
        try {
            const written =
                task.target === 'renew'
                    ? await this.#renew(task.user, held)
                    : await this.#write(task.user, held, task.target);
            this.#recovered();
            task.settle?.resolve(outcomeOf(written, task.target));
        } catch (thrown) {
            const error = toSyncError(thrown);
            this.#ledger.enter(id, held, this.#clock.now());
            if (error.retryable && !this.#stopped) this.#again(task, error);
            else this.#giveUp(task, error);
        }
    }

    async #write(user: PresenceUser, held: TeamsTarget, target: TeamsTarget): Promise<boolean> {
        const id = idOf(user);
        const session = differs(held.session, target.session);
        const preferred = differs(held.preferred, target.preferred);
        if (!session && !preferred) return false;
        this.#ledger.enter(id, target, this.#clock.now());
        if (preferred && target.preferred)
            await this.#actions.setPreferred(user, target.preferred, this.#lease, 'edge');
        if (session && target.session) await this.#actions.setSession(user, target.session, this.#lease, 'edge');
        if (preferred && !target.preferred) await this.#takeBackPreferred(user, held);
        if (session && !target.session) await this.#actions.clearSession(user);
        if (isHeld(target)) this.#renewLater(user, this.#lease);
        else this.#due.delete(id);
        const takenBack = (session && held.session) || (preferred && held.preferred);
        if (takenBack) this.#ledger.release(id);
        return true;
    }

    /** The field is the one that the user's own choice lives in: cleared only while it still holds what we set. */
    async #takeBackPreferred(user: PresenceUser, held: TeamsTarget): Promise<void> {
        if (await this.#actions.showsPreferred(user, held.preferred!)) await this.#actions.clearPreferred(user);
    }

    async #renew(user: PresenceUser, held: TeamsTarget): Promise<boolean> {
        const priority: Priority = 'renewal';
        let kept = held;
        if (held.preferred) {
            if (await this.#actions.showsPreferred(user, held.preferred)) {
                await this.#actions.setPreferred(user, held.preferred, this.#lease, priority);
            } else {
                kept = { session: held.session };
                this.#ledger.enter(idOf(user), kept, this.#clock.now());
            }
        }
        if (kept.session) await this.#actions.setSession(user, kept.session, this.#lease, priority);
        if (isHeld(kept)) this.#renewLater(user, this.#lease);
        else this.#due.delete(idOf(user));
        return true;
    }

    #renewLater(user: PresenceUser, lease: number): void {
        const at = this.#clock.now() + lease * (0.6 + 0.1 * this.#random());
        this.#due.set(idOf(user), { user, at });
        this.#renewals ??= this.#clock.after(renewalTick, () => this.#renewDue());
    }

    #renewDue(): void {
        this.#renewals = undefined;
        const now = this.#clock.now();
        for (const [id, { user, at }] of this.#due) {
            if (at <= now) this.#queue.putBack(id, { user, target: 'renew' });
        }
        if (this.#due.size > 0) this.#renewals = this.#clock.after(renewalTick, () => this.#renewDue());
    }

    #again(task: Task, error: SyncError): void {
        if (!this.#queue.putBack(idOf(task.user), task)) {
            task.settle?.resolve({ written: false, reason: 'Replaced by a newer change' });
        }
        if (this.#pause) return;
        this.#queue.pause();
        this.#onState({ outage: error });
        this.#pause = this.#clock.after(this.#schedule.next(), () => {
            this.#pause = undefined;
            this.#queue.resume();
        });
    }

    #giveUp(task: Task, error: SyncError): void {
        if (task.target === 'renew') {
            this.#due.delete(idOf(task.user));
            this.#ledger.enter(idOf(task.user), {}, this.#clock.now());
        }
        task.settle?.reject(error);
    }

    #recovered(): void {
        this.#schedule.reset();
        this.#onState({ outage: undefined });
    }
}

function idOf(user: PresenceUser): string {
    return user.teams?.id ?? '';
}

function differs(a: TeamsTarget['session'], b: TeamsTarget['session']): boolean {
    return (a && pairText(a)) !== (b && pairText(b));
}

function outcomeOf(written: boolean, target: Task['target']): Outcome {
    if (target === 'renew') return { written, reason: 'Renewed' };
    if (!isHeld(target)) {
        return { written, reason: written ? 'Taken back in Teams' : 'Nothing of ours to take back in Teams' };
    }
    const text = pairText((target.session ?? target.preferred)!);
    return { written, reason: written ? `Set to ${text} in Teams` : `Already set to ${text} in Teams` };
}
