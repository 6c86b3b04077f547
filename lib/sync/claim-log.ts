import * as v from 'valibot';
import type { Files } from '../support/file-lock';
import type { Doubt } from '../support/record-file';
import { type Answer, RecordLog, type Trouble } from '../support/record-log';
import type { Clock } from '../time/clock';
import {
    type ClaimEntry,
    type ClaimPart,
    type ClaimStore,
    isNothing,
    keyOf,
    type LoadedClaims,
    MemoryClaimStore,
} from './claim-store';

export interface ClaimLogOptions {
    /** The file. Beside it lie its lock and, while it is rewritten, the new file. */
    path: string;
    clock: Clock;
    /** Called once when claims can no longer be logged, and with nothing once they can and the log is whole again. */
    onTrouble: (trouble: Trouble | undefined) => void;
    files?: Files;
}

const format = 'claims 1';
/** An entry that was not loaded within this many ms after its lease is forgotten: its system is no longer configured. */
const unclaimedTime = 7 * 86_400_000;

const duration = v.pipe(v.number(), v.finite(), v.minValue(0));
const part = { side: v.picklist(['teams', 'pbx']), system: v.string(), part: v.string() };
const storedMark = v.object({ ...part, settled: v.literal(true) });
const storedEntry = v.object({
    ...part,
    person: v.string(),
    /** When the line was written, ms since the epoch; the rest is relative to it, since it can be set. */
    date: v.pipe(v.number(), v.finite()),
    claims: v.array(
        v.object({
            value: v.unknown(),
            sure: v.picklist(['sent', 'confirmed', 'ended']),
            age: duration,
            lease: v.optional(duration),
            handle: v.optional(v.unknown()),
            replaced: v.optional(v.unknown()),
        }),
    ),
    yields: v.optional(v.object({ value: v.unknown(), age: duration, rule: v.optional(v.string()) })),
});
const stored = v.union([storedEntry, storedMark]);
type StoredEntry = v.InferOutput<typeof storedEntry>;

/**
 * The claims of one user directory, in a file that survives the process. Its lines carry dates, the process only sees
 * times of the monotonic clock. What was read waits as it was written until its part is loaded: what no system asks for
 * any more is kept for a while.
 */
export class ClaimLog implements ClaimStore {
    readonly #clock: Clock;
    readonly #log: RecordLog;
    readonly #memory: MemoryClaimStore;
    readonly #unclaimed = new Map<string, StoredEntry>();
    readonly #openedAt: number;
    #doubt: Doubt | undefined;

    private constructor({ clock, ...options }: ClaimLogOptions) {
        this.#clock = clock;
        this.#memory = new MemoryClaimStore(clock);
        this.#openedAt = clock.monotonic();
        this.#log = new RecordLog({ ...options, clock, format, snapshot: () => this.#snapshot() });
    }

    /** Never rejects: without a file that can be written the log lasts as long as the process, and says so. */
    static async open(options: ClaimLogOptions): Promise<ClaimLog> {
        const opened = new ClaimLog(options);
        const { records, doubt } = await opened.#log.open();
        const results = records.map(record => v.safeParse(stored, record));
        // A record of another shape may come from another version.
        opened.#doubt = doubt ?? (results.every(({ success }) => success) ? undefined : 'incomplete');
        for (const { success, output } of results) if (success) opened.#adopt(output);
        await opened.#log.start();
        return opened;
    }

    /** Why what was read may not be everything; absent where it is. */
    get doubt(): Doubt | undefined {
        return this.#doubt;
    }

    load(part: ClaimPart): Promise<LoadedClaims> {
        for (const [key, entry] of this.#unclaimed) {
            if (keyOf(entry) !== keyOf(part)) continue;
            this.#unclaimed.delete(key);
            void this.#memory.append([this.#restored(entry)]);
        }
        return this.#memory.load(part);
    }

    append(entries: readonly ClaimEntry[]): Promise<Answer> {
        for (const entry of entries) this.#unclaimed.delete(keyOf(entry, entry.person));
        void this.#memory.append(entries);
        return this.#log.append(entries.map(entry => this.#stored(entry)));
    }

    settle(part: ClaimPart): Promise<Answer> {
        void this.#memory.settle(part);
        return this.#log.append([markOf(part)]);
    }

    close(): Promise<void> {
        return this.#log.close();
    }

    #adopt(record: v.InferOutput<typeof stored>): void {
        if ('settled' in record) {
            if (!this.#doubt) void this.#memory.settle(record);
            return;
        }
        const key = keyOf(record, record.person);
        if (isNothing(record)) this.#unclaimed.delete(key);
        else this.#unclaimed.set(key, record);
    }

    *#snapshot(): Iterable<unknown> {
        const now = this.#clock.date();
        for (const [key, entry] of this.#unclaimed) {
            if (endOf(entry) + unclaimedTime < now) this.#unclaimed.delete(key);
        }
        yield* this.#memory.settled().map(markOf);
        yield* this.#unclaimed.values();
        for (const entry of this.#memory.entries()) yield this.#stored(entry);
    }

    #stored({ claims, yields, ...rest }: ClaimEntry): StoredEntry {
        const now = this.#clock.monotonic();
        const ageOf = (from: number): number => Math.max(0, Math.round(now - from));
        return {
            ...rest,
            date: Math.round(this.#clock.date()),
            claims: claims.map(({ from, ends, latest: _, ...claim }) => ({
                ...claim,
                age: ageOf(from),
                lease: ends === undefined ? undefined : Math.max(0, Math.round(ends - from)),
            })),
            yields: yields && { value: yields.value, age: ageOf(yields.since), rule: yields.rule },
        };
    }

    #restored({ date, claims, yields, ...rest }: StoredEntry): ClaimEntry {
        // A date before that of the line tells nothing of what has passed.
        const written = this.#clock.monotonic() - Math.max(0, this.#clock.date() - date);
        return {
            ...rest,
            claims: claims.map(({ age, lease, ...claim }) => {
                const from = written - age;
                if (lease === undefined) return { ...claim, from };
                const ends = from + lease;
                return claim.sure === 'ended'
                    ? { ...claim, from, ends }
                    : { ...claim, from, ends, latest: this.#openedAt + lease };
            }),
            ...(yields && { yields: { value: yields.value, since: written - yields.age, rule: yields.rule } }),
        };
    }
}

function markOf({ side, system, part }: ClaimPart): v.InferOutput<typeof storedMark> {
    return { side, system, part, settled: true };
}

/** The date at which everything in it has ended by itself; infinite for what does not. */
function endOf({ date, claims, yields }: StoredEntry): number {
    const ends = claims.map(({ age, lease }) => date - age + (lease ?? Number.POSITIVE_INFINITY));
    return yields ? Number.POSITIVE_INFINITY : Math.max(date, ...ends);
}
