import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { Timer } from '../../support/clock';
import type { ConnectionState } from '../../support/connection-state';
import { SyncError, toSyncError } from '../../support/errors';
import { RetrySchedule } from '../../support/retry-schedule';
import { UserDirectory } from '../directory/user-directory';
import { firstThatWorks, type Sender } from '../graph/first-that-works';
import type { GraphClient } from '../graph/graph-client';
import { recheckAfter } from '../sign-in/recheck';
import type { Account } from '../sign-in/token-source';
import { longestSubscription, PresenceSubscription } from '../subscriptions/subscription';
import type { TeamsTenant } from '../teams-tenant';
import { readPresences } from './read-presence';

interface Events {
    state: [ConnectionState];
    /** Users that the subscriptions have no room for, by name, in a sentence. */
    leftOut: [sentence: string];
}

interface Member {
    account: Account;
    graph: GraphClient;
    subscription: PresenceSubscription;
    error?: SyncError;
}

/** A sweep finds what notifications lost; the directory is read again for joiners and leavers. In ms. */
const sweepInterval = 5 * 60_000;
const directoryInterval = 15 * 60_000;
/** Changes of the selection are gathered for this long, in ms. */
const gathering = 1_000;

/**
 * Decides which users are followed and keeps their presence coming: one subscription of up to 650 users per account,
 * a full read at start and after every gap, and a sweep every 5 minutes.
 */
export class PresenceSubscriber extends EventEmitter<Events> {
    readonly #tenant: TeamsTenant;
    readonly #select: (user: PresenceUser) => PresenceUser | undefined;
    readonly #members: Member[];
    readonly #graph: Sender;
    readonly #directory: UserDirectory;
    readonly #random: () => number;
    readonly #schedule: RetrySchedule;
    readonly #timers = new Map<string, Timer>();
    readonly #onOpened = (): void => this.#afterGap();
    readonly #onGap = (): void => this.#afterGap();
    readonly #onHint = (userId: string): void => this.#tenant.reader.verify(userId);
    readonly #onLifecycle = (id: string, event: string): void => this.#lifecycle(id, event);
    #state: ConnectionState = { phase: 'stopped' };
    #beginning: Promise<void> | undefined;
    #again = false;
    #leftOut = '';
    #stopped = false;

    /** @param options.select the followed person for a Teams user, undefined for one who is not followed */
    constructor(options: {
        tenant: TeamsTenant;
        accounts: Account[];
        select: (user: PresenceUser) => PresenceUser | undefined;
        random?: () => number;
    }) {
        super();
        this.#tenant = options.tenant;
        this.#select = options.select;
        this.#random = options.random ?? Math.random;
        this.#schedule = new RetrySchedule({ first: 1_000, factor: 2, longest: 5_000, jitter: 0.2 }, this.#random);
        this.#members = options.accounts.map(account => this.#member(account));
        if (this.#members.length === 0) throw new SyncError('FIELD_MISSING', { field: 'A communication user' });
        this.#graph = firstThatWorks(this.#members.map(({ graph }) => graph));
        this.#directory = new UserDirectory(this.#graph);
    }

    get state(): ConnectionState {
        return this.#state;
    }

    /** Number of users followed. */
    get size(): number {
        return this.#tenant.reader.size;
    }

    start(): void {
        const { reader, notifications } = this.#tenant;
        reader.start(ids => readPresences(this.#graph, ids, 'sweep'));
        notifications.on('opened', this.#onOpened);
        notifications.on('hint', this.#onHint);
        notifications.on('lifecycle', this.#onLifecycle);
        this.#tenant.on('gap', this.#onGap);
        this.#every('sweep', sweepInterval, () => this.#sweepAndCheck());
        this.#every('directory', directoryInterval, () => this.#begin());
        this.#begin();
    }

    /** The selection may have changed: users came to the other side or left it. */
    refresh(): void {
        this.#after('refresh', gathering, () => this.#begin());
    }

    /** With `remove` the subscriptions are deleted. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopped = true;
        const { notifications, clock, reader } = this.#tenant;
        notifications.off('opened', this.#onOpened);
        notifications.off('hint', this.#onHint);
        notifications.off('lifecycle', this.#onLifecycle);
        this.#tenant.off('gap', this.#onGap);
        for (const timer of this.#timers.values()) clock.cancel(timer);
        this.#timers.clear();
        reader.stop();
        await Promise.all(this.#members.map(({ subscription }) => subscription.stop(remove)));
        this.#setState({ phase: 'stopped' });
    }

    #member(account: Account): Member {
        const { notifications, clock } = this.#tenant;
        const graph = this.#tenant.asAccount(account);
        const events = {
            onActive: () => this.#activated(member),
            onFailed: (error: SyncError) => this.#broken(member, error),
        };
        const options = {
            graph,
            account: account.username,
            channel: notifications,
            clock,
            random: this.#random,
            events,
        };
        const member: Member = { account, graph, subscription: new PresenceSubscription(options) };
        return member;
    }

    /** Subscriptions may be lost or made for another address. */
    #afterGap(): void {
        for (const { subscription } of this.#members) subscription.drop();
        this.#begin();
    }

    /** Reads the directory, decides who is followed, subscribes and reads everybody; tries again until it is done. */
    #begin(): void {
        if (this.#stopped) return;
        if (this.#beginning) {
            this.#again = true;
            return;
        }
        if (this.#state.phase !== 'online') this.#setState({ phase: 'connecting' });
        this.#beginning = this.#beginOnce()
            .then(() => this.#schedule.reset())
            .catch(thrown => this.#beginLater(toSyncError(thrown)))
            .finally(() => {
                this.#beginning = undefined;
                if (this.#again) this.refresh();
                this.#again = false;
            });
    }

    async #beginOnce(): Promise<void> {
        await this.#directory.load();
        // Whoever follows us may have begun meanwhile.
        if (this.#stopped) return;
        const followed: PresenceUser[] = [];
        for (const user of this.#directory.all()) {
            const selected = this.#select(user);
            if (selected) followed.push(selected);
        }
        // In order of their id, so that the same people are covered from start to start.
        followed.sort((a, b) => (a.teams!.id < b.teams!.id ? -1 : 1));
        const covered = followed.slice(0, this.#members.length * longestSubscription);
        this.#tenant.reader.follow(covered);
        this.#tellLeftOut(followed.slice(covered.length));
        await this.#tenant.reader.readAll('snapshot');
        this.#dealOut();
    }

    #tellLeftOut(users: PresenceUser[]): void {
        const names = users.map(({ displayName, addresses }) => addresses[0] ?? displayName).join(', ');
        if (names === this.#leftOut) return;
        this.#leftOut = names;
        const room = this.#members.length * longestSubscription;
        if (names) this.emit('leftOut', `Not followed, since the accounts have room for ${room} users only: ${names}`);
    }

    #beginLater(error: SyncError): void {
        const wait = error.kind === 'outage' ? this.#schedule.next() : recheckAfter(error);
        this.#setState({ phase: error.kind === 'outage' ? 'retrying' : 'failed', error });
        this.#after('refresh', wait, () => this.#begin());
    }

    /** Users are dealt out in order of their id, so that the lists stay the same from start to start. */
    #dealOut(): void {
        const { reader, notifications } = this.#tenant;
        if (this.#stopped || !notifications.url) return this.#report();
        const ids = [...this.#directory.all()].map(user => user.teams!.id).filter(id => reader.isFollowed(id));
        ids.sort();
        const share = Math.ceil(ids.length / this.#members.length);
        for (const [index, member] of this.#members.entries()) {
            member.subscription.follow(ids.slice(index * share, (index + 1) * share));
        }
        this.#report();
    }

    #activated(member: Member): void {
        member.error = undefined;
        this.#report();
        // Between the full read and the subscription something may have changed.
        this.#sweep();
    }

    #broken(member: Member, error: SyncError): void {
        member.error = error;
        this.#report();
    }

    #sweepAndCheck(): void {
        this.#sweep();
        for (const { subscription } of this.#members) subscription.check();
    }

    #sweep(): void {
        this.#tenant.reader.readAll('poll').catch(thrown => {
            const error = toSyncError(thrown);
            if (this.#stopped || error.kind !== 'outage') return;
            this.#setState({ phase: 'retrying', error });
            this.#after('refresh', this.#schedule.next(), () => this.#begin());
        });
    }

    #lifecycle(id: string, event: string): void {
        const member = this.#members.find(({ subscription }) => subscription.is(id));
        if (event === 'reauthorizationRequired') member?.subscription.reauthorize();
        else member?.subscription.restart();
    }

    #report(): void {
        const error = this.#members.find(member => member.error)?.error;
        if (error) return this.#setState({ phase: error.kind === 'outage' ? 'retrying' : 'failed', error });
        if (!this.#tenant.notifications.url) return this.#setState({ phase: 'connecting' });
        const settled = this.#members.every(({ subscription }) => subscription.settled);
        this.#setState(settled ? { phase: 'online' } : { phase: 'connecting' });
    }

    #setState(state: ConnectionState): void {
        if (this.#stopped && state.phase !== 'stopped') return;
        this.#state = state;
        this.emit('state', state);
    }

    #after(name: string, delay: number, run: () => void): void {
        const { clock } = this.#tenant;
        clock.cancel(this.#timers.get(name));
        if (this.#stopped) return;
        this.#timers.set(name, clock.after(delay, run));
    }

    #every(name: string, interval: number, run: () => void): void {
        this.#after(name, interval, () => {
            this.#every(name, interval, run);
            run();
        });
    }
}
