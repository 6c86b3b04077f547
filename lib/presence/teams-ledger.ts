import { EventEmitter } from 'node:events';
import type { Clock } from '../time/clock';
import { explains, isHeld, isSameTarget, type TeamsTarget } from './teams-states';
import type { TeamsPair, TeamsPresence } from './vocabulary';

/** How long a notification of a state that is over may still arrive: Microsoft names 1 minute at worst. */
const lateness = 90_000;

/** Something that Teams may show for us, until it ends by itself (monotonic). */
export interface Claim {
    target: TeamsTarget;
    until: number;
}

/** What Teams may hold for us for one user, as it is kept across a restart; plain JSON. Its claims end at dates. */
export interface Held {
    userId: string;
    displayName: string;
    claims: Claim[];
}

interface Entry {
    current: Claim;
    /** What may be in force instead: a write is on its way, or its answer was lost. */
    possible: Claim[];
    former: Claim[];
    changedAt: number;
    /** From before this process; nothing has been written since. */
    restored: boolean;
}

/** How an observed state relates to what we wrote. */
export type Explanation =
    /** What we hold now, or may hold while a write is on its way, can be what is shown. */
    | 'current'
    /** Something that we held a moment ago can be; it may also be real: read the user again. */
    | 'former'
    | 'none';

/**
 * Our own writes to Teams, by Entra object id, which is unique in the world: one ledger serves all registrations.
 * A write is entered before it is sent, since its notification can overtake its answer, and confirmed once Teams has
 * answered. Whatever we hold ends with its lease, here too. Emits `released` (user id) once something was taken back
 * and what lay beneath shows again.
 */
export class TeamsLedger extends EventEmitter<{ released: [userId: string] }> {
    readonly #entries = new Map<string, Entry>();
    readonly #restoring = new Set<Promise<void>>();

    constructor() {
        super();
        this.setMaxListeners(0);
    }

    /** Somebody brings back what was held before a restart; a failure of theirs is theirs to report. */
    restoring(work: Promise<unknown>): void {
        const settled: Promise<void> = work
            .then(
                () => {},
                () => {},
            )
            .finally(() => this.#restoring.delete(settled));
        this.#restoring.add(settled);
    }

    /** Resolves once everything from before a restart is known: until then our own echo looks like a real state. */
    async restored(): Promise<void> {
        while (this.#restoring.size > 0) await Promise.all(this.#restoring);
    }

    /** Brings back what may be held from before a restart; what this process knows better, it keeps. */
    restore(held: Held, clock: Clock): void {
        const now = clock.monotonic();
        const claims = held.claims.map(({ target, until }) => ({ target, until: until - clock.date() + now }));
        const [current, ...possible] = claims.filter(({ until }) => until > now);
        if (!current || this.#entries.has(held.userId)) return;
        // What was stored last may be older than what was written last.
        const gone = claimOf({}, now, 0);
        const entry = {
            current,
            possible: [...possible, gone],
            former: [],
            changedAt: Number.NEGATIVE_INFINITY,
            restored: true,
        };
        this.#entries.set(held.userId, entry);
    }

    /** True for a user for whom nothing was written since {@link restore}. */
    isRestored(userId: string): boolean {
        return this.#entries.get(userId)?.restored ?? false;
    }

    /** What is to be kept for {@link restore}: everything that may be held and has not ended; none for nothing. */
    claimsOf(userId: string, clock: Clock): Claim[] {
        const entry = this.#entries.get(userId);
        if (!entry) return [];
        const now = clock.monotonic();
        const held = [entry.current, ...entry.possible].filter(({ target, until }) => isHeld(target) && until > now);
        return held.map(({ target, until }) => ({ target, until: until - now + clock.date() }));
    }

    /** What we hold for the user, or are about to. */
    heldFor(userId: string): TeamsTarget {
        return this.#entries.get(userId)?.current.target ?? {};
    }

    /** When what we hold ends by itself unless it is renewed (monotonic); infinite for nothing. */
    heldUntil(userId: string): number {
        return this.#entries.get(userId)?.current.until ?? Number.POSITIVE_INFINITY;
    }

    /** Everything that Teams may hold for us now: one state, or more after a write whose answer was lost. */
    statesOf(userId: string, now: number): TeamsTarget[] {
        const entry = this.#entries.get(userId);
        if (!entry) return [{}];
        return [entry.current, ...entry.possible].map(({ target, until }) => (until > now ? target : {}));
    }

    /**
     * Notes what we are about to set for `lease` ms; an empty target is nothing.
     * @returns takes the entry back: to be called if nothing of it was sent after all
     */
    enter(userId: string, target: TeamsTarget, now: number, lease: number): () => void {
        const replaced = this.#entries.get(userId);
        const entry = replaced ?? newEntry();
        const before = [...entry.possible, entry.current].filter(({ until }) => until > now);
        const possible: Claim[] = [];
        for (const claim of before) {
            const known = [...possible, { target }].some(other => isSameTarget(other.target, claim.target));
            if (!known) possible.push(claim);
        }
        const current = claimOf(target, now, lease);
        this.#entries.set(userId, { ...entry, current, possible, changedAt: now, restored: false });
        return () => {
            if (replaced) this.#entries.set(userId, replaced);
            else this.#entries.delete(userId);
        };
    }

    /** What we hold has been renewed. */
    extend(userId: string, now: number, lease: number): void {
        const entry = this.#entries.get(userId);
        if (entry) entry.current = claimOf(entry.current.target, now, lease);
    }

    /** Teams has accepted what was entered last. */
    confirm(userId: string, now: number, lease: number): void {
        const entry = this.#entries.get(userId);
        if (!entry) return;
        const over = entry.possible.filter(({ target }) => isHeld(target));
        entry.former = [
            ...entry.former.filter(({ until }) => until > now),
            ...over.map(({ target }) => ({ target, until: now + lateness })),
        ];
        if (entry.possible.length > 0) entry.changedAt = now;
        entry.possible = [];
        entry.current = claimOf(entry.current.target, now, lease);
        this.#tidy(userId, entry, now);
    }

    /**
     * Teams has refused what was entered last, or a part of it: what we held before shows until its lease ends.
     * @param kept what is held nevertheless: the part that was accepted, and what was to stay
     */
    refuse(userId: string, kept: TeamsTarget, now: number, lease: number): void {
        const entry = this.#entries.get(userId);
        if (!entry) return;
        const { target, until } = claimOf(kept, now, lease);
        // What was to stay ends with the lease that it has.
        const ends = entry.possible.filter(each => isHeld(each.target) && each.until > now).map(each => each.until);
        entry.current = { target, until: isHeld(kept) ? Math.min(until, ...ends) : until };
    }

    /** To be called when Teams has confirmed that something of ours was taken back. */
    release(userId: string): void {
        this.emit('released', userId);
    }

    /** When what we hold changed last (monotonic); minus infinity if it did not lately. */
    changedAt(userId: string): number {
        return this.#entries.get(userId)?.changedAt ?? Number.NEGATIVE_INFINITY;
    }

    explain(userId: string, shown: TeamsPair, now: number): Explanation {
        const entry = this.#entries.get(userId);
        if (!entry) return 'none';
        const claims = [entry.current, ...entry.possible].filter(({ target }) => explains(target, shown));
        if (claims.some(({ until }) => until > now)) return 'current';
        // A lease that has just ended by itself is a former write like any other.
        const isFormer =
            claims.some(({ until }) => until + lateness > now) ||
            entry.former.some(({ target, until }) => until > now && explains(target, shown));
        this.#tidy(userId, entry, now);
        return isFormer ? 'former' : 'none';
    }

    /** The presence without a status message that we wrote, or wrote a moment ago: it is the note of the PBX. */
    withoutOurMessage<Presence extends TeamsPresence>(userId: string, shown: Presence, now: number): Presence {
        const { statusMessage, ...rest } = shown;
        const entry = this.#entries.get(userId);
        if (!entry || statusMessage === undefined) return shown;
        const isOurs =
            [entry.current, ...entry.possible].some(
                ({ target, until }) => target.statusMessage === statusMessage && until + lateness > now,
            ) || entry.former.some(({ target, until }) => target.statusMessage === statusMessage && until > now);
        return isOurs ? (rest as Presence) : shown;
    }

    /** Ids of the users for whom we hold something. */
    held(): string[] {
        return [...this.#entries].filter(([, entry]) => isHeld(entry.current.target)).map(([userId]) => userId);
    }

    #tidy(userId: string, entry: Entry, now: number): void {
        const isOver = [entry.current, ...entry.possible].every(
            ({ target, until }) => !isHeld(target) || until + lateness <= now,
        );
        if (isOver && entry.former.every(({ until }) => until <= now)) this.#entries.delete(userId);
    }
}

function newEntry(): Entry {
    return {
        current: claimOf({}, 0, 0),
        possible: [],
        former: [],
        changedAt: Number.NEGATIVE_INFINITY,
        restored: false,
    };
}

function claimOf(target: TeamsTarget, now: number, lease: number): Claim {
    return { target, until: isHeld(target) ? now + lease : Number.POSITIVE_INFINITY };
}
