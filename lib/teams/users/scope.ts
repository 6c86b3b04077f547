import { EventEmitter } from 'node:events';
import { nameOf, type PresenceUser } from '../../presence/message';
import type { ConnectionState } from '../../support/connection-state';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import type { DirectoryReader } from './directory-reader';
import type { UserDifference } from './user-directory';

/**
 * Why a user who was meant to be followed is not: has no licence, or Teams does not know the address or id; or why nobody
 * of a group is: no members can be read.
 */
export type LeftOutReason = 'unlicensed' | 'unknown' | 'empty';

interface Events {
    /** It is known who is followed: now all of them can be read. Once. */
    known: [];
    /** These came or left since. */
    change: [joined: readonly string[], left: readonly string[]];
    state: [];
    /** By name, possibly again and again. */
    leftOut: [name: string, reason: LeftOutReason];
}

/**
 * The service plan that makes a Teams user.
 * @see https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
export const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';

/** Changes of the whole selection are gathered for this long, in ms. */
const gathering = 1_000;

/** Where it stands who is followed, by Entra object id. */
export interface Followed {
    readonly users: ReadonlyMap<string, PresenceUser>;
    follow(users: Iterable<PresenceUser>): void;
    unfollow(userIds: readonly string[]): void;
}

/** What every scope is made of. */
export interface ScopeOptions {
    directory: DirectoryReader;
    following: Followed;
    clock: Clock;
    /** Only users who have one of these service plans; absent or empty: whatever their plans. */
    plans?: readonly string[];
}

/**
 * Decides who is followed, and keeps following exactly these users of the directory. Users who join, leave or change are
 * taken in one by one; all are looked at only where any of them may have changed.
 */
export abstract class Scope extends EventEmitter<Events> {
    protected readonly directory: DirectoryReader;
    protected readonly clock: Clock;
    /** What {@link stop} does. */
    protected readonly ends: (() => unknown)[] = [];
    readonly #following: Followed;
    readonly #plans: ReadonlySet<string>;
    #ownState: ConnectionState = { phase: 'stopped' };
    #known = false;
    /** It could not be said who is wanted when the directory changed. */
    #isStale = true;
    readonly #next: Alarm;

    constructor({ directory, following, clock, plans = [] }: ScopeOptions) {
        super();
        this.directory = directory;
        this.clock = clock;
        this.#next = new Alarm(clock, () => this.#selectAll());
        this.#following = following;
        this.#plans = new Set(plans.map(plan => plan.toLowerCase()));
    }

    /** What keeps the users from being known, or from being known anew; `online` if nothing does. */
    get state(): ConnectionState {
        const states = [this.directory.state, this.#ownState];
        return states.find(state => 'error' in state) ?? states.find(({ phase }) => phase !== 'online') ?? states[0]!;
    }

    /** `online`: it knows which users of the directory it wants; else why not, or not yet. */
    get ownState(): ConnectionState {
        return this.#ownState;
    }

    start(): void {
        const onLoaded = (): void => this.#selectAll();
        const onChange = ({ added, changed, removed }: UserDifference): void =>
            this.#look([...added, ...changed, ...removed].map(user => user.teams!.id));
        const onState = (): void => this.#stateChanged();
        if (this.#plans.size > 0) this.ends.push(this.directory.wantPlans());
        // First: what it selects by may follow the directory, too, and must be up to date when it is asked.
        this.begin();
        this.directory.on('loaded', onLoaded).on('change', onChange).on('state', onState);
        this.ends.push(() => this.directory.off('loaded', onLoaded).off('change', onChange).off('state', onState));
        if (this.directory.loaded) this.#selectAll();
    }

    /** Who was followed is not forgotten: the next one goes on with it. May be called twice. */
    stop(): void {
        for (const end of this.ends.splice(0)) end();
        this.#next.stop();
        this.#ownState = { phase: 'stopped' };
    }

    protected abstract begin(): void;
    /** The person to be followed for this user of the directory, whatever the plans; undefined for one who is not. */
    protected abstract choose(user: PresenceUser): PresenceUser | undefined;

    /** Of these users the choice may be another now; undefined: of any user. */
    protected reconsider(userIds: readonly string[] | undefined): void {
        if (!this.#known) return;
        if (userIds) return this.#look(userIds);
        this.#next.set(gathering);
    }

    protected setState(state: ConnectionState): void {
        const isNews = state.phase !== this.#ownState.phase || 'error' in state;
        this.#ownState = state;
        if (isNews) this.#stateChanged();
    }

    #stateChanged(): void {
        if (this.#isStale && this.#canSelect) this.#selectAll();
        this.emit('state');
    }

    /** Whether all that it asks for is known, the service plans too; those come with a change of the directory. */
    get #canSelect(): boolean {
        const { loaded, hasPlans } = this.directory;
        return loaded && this.#ownState.phase === 'online' && (this.#plans.size === 0 || hasPlans);
    }

    #selectAll(): void {
        this.#isStale = !this.#canSelect;
        if (this.#isStale) return;
        const gone = new Set(this.#following.users.keys());
        const ids: string[] = [];
        for (const { teams } of this.directory.users.all()) {
            ids.push(teams!.id);
            gone.delete(teams!.id);
        }
        this.#take([...ids, ...gone]);
    }

    #look(ids: readonly string[]): void {
        if (this.#canSelect && !this.#isStale) this.#take(ids);
        else this.#selectAll();
    }

    #take(ids: readonly string[]): void {
        const joined: string[] = [];
        const left: string[] = [];
        const followed: PresenceUser[] = [];
        for (const id of ids) {
            const user = this.directory.users.byId(id);
            const person = user && this.#select(user);
            const isFollowed = this.#following.users.has(id);
            if (person) followed.push(person);
            if (person && !isFollowed) joined.push(id);
            if (!person && isFollowed) left.push(id);
        }
        // First the users who leave: another Teams user may have taken over their PBX user.
        this.#following.unfollow(left);
        this.#following.follow(followed);
        if (this.#known) {
            if (joined.length > 0 || left.length > 0) this.emit('change', joined, left);
            return;
        }
        this.#known = true;
        this.emit('known');
    }

    #select(user: PresenceUser): PresenceUser | undefined {
        const chosen = this.choose(user);
        if (!chosen || this.#plans.size === 0) return chosen;
        const plans = this.directory.users.plansOf(user.teams!.id);
        if (plans?.some(plan => this.#plans.has(plan))) return chosen;
        // Until the plans are read nothing can be said.
        if (plans) this.emit('leftOut', nameOf(user), 'unlicensed');
        return undefined;
    }
}
