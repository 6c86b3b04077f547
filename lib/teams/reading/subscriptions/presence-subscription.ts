import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../../../errors/errors';
import type { ConnectionState } from '../../../support/connection-state';
import type { Clock, Timer } from '../../../time/clock';
import { RetrySchedule } from '../../../time/retry-schedule';
import { GraphRefusal } from '../../connection/graph-error';
import { attemptAfter } from '../../connection/sign-in/sign-in-error';
import type { NotificationChannel } from '../notifications/notification-channel';
import { addressOf, explained, isBeyondRenewal, isTaken, type SubscriptionRequests } from './subscription-requests';
import { SuspectedUsers } from './suspected-users';

const minute = 60_000;
/**
 * Graph allows 60 minutes and raises anything below 45; a minute is left for clocks that differ.
 * @see https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime
 */
const lifetime = 59 * minute;
/** No answer makes it end sooner than this, in ms: a clock that is wrong must not end in a loop of creates. */
const shortestLife = 2 * minute;
/** Share of its life after which it is renewed, and by how much of its life this varies: not all at the same time. */
const renewAt = 0.6;
const renewJitter = 0.1;
/** A renewal reauthorizes too; Microsoft asks not to repeat it within 10 minutes. */
const quietTime = 10 * minute;
/** It may cover leavers for so long, in ms: that costs nothing, and another one costs a gap. */
const leaversKept = 6 * 60 * minute;
/** Graph refuses a create for a while after the delete of its predecessor: no cause to alarm an administrator. In ms. */
const settlingTime = 15_000;
/** Pause after a refused create that proves nothing yet, in ms. */
const doubtfulPause = 1_000;
/** A subscription that does not stand covers these. */
const noUsers: ReadonlySet<string> = new Set();

/** Its listeners must not throw. */
interface Events {
    /** Its state, or who is covered by it, has changed. */
    change: [];
    /** Notifications about these users may have been missed up to now. */
    gap: [userIds: readonly string[]];
    /** Graph makes no subscription with these users; they have to be left out by {@link PresenceSubscription.want}. */
    refused: [userIds: readonly string[]];
}

/** A subscription that stands, as far as is known. All times are monotonic. */
interface LiveSubscription {
    readonly id: string;
    readonly userIds: ReadonlySet<string>;
    /** Where its notifications go. */
    readonly url: string;
    readonly madeAt: number;
    expiresAt: number;
    renewedAt: number;
    renewAt: number;
}

interface Options {
    requests: SubscriptionRequests;
    account: string;
    channel: NotificationChannel;
    clock: Clock;
    random: () => number;
    /** May it search for users because of whom Graph refuses? */
    maySearch: () => boolean;
}

type Step = () => Promise<void>;

/**
 * Keeps the one presence subscription of one account alive. What is to be done next follows from what is wanted and
 * what stands; one step at a time, so that there are never two creators at once.
 */
export class PresenceSubscription extends EventEmitter<Events> {
    readonly #options: Options;
    readonly #clock: Clock;
    readonly #schedule: RetrySchedule;
    readonly #suspected: SuspectedUsers;
    #wanted: readonly string[] = [];
    #live: LiveSubscription | undefined;
    #error: SyncError | undefined;
    /** It is to be made anew, whatever stands. */
    #replace = false;
    /** It may be gone: look. */
    #doubtful = false;
    /** Something may have been missed, even if it still stands. */
    #missed = false;
    /** Whatever stood in the way has been deleted. */
    #cleared = false;
    /** No request before this time. */
    #notBefore = 0;
    /** When a subscription was deleted last: Graph may still stumble over it. */
    #deletedAt = Number.NEGATIVE_INFINITY;
    #timer: Timer | undefined;
    #busy = false;
    #work: Promise<void> = Promise.resolve();
    #stopped = false;

    constructor(options: Options) {
        super();
        this.#options = options;
        this.#clock = options.clock;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 30_000, jitter: 0.2 }, options.random);
        this.#suspected = new SuspectedUsers(options.clock, options.maySearch);
        this.#suspected.on('refused', userIds => this.emit('refused', userIds));
    }

    get state(): ConnectionState {
        if (this.#stopped) return { phase: 'stopped' };
        if (this.#error) return { phase: this.#error.kind === 'outage' ? 'retrying' : 'failed', error: this.#error };
        return { phase: this.#live || this.#wanted.length === 0 ? 'online' : 'connecting' };
    }

    /** True while it looks for users because of whom Graph refuses, and the service may be at fault instead. */
    get isInDoubt(): boolean {
        return this.#suspected.isUnproven;
    }

    /** The users about whom notifications come to where we listen. */
    get covered(): ReadonlySet<string> {
        return this.#live && !this.#replace && this.#live.url === this.#options.channel.url
            ? this.#live.userIds
            : noUsers;
    }

    is(id: string): boolean {
        return this.#live?.id.toLowerCase() === id.toLowerCase();
    }

    /**
     * It is to cover these users, at most 650. Its list cannot be changed, so a joiner makes another subscription of
     * it; leavers do when it has stood for hours.
     */
    want(userIds: readonly string[]): void {
        this.#wanted = userIds;
        if (userIds.length === 0 && !this.#live) this.#error = undefined;
        this.#wake();
    }

    /** Makes it anew: nothing comes any more. */
    restart(): void {
        this.#replace = this.#live !== undefined;
        this.#wake();
    }

    /**
     * Makes sure that it still stands, without waiting any longer for an outage to end: for presence, Graph never tells
     * that it has removed one.
     */
    check(): void {
        this.#doubtful = this.#live !== undefined;
        this.retryNow();
        this.#wake();
    }

    /** As {@link check}, after something that may have cost notifications. */
    verify(): void {
        this.#missed = true;
        this.check();
    }

    /** Does not wait any longer for an outage to end. */
    retryNow(): void {
        if (this.#error && this.#error.kind !== 'outage') return;
        this.#notBefore = 0;
        this.#wake();
    }

    /** Microsoft asks for a new authorization; a renewal is one, unless there was one just now. */
    reauthorize(): void {
        const now = this.#clock.monotonic();
        if (!this.#live || now - this.#live.renewedAt < quietTime) return;
        this.#live.renewAt = now;
        this.#wake();
    }

    /** Ends all work; with `remove` the subscription is deleted, else it ends by itself. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopped = true;
        this.#clock.cancel(this.#timer);
        await this.#work;
        const id = this.#live?.id;
        this.#lose();
        if (id && remove) await this.#options.requests.remove(id).catch(() => {});
    }

    #wake(): void {
        if (this.#busy || this.#stopped) return;
        this.#busy = true;
        // A listener that throws does not take Node-RED with it.
        this.#work = this.#run().catch(() => {
            this.#busy = false;
        });
    }

    async #run(): Promise<void> {
        // Whatever is wanted in the same turn is done together.
        await Promise.resolve();
        for (let step = this.#nextStep(); step; step = this.#nextStep()) {
            await step().catch(thrown => this.#failed(toSyncError(thrown)));
        }
        this.#busy = false;
        this.#waitForNext();
    }

    #nextStep(): Step | undefined {
        const now = this.#clock.monotonic();
        if (this.#stopped) return undefined;
        if (this.#live && now >= this.#live.expiresAt) this.#lose();
        if (now < this.#notBefore) return undefined;
        const live = this.#live;
        const url = this.#options.channel.url;
        if (!live) return url && this.#wanted.length > 0 ? () => this.#create(url) : undefined;
        if (this.#isStale(live, url)) return () => this.#end(live);
        if (now >= live.renewAt) return () => (this.#hasLeavers(live) ? this.#end(live) : this.#renew(live));
        return this.#doubtful ? () => this.#look(live) : undefined;
    }

    #isStale(live: LiveSubscription, url: string | undefined): boolean {
        if (this.#replace || this.#suspected.isSearching || this.#wanted.length === 0) return true;
        // A receiver that is away for a moment, as in a deploy, comes back with the same address.
        if (url !== undefined && url !== live.url) return true;
        return this.#wanted.some(userId => !live.userIds.has(userId));
    }

    #hasLeavers({ userIds, madeAt }: LiveSubscription): boolean {
        return userIds.size > this.#wanted.length && this.#clock.monotonic() - madeAt >= leaversKept;
    }

    #waitForNext(): void {
        this.#clock.cancel(this.#timer);
        if (this.#stopped) return;
        const idle = !this.#live && this.#wanted.length === 0;
        const next = Math.max(this.#notBefore, this.#live?.renewAt ?? this.#notBefore);
        const at = Math.min(next, this.#live?.expiresAt ?? next);
        const wait = at - this.#clock.monotonic();
        if (!idle && wait > 0) this.#timer = this.#clock.after(wait, () => this.#wake());
    }

    #failed(error: SyncError): void {
        this.#notBefore = this.#clock.monotonic() + attemptAfter(error, this.#schedule);
        const isQuiet = error.kind === 'outage' && error.code !== 'TEAMS_ENDPOINT_UNREACHABLE';
        if (isQuiet && this.#isSettling) return;
        this.#error = error;
        this.emit('change');
    }

    #worked(): void {
        this.#error = undefined;
        this.#notBefore = 0;
        this.#schedule.reset();
    }

    get #isSettling(): boolean {
        return this.#clock.monotonic() - this.#deletedAt < settlingTime;
    }

    async #create(url: string): Promise<void> {
        const userIds = this.#suspected.next(this.#wanted);
        const key = await this.#options.channel.key();
        const clientState = this.#options.channel.secrets.make();
        const expiresAt = this.#clock.date() + lifetime;
        const wish = { userIds, url, expiresAt, clientState, key };
        try {
            const made = await this.#options.requests.create(wish);
            this.#options.channel.secrets.accept(made.id, clientState);
            const term = this.#termOf(made.expiresAt);
            this.#live = { id: made.id, userIds: new Set(userIds), url, madeAt: term.renewedAt, ...term };
        } catch (error) {
            return await this.#afterRefusal(error, userIds, url);
        }
        this.#replace = this.#doubtful = this.#missed = this.#cleared = false;
        this.#suspected.taken(this.#live.userIds);
        this.#worked();
        this.emit('change');
        this.emit('gap', [...userIds]);
    }

    /** Returns if it makes sense to go on, else throws. */
    async #afterRefusal(error: unknown, userIds: readonly string[], url: string): Promise<void> {
        if (isTaken(error) && !this.#cleared) return await this.#clear(url);
        this.#cleared = false;
        const verdict = this.#suspected.refused(error, userIds, this.#isSettling);
        if (verdict === 'failed') throw explained(error, { account: this.#options.account, url });
        if (verdict === 'later') this.#notBefore = this.#afterDoubt();
    }

    /** When the next create is made after one that was refused for a reason that proves nothing yet. */
    #afterDoubt(): number {
        const now = this.#clock.monotonic();
        if (!this.#isSettling) return now + doubtfulPause;
        // In a search every refusal counts, so it had better be one.
        return this.#suspected.isSearching ? this.#deletedAt + settlingTime : now + this.#schedule.next();
    }

    /** Deletes what stands in the way from before. @throws SyncError if another installation lives by it */
    async #clear(url: string): Promise<void> {
        const { requests, account, channel } = this.#options;
        const isOurs = (found: { id: string; url: string | undefined }): boolean =>
            channel.secrets.isFormer(found.id) || found.url === undefined || addressOf(found.url) === addressOf(url);
        const { removed, foreignUrl } = await requests.removeOurs(isOurs);
        if (removed > 0) this.#deletedAt = this.#clock.monotonic();
        if (foreignUrl !== undefined)
            throw new SyncError('TEAMS_SUBSCRIPTION_FOREIGN', { account, url: addressOf(foreignUrl) });
        this.#cleared = true;
    }

    async #renew(live: LiveSubscription): Promise<void> {
        try {
            const expiresAt = await this.#options.requests.renew(live.id, this.#clock.date() + lifetime);
            Object.assign(live, this.#termOf(expiresAt));
        } catch (error) {
            if (!isBeyondRenewal(error)) {
                this.#missed = true;
                throw explained(error, { account: this.#options.account, url: live.url });
            }
            // Gone, or it cannot be renewed in place: make it anew.
            if (error.status === 404) this.#lose();
            else this.#replace = true;
            return;
        }
        this.#doubtful = false;
        this.#stillStands(live);
    }

    /** Of one that was made or renewed now. @param end ms since the epoch */
    #termOf(end: number): Pick<LiveSubscription, 'expiresAt' | 'renewedAt' | 'renewAt'> {
        const now = this.#clock.monotonic();
        const life = Math.max(end - this.#clock.date(), shortestLife);
        const share = renewAt + renewJitter * (this.#options.random() - 0.5);
        return { expiresAt: now + life, renewedAt: now, renewAt: now + life * share };
    }

    async #look(live: LiveSubscription): Promise<void> {
        this.#doubtful = false;
        try {
            if (await this.#options.requests.exists(live.id)) this.#stillStands(live);
            else this.#lose();
        } catch (error) {
            const isRefused = error instanceof GraphRefusal && error.kind !== 'outage';
            // A look that Graph does not allow says nothing about what it is to look at; the renewal will tell.
            if (isRefused) return this.#tellMissed(live);
            this.#doubtful = true;
            throw error;
        }
    }

    #stillStands(live: LiveSubscription): void {
        this.#worked();
        this.emit('change');
        this.#tellMissed(live);
    }

    #tellMissed(live: LiveSubscription): void {
        if (!this.#missed) return;
        this.#missed = false;
        this.emit('gap', [...live.userIds]);
    }

    async #end(live: LiveSubscription): Promise<void> {
        try {
            await this.#options.requests.remove(live.id);
        } catch (error) {
            // A create tells what is wrong, and finds whatever is left.
            if (!isBeyondRenewal(error)) throw error;
        }
        this.#deletedAt = this.#clock.monotonic();
        this.#lose();
        if (this.#wanted.length === 0) this.#worked();
    }

    #lose(): void {
        if (!this.#live) return;
        this.#options.channel.secrets.forget(this.#live.id);
        this.#live = undefined;
        this.#replace = this.#doubtful = false;
        this.emit('change');
    }
}
