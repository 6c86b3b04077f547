import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { ConnectionState } from '../../support/connection-state';
import type { Clock, Timer } from '../../time/clock';
import type { DirectoryReader } from '../users/directory-reader';
import type { Scope } from '../users/scope';
import type { UserDifference } from '../users/user-directory';
import type { Following } from './following';

interface Events {
    /** It is known who is followed: now all of them can be read. Once. */
    known: [];
    /** These came or left since. */
    change: [joined: readonly string[], left: readonly string[]];
    /** The state of the directory or of the scope has changed. */
    state: [];
}

/** Changes of the whole selection are gathered for this long, in ms. */
const gathering = 1_000;

/**
 * Keeps following exactly those users of the directory whom the scope selects. Users who join, leave or
 * change are taken in one by one; all are looked at only when the scope says that any of them may have changed.
 */
export class FollowedUsers extends EventEmitter<Events> {
    readonly #directory: DirectoryReader;
    readonly #scope: Scope;
    readonly #following: Following;
    readonly #clock: Clock;
    readonly #onLoaded = (): void => this.#selectAll();
    readonly #onDirectory = (difference: UserDifference): void => this.#apply(difference);
    readonly #onScope = (ids: readonly string[] | undefined): void => this.#scopeChanged(ids);
    readonly #onState = (): void => this.#stateChanged();
    #known = false;
    /** The scope could not say which users it wants when the directory changed. */
    #isStale = true;
    #timer: Timer | undefined;

    constructor(options: { directory: DirectoryReader; scope: Scope; following: Following; clock: Clock }) {
        super();
        this.#directory = options.directory;
        this.#scope = options.scope;
        this.#following = options.following;
        this.#clock = options.clock;
    }

    /** What keeps the users from being known, or from being known anew; `online` if nothing does. */
    get state(): ConnectionState {
        const states = [this.#directory.state, this.#scope.state];
        return states.find(state => 'error' in state) ?? states.find(({ phase }) => phase !== 'online') ?? states[0]!;
    }

    start(): void {
        this.#scope.on('change', this.#onScope).on('state', this.#onState);
        // First: what it selects by may follow the directory, too, and must be up to date when it is asked.
        this.#scope.start();
        this.#directory.on('loaded', this.#onLoaded).on('change', this.#onDirectory).on('state', this.#onState);
        if (this.#directory.loaded) this.#selectAll();
    }

    /** Who was followed is not forgotten: the next one goes on with it. May be called twice. */
    stop(): void {
        this.#directory.off('loaded', this.#onLoaded).off('change', this.#onDirectory).off('state', this.#onState);
        this.#scope.off('change', this.#onScope).off('state', this.#onState);
        this.#clock.cancel(this.#timer);
        this.#scope.stop();
    }

    get #canSelect(): boolean {
        return this.#directory.loaded && this.#scope.canSelect;
    }

    #stateChanged(): void {
        if (this.#isStale && this.#canSelect) this.#selectAll();
        this.emit('state');
    }

    #scopeChanged(ids: readonly string[] | undefined): void {
        if (!this.#known) return;
        if (ids) return this.#reconsider(ids);
        this.#clock.cancel(this.#timer);
        this.#timer = this.#clock.after(gathering, () => this.#selectAll());
    }

    #apply({ added, changed, removed }: UserDifference): void {
        this.#reconsider([...added, ...changed, ...removed].map(user => user.teams!.id));
    }

    #selectAll(): void {
        this.#isStale = !this.#canSelect;
        if (this.#isStale) return;
        const gone = new Set(this.#following.users.keys());
        const ids: string[] = [];
        for (const { teams } of this.#directory.all()) {
            ids.push(teams!.id);
            gone.delete(teams!.id);
        }
        this.#take([...ids, ...gone]);
    }

    #reconsider(ids: readonly string[]): void {
        if (this.#canSelect && !this.#isStale) this.#take(ids);
        else this.#selectAll();
    }

    #take(ids: readonly string[]): void {
        const joined: string[] = [];
        const left: string[] = [];
        const followed: PresenceUser[] = [];
        for (const id of ids) {
            const user = this.#directory.byId(id);
            const person = user && this.#scope.select(user);
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
}
