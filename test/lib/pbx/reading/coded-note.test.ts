import assert from 'node:assert/strict';
import { readNote } from '../../../../lib/pbx/reading/presence-view';
import { codedNote } from '../../../../lib/simulator/pbx/calendar-note';

const until = Date.parse('2026-01-05T10:30:00Z');

describe('A note', () => {
    it('is left as it is where nothing is coded in it', () => {
        for (const text of ['', 'Lunch', 'Back at  14:00', 'C# and 50#']) assert.deepEqual(readNote(text), { text });
    });

    it('is reduced to its human words and its end', () => {
        const coded = `Budget review #busy #until:${until} #next-activity:free`;
        assert.deepEqual(readNote(coded), { text: 'Budget review', until });
        assert.deepEqual(readNote(`#away #until:${until} #whole-day`), { text: '', until });
    });

    it('keeps words that begin with "#" where they are a human\'s', () => {
        assert.deepEqual(readNote('##1 in sales #busy'), { text: '#1 in sales' });
        assert.deepEqual(readNote('###'), { text: '##' });
    });

    it('is as long as it says, counted as people count', () => {
        const coded = `#1 Büro 🏖 Next one #len:9 #next:10:8 #next-activity:busy`;
        assert.deepEqual(readNote(coded), { text: '#1 Büro 🏖' });
        assert.deepEqual(readNote('Lunch #len:0'), { text: '' });
    });

    it('is understood in every form in which a calendar writes it', () => {
        const texts = ['', 'Call #2 with 👩‍🚀', '## heading', 'a  b'];
        for (const text of texts) {
            for (const counted of [true, false]) {
                for (const next of [undefined, { activity: 'away' as const, text: 'Then #this' }]) {
                    const coded = codedNote({ text, activity: 'busy', until, counted, next });
                    assert.deepEqual(readNote(coded), { text, until }, coded);
                }
            }
        }
    });

    it('has no end where that is no time', () => {
        for (const value of ['', 'soon', '-5', '1e3', '9'.repeat(30), '12:30'])
            assert.deepEqual(readNote(`Lunch #until:${value}`), { text: 'Lunch' }, value);
        assert.deepEqual(readNote('Lunch #len:many'), { text: 'Lunch' });
    });
});
