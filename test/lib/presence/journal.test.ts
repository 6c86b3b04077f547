import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { Journal, type JournalEntry } from '../../../lib/presence/journal';
import { type Decision, newRecord } from '../../../lib/presence/record';
import { decisions, keepJournal } from '../../../lib/sync/keep-journal';
import type { ReconcilerEvents } from '../../../lib/sync/reconciler';

const call = { part: 'session', from: '', to: 'Busy/InACall', rule: 'call', outcome: 'accepted' } as const;

function entry(at: number, more: Partial<JournalEntry> = {}): JournalEntry {
    return { ...call, at, side: 'teams', system: 'contoso', person: 'anna', name: 'Anna', ...more };
}

describe('The journal', () => {
    it('keeps the newest entries, and no more than it has room for', () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(60), (capacity, count) => {
                const journal = new Journal(capacity);
                for (let at = 0; at < count; at++) journal.add(entry(at));
                const kept = Array.from({ length: Math.min(capacity, count) }, (_, index) => count - 1 - index);
                assert.deepEqual(
                    [...journal.entries()].map(({ at }) => at),
                    kept,
                );
                assert.equal([...journal.entries()].length, kept.length);
            }),
        );
    });

    it('has room for 20,000', () => {
        const journal = new Journal();
        for (let at = 0; at < 20_100; at++) journal.add(entry(at));
        assert.equal([...journal.entries()].length, 20_000);
    });
});

describe('What is decided', () => {
    const record = newRecord('anna', { addresses: [], displayName: 'Anna' });
    const renewal: Decision = { ...call, at: 2, rule: 'lease' };
    let people: EventEmitter<ReconcilerEvents>;
    let journal: Journal;

    beforeEach(() => {
        people = new EventEmitter();
        journal = new Journal();
        keepJournal(people, { side: 'teams', system: 'contoso', journal });
    });

    it('goes into the journal with the person and the system; a renewal changes nothing, so only a failed one does', () => {
        people.emit('decision', record, { ...call, at: 1 });
        people.emit('decision', record, renewal);
        people.emit('decision', record, { ...renewal, at: 3, outcome: 'refused' });
        assert.deepEqual([...journal.entries()], [entry(3, { rule: 'lease', outcome: 'refused' }), entry(1)]);
    });

    it('is published for those who listen, renewals included', () => {
        const heard: unknown[] = [];
        const listen = (message: unknown) => heard.push(message);
        decisions.subscribe(listen);
        people.emit('decision', record, renewal);
        decisions.unsubscribe(listen);
        people.emit('decision', record, renewal);
        assert.deepEqual(heard, [entry(2, { rule: 'lease' })]);
        assert.equal([...journal.entries()].length, 0);
    });
});
