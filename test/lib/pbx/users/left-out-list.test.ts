import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { type LeftOut, LeftOutList } from '../../../../lib/pbx/users/left-out-list';
import { UserMatches } from '../../../../lib/presence/user-matches';
import { FakeClock } from '../../../support/fake-clock';
import { userOf } from './user-of';

function absent(name: string, code: 'PBX_USER_EXCLUDED' | 'PBX_USER_NOT_IN_GROUP' = 'PBX_USER_NOT_IN_GROUP'): LeftOut {
    const user = userOf({ guid: name, h323: name, emails: [{ email: 'info@x.example' }] })!;
    return { user, reason: new SyncError(code, { user: name, groups: 'Sales' }) };
}

describe('The list of those who are left out', () => {
    let clock: FakeClock;
    let matches: UserMatches;
    let log: string[];
    let told: number;
    let list: LeftOutList;

    beforeEach(() => {
        clock = new FakeClock();
        matches = new UserMatches();
        log = [];
        told = 0;
        list = new LeftOutList({
            matches,
            clock,
            log: (level, text) => log.push(`${level} ${text}`),
            changed: () => told++,
        });
    });

    function leaveOut(...users: LeftOut[]): void {
        for (const each of users) list.absent.set(each.user.pbx.guid, each);
    }

    async function look(): Promise<string[]> {
        list.look();
        list.look();
        assert.equal(clock.waiting, 1);
        await clock.advance(1_000);
        return log.splice(0);
    }

    it('names everybody once for each reason', async () => {
        leaveOut(absent('anna'), absent('ben'), absent('carl', 'PBX_USER_EXCLUDED'));
        assert.deepEqual(await look(), [
            'info In none of the PBX groups Sales: anna, ben',
            'info On the list of those who take no part: carl',
        ]);
        leaveOut(absent('dora'));
        assert.deepEqual(await look(), ['info In none of the PBX groups Sales: dora']);
        assert.equal(told, 2);
        assert.deepEqual(await look(), []);
        assert.equal(told, 2);
        list.absent.delete('anna');
        assert.deepEqual(await look(), []);
        assert.equal(told, 3);
        assert.deepEqual(
            [...list].map(({ user }) => user.displayName),
            ['ben', 'carl', 'dora'],
        );
    });

    it('keeps the lines of a large system readable', async () => {
        leaveOut(...Array.from({ length: 5_000 }, (_, index) => absent(`user ${index}`)));
        const [line, ...more] = await look();
        assert.ok(line?.endsWith('user 99 and 4900 more'), line);
        assert.deepEqual(more, []);
    });

    it('names those who cannot be matched with certainty', async () => {
        matches.putPbx(absent('anna').user);
        for (const id of ['t1', 't2']) {
            const teams = { id, userPrincipalName: '', mail: null };
            matches.putTeams({ addresses: ['info@x.example'], displayName: `Teams ${id}`, teams });
        }
        await clock.advance(1_000);
        const [line] = log;
        assert.match(line!, /^warn anna can be matched with more than one user \(Teams t1, Teams t2\)/);
        assert.deepEqual(
            [...list].map(({ reason }) => reason.code),
            ['PBX_USER_AMBIGUOUS'],
        );
        assert.equal(told, 1);
        matches.removeTeams('t2');
        await clock.advance(1_000);
        assert.deepEqual([...list], []);
        assert.equal(told, 2);
    });

    it('can be stopped', async () => {
        leaveOut(absent('anna'));
        list.look();
        list.stop();
        assert.equal(clock.waiting, 0);
        assert.deepEqual(log, []);
    });
});
