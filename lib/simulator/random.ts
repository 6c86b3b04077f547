import { createHash } from 'node:crypto';

/** A number from 0 up to, but not including, 1; like `Math.random`. */
export type Random = () => number;

/** The same numbers for the same seed, every time (mulberry32). Good for tests, not for secrets. */
export function seededRandom(seed: number): Random {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** A new list with the same items in another order. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
        const other = Math.floor(random() * (last + 1));
        [result[last], result[other]] = [result[other]!, result[last]!];
    }
    return result;
}

/** Hexadecimal digits that follow from a text; the same ones every time. @param length at most 64 */
export function digitsOf(text: string, length: number): string {
    return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** A GUID that follows from a text, with version and variant set as a random one has them (RFC 9562, version 4). */
export function guidOf(text: string): string {
    const hex = digitsOf(text, 32);
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)];
    return parts.join('-');
}
