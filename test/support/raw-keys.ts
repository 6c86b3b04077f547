import { nodeTypes } from './checkout';

const rawKey = new RegExp(`\\b(?:${nodeTypes.join('|')}|common|editor)\\.[a-z][\\w-]*(?:\\.[\\w-]+)*`, 'gi');

/** The catalog keys in texts that a person reads: they show where a catalog has no text for them. */
export function rawKeysIn(texts: readonly string[]): string[] {
    return [...new Set(texts.flatMap(text => text.match(rawKey) ?? []))];
}
