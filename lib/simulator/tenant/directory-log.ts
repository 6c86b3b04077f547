import type { Clock } from '../../time/clock';

/** Whether a user who left can still be restored (`changed`) or not (`deleted`), in the words of delta queries. */
export type RemovalReason = 'changed' | 'deleted';

/** What happened to one user; `told` is a joiner, or somebody who is told of once more. */
export type DirectoryEvent =
    | { kind: 'told' }
    | { kind: 'updated'; properties: readonly string[] }
    | { kind: 'removed'; reason: RemovalReason };

/** One entry of the log. */
export interface LoggedEvent {
    /** Grows by one with every entry. */
    version: number;
    userId: string;
    event: DirectoryEvent;
    /** Milliseconds since the epoch. */
    at: number;
}

/** Delta tokens live for seven days, so nobody asks for what is older. */
export const deltaLifetime = 7 * 86_400_000;

/**
 * The changes of the directory, oldest first, for as long as somebody may ask for them.
 * @see https://learn.microsoft.com/graph/delta-query-overview
 */
export class DirectoryLog {
    readonly #clock: Clock;
    #entries: LoggedEvent[] = [];
    #version = 0;
    #generation = 1;

    constructor(clock: Clock) {
        this.#clock = clock;
    }

    /** The version of the newest entry; 0 if there has been none. */
    get version(): number {
        return this.#version;
    }

    /** Tokens that were given in an earlier generation are void: their owners must read everything again. */
    get generation(): number {
        return this.#generation;
    }

    expireTokens(): void {
        this.#generation += 1;
    }

    append(userId: string, event: DirectoryEvent): void {
        this.#forgetOld();
        this.#entries.push({ version: ++this.#version, userId, event, at: this.#clock.date() });
    }

    /** The entries after a version, oldest first. */
    *after(version: number): Iterable<LoggedEvent> {
        const first = this.#entries[0]?.version ?? 0;
        for (let at = Math.max(0, version + 1 - first); at < this.#entries.length; at++) yield this.#entries[at]!;
    }

    /** Only once half of the log is old, so that each entry is moved once at most. */
    #forgetOld(): void {
        const middle = this.#entries[this.#entries.length >> 1];
        const oldest = this.#clock.date() - deltaLifetime;
        if (middle && middle.at < oldest) this.#entries = this.#entries.filter(entry => entry.at >= oldest);
    }
}
