import { OfficeError } from './office-error';

/** The fields of a JSON object. */
export type Fields = Record<string, unknown>;

/** @throws OfficeError that names the field, here as in the other checks */
export function object(value: unknown, name: string): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    throw wrong(`${name} must be an object`);
}

/** Refuses what is left of an object after its known fields. */
export function noMore(rest: Fields, name: string): void {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw wrong(`${name} has no field "${unknown}"`);
}

/** Takes `true` and nothing else. */
export function onlyTrue(value: unknown, name: string): void {
    if (value !== true) throw wrong(`${name} must be true`);
}

/** Takes `true` or `false`. */
export function yesOrNo(value: unknown, name: string): boolean {
    if (typeof value === 'boolean') return value;
    throw wrong(`${name} must be true or false`);
}

/** Takes a whole number within limits. */
export function whole(value: unknown, name: string, least: number, most: number): number {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw wrong(`${name} must be a whole number from ${least} to ${most}`);
}

/** Takes one of some words. */
export function oneOf<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word {
    const word = words.find(known => known === value);
    if (word !== undefined) return word;
    throw wrong(`${name} must be one of ${words.join(', ')}`);
}

/** A refusal in words. */
export function wrong(sentence: string): OfficeError {
    return new OfficeError('value-wrong', sentence);
}
