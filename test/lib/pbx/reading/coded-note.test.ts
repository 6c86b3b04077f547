import assert from 'node:assert/strict';
import { readNote } from '../../../../lib/pbx/reading/presence-view';
import { codedNote } from '../../../../lib/simulator/pbx/calendar-note';

const until = Date.parse('2026-01-05T10:30:00Z');

describe('A note', () => {
    it('is left as it is where nothing is coded in it', () => {
        for (const text of ['', 'Lunch', 'Back at  14:00', 'C# and 50#']) assert.deepEqual(readNote(text), { text });
    });

    it('is reduced to its human words and its end', () => {
        const coded = `Budget review #until:${until} #next-activity:free`;
        assert.deepEqual(readNote(coded), { text: 'Budget review', until });
        assert.deepEqual(readNote(`#until:${until} #whole-day`), { text: '', until });
    });

    it('is rebuilt from the codes where they say what it means and not how long the words are [D8]', () => {
        const published =
            'Frei bis 26.04.2018, 11:00 (Beschäftigt: Fixes) #free #until:1524733200000 #next-activity:busy #next:41:5:42:5';
        assert.deepEqual(readNote(published), { text: 'Free', until: 1_524_733_200_000 });
        assert.deepEqual(readNote(published, 'de'), { text: 'Frei', until: 1_524_733_200_000 });
        assert.deepEqual(readNote(`Beschäftigt bis 11:30 (Frei) #busy #until:${until} #next-activity:free`, 'de'), {
            text: 'Beschäftigt',
            until,
        });
        assert.deepEqual(readNote(`#away #until:${until} #whole-day`), { text: 'Away', until });
        // As in myApps the first of these counts, wherever they stand.
        assert.deepEqual(readNote('x #away #busy'), { text: 'Busy' });
        assert.deepEqual(readNote('Call #busyness'), { text: 'Call' });
    });

    it('never tells the title of the next appointment, wherever that stands [D8]', () => {
        for (const note of [
            'Frei bis 11:30 (Beschäftigt: Suggested Fixes) #until:1 #next-activity:busy #next:29:15:30:15',
            'Frei bis 11:30 (Beschäftigt: Suggested Fixes) #len:45 #next-activity:busy #next:29:15',
            'Suggested Fixes #next:0:15 #free',
            '🏖 Suggested Fixes #len:1:4 #next:2:15:5:15',
        ])
            assert.ok(!readNote(note).text.includes('Fixes'), note);
        assert.equal(readNote('Lunch #next:0:99999999999999999999999').text, '');
    });

    it('keeps words that begin with "#" where they are a human\'s', () => {
        assert.deepEqual(readNote('##1 in sales #whole-day'), { text: '#1 in sales' });
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
                    const shown = counted || next ? text : 'Busy';
                    assert.deepEqual(readNote(coded), { text: shown, until }, coded);
                }
            }
        }
    });

    it('has no end where that is no time', () => {
        for (const value of ['', 'soon', '-5', '1e3', '9'.repeat(30), '12:30'])
            assert.deepEqual(readNote(`Lunch #until:${value}`), { text: 'Lunch' }, value);
        for (const length of ['many', '-1', '99', '9'.repeat(30)])
            assert.deepEqual(readNote(`Lunch #len:${length}`), { text: 'Lunch' });
    });
});
