import assert from 'node:assert/strict';
import { anna, ben, person, userOf } from '../teams-fixture';
import { busy, dnd, inACall, minute, type TestWriter, users, WriterFixture } from './writer-fixture';

const carla = person(3);
const day = 24 * 60 * minute;

describe('A user whose writes are refused', () => {
    let fixture: WriterFixture;
    let writer: TestWriter;
    let quarantined: string[];
    let known: boolean | undefined;
    beforeEach(async () => {
        fixture = await WriterFixture.start({ people: [anna, ben, carla] });
        quarantined = [];
        known = undefined;
        const directory = {
            get loaded() {
                return known !== undefined;
            },
            users: { byId: () => (known ? users.anna : undefined), plansOf: () => undefined },
        };
        writer = fixture.writer({ people: { directory } });
        writer.people.reconciler.on('setAside', ({ person: { displayName } }, error) =>
            quarantined.push(`${displayName}: ${error.code}`),
        );
    });
    afterEach(() => fixture.stop());

    /** Three wishes in a row that Graph refuses. */
    async function refuse(times: number, status: number, served = true): Promise<void> {
        const id = new RegExp(anna.teamsId);
        for (let turn = 0; turn < times; turn++) {
            // Others are served meanwhile.
            if (turn > 0 && served) await (turn % 2 ? writer.set(users.ben, inACall) : writer.clear(users.ben));
            fixture.office.simulated.faults.failNext(1, status, undefined, {}, id);
            await assert.rejects(writer.set(users.anna, inACall), { status });
        }
    }

    it('three times is left alone and named, and tried with the newest wish after a day', async () => {
        await refuse(3, 404);
        assert.deepEqual(quarantined, [`${anna.name}: TEAMS_REQUEST_REFUSED`]);
        const writes = fixture.writes();
        await writer.clear(users.anna);
        const { written, reason } = await writer.set(users.anna, inACall);
        assert.equal(written, false);
        assert.match(reason, /once a day/);
        await fixture.office.clock.advance(day - minute);
        await fixture.office.rest();
        assert.equal(fixture.writes(), writes);
        await fixture.office.passTime(() => fixture.shown() === 'Busy/InACall', minute);
        assert.equal((await writer.clear(users.anna)).written, true);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('is left alone for another day when that fails too', async () => {
        await refuse(3, 404);
        fixture.office.simulated.faults.failNext(1, 404, undefined, {}, new RegExp(anna.teamsId));
        const writes = fixture.writes();
        await fixture.office.passTime(() => fixture.writes() > writes, 60 * minute);
        await fixture.office.rest();
        assert.equal((await writer.set(users.anna, inACall)).written, false);
        assert.equal(fixture.writes(), writes + 1);
        assert.equal(quarantined.length, 2);
    });

    it('now and then goes on', async () => {
        await refuse(2, 404);
        assert.equal((await writer.set(users.anna, inACall)).written, true);
        await writer.clear(users.anna);
        await refuse(2, 404);
        assert.equal((await writer.set(users.anna, inACall)).written, true);
        assert.deepEqual(quarantined, []);
    });

    it('like everybody else is not left alone: a permission is missing', async () => {
        await refuse(5, 403, false);
        assert.deepEqual(quarantined, []);
        assert.equal((await writer.set(users.anna, inACall)).written, true);
    });

    it('with 403 while others are served is left alone', async () => {
        await refuse(3, 403);
        assert.deepEqual(quarantined, [`${anna.name}: TEAMS_PERMISSION_MISSING`]);
    });

    it('with 404 like everybody else, or although the directory has the user, is not left alone', async () => {
        await refuse(5, 404, false);
        known = true;
        await refuse(5, 404);
        assert.deepEqual(quarantined, []);
        assert.equal((await writer.set(users.anna, inACall)).written, true);
        await writer.clear(users.anna);
        known = false;
        await refuse(3, 404);
        assert.equal(quarantined.length, 1);
    });

    it('is tried again as soon as another one who was left alone is served', async () => {
        await refuse(3, 404);
        await fixture.office.clock.advance(60 * minute);
        await fixture.office.rest();
        const id = new RegExp(ben.teamsId);
        for (let turn = 0; turn < 3; turn++) {
            fixture.office.simulated.faults.failNext(1, 404, undefined, {}, id);
            await assert.rejects(writer.set(users.ben, turn % 2 ? dnd : busy), { status: 404 });
            await writer.set(userOf(carla), turn % 2 ? inACall : busy);
        }
        assert.equal(quarantined.length, 2);
        await writer.clear(users.ben);
        await fixture.office.passTime(() => fixture.shown() === 'Busy/InACall', 10 * minute);
        await fixture.office.clock.advance(2 * minute);
        await fixture.office.rest();
        assert.equal((await writer.set(users.ben, inACall)).written, true);
    });
});
