import assert from 'node:assert/strict';
import { withoutOurMessage } from '../../../../lib/presence/judge-teams';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import { anna, ben, otherApp } from '../teams-fixture';
import { available, busy, dnd, inACall, lease, minute, users, WriterFixture } from './writer-fixture';

describe('PresenceWriter, by choice,', () => {
    let fixture: WriterFixture;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
    });
    afterEach(() => fixture.stop());

    async function passes(ms: number, step = 500): Promise<void> {
        for (let left = ms; left > 0; left -= step) {
            await fixture.office.clock.advance(Math.min(left, step));
            await fixture.office.rest();
        }
    }

    describe('with calls only', () => {
        it('sets and takes back calls, and never touches the preferred presence', async () => {
            const writer = fixture.writer({ callsOnly: true });
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
            const writer = fixture.writer({ callsOnly: true });
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

    describe('with a setting that is refused for a while', () => {
        it('leaves what the person chooses meanwhile, and writes it where they choose nothing', async () => {
            const writer = fixture.writer();
            for (const user of [users.anna, users.ben]) await writer.set(user, busy);
            await passes(5_000);
            fixture.office.simulated.faults.failNext(99, 400, undefined, {}, /setUserPreferred/);
            const away = { availability: 'Away', activity: 'Away' };
            for (const user of [users.anna, users.ben])
                await assert.rejects(writer.set(user, away), { code: 'TEAMS_REQUEST_REFUSED' });
            await passes(2_000);
            fixture.office.simulated.faults.clear();
            await fixture.choose('BeRightBack/BeRightBack');
            await passes(minute);
            assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
            assert.equal(fixture.shown(ben), 'Away/Away');
        });
    });

    describe('with do not disturb by hand', () => {
        it('does not lift it with another setting, although no node follows the person', async () => {
            const writer = fixture.writer();
            await writer.set(users.anna, busy);
            await writer.set(users.ben, busy);
            await passes(minute, 15_000);
            await fixture.choose('DoNotDisturb/DoNotDisturb');
            await fixture.choose('BeRightBack/BeRightBack', ben);
            for (const user of [users.anna, users.ben])
                await writer.set(user, { availability: 'Away', activity: 'Away' });
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
            assert.equal(fixture.shown(ben), 'Away/Away', 'the newest choice wins');
        });

        it('does not lift it with what waits for the budget, nor renew over it', async () => {
            const requests = fixture.requests();
            const writer = fixture.writer({ requests });
            fixture.writer({ node: 'reads', way: otherApp.clientId }, otherApp);
            await writer.set(users.ben, busy);
            await passes(0.6 * lease, 15_000);
            requests.graph.budget.holdOff(2 * minute);
            const set = writer.set(users.anna, busy);
            await passes(minute, 5_000);
            await fixture.choose('DoNotDisturb/DoNotDisturb');
            await fixture.choose('DoNotDisturb/DoNotDisturb', ben);
            await fixture.read(writer);
            await passes(2 * minute, 5_000);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
            assert.equal(fixture.shown(ben), 'DoNotDisturb/DoNotDisturb');
            assert.equal((await set).written, false);
        });

        it('sets a weaker setting once that has ended, although no node follows the person', async () => {
            const writer = fixture.writer();
            await fixture.choose('DoNotDisturb/DoNotDisturb');
            const { reason } = await writer.set(users.anna, busy);
            assert.equal(reason, 'Left as it is in Teams: do not disturb by hand');
            await fixture.reset();
            await passes(1.5 * minute, 15_000);
            assert.equal(fixture.shown(), 'Busy/Busy');
        });
    });

    describe('where the PBX leads', () => {
        it('sets again what was overruled by hand, do not disturb excepted', async () => {
            const writer = fixture.writer({ leads: true });
            await writer.set(users.anna, busy);
            await passes(5_000);
            await fixture.choose('BeRightBack/BeRightBack');
            await fixture.read(writer);
            await passes(5_000);
            assert.equal(fixture.shown(), 'Busy/Busy');
            await fixture.choose('DoNotDisturb/DoNotDisturb');
            await fixture.read(writer);
            await passes(5_000);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('sets again, too, what was overruled before it led', async () => {
            const before = fixture.writer();
            await before.set(users.anna, busy);
            await passes(5_000);
            await fixture.choose('BeRightBack/BeRightBack');
            await fixture.read(before);
            await passes(5_000);
            assert.equal(fixture.shown(), 'BeRightBack/BeRightBack', 'the newest choice wins by default');
            await fixture.writer({ leads: true }).set(users.anna, busy);
            assert.equal(fixture.shown(), 'Busy/Busy');
        });

        it('writes nothing that shows already, and sets it once the person chooses something else', async () => {
            const writer = fixture.writer({ leads: true });
            await fixture.choose('Busy/Busy');
            const before = fixture.writes();
            const { reason } = await writer.set(users.anna, busy);
            assert.deepEqual([reason, fixture.writes()], ['Left as it is in Teams: equal', before]);
            await fixture.choose('BeRightBack/BeRightBack');
            await fixture.read(writer);
            await passes(5_000);
            assert.equal(fixture.shown(), 'Busy/Busy');
        });

        it('writes nothing that shows already, and sets it once that has ended, although no node follows the person', async () => {
            await fixture.choose('Busy/Busy');
            await fixture.writer({ leads: true }).set(users.anna, busy);
            await fixture.reset();
            await passes(1.5 * minute, 15_000);
            assert.equal(fixture.shown(), 'Busy/Busy');
        });
    });

    describe('with a setting that is first stated in a call', () => {
        const away: TeamsPresence = { availability: 'Away', activity: 'Away' };

        for (const isFollowed of [true, false])
            it(`respects what is chosen before its end, ${isFollowed ? 'as it is told' : 'which a read finds'}`, async () => {
                const writer = fixture.writer();
                if (isFollowed) writer.people.reader.observeFrom([users.anna]);
                await writer.set(users.anna, busy);
                await writer.clear(users.anna);
                await passes(5_000);
                await writer.set(users.anna, { ...inACall, preferred: away });
                await passes(5_000);
                await fixture.choose('BeRightBack/BeRightBack');
                if (isFollowed) await fixture.read(writer);
                await passes(5_000);
                void writer.set(users.anna, away);
                await passes(10_000);
                assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
            });
    });

    describe('while Teams is away', () => {
        const away = () => fixture.office.simulated.faults.failNext(10_000, 503, undefined, {}, /./);
        const back = () => fixture.office.simulated.faults.clear();

        /** What the person chooses in their client is not subject to our outage. */
        async function chooses(pair: string): Promise<void> {
            back();
            await fixture.choose(pair);
            away();
        }

        /** @returns a writer of which it is known what the person showed before the outage */
        async function begins(choice: Parameters<WriterFixture['writer']>[0] = {}) {
            const writer = fixture.writer(choice);
            writer.people.reader.observeFrom([users.anna]);
            await fixture.read(writer);
            away();
            return writer;
        }

        async function ends(): Promise<void> {
            back();
            await passes(10_000);
        }

        it('what is tried again and again is kept once', async () => {
            const writer = await begins();
            void writer.set(users.anna, dnd);
            void writer.set(users.anna, inACall);
            await passes(20 * minute);
            const { parts } = fixture.office.people.reconciler.records.get(anna.teamsId)!;
            const claims = Object.values(parts).flatMap(state => state?.claims ?? []);
            assert.ok(claims.length <= 2, `${claims.length} claims`);
            await ends();
            assert.equal(fixture.shown(), 'Busy/InACall');
        });

        it('for one of many who are read together, the others are read all the same', async () => {
            const writer = fixture.writer();
            const { reconciler, reader } = writer.people;
            await writer.set(users.anna, dnd);
            reconciler.recordOf('not-an-id', { ...users.ben, teams: { ...users.ben.teams!, id: 'not-an-id' } });
            await reader.readAgain([anna.teamsId, 'not-an-id'], 'sweep').catch(() => {});
            assert.ok(reconciler.records.get(anna.teamsId)!.readAt > Number.NEGATIVE_INFINITY);
        });

        it('a setting gives way to what the person chooses meanwhile, until it changes', async () => {
            const writer = await begins();
            const set = writer.set(users.anna, dnd);
            await passes(15_000);
            await chooses('BeRightBack/BeRightBack');
            await passes(15_000);
            await ends();
            assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
            assert.deepEqual(await set, { written: false, reason: 'Left as it is in Teams: chosen in Teams' });
            assert.equal((await writer.set(users.anna, busy)).written, true);
            assert.equal(fixture.shown(), 'Busy/Busy');
        });

        it('a setting is written over what the person had chosen before', async () => {
            await fixture.choose('BeRightBack/BeRightBack');
            const writer = await begins();
            const set = writer.set(users.anna, dnd);
            await passes(30_000);
            await ends();
            assert.equal((await set).written, true);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('and over Away and Available, which idling makes as well', async () => {
            const writer = await begins();
            const set = writer.set(users.anna, dnd);
            await passes(15_000);
            fixture.office.simulated.setClientPresence(anna.teamsId, { availability: 'Away', activity: 'Away' });
            await passes(15_000);
            await ends();
            assert.equal((await set).written, true);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('a setting is written all the same where the PBX leads', async () => {
            const writer = await begins({ leads: true });
            const set = writer.set(users.anna, dnd);
            await passes(15_000);
            await chooses('BeRightBack/BeRightBack');
            await ends();
            assert.equal((await set).written, true);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('for longer than a lease, what was chosen meanwhile stays, and what was not is set again', async () => {
            const writer = fixture.writer();
            writer.people.reader.observeFrom([users.anna, users.ben]);
            await fixture.read(writer);
            await writer.set(users.anna, dnd);
            await writer.set(users.ben, dnd);
            await passes(5_000);
            away();
            await passes(2 * lease, 15_000);
            await chooses('Busy/Busy');
            await passes(15_000);
            await ends();
            assert.deepEqual([fixture.shown(), fixture.shown(ben)], ['Busy/Busy', 'DoNotDisturb/DoNotDisturb']);
        });
    });

    describe('for somebody who is offline in Teams', () => {
        beforeEach(() => fixture.office.simulated.setClientPresence(anna.teamsId, undefined));

        const appears = () => fixture.office.simulated.setClientPresence(anna.teamsId, available);
        const left = { written: false, reason: 'Left as it is in Teams: offline' };

        it('sets a setting once they appear, although no node follows them', async () => {
            const writer = fixture.writer();
            assert.deepEqual(await writer.set(users.anna, dnd), left);
            appears();
            await passes(1.5 * minute, 15_000);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('sets a setting once they appear, although they have chosen to be offline and no node follows them', async () => {
            appears();
            const writer = fixture.writer();
            await fixture.choose('Offline/OffWork');
            assert.deepEqual(await writer.set(users.anna, dnd), left);
            await fixture.reset();
            await passes(1.5 * minute, 15_000);
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('writes a setting nevertheless, so that it shows as soon as they appear', async () => {
            const writer = fixture.writer({ writesOffline: true });
            assert.equal((await writer.set(users.anna, dnd)).written, true);
            appears();
            assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
        });

        it('shows a call', async () => {
            await fixture.writer().set(users.anna, inACall);
            assert.equal(fixture.shown(), 'Busy/InACall');
        });

        it('shows a call only once they have signed in, and leaves it until its end', async () => {
            const writer = fixture.writer({ hidesCallsOffline: true });
            assert.deepEqual(await writer.set(users.anna, inACall), left);
            assert.equal(fixture.shown(), 'Offline/Offline');
            appears();
            await passes(1.5 * minute, 15_000);
            assert.equal(fixture.shown(), 'Busy/InACall');
            await writer.clear(users.anna);
            fixture.office.simulated.setClientPresence(anna.teamsId, undefined);
            await passes(10 * minute, minute);
            assert.deepEqual(await writer.set(users.anna, inACall), left, 'what was read long ago may be untrue');
            assert.equal(fixture.shown(), 'Offline/Offline');
            await writer.clear(users.anna);
        });

        it('says of a dry run that a call would not be shown', async () => {
            const writer = fixture.writer({ hidesCallsOffline: true, dryRun: true });
            const { reason } = await writer.set(users.anna, inACall);
            assert.equal(reason, 'Dry run: would be left as it is in Teams: offline');
            appears();
            await passes(1.5 * minute, 15_000);
            assert.equal(
                (await writer.set(users.anna, inACall)).reason,
                'Dry run: would be set to Busy/InACall in Teams',
            );
            assert.equal(fixture.writes(), 0);
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
            const writer = fixture.writer({ statusMessage: true });
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
            const writer = fixture.writer({ statusMessage: true });
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
            const writer = fixture.writer({ statusMessage: true });
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
            const writer = fixture.writer({ statusMessage: true });
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
