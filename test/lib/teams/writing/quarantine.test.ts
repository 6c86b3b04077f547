import assert from 'node:assert/strict';
import type { PresenceWriter } from '../../../../lib/teams/writing/presence-writer';
import { anna, ben } from '../teams-fixture';
import { inACall, minute, users, WriterFixture } from './writer-fixture';

const day = 24 * 60 * minute;

describe('A user whose writes are refused', () => {
    let fixture: WriterFixture;
    let writer: PresenceWriter;
    let quarantined: string[];
    beforeEach(async () => {
        fixture = await WriterFixture.start();
        quarantined = [];
        writer = fixture.writer();
        writer.on('quarantined', (user, error) => quarantined.push(`${user.displayName}: ${error.code}`));
    });
    afterEach(() => fixture.stop());

    /** Three wishes in a row that Graph refuses. */
    async function refuse(times: number, status: number): Promise<void> {
        const id = new RegExp(anna.teamsId);
        for (let turn = 0; turn < times; turn++) {
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
        await refuse(5, 403);
        assert.deepEqual(quarantined, []);
        assert.equal((await writer.set(users.anna, inACall)).written, true);
    });

    it('with 403 while others are served is left alone', async () => {
        await refuse(1, 403);
        await writer.set(users.ben, inACall);
        await refuse(2, 403);
        assert.deepEqual(quarantined, [`${anna.name}: TEAMS_PERMISSION_MISSING`]);
        assert.equal(fixture.shown(ben), 'Busy/InACall');
    });
});
