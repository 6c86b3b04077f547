import type { RestoredPart } from '../../../../lib/pbx/pbx-system';
import { type Claim, isLive, type PersonRecord } from '../../../../lib/presence/record';
import type { ClaimWriter } from '../../../../lib/sync/reconciler';

/** What a file of claims would hold: only JSON goes in and comes out. */
export class Shelf implements ClaimWriter {
    readonly #kept = new Map<string, { key: string; part: string; text: string }>();

    async append({ key }: PersonRecord, part: string, claims: readonly Claim<unknown>[]): Promise<void> {
        this.#kept.set(`${key} ${part}`, { key, part, text: JSON.stringify(claims) });
    }

    /** GUIDs of the users for whom something may be in force. */
    get held(): string[] {
        const parts = [...this.entries()].filter(({ claims }) => claims.some(claim => isLive(claim, 0)));
        return [...new Set(parts.map(({ key }) => key))];
    }

    /** As a later process finds it. */
    *entries(): Iterable<RestoredPart> {
        for (const { key, part, text } of this.#kept.values()) yield { key, part, claims: JSON.parse(text, endless) };
    }
}

/** JSON knows no infinity. */
function endless(name: string, value: unknown): unknown {
    return value === null && (name === 'ends' || name === 'renew') ? Number.POSITIVE_INFINITY : value;
}
