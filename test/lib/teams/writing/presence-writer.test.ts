import assert from 'node:assert/strict';
import type { SyncError } from '../../../../lib/errors/errors';
import type { Outcome } from '../../../../lib/presence/message';
import { pairOf } from '../../../../lib/presence/teams-states';
import { anna, ben, otherApp, person, type TeamsFixture, until, userOf } from '../teams-fixture';
import {
    available,
    busy,
    dnd,
    inACall,
    lease,
    minute,
    type TestWriter,
    users,
    WriterFixture,
    type WriterOptions,
} from './writer-fixture';

describe('Writing presence', () => {
    let fixture: WriterFixture;
    let office: TeamsFixture;
    let writer: TestWriter;
    let outages: (SyncError | undefined)[];

    beforeEach(() => start());
    afterEach(() => fixture.stop());

    async function start(options?: Parameters<typeof WriterFixture.start>[0]): Promise<void> {
        fixture = await WriterFixture.start(options);
        office = fixture.office;
        outages = [];
        writer = makeWriter();
    }

    function makeWriter(more: WriterOptions = {}): TestWriter {
        const made = fixture.writer(more);
        made.people.reconciler.on('trouble', outage => outages.push(outage));
        return made;
    }

    function shown(who = anna): string {
        return fixture.shown(who);
    }

    function writes(): number {
        return fixture.writes();
    }

    /** The next write is carried out, but its answer is lost on the way. */
    function loseAnswerOf(action: RegExp): void {
        const { faults } = office.simulated;
        const next = faults.next.bind(faults);
        faults.next = (method, path) => {
            const reply = next(method, path);
            if (!action.test(path)) return reply;
            faults.next = next;
            // The request is served; the listener then ends every connection before the answer is out.
            office.simulated.stop().catch(() => {});
            return reply;
        };
    }

    describe('sets and takes back', () => {
        it('a call with one write each, and restores what Teams showed before', async () => {
            office.simulated.setClientPresence(anna.teamsId, pairOf('Away/Away'));
            assert.deepEqual(await writer.set(users.anna, inACall), {
                written: true,
                reason: 'Set to Busy/InACall in Teams',
            });
            assert.equal(shown(), 'Busy/InACall');
            assert.equal(writes(), 1);
            assert.deepEqual(await writer.clear(users.anna), { written: true, reason: 'Taken back in Teams' });
            assert.equal(shown(), 'Away/Away');
            assert.equal(writes(), 2);
        });

        it('a session that was left when the process was killed, but no real call', async () => {
            await writer.set(users.anna, inACall);
            office.simulated.startCall(ben.teamsId);
            office.forgetOurWrites();
            const later = makeWriter();
            assert.equal((await later.clear(users.anna)).written, false);
            assert.equal((await later.clear(users.ben)).written, false);
            await office.passTime(() => shown() === 'Available/Available', minute);
            await office.rest();
            assert.equal(shown(ben), 'Busy/InACall');
        });

        it('no session that it has set itself since', async () => {
            await writer.set(users.anna, inACall);
            office.forgetOurWrites();
            const later = makeWriter();
            await later.clear(users.anna);
            // What shows without the one of before is read first.
            const set = later.set(users.anna, inACall);
            await until(() => shown() === 'Available/Available');
            await office.clock.advance(2_000);
            await set;
            assert.equal(shown(), 'Busy/InACall');
        });

        it('nothing twice', async () => {
            await writer.set(users.anna, inACall);
            const again = await writer.set(users.anna, inACall);
            assert.deepEqual(again, { written: false, reason: 'Already set to Busy/InACall in Teams' });
            await writer.clear(users.anna);
            const cleared = await writer.clear(users.anna);
            assert.deepEqual(cleared, { written: false, reason: 'Nothing of ours to take back in Teams' });
            assert.equal(writes(), 2);
        });

        it('the own setting as preferred presence, beneath a call and after it without a further write', async () => {
            await writer.set(users.anna, dnd);
            assert.equal(shown(), 'DoNotDisturb/DoNotDisturb');
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            assert.equal(writes(), 2);
            await writer.set(users.anna, dnd);
            assert.equal(shown(), 'DoNotDisturb/DoNotDisturb');
            assert.equal(writes(), 3);
            await writer.clear(users.anna);
            assert.equal(shown(), 'Available/Available');
            assert.equal(writes(), 4);
        });

        it('a call before the setting that would hide it, and that setting after it: two writes each', async () => {
            const away = pairOf('Away/Away')!;
            await writer.set(users.anna, away);
            await writer.set(users.anna, { ...inACall, preferred: away });
            assert.equal(shown(), 'Busy/InACall');
            assert.equal(writes(), 3);
            await writer.set(users.anna, away);
            assert.equal(shown(), 'Away/Away');
            assert.equal(writes(), 5);
        });

        it('a setting and a call that end together', async () => {
            await writer.set(users.anna, { ...inACall, preferred: busy });
            assert.equal(writes(), 2);
            await writer.clear(users.anna);
            assert.equal(writes(), 4);
            assert.equal(shown(), 'Available/Available');
            assert.deepEqual(fixture.held(), {});
        });

        it('only the newest of many wishes', async () => {
            const first = writer.set(users.anna, inACall);
            await until(() => writes() === 1);
            const wishes: Promise<Outcome>[] = [];
            for (let turn = 0; turn < 10; turn++) wishes.push(writer.set(users.anna, turn % 2 ? dnd : busy));
            const last = writer.clear(users.anna);
            const outcomes = await Promise.all(wishes);
            assert.ok(outcomes.every(({ written, reason }) => !written && reason === 'Replaced by a newer change'));
            assert.equal((await first).written, true);
            assert.equal((await last).written, true);
            assert.equal(writes(), 2);
            assert.equal(shown(), 'Available/Available');
        });

        it('nothing at all for a wish that is taken back before it was sent', async () => {
            const set = writer.set(users.anna, inACall);
            const cleared = writer.clear(users.anna);
            assert.deepEqual(await set, { written: false, reason: 'Replaced by a newer change' });
            assert.deepEqual(await cleared, { written: false, reason: 'Nothing of ours to take back in Teams' });
            assert.equal(writes(), 0);
            assert.deepEqual(fixture.held(), {});
        });

        it('nothing at all, and holds nothing, where the wish was still waiting for the budget', async () => {
            writer = makeWriter({ requests: fixture.requests({ requestsPer30s: 1 }) });
            await writer.set(users.ben, inACall);
            const set = writer.set(users.anna, inACall);
            await office.rest();
            assert.deepEqual(fixture.held(), { session: inACall });
            assert.equal((await writer.clear(users.anna)).reason, 'Nothing of ours to take back in Teams');
            assert.equal((await set).reason, 'Replaced by a newer change');
            assert.deepEqual([fixture.held(ben), fixture.held()], [{ session: inACall }, {}]);
            await office.clock.advance(minute);
            await office.rest();
            assert.equal(writes(), 1);
        });

        it('many users side by side', async () => {
            await fixture.stop();
            const people = Array.from({ length: 60 }, (_, index) => person(index));
            await start({ people });
            await Promise.all(people.map(each => writer.set(userOf(each), inACall)));
            assert.ok(people.every(each => shown(each) === 'Busy/InACall'));
            await writer.clearAll();
            assert.ok(people.every(each => shown(each) === 'Available/Available'));
        });

        it('no pair that Teams does not take, and says so without asking Teams', async () => {
            await assert.rejects(writer.set(users.anna, pairOf('Busy/InAMeeting')!), {
                message: 'Teams accepts no presence Busy/InAMeeting',
            });
            await assert.rejects(writer.set(users.anna, { ...inACall, preferred: inACall }), {
                code: 'TEAMS_PAIR_INVALID',
            });
            assert.equal(office.requests.length, 0);
        });

        it('a session that has ended already without a complaint', async () => {
            await writer.set(users.anna, inACall);
            office.simulated.faults.failNext(1, 404, undefined, {}, /clearPresence/);
            assert.equal((await writer.clear(users.anna)).written, true);
            assert.deepEqual(fixture.held(), {});
        });
    });

    describe('leaves the choice of the user alone', () => {
        /** As the Teams client does when its user picks a status: the same field, written by somebody else. */
        async function choose(text: string): Promise<void> {
            const { availability, activity } = pairOf(text)!;
            await office
                .teams()
                .registration.asApp()
                .send({
                    what: 'choose',
                    method: 'POST',
                    path: `/users/${anna.teamsId}/presence/setUserPreferredPresence`,
                    body: { availability, activity, expirationDuration: 'PT8H' },
                });
        }

        for (const choice of ['BeRightBack/BeRightBack', 'Offline/OffWork'])
            it(`when it takes back: ${choice}`, async () => {
                await writer.set(users.anna, dnd);
                await choose(choice);
                let isOver = false;
                void writer.clear(users.anna).then(() => (isOver = true));
                // Before that a read may not show yet what we have set.
                await office.passTime(() => isOver);
                assert.equal(shown(), choice);
                assert.equal(office.count(/clearUserPreferred/), 0);
            });

        it('when it renews', async () => {
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            await choose('BeRightBack/BeRightBack');
            const before = office.count(/setUserPreferred/);
            await office.passTime(() => office.count(/setPresence/) === 2, 15_000);
            assert.equal(office.count(/setUserPreferred/), before);
            assert.equal(shown(), 'BeRightBack/BeRightBack');
            assert.deepEqual(fixture.held(), { session: inACall });
        });

        it('but takes back what shows as offline only because nobody is signed in', async () => {
            await writer.set(users.anna, dnd);
            office.simulated.setClientPresence(anna.teamsId, undefined);
            assert.equal(shown(), 'Offline/Offline');
            await writer.clear(users.anna);
            office.simulated.setClientPresence(anna.teamsId, available);
            assert.equal(shown(), 'Available/Available');
        });
    });

    describe('renews', () => {
        for (const [random, share] of [
            [0, 0.6],
            [1, 0.7],
        ] as const)
            it(`at ${share * 100} % of the lease at the ${random ? 'latest' : 'earliest'}`, async () => {
                writer = makeWriter({ people: { random: () => random } });
                await writer.set(users.anna, inACall);
                await office.clock.advance(share * lease - 15_000);
                await office.rest();
                assert.equal(writes(), 1);
                await office.clock.advance(30_000);
                await until(() => writes() === 2);
                await office.rest();
            });

        it('for ever, so that nothing of ours ends by itself, with one timer for all', async () => {
            await writer.set(users.anna, { ...inACall, preferred: busy });
            await writer.set(users.ben, inACall);
            const timers = office.timers;
            for (let passed = 0; passed < 4 * lease; passed += minute) {
                await office.clock.advance(minute);
                await office.rest();
                assert.equal(shown(anna), 'Busy/Busy');
                assert.equal(shown(ben), 'Busy/InACall');
                assert.ok(office.timers <= timers);
            }
            assert.ok(writes() <= 3 + 3 * 7, String(writes()));
        });

        it('also where the same wish comes again and again', async () => {
            await writer.set(users.anna, inACall);
            for (let passed = 0; passed < 2 * lease; passed += 2 * minute) {
                await office.clock.advance(2 * minute);
                await office.rest();
                assert.equal(shown(), 'Busy/InACall');
                await writer.set(users.anna, inACall);
            }
        });

        it('for as long as the node says by now, which a deploy may have changed', async () => {
            writer = makeWriter({ lease: 240 * minute });
            await writer.set(users.anna, { ...inACall, preferred: busy });
            writer.end();
            writer = makeWriter({ lease: 5 * minute });
            await writer.set(users.anna, { ...inACall, preferred: busy });
            await office.passTime(() => writes() === 4, minute);
            writer.stop();
            await office.clock.advance(6 * minute);
            assert.equal(shown(), 'Available/Available');
        });

        it('nothing that was taken back', async () => {
            await writer.set(users.anna, inACall);
            await writer.clear(users.anna);
            await office.clock.advance(2 * lease);
            await office.rest();
            assert.equal(writes(), 2);
            writer.stop();
            await office.rest();
        });

        it('again after an outage, and even after the lease has ended', async () => {
            await writer.set(users.anna, inACall);
            await office.simulated.stop();
            await office.clock.advance(lease + minute);
            await office.rest();
            assert.ok(outages.at(-1));
            await office.simulated.start();
            await office.passTime(() => shown() === 'Busy/InACall' && outages.at(-1) === undefined, 1_000);
        });

        it('and tells what an administrator must change; it goes on once that is done', async () => {
            await writer.set(users.anna, inACall);
            office.simulated.faults.failNext(1, 403, undefined, {}, /setPresence/);
            await office.passTime(() => outages.at(-1)?.code === 'TEAMS_PERMISSION_MISSING', 15_000);
            await office.passTime(() => writes() === 3, 15_000);
            await office.rest();
            assert.equal(outages.at(-1), undefined);
            assert.equal(shown(), 'Busy/InACall');
        });

        it('more and more seldom for a user who is gone', async () => {
            await writer.set(users.anna, inACall);
            office.simulated.faults.failNext(99, 404, undefined, {}, /setPresence/);
            await office.passTime(() => writes() === 2, 15_000);
            await office.passTime(() => writes() === 9, 15_000);
            const tries = writes();
            await office.clock.advance(2 * minute);
            await office.rest();
            assert.ok(writes() <= tries + 1, String(writes()));
        });

        it('nothing whose end is on its way when the renewal falls due, even if that fails at first', async () => {
            await writer.set(users.anna, inACall);
            await office.clock.advance(0.65 * lease - 100);
            office.simulated.faults.failNext(4, 503, undefined, {}, /clearPresence/);
            const cleared = writer.clear(users.anna);
            await office.passTime(() => shown() === 'Available/Available');
            assert.equal((await cleared).written, true);
            await office.clock.advance(2 * lease);
            await office.rest();
            assert.equal(office.count(/setPresence/), 1);
        });
    });

    describe('in an outage', () => {
        it('keeps the newest wish of each user and loses none', async () => {
            await office.simulated.stop();
            const first = writer.set(users.anna, inACall);
            const other = writer.set(users.ben, dnd);
            await until(() => outages.length > 0);
            assert.equal(outages[0]?.code, 'TEAMS_UNREACHABLE');
            const newest = writer.set(users.anna, busy);
            assert.deepEqual(await first, { written: false, reason: 'Replaced by a newer change' });
            await office.clock.advance(10 * minute);
            await office.rest();
            await office.simulated.start();
            await office.passTime(() => shown(anna) === 'Busy/Busy' && shown(ben) === 'DoNotDisturb/DoNotDisturb');
            assert.equal((await newest).written, true);
            assert.equal((await other).written, true);
            assert.equal(outages.at(-1), undefined);
        });

        it('backs off', async () => {
            await office.simulated.stop();
            const set = writer.set(users.anna, inACall);
            await until(() => outages.length > 0);
            const heard = outages.length;
            await office.clock.advance(400);
            await office.rest();
            assert.equal(outages.length, heard);
            writer.stop();
            assert.equal((await set).written, false);
        });

        it('takes back a call whose answer was lost: nobody stays busy', async () => {
            await writer.clear(users.anna);
            loseAnswerOf(/setPresence/);
            const set = writer.set(users.anna, inACall);
            await until(() => outages.length > 0);
            assert.equal(shown(), 'Busy/InACall', 'Teams has taken it all the same');
            const cleared = writer.clear(users.anna);
            assert.equal((await set).written, false);
            await office.simulated.start();
            await office.passTime(() => shown() === 'Available/Available', 500);
            assert.equal((await cleared).written, true);
        });

        it('takes back a call whose answer was lost, though it ends before the next try has left', async () => {
            const requests = fixture.requests();
            writer.end();
            writer = makeWriter({ requests });
            await writer.clear(users.anna);
            loseAnswerOf(/setPresence/);
            const set = writer.set(users.anna, inACall);
            await until(() => outages.length > 0);
            assert.equal(shown(), 'Busy/InACall', 'Teams has taken it all the same');
            await office.simulated.start();
            requests.graph.budget.holdOff(4_000);
            await office.clock.advance(2_000);
            await office.rest();
            const cleared = writer.clear(users.anna);
            assert.equal((await set).written, false);
            await office.passTime(() => shown() === 'Available/Available', 500);
            assert.equal((await cleared).written, true);
            assert.equal(office.count(/setPresence/), 1);
        });

        it('takes back nothing that has never left, though the host has slept meanwhile', async () => {
            const requests = fixture.requests();
            writer.end();
            writer = makeWriter({ requests });
            requests.graph.budget.holdOff(4_000);
            const set = writer.set(users.anna, inACall);
            await office.rest();
            writer.people.gap(30_000);
            const cleared = writer.clear(users.anna);
            assert.equal((await set).written, false);
            await office.passTime(() => requests.graph.budget.heldOff === 0, 500);
            assert.equal((await cleared).written, false);
            assert.equal(writes(), 0);
        });

        it('sets a call again whose end was sent without an answer', async () => {
            await writer.set(users.anna, inACall);
            loseAnswerOf(/clearPresence/);
            const cleared = writer.clear(users.anna);
            await until(() => outages.length > 0);
            assert.equal(shown(), 'Available/Available', 'Teams has taken it all the same');
            const set = writer.set(users.anna, inACall);
            assert.equal((await cleared).written, false);
            await office.simulated.start();
            await office.passTime(() => shown() === 'Busy/InACall', 500);
            assert.equal((await set).written, true);
        });

        it('does not let one user who fails hold up the others', async () => {
            const path = new RegExp(`${anna.teamsId}/presence`);
            office.simulated.faults.failNext(1_000, 503, undefined, {}, path);
            const failing = writer.set(users.anna, inACall);
            await office.passTime(() => writes() === 3, 500);
            await office.rest();
            const started = office.clock.monotonic();
            assert.equal((await writer.set(users.ben, inACall)).written, true);
            assert.equal(office.clock.monotonic(), started);
            office.simulated.faults.clear();
            await office.passTime(() => shown(anna) === 'Busy/InACall', 1_000);
            await failing;
        });
    });

    describe('when Graph refuses', () => {
        it('says so in words and goes on', async () => {
            office.simulated.faults.failNext(1, 403, undefined, {}, /setPresence/);
            await assert.rejects(writer.set(users.anna, inACall), {
                code: 'TEAMS_PERMISSION_MISSING',
                message: /The app registration lacks a permission to change the presence of Anna Brandt/,
            });
            assert.deepEqual(fixture.held(), {});
            assert.deepEqual(fixture.held(), {});
            assert.equal((await writer.set(users.anna, inACall)).written, true);
        });

        it('takes back a little later what it could not take back at once', async () => {
            await writer.set(users.anna, inACall);
            office.simulated.faults.failNext(1, 400, undefined, {}, /clearPresence/);
            await assert.rejects(writer.clear(users.anna), { code: 'TEAMS_REQUEST_REFUSED' });
            await office.clock.advance(1_500);
            await office.rest();
            assert.equal(shown(), 'Available/Available');
            assert.equal(writes(), 3);
            await office.clock.advance(lease);
            await office.rest();
            assert.equal(writes(), 3);
        });

        it('takes back the half that was accepted', async () => {
            office.simulated.faults.failNext(1, 403, undefined, {}, /setPresence/);
            await assert.rejects(writer.set(users.anna, { ...inACall, preferred: dnd }), {
                code: 'TEAMS_PERMISSION_MISSING',
            });
            await office.passTime(() => shown() === 'DoNotDisturb/DoNotDisturb');
            await writer.clear(users.anna);
            assert.equal(shown(), 'Available/Available');
        });

        it('keeps the half that it goes on to hold', async () => {
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            office.simulated.faults.failNext(1, 400, undefined, {}, /clearPresence/);
            await assert.rejects(writer.set(users.anna, dnd), { code: 'TEAMS_REQUEST_REFUSED' });
            await office.passTime(() => office.count(/setUserPreferred/) === 2, 15_000);
            assert.deepEqual(fixture.held(), { preferred: dnd });
            assert.equal(office.count(/setPresence/), 1);
        });
    });

    describe('ends', () => {
        it('by taking back everything, also what is on its way', async () => {
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            const onItsWay = writer.set(users.ben, inACall);
            await until(() => writes() === 3);
            const waiting = writer.set(users.ben, dnd);
            await writer.clearAll();
            assert.equal((await onItsWay).written, true);
            assert.equal((await waiting).written, false);
            assert.equal(shown(anna), 'Available/Available');
            assert.equal(shown(ben), 'Available/Available');
            assert.deepEqual([fixture.held(), fixture.held(ben)], [{}, {}]);
        });

        it('and leaves nothing that only its registration can end, also where another node wants it by now', async () => {
            const other = fixture.writer({ node: 'other', way: otherApp.clientId }, otherApp);
            await other.set(users.anna, inACall);
            await writer.set(users.anna, inACall);
            await other.clearAll();
            other.end();
            assert.equal(shown(), 'Busy/InACall');
            assert.equal((await writer.clear(users.anna)).written, true);
            assert.equal(shown(), 'Available/Available');
        });

        it('and another node goes on with a call that it could not take back', async () => {
            const other = fixture.writer({ node: 'other', way: otherApp.clientId }, otherApp);
            await other.set(users.anna, inACall);
            await writer.set(users.anna, inACall);
            office.simulated.faults.failNext(99, 403, undefined, {}, /clearPresence/);
            await other.clearAll();
            other.end();
            office.simulated.faults.clear();
            await office.passTime(() => office.count(/setPresence/) === 2, minute);
            assert.equal(shown(), 'Busy/InACall');
        });

        it('and tells nothing of a call that another node, in a dry run, would leave as it is', async () => {
            const other = fixture.writer({ node: 'other', way: otherApp.clientId }, otherApp);
            await other.set(users.anna, inACall);
            await fixture.writer({ node: 'dry', dryRun: true }).set(users.anna, inACall);
            const told: string[] = [];
            other.people.reconciler.on('decision', (_, { outcome }) => told.push(outcome));
            await other.clearAll();
            assert.deepEqual(told, []);
        });

        it('and a choice by hand stays what it was, though another node has just ended as well', async () => {
            const other = fixture.writer({ node: 'other', way: otherApp.clientId }, otherApp);
            await other.set(users.anna, { ...inACall, preferred: dnd });
            await writer.set(users.anna, { ...inACall, preferred: dnd });
            await office.clock.advance(5_000);
            await office.rest();
            await fixture.choose('Busy/Busy');
            await fixture.read(writer);
            await Promise.all([writer.clearAll(), other.clearAll()]);
            await writer.set(users.anna, dnd);
            assert.equal(shown(), 'Busy/Busy');
        });

        it('twice without harm, and without a timer', async () => {
            await writer.set(users.anna, inACall);
            await office.simulated.stop();
            const waiting = writer.clear(users.anna);
            await until(() => outages.length > 0);
            writer.stop();
            writer.stop();
            assert.deepEqual(await waiting, { written: false, reason: 'The node was stopped' });
            assert.deepEqual(await writer.set(users.ben, inACall), { written: false, reason: 'The node was stopped' });
            await office.rest();
            assert.equal(office.timers, 0);
        });

        it('for good, also when a write is under way', async () => {
            const set = writer.set(users.anna, inACall);
            const unsent = writer.set(users.ben, inACall);
            await until(() => writes() > 0);
            const late = writer.set(users.ben, dnd);
            writer.stop();
            assert.equal((await set).written, true);
            await unsent;
            assert.deepEqual(await late, { written: false, reason: 'The node was stopped' });
            await office.clock.advance(lease - 1);
            await office.rest();
            assert.equal(writes(), 2);
        });

        it('without sending what has not been sent yet', async () => {
            const set = writer.set(users.anna, inACall);
            writer.stop();
            assert.deepEqual(await set, { written: false, reason: 'The node was stopped' });
            await office.rest();
            assert.equal(writes(), 0);
            assert.deepEqual(fixture.held(), {});
        });

        it('and is taken over by the next after a redeploy', async () => {
            await writer.set(users.anna, inACall);
            writer.end();
            await office.clock.advance(minute);
            const next = makeWriter();
            await office.passTime(() => writes() === 2, 15_000);
            await office.clock.advance(lease - minute);
            await office.rest();
            assert.equal(shown(), 'Busy/InACall');
            assert.equal((await next.clear(users.anna)).written, true);
            assert.equal(shown(), 'Available/Available');
        });

        it('and does not rise from the dead when nobody took over in time', async () => {
            await writer.set(users.anna, inACall);
            writer.stop();
            office.forgetOurWrites();
            await office.clock.advance(lease + minute);
            const next = makeWriter();
            await office.clock.advance(minute);
            await office.rest();
            assert.equal(writes(), 1);
            assert.equal((await next.set(users.anna, inACall)).written, true);
            assert.equal(shown(), 'Busy/InACall');
        });
    });
});
