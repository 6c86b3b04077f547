import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Mutex } from '../../support/mutex';
import { type Clock, within } from '../../time/clock';
import { hasPresenceNotifications } from '../connection/clouds';
import { firstThatWorks, type Sender } from '../connection/graph-client';
import type { Account } from '../connection/sign-in/token-source';
import type { DirectoryReader } from '../users/directory-reader';
import type { Scope } from '../users/scope';
import { type ListAction, ListScope, type ScopeDescription, scopeOf } from '../users/scopes';
import { ChangeDelivery, type Delivery } from './change-delivery';
import type { TeamsChange } from './following';
import { PresenceSource } from './presence-source';
import { SteadyReading } from './steady-reading';
import type { TeamsRegistration } from './teams-registration';

export type { Delivery } from './change-delivery';

interface Events {
    /** Whatever no receiver tells. */
    change: [TeamsChange];
    /** Also when the number of users that are followed or polled, or who is silent, has changed. */
    state: [ConnectionState];
    /** These people's changes come late or not at all; each is named once for each reason. */
    leftOut: [names: readonly string[], reason: SyncError];
}

/** What a sign-in comes to is waited for so many ms. */
const signInPatience = 5_000;

/** Who is followed through a registration, and how. */
export interface FollowOptions {
    /** Communication users; none where polling needs none. */
    accounts: readonly Account[];
    scope: ScopeDescription;
    delivery: Delivery;
    random?: () => number;
}

interface Options extends FollowOptions {
    /** Only one follower uses it at a time. */
    registration: TeamsRegistration;
    directory: DirectoryReader;
    /** Resolves once it is known what we hold from before a restart: our own echo would look like a change. */
    ready: Promise<void>;
    clock: Clock;
    /** Emits `gap` when the service was away and everything must be read again. */
    gaps: EventEmitter<{ gap: [] }>;
    /** The place of an account: one follower has it, through whatever node. */
    placeOf: (account: Account) => Mutex;
}

/**
 * Keeps the presence of the users in scope coming: a full read at start and after every gap, and in between whatever
 * the delivery brings.
 */
export class PresenceFollower extends EventEmitter<Events> {
    /** Why all users are polled although that was not chosen. */
    readonly notice: SyncError | undefined;
    /** Decides who is followed. */
    readonly scope: Scope;
    readonly #options: Options;
    readonly #directorySource: Sender;
    readonly #source: PresenceSource;
    readonly #reading: SteadyReading;
    readonly #delivery: ChangeDelivery;
    /** Accounts that subscribe, each named once. */
    readonly #subscribers: readonly Account[];
    readonly #stopping = new AbortController();
    #undo: (() => void)[] = [];
    readonly #taken: (() => void)[] = [];
    #state: ConnectionState = { phase: 'stopped' };
    /** What the last `state` event was about. */
    #told = '';
    /** What keeps it from beginning. */
    #broken: SyncError | undefined;
    #hasBegun = false;
    #known = false;

    /**
     * @throws SyncError FIELD_MISSING without a group for its scope, an account for notifications, or a secret or
     * certificate of the app for polling; TEAMS_CLOUD_WITHOUT_NOTIFICATIONS
     */
    constructor(options: Options) {
        super();
        const { registration, directory, clock, delivery, random } = options;
        const { following } = registration;
        const signIns = delivery.mode === 'polling' ? [] : options.accounts;
        check(delivery.mode, signIns, registration.canActAsApp);
        const app = registration.canActAsApp ? registration.asApp() : undefined;
        const accounts = signIns.map(account => registration.asAccount(account));
        this.#options = options;
        this.scope = scopeOf(options.scope, { directory, following, clock });
        this.#directorySource = firstThatWorks(app ? [app, ...accounts] : accounts);
        this.#source = new PresenceSource({ app, accounts, clock });
        this.#reading = new SteadyReading({ following, clock, random });
        if (delivery.mode !== 'polling' && !hasPresenceNotifications(registration.settings)) {
            this.notice = new SyncError('TEAMS_CLOUD_WITHOUT_NOTIFICATIONS');
        }
        // Who has nothing to subscribe to can still read.
        this.#subscribers = this.notice ? [] : distinct(signIns);
        const parts = { registration, clock, accounts: this.#subscribers, source: this.#source };
        this.#delivery = new ChangeDelivery({ ...parts, reading: this.#reading, delivery, random });
        if (this.notice && delivery.mode === 'notifications') throw this.notice;
    }

    get state(): ConnectionState {
        return this.#state;
    }

    /** Of users followed. */
    get size(): number {
        return this.#options.registration.following.users.size;
    }

    get polled(): number {
        return this.#delivery.polled;
    }

    /** Accounts that subscribe, each with the state of its subscription and how many users that covers. */
    get accounts(): ChangeDelivery['accounts'] {
        return this.#delivery.accounts;
    }

    /** User names of the accounts whose notifications stay out. */
    get silentAccounts(): string[] {
        return this.#delivery.silentAccounts;
    }

    /** What has to begin elsewhere before changes arrive. */
    get waitsFor(): 'scope' | 'receiver' | undefined {
        if (this.#state.phase !== 'connecting') return undefined;
        if (this.scope.ownState.phase !== 'online') return 'scope';
        const isNotified = this.#options.delivery.mode !== 'polling' && !this.notice;
        return isNotified && !this.#options.registration.notifications.url ? 'receiver' : undefined;
    }

    /** What is known of each user; nothing before it has begun. */
    snapshot(): Iterable<TeamsChange> {
        return this.#hasBegun ? this.#options.registration.following.snapshot() : [];
    }

    /** Changes the list of a scope that is one. @returns the whole list; undefined for another scope */
    changeList(action: ListAction, list: readonly string[]): string[] | undefined {
        if (!(this.scope instanceof ListScope)) return undefined;
        this.scope.change(action, list);
        return this.scope.entries;
    }

    /** Begins as soon as no other follower has the registration; first it tells what is known already. */
    start(): void {
        this.#setState({ phase: 'connecting' });
        const { registration, ready } = this.#options;
        const { signal } = this.#stopping;
        const onWait = (): void => this.#break(new SyncError('TEAMS_SUBSCRIBER_TWICE'));
        const take = async (): Promise<void> => {
            this.#taken.push(await registration.places.follower.take({ onWait, signal }));
            const accounts = await this.#notRefused();
            // In one order, so that no two wait for each other.
            const nameOf = ({ username }: Account): string => username.toLowerCase();
            for (const account of accounts.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
                const { username } = account;
                const onTaken = () => this.#break(new SyncError('TEAMS_ACCOUNT_TWICE', { account: username }));
                this.#taken.push(await this.#options.placeOf(account).take({ onWait: onTaken, signal }));
            }
            await ready;
            if (!signal.aborted) this.#begin();
        };
        take()
            .catch(thrown => signal.aborted || this.#break(toSyncError(thrown)))
            .finally(() => signal.aborted && this.#leave());
    }

    /** Who cannot sign in subscribes to nothing, and says so later: they take no place of one who can. */
    async #notRefused(): Promise<Account[]> {
        const { registration, clock } = this.#options;
        const isRefused = (account: Account): Promise<boolean> =>
            registration
                .tokensOf(account)
                .token()
                .then(
                    () => false,
                    thrown => toSyncError(thrown).kind === 'configuration',
                );
        const answers = this.#subscribers.map(account => within(clock, signInPatience, isRefused(account)));
        const refused = await Promise.all(answers);
        return this.#subscribers.filter((_, index) => !refused[index]);
    }

    #leave(): void {
        for (const free of this.#taken.splice(0)) free();
    }

    /** With `remove` the subscriptions are deleted. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopping.abort(new SyncError('NODE_STOPPED'));
        for (const undo of this.#undo.splice(0)) undo();
        this.scope.stop();
        this.#reading.stop();
        await this.#delivery.stop(remove);
        this.#setState({ phase: 'stopped' });
        this.#leave();
    }

    #break(error: SyncError): void {
        this.#broken = error;
        this.#report();
    }

    #begin(): void {
        const { registration, directory, gaps } = this.#options;
        const { following, notifications: channel } = registration;
        this.#broken = undefined;
        this.#hasBegun = true;
        // What a notification has set off is told where notifications arrive.
        const onChange = (change: TeamsChange): void => {
            if (change.via !== 'notification' || !channel.url) this.emit('change', change);
        };
        const onGap = (): void => this.#gap();
        following.on('change', onChange);
        channel.on('opened', onGap);
        gaps.on('gap', onGap);
        this.#undo.push(() => {
            following.off('change', onChange);
            following.read = undefined;
            channel.off('opened', onGap);
            gaps.off('gap', onGap);
        });
        for (const change of following.snapshot()) onChange(change);
        following.read = (ids, priority) => this.#source.read(ids, priority);
        this.scope.on('known', () => this.#usersKnown());
        this.scope.on('change', (joined, left) => this.#delivery.changed(joined, left));
        this.scope.on('state', () => this.#report());
        this.#reading.on('state', () => this.#report());
        this.#delivery.on('state', () => this.#report());
        this.#delivery.on('leftOut', (names, reason) => this.emit('leftOut', names, reason));
        // First, so that the directory is read with all that the scope asks for.
        this.scope.start();
        this.#undo.push(directory.use(this.#directorySource));
        this.#report();
    }

    #usersKnown(): void {
        this.#known = true;
        this.#delivery.start();
        this.#reading.readAll().catch(() => {});
    }

    /** The service was away, or notifications go to another address. */
    #gap(): void {
        if (!this.#known) return;
        this.#delivery.gap();
        this.#reading.readAll().catch(() => {});
    }

    #report(): void {
        if (!this.#stopping.signal.aborted) this.#setState(this.#stateNow());
    }

    #stateNow(): ConnectionState {
        if (this.#broken) return { phase: 'failed', error: this.#broken };
        const users = this.scope.state;
        if ('error' in users) return users;
        const { error } = this.#reading;
        if (error) return { phase: error.kind === 'outage' ? 'retrying' : 'failed', error };
        if (!this.#known || !this.#reading.complete) return { phase: 'connecting' };
        return this.#delivery.state;
    }

    /** Tells what an administrator may want to see, and the same only once. */
    #setState(state: ConnectionState): void {
        this.#state = state;
        const error = 'error' in state ? state.error.message : '';
        const waitsFor = [this.scope.state.phase, this.#options.registration.notifications.url];
        const told = [state.phase, error, ...waitsFor, this.size, this.polled, ...this.silentAccounts].join();
        if (told === this.#told) return;
        this.#told = told;
        this.emit('state', state);
    }
}

/** Each account once, however it is written: two rows for one would take each other's subscription away for ever. */
function distinct(accounts: readonly Account[]): Account[] {
    return [...new Map(accounts.map(account => [account.username.trim().toLowerCase(), account])).values()];
}

function check(mode: Delivery['mode'], accounts: readonly Account[], canActAsApp: boolean): void {
    if (mode === 'polling' && !canActAsApp) throw new SyncError('FIELD_MISSING', { field: 'Client secret' });
    const canDoWithout = mode !== 'notifications' && canActAsApp;
    if (accounts.length === 0 && !canDoWithout) throw new SyncError('FIELD_MISSING', { field: 'A communication user' });
}
