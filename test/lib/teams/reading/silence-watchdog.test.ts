import assert from 'node:assert/strict';
import { SilenceWatchdog } from '../../../../lib/teams/reading/silence-watchdog';
import { FakeClock } from '../../../support/fake-clock';

const second = 1_000;
const minute = 60_000;

describe('SilenceWatchdog', () => {
    let clock: FakeClock;
    let watchdog: SilenceWatchdog;
    let events: string[];

    beforeEach(() => {
        clock = new FakeClock();
        // Users are named after the account that covers them; others have none.
        watchdog = new SilenceWatchdog({
            clock,
            accountOf: id => (id.includes('-') ? id.split('-')[0] : undefined),
        });
        events = [];
        watchdog.on('silent', account => events.push(`${account} silent`));
        watchdog.on('agrees', account => events.push(`${account} agrees`));
    });

    it('gives a notification the time that Microsoft names', async () => {
        watchdog.found(['one-anna']);
        await clock.advance(70 * second);
        watchdog.told('one-anna');
        await clock.advance(10 * minute);
        assert.deepEqual(events, []);
        assert.equal(clock.waiting, 0);
    });

    it('finds the account whose notification stays out, and no other', async () => {
        watchdog.found(['one-anna', 'two-ben', 'nobody']);
        watchdog.told('two-ben');
        await clock.advance(60 * second);
        assert.deepEqual(events, []);
        await clock.advance(20 * second);
        assert.deepEqual(events, ['one silent']);
        assert.equal(watchdog.isSilent('one'), true);
        assert.equal(watchdog.isSilent('two'), false);
    });

    it('does not let a second finding put off the first', async () => {
        watchdog.found(['one-anna']);
        await clock.advance(60 * second);
        watchdog.found(['one-anna']);
        await clock.advance(20 * second);
        assert.deepEqual(events, ['one silent']);
    });

    it('expects nothing of what changed before the subscription was made', async () => {
        watchdog.found(['one-anna']);
        await clock.advance(10 * second);
        watchdog.made('one');
        await clock.advance(5 * second);
        watchdog.found(['one-ben']);
        await clock.advance(5 * minute);
        assert.deepEqual(events, []);
    });

    it('is not held up when the date is set back', async () => {
        const changed = new FakeClock();
        const held = new SilenceWatchdog({ clock: changed, accountOf: () => 'one' });
        held.on('silent', account => events.push(account));
        held.found(['anna']);
        changed.stepDate(-60 * minute);
        await changed.advance(80 * second);
        assert.deepEqual(events, ['one']);
    });

    it('expects nothing after it was told to forget', async () => {
        watchdog.found(['one-anna']);
        watchdog.forget();
        watchdog.forget();
        assert.equal(clock.waiting, 0);
        await clock.advance(5 * minute);
        assert.deepEqual(events, []);
    });

    it('trusts notifications again when none was missed for three minutes and one has come', async () => {
        watchdog.found(['one-anna']);
        await clock.advance(80 * second);
        watchdog.made('one');
        await clock.advance(2 * minute);
        watchdog.told('one-ben');
        assert.equal(watchdog.isSilent('one'), true);
        await clock.advance(2 * minute);
        watchdog.told('two-ben');
        assert.equal(watchdog.isSilent('one'), true);
        watchdog.told('one-ben');
        assert.equal(watchdog.isSilent('one'), false);
        assert.deepEqual(events, ['one silent', 'one agrees']);
    });

    it('complains again, every five minutes at most, while changes are missed', async () => {
        for (let round = 0; round < 12; round++) {
            watchdog.found(['one-anna']);
            await clock.advance(minute);
        }
        assert.ok(events.length === 2 || events.length === 3, events.join());
        await clock.advance(2 * minute);
        watchdog.told('one-anna');
        assert.equal(watchdog.isSilent('one'), true, 'the last was missed less than three minutes ago');
    });
});
