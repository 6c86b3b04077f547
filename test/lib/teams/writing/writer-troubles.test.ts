import assert from 'node:assert/strict';
import { GatheredRequests } from '../../../../lib/teams/connection/gathered-requests';
import { anna, person, userOf } from '../teams-fixture';
import {
    dnd,
    inACall,
    lease,
    minute,
    type TestWriter,
    users,
    WriterFixture,
    type WriterOptions,
} from './writer-fixture';

const people = Array.from({ length: 50 }, (_, index) => person(index + 10));

describe('What troubles the writer', () => {
    let fixture: WriterFixture;
    let writer: TestWriter;
    let told: string[];

    beforeEach(() => start());
    afterEach(() => fixture.stop());

    async function start(options?: Parameters<typeof WriterFixture.start>[0]): Promise<void> {
        fixture = await WriterFixture.start(options);
        told = [];
        make();
    }

    function make(more: WriterOptions = {}): void {
        writer = fixture.writer(more);
        writer.people.reconciler
            .removeAllListeners('trouble')
            .on('trouble', outage => told.push(outage?.code ?? 'over'));
    }

    function fail(count: number, status: number, path: RegExp, headers = {}): void {
        fixture.office.simulated.faults.failNext(count, status, undefined, headers, path);
    }

    async function pass(time: number, step = 5_000): Promise<void> {
        for (let passed = 0; passed < time; passed += step) {
            await fixture.office.clock.advance(step);
            await fixture.office.rest();
        }
    }

    describe('is told', () => {
        it('once when a wish fails again, and that it is over; not for a single fault', async () => {
            fail(1, 503, /setPresence/);
            const set = writer.set(users.anna, inACall);
            await fixture.office.passTime(() => fixture.shown() === 'Busy/InACall');
            await set;
            assert.deepEqual(told, []);
            fail(1_000, 503, /clearPresence/);
            const cleared = writer.clear(users.anna);
            await pass(10 * minute);
            await writer.set(users.ben, inACall);
            assert.deepEqual(told, ['TEAMS_SERVICE_ERROR'], 'that others are served does not end it');
            fixture.office.simulated.faults.clear();
            await pass(10_000);
            assert.equal((await cleared).written, true);
            assert.deepEqual(told, ['TEAMS_SERVICE_ERROR', 'over']);
        });

        it('at once when it happens to several users', async () => {
            await fixture.stop();
            await start({ people });
            fail(3, 503, /setPresence/);
            const set = people.map(each => writer.set(userOf(each), inACall));
            await fixture.office.rest();
            assert.deepEqual(told, ['TEAMS_SERVICE_ERROR']);
            await fixture.office.passTime(() => told.length === 2);
            await Promise.all(set);
        });

        it('while Microsoft asks for a long pause, which lasts five minutes at most', async () => {
            fail(1, 429, /setPresence/, { 'Retry-After': '1800' });
            const set = writer.set(users.anna, inACall);
            await fixture.office.rest();
            assert.deepEqual(told, ['TEAMS_THROTTLED']);
            await pass(4.9 * minute);
            assert.equal(fixture.writes(), 1);
            await pass(15_000);
            assert.equal((await set).written, true);
            assert.deepEqual(told, ['TEAMS_THROTTLED', 'over']);
        });

        it('also when somebody else was asked to pause', async () => {
            const graph = fixture.office.teams().registration.asApp();
            make({ requests: new GatheredRequests(graph) });
            fail(1, 429, /getPresences/, { 'Retry-After': '60' });
            const body = { ids: [anna.teamsId] };
            const read = { what: 'read', method: 'POST', path: '/communications/getPresencesByUserId', body } as const;
            await assert.rejects(graph.send({ ...read, priority: 'sweep' }));
            const set = writer.set(users.anna, inACall);
            await fixture.office.rest();
            assert.deepEqual(told, ['TEAMS_THROTTLED']);
            await pass(minute);
            assert.equal((await set).written, true);
            assert.deepEqual(told, ['TEAMS_THROTTLED', 'over']);
        });

        it('when an administrator must change something; the wish is served once that is done', async () => {
            fail(2, 403, /setPresence/);
            await assert.rejects(writer.set(users.anna, inACall), { code: 'TEAMS_PERMISSION_MISSING' });
            assert.deepEqual(told, ['TEAMS_PERMISSION_MISSING']);
            await pass(1.5 * minute);
            assert.equal(fixture.shown(), 'Available/Available');
            assert.equal(fixture.writes(), 2);
            await pass(minute);
            assert.equal(fixture.shown(), 'Busy/InACall');
            assert.deepEqual(told, ['TEAMS_PERMISSION_MISSING', 'over']);
            await pass(2 * lease);
            assert.equal(fixture.shown(), 'Busy/InACall', 'and renewed');
        });
    });

    describe('does not lose a wish', () => {
        it('of many that an administrator must let through: some are tried, and all once one is served', async () => {
            await fixture.stop();
            await start({ people });
            fail(people.length + 20, 403, /setPresence/);
            const set = await Promise.allSettled(people.map(each => writer.set(userOf(each), inACall)));
            assert.ok(set.every(({ status }) => status === 'rejected'));
            await writer.clear(userOf(people[0]!));
            await pass(minute + 5_000);
            assert.equal(fixture.writes(), people.length + 20);
            await pass(2 * minute);
            const shown = people.map(each => fixture.shown(each));
            assert.equal(shown.filter(each => each === 'Busy/InACall').length, people.length - 1);
            assert.equal(shown[0], 'Available/Available', 'only the newest wish counts');
        });

        for (const status of [401, 409, 412, 423])
            it(`to a ${status}: it passes by itself`, async () => {
                fail(4, status, /setPresence/);
                const set = writer.set(users.anna, inACall);
                await fixture.office.passTime(() => fixture.shown() === 'Busy/InACall');
                assert.equal((await set).written, true);
            });
    });

    describe('does not end a renewal', () => {
        for (const status of [400, 401, 409])
            it(`that meets a ${status}`, async () => {
                await writer.set(users.anna, inACall);
                fail(2, status, /setPresence/);
                for (let passed = 0; passed < 2 * lease; passed += minute) {
                    await pass(minute);
                    assert.equal(fixture.shown(), 'Busy/InACall');
                }
            });

        it('that meets a 404 for a user whom the directory has', async () => {
            make({
                people: { directory: { loaded: true, users: { byId: () => users.anna, plansOf: () => undefined } } },
            });
            await writer.set(users.anna, inACall);
            fail(3, 404, /setPresence/);
            await pass(2 * lease);
            assert.equal(fixture.shown(), 'Busy/InACall');
        });

        it('that waits in an outage when the same wish comes again', async () => {
            await writer.set(users.anna, inACall);
            await pass(8 * minute);
            fail(1_000, 503, /setPresence/);
            await pass(2.5 * minute);
            fixture.office.simulated.faults.clear();
            assert.equal((await writer.set(users.anna, inACall)).written, false);
            for (let passed = 0; passed < 2 * lease; passed += minute) {
                await pass(minute);
                assert.equal(fixture.shown(), 'Busy/InACall');
            }
        });

        it('that is reading when the same wish comes again', async () => {
            await writer.set(users.anna, dnd);
            await pass(8 * minute);
            const { faults } = fixture.office.simulated;
            const next = faults.next.bind(faults);
            faults.next = (method, path) => {
                if (/getPresences/.test(path)) {
                    faults.next = next;
                    void writer.set(users.anna, dnd);
                }
                return next(method, path);
            };
            for (let passed = 0; passed < 2 * lease; passed += minute) {
                await pass(minute);
                assert.equal(fixture.shown(), 'DoNotDisturb/DoNotDisturb');
            }
            assert.equal(faults.next, next);
        });
    });

    describe('with the status message', () => {
        const talking = { ...inACall, statusMessage: 'back at 3' };
        beforeEach(() => make({ statusMessage: true }));

        it('does not cost the call', async () => {
            fail(1, 400, /setStatusMessage/);
            const { written, reason } = await writer.set(users.anna, talking);
            assert.equal(written, true);
            assert.match(reason, /^Set to Busy\/InACall in Teams, but the status message is not: .*Fault on demand/);
            for (let passed = 0; passed < 2 * lease; passed += minute) {
                await pass(minute);
                assert.equal(fixture.shown(), 'Busy/InACall');
            }
            assert.equal(await fixture.message(), 'back at 3', 'it was tried again');
        });

        it('does not cost the call when it is renewed, or cannot be read', async () => {
            await writer.set(users.anna, talking);
            fail(1, 400, /setStatusMessage/);
            await pass(lease);
            assert.equal(fixture.shown(), 'Busy/InACall');
            await writer.clear(users.anna);
            fail(1, 403, /getPresences/);
            assert.equal((await writer.set(users.anna, talking)).written, true);
            assert.equal(fixture.shown(), 'Busy/InACall');
        });
    });
});
