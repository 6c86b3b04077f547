import assert from 'node:assert/strict';
import {
    type Entry,
    entriesOf,
    type KnownPresence,
    ourContact,
    reducePresence,
    type Setting,
} from '../../../lib/presence/pbx-list';

const entry = (contact: string, activity = '', note = ''): Entry => ({ contact, activity, note });
const unexplained = () => false;

function presenceOf(entries: Entry[], last?: KnownPresence, explains: (tel: Setting) => boolean = unexplained) {
    return reducePresence(entries, last, explains).presence;
}

describe('A presence list', () => {
    it('is available when it is empty', () => {
        assert.deepEqual(presenceOf([]), { activity: '', note: '', onThePhone: false });
    });

    it("shows the user's own setting with its note", () => {
        const shown = presenceOf([entry('tel:', 'dnd', 'Audit')]);
        assert.deepEqual(shown, { activity: 'dnd', note: 'Audit', onThePhone: false });
    });

    it('passes on activities that nobody knows', () => {
        assert.equal(presenceOf([entry('tel:', 'lunch')]).activity, 'lunch');
    });

    it('leaves out im:, calendar: and unknown contacts, even if they are newer', () => {
        const list = [entry('im:', 'away'), entry('calendar:', 'busy'), entry('sip:', 'busy'), entry('tel:', 'dnd')];
        assert.deepEqual(presenceOf(list), { activity: 'dnd', note: '', onThePhone: false });
    });

    it('keeps what a calendar says apart, under either name of its contact', () => {
        for (const contact of ['calendar:', 'cal:']) {
            const list = [entry(contact, 'busy', 'Budget #busy'), entry('tel:', 'away')];
            const known = reducePresence(list, undefined, unexplained);
            assert.deepEqual(known.calendar, { activity: 'busy', note: 'Budget #busy' });
            assert.equal(known.presence.activity, 'away');
            assert.equal(reducePresence([entry('tel:', 'away')], known, unexplained).calendar, undefined);
        }
    });

    it('leaves out our own entry, whatever it says', () => {
        const list = [entry(ourContact, 'on-the-phone'), entry('tel:', 'away')];
        assert.deepEqual(presenceOf(list), { activity: 'away', note: '', onThePhone: false });
    });

    it('shows a call over the own setting', () => {
        const list = [entry('tel:', 'on-the-phone'), entry('tel:', 'busy', 'Desk')];
        assert.deepEqual(presenceOf(list), { activity: 'busy', note: 'Desk', onThePhone: true });
    });

    it('shows a call of any contact', () => {
        assert.equal(presenceOf([entry('im:', 'on-the-phone')]).onThePhone, true);
    });

    it('keeps the own setting while the call takes its place', () => {
        const before = reducePresence([entry('tel:', 'busy', 'Desk')], undefined, unexplained);
        const during = reducePresence([entry('tel:', 'on-the-phone', 'Desk')], before, unexplained);
        assert.deepEqual(during.presence, { activity: 'busy', note: 'Desk', onThePhone: true });
        const after = reducePresence([], during, unexplained);
        assert.deepEqual(after.presence, { activity: '', note: '', onThePhone: false });
    });

    it('takes a setting that is gone during a call for cleared where the PBX shows both', () => {
        const during = reducePresence([entry('tel:', 'on-the-phone'), entry('tel:', 'dnd')], undefined, unexplained);
        const cleared = reducePresence([entry('tel:', 'on-the-phone')], during, unexplained);
        assert.deepEqual(cleared.presence, { activity: '', note: '', onThePhone: true });
    });

    it('leaves the own setting as it was where our write took its place', () => {
        const explains = (tel: Setting) => tel.activity === 'busy';
        assert.equal(presenceOf([entry('tel:', 'busy')], undefined, explains).activity, '');
        const before = reducePresence([entry('tel:', 'away', 'Lunch')], undefined, unexplained);
        const echo = reducePresence([entry('tel:', 'busy')], before, explains);
        assert.deepEqual(echo.presence, { activity: 'away', note: 'Lunch', onThePhone: false });
        assert.equal(echo.tel.activity, 'busy');
    });

    it("takes tel: for the user's where our own entry is in the list", () => {
        const list = [entry(ourContact, 'busy'), entry('tel:', 'busy')];
        assert.equal(presenceOf(list, undefined, () => true).activity, 'busy');
    });

    it('is read from what the PBX sends, with empty fields left out', () => {
        assert.deepEqual(entriesOf([{ contact: 'tel:', status: 'open' }]), [entry('tel:')]);
        assert.deepEqual(entriesOf([{ contact: 'tel:', activity: '', note: '' }]), [entry('tel:')]);
        assert.deepEqual(entriesOf(undefined), []);
    });

    it('is no list where any of it cannot be read', () => {
        const dnd = entry('tel:', 'dnd');
        const wrong: unknown[] = ['busy', null, 7, { 0: dnd }, [null], [dnd, 'garbage'], [[dnd]]];
        for (const value of [7, null, {}, ['dnd'], true])
            for (const field of ['contact', 'activity', 'note']) wrong.push([{ ...dnd, [field]: value }]);
        for (const value of wrong) assert.equal(entriesOf(value), undefined, JSON.stringify(value));
    });
});
