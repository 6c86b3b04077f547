import assert from 'node:assert/strict';
import { defaultPeople } from '../../../lib/simulator/person';
import { describeInBothRoles, PbxBench, until } from './pbx-bench';

const [anna] = defaultPeople();
const minutes = 60_000;

describeInBothRoles('After an interruption', () => {
    let bench: PbxBench;
    afterEach(() => bench.stop());

    const interruptions: [what: string, happen: () => Promise<void>][] = [
        ['a sleep of the host', () => bench.clock.sleep(60 * minutes)],
        ['a date that was set back', async () => bench.clock.stepDate(-120 * minutes)],
        ['a stopped process', () => bench.clock.freeze(61_000)],
    ];
    for (const [what, happen] of interruptions)
        it(`the PBX is connected anew and everything is read, as after ${what}`, async () => {
            bench = await PbxBench.online({}, {}, { snapshot: 'all' });
            const told = bench.changes.length;
            bench.states.length = 0;
            await happen();
            await bench.clock.advance(1_000);
            await until(() => bench.states.some(({ phase }) => phase === 'retrying'));
            await bench.clock.advance(500);
            await until(() => bench.phase === 'online' && bench.changes.length === 2 * told);
            assert.equal(bench.log.filter(line => /after an interruption/.test(line)).length, 1);
        });

    it('nothing is believed that waited through it', async () => {
        bench = await PbxBench.online();
        const told = bench.changes.length;
        await bench.clock.sleep(60 * minutes);
        bench.pbx.setPresence(anna!.guid, { activity: 'busy' });
        await until(() => bench.phase === 'retrying');
        assert.equal(bench.changes.length, told);
        await bench.clock.advance(500);
        await until(() => bench.changes.length === told + 1);
        assert.equal(bench.changes.at(-1)!.presence.activity, 'busy');
    });
});
