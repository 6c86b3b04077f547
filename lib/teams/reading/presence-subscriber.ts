import { EventEmitter } from 'node:events';
import { SyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Timer } from '../../time/clock';
import { hasPresenceNotifications } from '../connection/clouds';
import { firstThatWorks, type Sender } from '../connection/first-that-works';
import type { Account } from '../connection/sign-in/token-source';
import type { TeamsTenant } from '../teams-tenant';
import type { Scope } from '../users/scope';
import { ChangeDelivery, type Delivery } from './change-delivery';
import { FollowedUsers } from './followed-users';
import { PresenceSource } from './presence-source';
import { SteadyReading } from './steady-reading';

export type { Delivery } from './change-delivery';

interface Events {
    /** Also when the number of users that are followed or polled, or who is silent, has changed. */
    state: [ConnectionState];
    /** These people's changes come late or not at all; each is named once for each reason. */
    leftOut: [names: readonly string[], reason: SyncError];
}

/** Joiners and leavers are gathered for this long, in ms. */
const gathering = 250;

/**
 * Keeps the presence of the users in scope coming: a full read at start and after every gap, and in between whatever
 * the delivery brings.
 */
export class PresenceSubscriber extends EventEmitter<Events> {
    /** Why everybody is polled although that was not chosen. */
    readonly notice: SyncError | undefined;
    readonly #tenant: TeamsTenant;
    readonly #directorySource: Sender;
    readonly #source: PresenceSource;
    readonly #users: FollowedUsers;
    readonly #reading: SteadyReading;
    readonly #delivery: ChangeDelivery;
    readonly #joined = new Set<string>();
    #undo: (() => void)[] = [];
    #timer: Timer | undefined;
    #state: ConnectionState = { phase: 'stopped' };
    /** What the last `state` event was about. */
    #told = '';
    /** What broke its beginning. */
    #broken: SyncError | undefined;
    #known = false;
    #stopped = false;

    /**
     * @throws SyncError FIELD_MISSING without an account for notifications, or without a secret or certificate of the
     * app for polling; TEAMS_CLOUD_WITHOUT_NOTIFICATIONS
     */
    constructor(options: {
        tenant: TeamsTenant;
        accounts: readonly Account[];
        scope: Scope;
        delivery: Delivery;
        random?: () => number;
    }) {
        super();
        const { tenant, scope, delivery, random } = options;
        const { clock, reader, directory } = tenant;
        const signIns = delivery.mode === 'polling' ? [] : options.accounts;
        check(delivery.mode, signIns, tenant.canActAsApp);
        const app = tenant.canActAsApp ? tenant.asApp() : undefined;
        const accounts = signIns.map(account => tenant.asAccount(account));
        this.#tenant = tenant;
        this.#directorySource = firstThatWorks(app ? [app, ...accounts] : accounts);
        this.#source = new PresenceSource({ app, accounts, clock });
        this.#users = new FollowedUsers({ directory, scope, reader, clock });
        this.#reading = new SteadyReading({ reader, clock, random });
        if (delivery.mode !== 'polling' && !hasPresenceNotifications(tenant.settings)) {
            this.notice = new SyncError('TEAMS_CLOUD_WITHOUT_NOTIFICATIONS');
        }
        // Who has nothing to subscribe to can still read.
        const subscribers = this.notice ? [] : signIns;
        const parts = { tenant, accounts: subscribers, source: this.#source, reading: this.#reading };
        this.#delivery = new ChangeDelivery({ ...parts, delivery, random });
        if (this.notice && delivery.mode === 'notifications') throw this.notice;
    }

    get state(): ConnectionState {
        return this.#state;
    }

    /** Number of users followed. */
    get size(): number {
        return this.#tenant.reader.size;
    }

    /** Number of users that are polled now. */
    get polled(): number {
        return this.#delivery.polled;
    }

    /** Whether the app may read presence in its own name; undefined before the first attempt. */
    get mayPoll(): boolean | undefined {
        return this.#source.appMayRead;
    }

    /** User names of the accounts whose notifications stay out. */
    get silentAccounts(): string[] {
        return this.#delivery.silentAccounts;
    }

    start(): void {
        this.#setState({ phase: 'connecting' });
        this.#begin();
    }

    /** With `remove` the subscriptions are deleted. May be called twice. */
    async stop(remove: boolean): Promise<void> {
        this.#stopped = true;
        for (const undo of this.#undo.splice(0)) undo();
        this.#tenant.clock.cancel(this.#timer);
        this.#users.stop();
        this.#reading.stop();
        await this.#delivery.stop(remove);
        this.#setState({ phase: 'stopped' });
    }

    #begin(): void {
        const { directory, notifications } = this.#tenant;
        this.#undo.push(this.#tenant.people.reading((ids, priority) => this.#source.read(ids, priority)));
        this.#users.on('known', () => this.#everybodyKnown());
        this.#users.on('change', (joined, left) => this.#changed(joined, left));
        this.#users.on('state', () => this.#report());
        this.#reading.on('state', () => this.#readingChanged());
        this.#reading.on('recovered', () => this.#delivery.recovered());
        this.#delivery.on('state', () => this.#report());
        this.#delivery.on('leftOut', (names, reason) => this.emit('leftOut', names, reason));
        const onGap = (): void => this.#gap();
        notifications.on('opened', onGap);
        this.#tenant.on('gap', onGap);
        this.#undo.push(() => {
            notifications.off('opened', onGap);
            this.#tenant.off('gap', onGap);
        });
        // First, so that the directory is read with all that the scope asks for.
        this.#users.start();
        this.#undo.push(directory.use(this.#directorySource));
        this.#report();
    }

    #everybodyKnown(): void {
        this.#known = true;
        this.#delivery.start();
        this.#reading.readEverybody().catch(() => {});
    }

    #changed(joined: readonly string[], left: readonly string[]): void {
        for (const id of joined) this.#joined.add(id);
        for (const id of left) this.#joined.delete(id);
        this.#delivery.forget(left);
        this.#timer ??= this.#tenant.clock.after(gathering, () => this.#spread());
    }

    #spread(): void {
        this.#timer = undefined;
        const joined = [...this.#joined];
        this.#joined.clear();
        this.#delivery.followedChanged();
        this.#reading.read(joined).catch(() => {});
    }

    /** The service was away, or notifications go to another address. */
    #gap(): void {
        if (!this.#known) return;
        this.#delivery.gap();
        this.#reading.readEverybody().catch(() => {});
    }

    #readingChanged(): void {
        if (this.#reading.error) this.#delivery.outage();
        this.#report();
    }

    #report(): void {
        if (!this.#stopped) this.#setState(this.#stateNow());
    }

    #stateNow(): ConnectionState {
        if (this.#broken) return { phase: 'failed', error: this.#broken };
        const users = this.#users.state;
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
        const waitsFor = [this.#users.state.phase, this.#tenant.notifications.url];
        const told = [state.phase, error, ...waitsFor, this.size, this.polled, ...this.silentAccounts].join();
        if (told === this.#told) return;
        this.#told = told;
        this.emit('state', state);
    }
}

function check(mode: Delivery['mode'], accounts: readonly Account[], canActAsApp: boolean): void {
    if (mode === 'polling' && !canActAsApp) throw new SyncError('FIELD_MISSING', { field: 'Client secret' });
    const canDoWithout = mode !== 'notifications' && canActAsApp;
    if (accounts.length === 0 && !canDoWithout) throw new SyncError('FIELD_MISSING', { field: 'A communication user' });
}
