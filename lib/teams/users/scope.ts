import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { ConnectionState } from '../../support/connection-state';
import type { DirectoryReader } from './directory-reader';

/** Why a user who was meant to be followed is not: has no licence, or Teams does not know the address or id. */
export type LeftOutReason = 'unlicensed' | 'unknown';

interface Events {
    /** Of these users the selection may be another now; undefined: of any user. */
    change: [userIds: readonly string[] | undefined];
    state: [ConnectionState];
    /** By name, once for each name and reason. */
    leftOut: [name: string, reason: LeftOutReason];
}

/**
 * The service plan that makes a Teams user.
 * @see https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
 */
export const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';

/** Names remembered at most; after that some are told again. */
const longestMemory = 20_000;

/** What every scope is made of. */
export interface ScopeOptions {
    directory: DirectoryReader;
    /** Only users who have one of these service plans; absent or empty: whatever their plans. */
    plans?: readonly string[];
}

/**
 * Decides who is followed. The users of the directory are not its business: the follower asks {@link select} for
 * all of them once it {@link canSelect}, for each that the directory tells of, and for those of `change`.
 */
export abstract class Scope extends EventEmitter<Events> {
    protected readonly directory: DirectoryReader;
    readonly #plans: ReadonlySet<string>;
    readonly #told = new Set<string>();
    #state: ConnectionState = { phase: 'stopped' };
    #endWish: (() => void) | undefined;

    constructor({ directory, plans = [] }: ScopeOptions) {
        super();
        this.directory = directory;
        this.#plans = new Set(plans.map(plan => plan.toLowerCase()));
    }

    /** `online`: it knows which users it wants; else why not, or not yet. */
    get state(): ConnectionState {
        return this.#state;
    }

    /** Whether all that it asks for is known, the service plans too; those come with a change of the directory. */
    get canSelect(): boolean {
        return this.#state.phase === 'online' && (this.#plans.size === 0 || this.directory.hasPlans);
    }

    start(): void {
        if (this.#plans.size > 0) this.#endWish = this.directory.wantPlans();
        this.begin();
    }

    /** May be called twice. */
    stop(): void {
        this.#endWish?.();
        this.end();
        this.setState({ phase: 'stopped' });
    }

    /** The person to be followed for this user of the directory; undefined for one who is not followed. */
    select(user: PresenceUser): PresenceUser | undefined {
        const chosen = this.choose(user);
        if (!chosen || this.#plans.size === 0) return chosen;
        const plans = this.directory.plansOf(user.teams!.id);
        if (plans?.some(plan => this.#plans.has(plan))) return chosen;
        // Until the plans are read nothing can be said.
        if (plans) this.tell(user.addresses[0] ?? user.displayName, 'unlicensed');
        return undefined;
    }

    protected abstract begin(): void;
    protected abstract end(): void;
    protected abstract choose(user: PresenceUser): PresenceUser | undefined;

    protected tell(name: string, reason: LeftOutReason): void {
        const key = `${reason} ${name}`;
        if (this.#told.has(key)) return;
        if (this.#told.size >= longestMemory) this.#told.clear();
        this.#told.add(key);
        this.emit('leftOut', name, reason);
    }

    protected setState(state: ConnectionState): void {
        const isNews = state.phase !== this.#state.phase || 'error' in state;
        this.#state = state;
        if (isNews) this.emit('state', state);
    }
}
