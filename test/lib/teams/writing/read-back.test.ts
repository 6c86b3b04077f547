import assert from 'node:assert/strict';
import { pairOf } from '../../../../lib/presence/teams-states';
import { anna, ben, person, userOf } from '../teams-fixture';
import { dnd, inACall, type TestWriter, users, WriterFixture } from './writer-fixture';

const away = pairOf('Away/Away')!;

describe('What was written is read back', () => {
    let fixture: WriterFixture;
    let writer: TestWriter;
    let hidden: string[];
    beforeEach(async () => {
        fixture = await WriterFixture.start();
        hidden = [];
        writer = watched(fixture.writer());
    });
    afterEach(() => fixture.stop());

    function watched(made: TestWriter): TestWriter {
        made.people.reader.on('hidden', (record, reason) =>
            hidden.push(`${record.person.displayName}: ${made.people.reasonOf(record, reason)}`),
        );
        return made;
    }

    function reads(): number {
        return fixture.office.count(/getPresencesByUserId/);
    }

    async function settle(): Promise<void> {
        await fixture.office.clock.advance(5_000);
        await fixture.office.rest();
    }

    it('once, of many users together, and nothing is said of what shows', async () => {
        const people = Array.from({ length: 60 }, (_, index) => person(index));
        await fixture.stop();
        fixture = await WriterFixture.start({ people });
        writer = watched(fixture.writer());
        await Promise.all(people.map(each => writer.set(userOf(each), inACall)));
        await settle();
        assert.equal(reads(), 1);
        await fixture.office.clock.advance(60_000);
        await fixture.office.rest();
        assert.deepEqual({ hidden, reads: reads() }, { hidden: [], reads: 1 });
    });

    it('and named where a status chosen by hand hides it', async () => {
        await fixture.choose('BeRightBack/BeRightBack');
        await writer.set(users.anna, inACall);
        await writer.set(users.ben, inACall);
        await settle();
        assert.deepEqual(hidden, [`${anna.name}: set-by-hand`]);
    });

    for (const [choice, reason] of [
        ['Offline/OffWork', 'appears-offline'],
        ['DoNotDisturb/DoNotDisturb', 'do-not-disturb'],
    ] as const)
        it(`and named where ${choice} hides it`, async () => {
            await fixture.choose(choice);
            await writer.set(users.anna, inACall);
            await settle();
            assert.deepEqual(hidden, [`${anna.name}: ${reason}`]);
        });

    it('and named where a stronger state hides it', async () => {
        fixture.office.simulated.startCall(anna.teamsId);
        await writer.set(users.anna, away);
        await fixture.choose('Busy/Busy');
        await settle();
        assert.deepEqual(hidden, [`${anna.name}: set-by-hand`], 'a preferred presence of ours was replaced');
    });

    it('without a word where nobody is signed in: a setting shows as soon as somebody is', async () => {
        fixture.office.simulated.setClientPresence(anna.teamsId, undefined);
        await writer.set(users.anna, dnd);
        await settle();
        assert.deepEqual(hidden, []);
    });

    it('and not judged by what was taken back or changed meanwhile', async () => {
        await fixture.choose('BeRightBack/BeRightBack');
        await writer.set(users.anna, inACall);
        await fixture.office.clock.advance(1_000);
        await writer.clear(users.anna);
        await settle();
        assert.deepEqual(hidden, []);
    });

    it('and not judged by an answer that a later change has overtaken', async () => {
        const { clock, simulated } = fixture.office;
        const breathe = async (): Promise<void> => {
            for (let turn = 0; turn < 200; turn++) await new Promise(resolve => setImmediate(resolve));
        };
        await writer.set(users.anna, dnd);
        simulated.faults.latency = 5_000;
        await clock.advance(3_000);
        await breathe();
        const later = writer.set(users.anna, pairOf('Busy/Busy')!);
        await breathe();
        for (let passed = 0; passed < 15_000; passed += 500) {
            await clock.advance(500);
            await breathe();
        }
        await later;
        // One before each setting was written, for it must not replace a choice of the user unseen.
        assert.equal(reads(), 4);
        assert.deepEqual(hidden, []);
    });

    for (const [plans, reason] of [
        [['57ff2da0-773e-42df-b2af-ffb7a2317929'], 'unknown'],
        [[], 'no-licence'],
        [undefined, 'unknown'],
    ] as const)
        it(`and named where Teams knows nothing of a user with ${plans ? `${plans.length} Teams plans` : 'unknown plans'}`, async () => {
            const directory = { loaded: true, users: { byId: () => users.anna, plansOf: () => plans } };
            writer = watched(fixture.writer({ people: { directory, book: fixture.office.book } }));
            await writer.people.restore();
            await writer.set(users.anna, inACall);
            fixture.office.simulated.faults.failNext(1, 200, { value: [] }, {}, /getPresences/);
            await settle();
            assert.deepEqual(hidden, [`${anna.name}: ${reason}`]);
        });

    it('and set again where it is missing: at once, again 10 s after it has shown, and at once in the next call', async () => {
        const sets = () => fixture.office.count(/setPresence/);
        const isLost = async (): Promise<number> => {
            await fixture.endSession(users.anna);
            await fixture.read(writer);
            await fixture.office.rest();
            return sets();
        };
        await writer.set(users.anna, inACall);
        await settle();
        assert.equal(await isLost(), 2);
        await settle();
        assert.equal(await isLost(), 2, 'it has shown a moment ago');
        await settle();
        await settle();
        assert.deepEqual([sets(), fixture.shown()], [3, 'Busy/InACall']);
        await writer.clear(users.anna);
        await writer.set(users.anna, inACall);
        await settle();
        assert.equal(await isLost(), 5);
    });

    it('and what has hidden it is over once it shows again, however short it was', async () => {
        writer.people.reader.observeFrom([users.anna]);
        await writer.set(users.anna, inACall);
        await settle();
        await fixture.choose('Offline/OffWork');
        await fixture.read(writer);
        assert.equal(writer.people.reader.toldOf(anna.teamsId)?.activity, 'OffWork');
        await fixture.reset();
        await settle();
        assert.equal(writer.people.reader.toldOf(anna.teamsId)?.activity, 'PresenceUnknown');
    });

    it('again later when it could not be read', async () => {
        await fixture.choose('BeRightBack/BeRightBack', ben);
        await writer.set(users.ben, inACall);
        fixture.office.simulated.faults.failNext(1, 400, undefined, {}, /getPresences/);
        await settle();
        assert.deepEqual(hidden, []);
        await fixture.office.clock.advance(60_000);
        await fixture.office.rest();
        assert.deepEqual(hidden, [`${ben.name}: set-by-hand`]);
    });
});
