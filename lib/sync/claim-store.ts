import { memory } from '../presence/record';
import type { Answer } from '../support/record-log';
import type { Clock } from '../time/clock';

/** One part of the persons of one system, as in "the preferred presence of a tenant". */
export interface ClaimPart {
    side: 'teams' | 'pbx';
    /** Which cloud and tenant, or which PBX. */
    system: string;
    part: string;
}

/**
 * Something that shows for us, or may. Times are those of {@link Clock.monotonic}, in ms; what was claimed before the
 * process started has negative ones. Everything is plain JSON; `value`, `handle` and `replaced` are to be checked by the
 * part that they belong to, since an older version may have written them.
 */
export interface LoggedClaim {
    value: unknown;
    sure: 'sent' | 'confirmed' | 'ended';
    from: number;
    /** When it ends by itself, or has ended; absent for what stands until we end it. */
    ends?: number;
    /**
     * Of an earlier process: dates say when it ends, and they may be wrong. It may be in force until then, a full lease
     * after this process has read of it. Not written down.
     */
    latest?: number;
    /** What ends it. */
    handle?: unknown;
    /** What showed before it. */
    replaced?: unknown;
}

/** All that is known of one part of one person. A later entry of the same part and person replaces it. */
export interface ClaimEntry extends ClaimPart {
    person: string;
    /** What may show for us, the newest first; empty for nothing. */
    claims: LoggedClaim[];
    /** The setting above which a newer choice by hand stands, since when and why. Kept until an entry comes without it. */
    yields?: { value: unknown; since: number; rule?: string | undefined };
}

/** What a store knows of one part. */
export interface LoadedClaims {
    /**
     * `known`: no claim can show but those in the entries. `unknown`: there may be others, or these may be older than
     * what was sent last.
     */
    certainty: 'known' | 'unknown';
    entries: ClaimEntry[];
}

/** Keeps claims so that the next process finds them; nothing here rejects or waits for ever. */
export interface ClaimStore {
    /** What may still show for us, or explains what comes late: {@link memory}. */
    load(part: ClaimPart): Promise<LoadedClaims>;

    /**
     * To be awaited before the request leaves that the entries are about. All appends of one turn are one write. The
     * entries are kept: they must not be changed afterwards. `refused` and `unanswered` hold nothing up: the store heals by
     * itself, and is `unknown` to the next process until it has.
     */
    append(entries: readonly ClaimEntry[]): Promise<Answer>;

    /** The store is complete for this part from now on: what was `unknown` has been found out or has ended. */
    settle(part: ClaimPart): Promise<Answer>;

    /** May be called twice. */
    close(): Promise<void>;
}

/** The store where there is no other: it lasts as long as the process. */
export class MemoryClaimStore implements ClaimStore {
    readonly #clock: Clock;
    readonly #entries = new Map<string, ClaimEntry>();
    readonly #settled = new Map<string, ClaimPart>();

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    async load(part: ClaimPart): Promise<LoadedClaims> {
        const key = keyOf(part);
        const entries = this.entries().filter(entry => keyOf(entry) === key);
        return { certainty: this.#settled.has(key) ? 'known' : 'unknown', entries };
    }

    async append(entries: readonly ClaimEntry[]): Promise<Answer> {
        for (const entry of entries) {
            const key = keyOf(entry, entry.person);
            if (isNothing(entry)) this.#entries.delete(key);
            else this.#entries.set(key, entry);
        }
        return 'written';
    }

    async settle({ side, system, part }: ClaimPart): Promise<Answer> {
        this.#settled.set(keyOf({ side, system, part }), { side, system, part });
        return 'written';
    }

    async close(): Promise<void> {}

    /** Everything that may still show for us. */
    entries(): ClaimEntry[] {
        const over = this.#clock.monotonic() - memory;
        for (const [key, entry] of this.#entries) {
            const claims = entry.claims.filter(claim => endOf(claim) > over);
            if (claims.length === entry.claims.length) continue;
            const left = { ...entry, claims };
            if (isNothing(left)) this.#entries.delete(key);
            else this.#entries.set(key, left);
        }
        return [...this.#entries.values()];
    }

    /** The parts of which the store knows everything. */
    settled(): ClaimPart[] {
        return [...this.#settled.values()];
    }
}

/** Tells parts apart and, with the person, entries. */
export function keyOf({ side, system, part }: ClaimPart, person = ''): string {
    return `${side}\n${system}\n${part}\n${person}`;
}

function endOf({ sure, ends, latest }: LoggedClaim): number {
    return latest ?? ends ?? (sure === 'ended' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

/** True for an entry that says that nothing is ours. */
export function isNothing({ claims, yields }: { claims: readonly unknown[]; yields?: unknown }): boolean {
    return claims.length === 0 && yields === undefined;
}
