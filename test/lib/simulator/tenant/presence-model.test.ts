import assert from 'node:assert/strict';
import { PresenceModel } from '../../../../lib/simulator/tenant/presence-model';
import { FakeClock } from '../../../support/fake-clock';

const minute = 60_000;
const hour = 60 * minute;
const pair = (text: string) => {
    const [availability = '', activity = ''] = text.split('/');
    return { availability, activity };
};

describe('PresenceModel', () => {
    let clock: FakeClock;
    let model: PresenceModel;
    let changes: string[];

    beforeEach(() => {
        clock = new FakeClock();
        changes = [];
        model = new PresenceModel({
            clock,
            ids: ['anna', 'ben'],
            onChange: (id, { availability, activity }) => changes.push(`${id} ${availability}/${activity}`),
        });
        model.start();
    });
    afterEach(() => model.stop());

    const shown = (id = 'anna') => {
        const { availability, activity } = model.presenceOf(id);
        return `${availability}/${activity}`;
    };
    const set = (text: string, duration = hour, app = 'app') => model.setSession('anna', app, pair(text), duration);

    it('starts with everybody signed in and available', () => {
        assert.equal(shown('anna'), 'Available/Available');
        assert.equal(shown('ben'), 'Available/Available');
        assert.deepEqual(changes, []);
        assert.equal(clock.waiting, 0);
    });

    it('knows nobody else', () => {
        assert.equal(model.has('who'), false);
        assert.throws(() => model.presenceOf('who'));
    });

    it('shows the strongest session: do not disturb, busy, available, away', () => {
        set('Away/Away');
        assert.equal(shown(), 'Available/Available', 'an app cannot pull down an available client');
        model.setClient('anna', pair('Away/Away'));
        assert.equal(shown(), 'Away/Away');
        set('Available/Available');
        assert.equal(shown(), 'Available/Available', 'an app outranks an absent client');
        model.setClient('anna', pair('Busy/InAMeeting'));
        assert.equal(shown(), 'Busy/InAMeeting');
        set('DoNotDisturb/Presenting');
        assert.equal(shown(), 'DoNotDisturb/Presenting');
        model.setClient('anna', pair('Offline/Offline'));
        set('Away/Away');
        assert.equal(shown(), 'Away/Away');
    });

    it('shows the newest of equals', () => {
        set('Busy/InACall');
        set('Busy/InAConferenceCall', hour, 'other app');
        assert.equal(shown(), 'Busy/InAConferenceCall');
        set('Busy/InACall');
        assert.equal(shown(), 'Busy/InACall');
        model.clearSession('anna', 'app');
        assert.equal(shown(), 'Busy/InAConferenceCall');
    });

    it('is offline without any session', () => {
        model.setClient('anna', undefined);
        assert.equal(shown(), 'Offline/Offline');
        set('Busy/InACall');
        assert.equal(shown(), 'Busy/InACall', 'an app alone makes a session');
        assert.equal(model.clearSession('anna', 'app'), true);
        assert.equal(shown(), 'Offline/Offline');
        assert.equal(model.clearSession('anna', 'app'), false);
    });

    it('prefers what the user prefers, while there is a session', () => {
        model.setPreferred('anna', pair('Busy/Busy'), hour);
        set('DoNotDisturb/Presenting');
        assert.equal(shown(), 'Busy/Busy');
        model.setClient('anna', undefined);
        model.clearSession('anna', 'app');
        assert.equal(shown(), 'Offline/Offline');
        model.setClient('anna', pair('Available/Available'));
        assert.equal(shown(), 'Busy/Busy');
        model.clearPreferred('anna');
        assert.equal(shown(), 'Available/Available');
    });

    it('lays a call over what the client says and takes it away again', () => {
        model.setClient('anna', pair('Away/Away'));
        model.setInCall('anna', true);
        model.setInCall('anna', true);
        assert.equal(shown(), 'Busy/InACall');
        model.setClient('anna', pair('BeRightBack/BeRightBack'));
        assert.equal(shown(), 'Busy/InACall');
        model.setInCall('anna', false);
        assert.equal(shown(), 'BeRightBack/BeRightBack');
        model.setClient('anna', undefined);
        model.setInCall('anna', true);
        assert.equal(shown(), 'Busy/InACall');
        model.setInCall('anna', false);
        assert.equal(shown(), 'Offline/Offline');
    });

    it('ends a lease in time and reports it', async () => {
        set('Busy/InACall', 5 * minute);
        await clock.advance(5 * minute - 1);
        assert.equal(shown(), 'Busy/InACall');
        await clock.advance(1);
        assert.equal(shown(), 'Available/Available');
        assert.deepEqual(changes, ['anna Busy/InACall', 'anna Available/Available']);
        assert.equal(model.clearSession('anna', 'app'), false);
        assert.equal(clock.waiting, 0);
    });

    it('prolongs a lease that is set again', async () => {
        set('Busy/InACall', 10 * minute);
        await clock.advance(8 * minute);
        set('Busy/InACall', 10 * minute);
        await clock.advance(9 * minute);
        assert.equal(shown(), 'Busy/InACall');
        await clock.advance(minute);
        assert.equal(shown(), 'Available/Available');
        assert.equal(changes.length, 2);
    });

    it("fades an app's available after five minutes and again after ten", async () => {
        model.setClient('anna', undefined);
        set('Available/Available', 4 * hour);
        await clock.advance(5 * minute);
        assert.equal(shown(), 'Available/AvailableInactive');
        await clock.advance(5 * minute);
        assert.equal(shown(), 'Away/Away');
        set('Available/Available', 4 * hour);
        assert.equal(shown(), 'Available/Available');
        await clock.advance(4 * hour);
        assert.equal(shown(), 'Offline/Offline');
        assert.deepEqual(changes.slice(1), [
            'anna Available/Available',
            'anna Available/AvailableInactive',
            'anna Away/Away',
            'anna Available/Available',
            'anna Available/AvailableInactive',
            'anna Away/Away',
            'anna Offline/Offline',
        ]);
    });

    it('does not fade the client, nor other states of an app', async () => {
        model.setClient('ben', pair('Available/Available'));
        set('Busy/InACall', 4 * hour);
        await clock.advance(3 * hour);
        assert.equal(shown('ben'), 'Available/Available');
        assert.equal(shown('anna'), 'Busy/InACall');
    });

    it('ends the preferred presence in time', async () => {
        model.setPreferred('anna', pair('Away/Away'), 24 * hour);
        await clock.advance(24 * hour);
        assert.equal(shown(), 'Available/Available');
        assert.deepEqual(changes, ['anna Away/Away', 'anna Available/Available']);
    });

    it('keeps one timer for all leases and ends them in order', async () => {
        set('Busy/InACall', 30 * minute);
        model.setSession('ben', 'app', pair('Busy/InACall'), 20 * minute);
        set('Busy/InAConferenceCall', 40 * minute, 'other app');
        assert.equal(clock.waiting, 1);
        await clock.advance(hour);
        assert.deepEqual(changes.slice(-2), ['ben Available/Available', 'anna Available/Available']);
        assert.equal(clock.waiting, 0);
    });

    it('catches up with what fell due while it was stopped', async () => {
        set('Busy/InACall', 5 * minute);
        model.stop();
        assert.equal(clock.waiting, 0);
        await clock.advance(hour);
        assert.equal(changes.length, 1);
        assert.equal(shown(), 'Available/Available');
        model.start();
        assert.deepEqual(changes, ['anna Busy/InACall', 'anna Available/Available']);
    });

    it('numbers the changes so that they sort as text', () => {
        const before = model.sequenceOf('anna');
        model.setInCall('ben', true);
        model.setInCall('anna', true);
        assert.ok(model.sequenceOf('ben') > before);
        assert.ok(model.sequenceOf('anna') > model.sequenceOf('ben'));
    });

    it('shows a status message until it ends', async () => {
        model.setStatusMessage('anna', 'Back at noon', clock.date() + hour);
        assert.equal(model.statusMessageOf('anna')?.content, 'Back at noon');
        await clock.advance(hour);
        assert.equal(model.statusMessageOf('anna'), undefined);
        model.setStatusMessage('anna', 'For ever', undefined);
        model.setStatusMessage('anna', '', undefined);
        assert.equal(model.statusMessageOf('anna'), undefined);
    });
});
