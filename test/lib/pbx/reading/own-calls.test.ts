import assert from 'node:assert/strict';
import { PbxPeople } from '../../../../lib/pbx/people';
import { UserDirectory } from '../../../../lib/pbx/users/user-directory';
import { userOf } from '../../../../lib/pbx/users/user-row';
import { beganCall, beginCall, endAllCalls } from '../../../../lib/presence/pbx-call';
import type { Entry } from '../../../../lib/presence/pbx-list';
import type { PbxRecord } from '../../../../lib/presence/pbx-record';
import { FakeClock } from '../../../support/fake-clock';
import { ownPresence, turns } from '../pbx-bench';

const place = { session: {}, api: 'PbxApi.0' };
const onThePhone: Entry[] = [{ contact: 'tel:', activity: 'on-the-phone', note: '' }];

describe('A line state that our own call has made', () => {
    let clock: FakeClock;
    let people: PbxPeople;
    let record: PbxRecord;
    let told: boolean[];

    beforeEach(() => {
        const directory = new UserDirectory();
        const changes = directory.put(userOf({ guid: 'a', h323: 'anna' })!);
        clock = new FakeClock();
        const ignored = { log: () => {}, noted: () => {}, callChanged: () => {}, reread: () => {} };
        people = new PbxPeople({ links: { home: () => undefined }, directory, clock, ...ignored });
        people.usersChanged(changes);
        record = people.reconciler.records.get('a')!;
        told = [];
        people.reader.follow().on('change', ({ presence }) => told.push(presence.onThePhone));
        receive([]);
        told.length = 0;
    });
    afterEach(() => people.stop());

    const receive = (entries: Entry[]) => people.reader.receive('a', entries);
    const begin = () => beginCall(record, place);
    const began = () => beganCall(record, 1, clock.monotonic() + 2_000);
    const end = () => {
        endAllCalls(record, clock.monotonic() + 2_000);
        people.reader.look(record);
    };

    for (const answer of ['before', 'after'] as const) {
        it(`is not told while it lasts, nor when it ends (answer ${answer} the update)`, () => {
            begin();
            if (answer === 'before') began();
            receive(onThePhone);
            if (answer === 'after') began();
            assert.equal(ownPresence(people, 'a')?.onThePhone, false);
            end();
            receive([]);
            assert.deepEqual(told, []);
            receive(onThePhone);
            assert.deepEqual(told, [true]);
        });
    }

    it('is told when it turns out to be that of a call of the user, which goes on', async () => {
        begin();
        began();
        receive(onThePhone);
        end();
        assert.deepEqual(told, []);
        await clock.advance(2_100);
        await turns(3);
        assert.deepEqual(told, [true]);
    });

    it('hides no call of the user that was there before', () => {
        receive(onThePhone);
        begin();
        began();
        receive(onThePhone);
        end();
        receive([]);
        assert.deepEqual(told, [true, false]);
    });

    it('hides no call that RCC tells', () => {
        begin();
        began();
        receive(onThePhone);
        people.reader.receiveCalls('a', true);
        people.reader.receiveCalls('a', false);
        assert.deepEqual(told, [true, false]);
    });

    it('says nothing of the user once RCC has told that the call of the user that was there before is over', () => {
        receive(onThePhone);
        people.reader.receiveCalls('a', true);
        begin();
        began();
        receive(onThePhone);
        people.reader.receiveCalls('a', false);
        assert.deepEqual(told, [true, false]);
    });
});
