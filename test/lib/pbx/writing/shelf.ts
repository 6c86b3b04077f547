import type { ClaimEntry } from '../../../../lib/sync/claim-store';
import { MemoryClaimStore } from '../../../../lib/sync/claim-store';
import type { ClaimBook } from '../../../../lib/sync/logged-claims';
import { FakeClock } from '../../../support/fake-clock';

/** What a file of claims holds, and a later process finds: only JSON goes in and comes out. */
export class Shelf extends MemoryClaimStore {
    readonly book: ClaimBook = { store: this, side: 'pbx', system: 'firm' };

    constructor() {
        super(new FakeClock());
    }

    override append(entries: readonly ClaimEntry[]): ReturnType<MemoryClaimStore['append']> {
        return super.append(JSON.parse(JSON.stringify(entries)));
    }

    /** GUIDs of the users for whom something may be in force. */
    get held(): string[] {
        const held = this.entries().filter(({ claims }) => claims.some(({ sure }) => sure !== 'ended'));
        return [...new Set(held.map(({ person }) => person))];
    }
}
