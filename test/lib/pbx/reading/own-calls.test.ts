import assert from 'node:assert/strict';
import type { PbxSession } from '../../../../lib/pbx/connection/pbx-session';
import { PresenceReader } from '../../../../lib/pbx/reading/presence-reader';
import type { Entry } from '../../../../lib/pbx/reading/reduce-presence';
import { UserDirectory } from '../../../../lib/pbx/users/user-directory';
import { RowMaker } from '../../../../lib/pbx/users/user-row';
import { WriteLedger } from '../../../../lib/pbx/writing/write-ledger';
import { FakeClock } from '../../../support/fake-clock';

const place = { session: {} as PbxSession, api: 'PbxApi.0' } as const;
const onThePhone: Entry[] = [{ contact: 'tel:', activity: 'on-the-phone', note: '' }];

describe('A line state that our own call has made', () => {
    let ledger: WriteLedger;
    let reader: PresenceReader;
    let told: boolean[];

    beforeEach(() => {
        const directory = new UserDirectory();
        directory.put(new RowMaker().rowOf({ guid: 'a', h323: 'anna' })!.user);
        ledger = new WriteLedger();
        ledger.on('callChanged', guid => reader.look(guid));
        reader = new PresenceReader({ directory, ledger, clock: new FakeClock(), log: () => undefined });
        told = [];
        reader.follow().on('change', ({ presence }) => told.push(presence.onThePhone));
        reader.receive('a', []);
        told.length = 0;
    });

    for (const answer of ['before', 'after'] as const) {
        it(`is not told while it lasts, nor when it ends (answer ${answer} the update)`, () => {
            ledger.calls.begin('a', false, place);
            if (answer === 'before') ledger.calls.began('a', 1);
            reader.receive('a', onThePhone);
            if (answer === 'after') ledger.calls.began('a', 1);
            assert.equal(reader.presenceOf('a')?.onThePhone, false);
            ledger.calls.ended('a');
            reader.receive('a', []);
            assert.deepEqual(told, []);
            reader.receive('a', onThePhone);
            assert.deepEqual(told, [true]);
        });
    }

    it('is told when it turns out to be that of a call of the user, which goes on', () => {
        ledger.calls.begin('a', false, place);
        ledger.calls.began('a', 1);
        reader.receive('a', onThePhone);
        ledger.calls.ended('a');
        assert.deepEqual(told, []);
        ledger.calls.drop('a');
        assert.deepEqual(told, [true]);
    });

    it('hides no call of the user that was there before', () => {
        reader.receive('a', onThePhone);
        ledger.calls.begin('a', true, place);
        ledger.calls.began('a', 1);
        reader.receive('a', onThePhone);
        ledger.calls.ended('a');
        reader.receive('a', []);
        assert.deepEqual(told, [true, false]);
    });

    it('hides no call that RCC tells', () => {
        ledger.calls.begin('a', false, place);
        ledger.calls.began('a', 1);
        reader.receive('a', onThePhone);
        reader.receiveCalls('a', true);
        reader.receiveCalls('a', false);
        assert.deepEqual(told, [true, false]);
    });
});
