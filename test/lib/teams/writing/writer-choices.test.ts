import assert from 'node:assert/strict';
import { withoutOurMessage } from '../../../../lib/presence/teams-record';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import { anna } from '../teams-fixture';
import { available, busy, dnd, inACall, lease, minute, users, WriterFixture } from './writer-fixture';

describe('PresenceWriter, by choice,', () => {
    let fixture: WriterFixture;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
    });
    afterEach(() => fixture.stop());

    describe('with calls only', () => {
        it('sets and takes back calls, and never touches the preferred presence', async () => {
            const writer = fixture.writer({ choice: { lineStateOnly: true } });
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            assert.equal(fixture.shown(), 'Busy/InACall');
            assert.equal((await writer.set(users.anna, dnd)).written, true, 'the call is over');
            assert.equal(fixture.shown(), 'Available/Available');
            for (const pair of [busy, dnd, available])
                assert.deepEqual(await writer.set(users.anna, pair), {
                    written: false,
                    reason: 'Nothing of ours to take back in Teams',
                });
            assert.equal(fixture.office.count(/Preferred/), 0);
        });

        it('refuses what Teams does not take all the same', async () => {
            const writer = fixture.writer({ choice: { lineStateOnly: true } });
            await assert.rejects(writer.set(users.anna, { availability: 'Busy', activity: 'InAMeeting' }), {
                code: 'TEAMS_PAIR_INVALID',
            });
        });
    });

    describe('with a status set by hand', () => {
        it('respects it', async () => {
            const writer = fixture.writer();
            await fixture.choose('BeRightBack/BeRightBack');
            await writer.set(users.anna, inACall);
            assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
        });

        it('overrides it when a call begins, and never when it is renewed or ends', async () => {
            const writer = fixture.writer({ overridesChoice: true });
            await fixture.choose('BeRightBack/BeRightBack');
            await writer.set(users.anna, inACall);
            assert.equal(fixture.shown(), 'Busy/InACall');
            await fixture.choose('Away/Away');
            await fixture.office.clock.advance(0.7 * lease);
            await fixture.office.rest();
            await writer.clear(users.anna);
            assert.equal(fixture.shown(), 'Away/Away');
            assert.equal(fixture.office.count(/clearUserPreferred/), 1);
        });
    });

    describe('with the note as status message', () => {
        const inACallAtLunch = { ...inACall, statusMessage: ' Lunch until one ' };

        it('leaves it alone unless it is chosen', async () => {
            const writer = fixture.writer();
            await writer.set(users.anna, inACallAtLunch);
            assert.equal(fixture.writes(), 1);
        });

        it('sets it, changes it and takes it back with the rest', async () => {
            const writer = fixture.writer({ choice: { statusMessage: true } });
            await writer.set(users.anna, inACallAtLunch);
            assert.equal(await fixture.message(), 'Lunch until one');
            await writer.set(users.anna, { ...inACall, statusMessage: 'Dentist' });
            assert.equal(await fixture.message(), 'Dentist');
            await writer.set(users.anna, inACall);
            assert.equal(await fixture.message(), undefined);
            await writer.set(users.anna, { ...dnd, statusMessage: 'Quiet, please' });
            await writer.clear(users.anna);
            assert.equal(await fixture.message(), undefined);
            assert.equal(fixture.shown(), 'Available/Available');
        });

        it('lets it end by itself when nobody renews it, and not before', async () => {
            const writer = fixture.writer({ choice: { statusMessage: true } });
            await writer.set(users.anna, inACallAtLunch);
            for (let passed = 0; passed < 2 * lease; passed += minute) {
                await fixture.office.clock.advance(minute);
                await fixture.office.rest();
                assert.equal(await fixture.message(), 'Lunch until one');
            }
            writer.stop();
            await fixture.office.clock.advance(lease);
            assert.equal(await fixture.message(), undefined);
        });

        it('never instead of a message that the user wrote, and never takes that one away', async () => {
            const writer = fixture.writer({ choice: { statusMessage: true } });
            await fixture.note('My own');
            await writer.set(users.anna, inACallAtLunch);
            assert.equal(fixture.shown(), 'Busy/InACall');
            assert.equal(await fixture.message(), 'My own');
            await writer.clear(users.anna);
            assert.equal(await fixture.message(), 'My own');

            await fixture.note('');
            await writer.set(users.anna, inACallAtLunch);
            await fixture.note('My own again');
            await fixture.office.clock.advance(0.7 * lease);
            await fixture.office.rest();
            assert.equal(await fixture.message(), 'My own again', 'after the renewal');
            await writer.clear(users.anna);
            assert.equal(await fixture.message(), 'My own again');
        });

        it('knows it again when it is read, so that it does not go back to the PBX', async () => {
            const { office } = fixture;
            const writer = fixture.writer({ choice: { statusMessage: true } });
            await writer.set(users.anna, inACallAtLunch);
            const record = office.people.reconciler.records.get(anna.teamsId)!;
            const shown = (presence: TeamsPresence) => withoutOurMessage(record, presence, office.clock.monotonic());
            const ours = { ...inACall, statusMessage: 'Lunch until one' };
            assert.deepEqual(shown(ours), inACall);
            const theirs = { ...inACall, statusMessage: 'My own' };
            assert.deepEqual(shown(theirs), theirs);
            await writer.clear(users.anna);
            assert.deepEqual(shown(ours), inACall, 'it may be late');
            await office.clock.advance(2 * minute);
            assert.deepEqual(shown(ours), ours);
        });
    });
});
