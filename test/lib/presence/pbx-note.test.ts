import assert from 'node:assert/strict';
import { readNote } from '../../../lib/pbx/reading/presence-view';
import { fillNote, longestNote, plainNote } from '../../../lib/presence/pbx-note';

const now = new Date(2026, 0, 5, 9, 0).getTime();
const values = { activity: 'meeting', name: 'Anna Brandt', note: 'Audit', now };

describe('The note of what we write', () => {
    it('names the time at which it ends, and the day where that is another one', () => {
        const template = 'In a Teams meeting until {until}';
        const at = (...date: [number, number, number, number, number]) => new Date(...date).getTime();
        assert.equal(fillNote(template, { ...values, until: at(2026, 0, 5, 14, 5) }), 'In a Teams meeting until 14:05');
        assert.equal(
            fillNote(template, { ...values, until: at(2026, 0, 6, 9, 0) }),
            'In a Teams meeting until 2026-01-06 09:00',
        );
    });

    it('leaves out what is not known, with the word before it', () => {
        assert.equal(fillNote('In a Teams meeting until {until}', values), 'In a Teams meeting');
        assert.equal(fillNote('{name}: {note}', { ...values, note: '' }), 'Anna Brandt');
        assert.equal(fillNote('{until}', { ...values, until: Number.NaN }), '');
    });

    it('fills in everything else, and leaves braces that mean nothing', () => {
        assert.equal(
            fillNote('{name}: {activity} ({note}) {x} {toString}', values),
            'Anna Brandt: meeting (Audit) {x} {toString}',
        );
    });

    it('is one line that is not too long', () => {
        assert.equal(plainNote('  a\r\n b\t'), 'a b');
        const cut = Array.from(plainNote('😀'.repeat(300)));
        assert.equal(cut.length, longestNote);
        assert.deepEqual(cut.slice(-2), ['😀', '…']);
    });

    it('is not too long with its escapes either, and none of them is cut', () => {
        const note = plainNote('#a '.repeat(80));
        assert.equal(Array.from(note).length, longestNote);
        for (let length = longestNote - 5; length <= longestNote + 2; length++) {
            const cut = plainNote(`${'x'.repeat(length)} #1 #2 #3`);
            assert.ok(Array.from(cut).length <= longestNote, cut);
            assert.ok(
                cut.split(' ').every(word => !/^#(?!#)/.test(word)),
                cut,
            );
        }
    });

    it('is read as it was meant, words with # too', () => {
        for (const text of ['#1 call', 'Room #5', '##x and #until:1', '###', 'a#b']) {
            assert.deepEqual(readNote(plainNote(text)), { text });
        }
    });
});
