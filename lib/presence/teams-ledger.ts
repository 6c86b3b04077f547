import { EventEmitter } from 'node:events';
import { explains, type TeamsTarget } from './teams-states';
import type { TeamsPair } from './vocabulary';

/** How long a notification of a state that is over may still arrive: Microsoft names 1 minute at worst. */
const lateness = 90_000;

interface Entry {
    current: TeamsTarget;
    changedAt: number;
    former: { target: TeamsTarget; until: number }[];
}

/** How an observed state relates to what we wrote. */
export type Explanation =
    /** What we hold now can be what is shown. */
    | 'current'
    /** Something that we held a moment ago can be; it may also be real: read the user again. */
    | 'former'
    | 'none';

/**
 * Our own writes to Teams, by Entra object id, which is unique in the world: one ledger serves all registrations.
 * A write is entered before it is sent, since its notification can overtake its answer. Emits `released` (user id)
 * once something was taken back and what lay beneath shows again.
 */
export class TeamsLedger extends EventEmitter<{ released: [userId: string] }> {
    readonly #entries = new Map<string, Entry>();

    /** What we hold for the user. */
    heldFor(userId: string): TeamsTarget {
        return this.#entries.get(userId)?.current ?? {};
    }

    /** Notes what we hold from now on; an empty target is nothing. */
    enter(userId: string, target: TeamsTarget, now: number): void {
        const entry = this.#entries.get(userId) ?? { current: {}, former: [] };
        const former = entry.former.filter(past => past.until > now);
        if (isHeld(entry.current)) former.push({ target: entry.current, until: now + lateness });
        if (isHeld(target) || former.length > 0)
            this.#entries.set(userId, { current: target, changedAt: now, former: former.slice(-4) });
        else this.#entries.delete(userId);
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
        if (explains(entry.current, shown)) return 'current';
        const former = entry.former.some(past => past.until > now && explains(past.target, shown));
        if (!isHeld(entry.current) && entry.former.every(past => past.until <= now)) this.#entries.delete(userId);
        return former ? 'former' : 'none';
    }

    /** Ids of the users for whom we hold something. */
    held(): string[] {
        return [...this.#entries].filter(([, entry]) => isHeld(entry.current)).map(([userId]) => userId);
    }
}

/** True if there is anything to take back. */
export function isHeld(target: TeamsTarget): boolean {
    return target.session !== undefined || target.preferred !== undefined;
}
