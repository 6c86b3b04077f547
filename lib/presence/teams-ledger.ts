import { EventEmitter } from 'node:events';
import { explains, isSameTarget, type TeamsTarget } from './teams-states';
import type { TeamsPair } from './vocabulary';

/** How long a notification of a state that is over may still arrive: Microsoft names 1 minute at worst. */
const lateness = 90_000;

/** Something that Teams may show for us, until it ends by itself (ms since the epoch). */
interface Claim {
    target: TeamsTarget;
    until: number;
}

interface Entry {
    current: Claim;
    /** What may be in force instead: a write is on its way, or its answer was lost. */
    possible: Claim[];
    former: Claim[];
    changedAt: number;
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

    constructor() {
        super();
        this.setMaxListeners(0);
    }

    /** What we hold for the user, or are about to. */
    heldFor(userId: string): TeamsTarget {
        return this.#entries.get(userId)?.current.target ?? {};
    }

    /** Everything that Teams may hold for us now: one state, or more after a write whose answer was lost. */
    statesOf(userId: string, now: number): TeamsTarget[] {
        const entry = this.#entries.get(userId);
        if (!entry) return [{}];
        return [entry.current, ...entry.possible].map(({ target, until }) => (until > now ? target : {}));
    }

    /** Notes what we are about to set for `lease` ms; an empty target is nothing. */
    enter(userId: string, target: TeamsTarget, now: number, lease: number): void {
        const entry = this.#entries.get(userId) ?? newEntry();
        const before = [...entry.possible, entry.current].filter(({ until }) => until > now);
        const possible: Claim[] = [];
        for (const claim of before) {
            const known = [...possible, { target }].some(other => isSameTarget(other.target, claim.target));
            if (!known) possible.push(claim);
        }
        this.#entries.set(userId, { ...entry, current: claimOf(target, now, lease), possible, changedAt: now });
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
     * Teams has refused what was entered last: what we held before shows until its lease ends.
     * @param kept what is to be held on to nevertheless
     * @param reached true if a part of it was accepted before the refusal
     */
    refuse(
        userId: string,
        { kept, reached }: { kept: TeamsTarget; reached: boolean },
        now: number,
        lease: number,
    ): void {
        const entry = this.#entries.get(userId);
        if (!entry) return;
        if (reached) entry.possible.push(entry.current);
        entry.current = claimOf(kept, now, lease);
    }

    /** To be called when Teams has confirmed that something of ours was taken back. */
    release(userId: string): void {
        this.emit('released', userId);
    }

    /** When what we hold changed last; 0 if it did not lately. */
    changedAt(userId: string): number {
        return this.#entries.get(userId)?.changedAt ?? 0;
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

/** True if there is anything to take back. */
export function isHeld(target: TeamsTarget): boolean {
    return target.session !== undefined || target.preferred !== undefined;
}

function newEntry(): Entry {
    return { current: claimOf({}, 0, 0), possible: [], former: [], changedAt: 0 };
}

function claimOf(target: TeamsTarget, now: number, lease: number): Claim {
    return { target, until: isHeld(target) ? now + lease : Number.POSITIVE_INFINITY };
}
