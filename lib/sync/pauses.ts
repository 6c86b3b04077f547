import type { Clock } from '../time/clock';
import type { ClaimEntry, ClaimPart } from './claim-store';
import type { ClaimBook } from './logged-claims';

/** The name under which the book keeps pauses, beside those of the parts. */
const part = 'pause';
/** In place of the key of a person: all others. */
const everybody = '*';
const never = Number.NEGATIVE_INFINITY;

/**
 * Who is paused until when. An administrator has asked for it, so it is written down beside the claims, and a deploy or a
 * restart is no end of it. Times are monotonic; infinite for a pause without an end.
 */
export class Pauses {
    readonly #clock: Clock;
    readonly #book: ClaimBook | undefined;
    /** By key of the person, or {@link everybody}; a time that is over for one who goes on while the others are paused. */
    readonly #ends = new Map<string, number>();
    /** For whom something was asked before the book was read: what it tells of them is older. */
    readonly #asked = new Set<string>();
    #isRestored: boolean;

    constructor(clock: Clock, book: ClaimBook | undefined) {
        this.#clock = clock;
        this.#book = book;
        this.#isRestored = !book;
    }

    /** Takes in those of an earlier process. */
    async restore(): Promise<void> {
        if (!this.#book) return;
        const { entries } = await (await this.#book.store).load(this.#place(this.#book));
        const isOld = ({ person }: ClaimEntry): boolean => this.#asked.has(person) || this.#asked.has(everybody);
        for (const entry of entries) {
            const [claim] = entry.claims;
            if (claim && !isOld(entry))
                this.#ends.set(entry.person, claim.value === true ? (claim.ends ?? Number.POSITIVE_INFINITY) : never);
        }
        this.#write(entries.filter(isOld).map(({ person }) => person));
        this.#isRestored = true;
        this.#asked.clear();
    }

    /** When the pause of this person ends, or has ended. */
    endOf(key: string): number {
        return this.#ends.get(key) ?? this.#ends.get(everybody) ?? never;
    }

    /** @param keys absent: all people, and who was paused or not before does not count any more */
    set(until: number, keys?: readonly string[]): void {
        const changed = keys ?? [everybody, ...this.#ends.keys()];
        if (!keys) this.#ends.clear();
        const all = this.#ends.get(everybody) ?? never;
        for (const key of keys ?? [everybody]) {
            if (!this.#isRestored) this.#asked.add(key);
            if (until === never && all <= this.#clock.monotonic()) this.#ends.delete(key);
            // Who is paused alone does not go on before the others.
            else this.#ends.set(key, until === never ? never : Math.max(until, all));
        }
        this.#write(changed);
    }

    /** So many ms have passed without being counted: pauses end by the date. */
    passed(missed: number): void {
        for (const [key, end] of this.#ends) this.#ends.set(key, end - missed);
        this.#write([...this.#ends.keys()]);
    }

    #write(keys: readonly string[]): void {
        const book = this.#book;
        if (!book || keys.length === 0) return;
        const now = this.#clock.monotonic();
        const entryOf = (person: string): ClaimEntry => {
            const end = this.#ends.get(person);
            const ends = end !== undefined && Number.isFinite(end) ? { ends: Math.max(now, end) } : {};
            const claim = { value: end !== never, sure: 'confirmed' as const, from: now, ...ends };
            return { ...this.#place(book), person, claims: end === undefined ? [] : [claim] };
        };
        void Promise.resolve(book.store).then(store => store.append([...new Set(keys)].map(entryOf)));
    }

    #place({ side, system }: ClaimBook): ClaimPart {
        return { side, system, part };
    }
}
