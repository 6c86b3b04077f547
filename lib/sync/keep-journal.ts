import { channel } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import type { Journal, JournalEntry, SideName } from '../presence/journal';
import type { ReconcilerEvents } from './reconciler';

/**
 * Every decision as it is made, as a {@link JournalEntry}, renewals included: for metrics and debug lines, which cost
 * nothing as long as nobody listens.
 */
export const decisions = channel('presence-sync:decision');

/** Which system decides, and where what it decides is kept. */
export interface Journalling {
    side: SideName;
    /** Which cloud and tenant, or which PBX. */
    system: string;
    journal?: Journal | undefined;
}

/** Everything that these people's reconciler decides goes into the journal; but for renewals, which change nothing. */
export function keepJournal(people: EventEmitter<ReconcilerEvents>, { side, system, journal }: Journalling): void {
    people.on('decision', ({ key, person }, decision) => {
        const isKept = journal !== undefined && !(decision.rule === 'lease' && decision.outcome === 'accepted');
        if (!isKept && !decisions.hasSubscribers) return;
        const entry: JournalEntry = { side, system, person: key, name: person.displayName, ...decision };
        if (isKept) journal.add(entry);
        decisions.publish(entry);
    });
}
