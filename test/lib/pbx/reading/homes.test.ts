import assert from 'node:assert/strict';
import type { PbxSettings } from '../../../../lib/pbx/pbx-system';
import type { SimulatedPbx } from '../../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, PbxBench, until } from '../pbx-bench';

const [, juergen] = defaultPeople() as [Person, Person];

/** Jürgen is homed at a slave; neither what he shows nor where to write for him may be guessed. */
describe('A user whose PBX is not there', () => {
    let bench: PbxBench;
    let slave: SimulatedPbx;

    afterEach(() => bench.stop());

    async function create(options: Parameters<typeof PbxBench.create>[0] = {}, settings: Partial<PbxSettings> = {}) {
        const userOptions = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        const base = { app: { ...app, apis: [...allApis] }, userOptions, slaves: ['pbx-south'] };
        bench = await PbxBench.create({ ...base, ...options }, settings);
        [slave] = bench.pbx.slaves as [SimulatedPbx];
        bench.pbx.startCall(juergen.guid);
    }

    async function masterOnline(): Promise<void> {
        bench.system.start();
        await until(() => bench.phase === 'online');
        await bench.quiet();
    }

    const names = () => [...bench.system.unfollowed].map(({ user }) => user.displayName);
    const toldOfJuergen = () => bench.changes.filter(({ user }) => user.pbx?.guid === juergen.guid);

    it('is named and not told to be available while a slave is down from the start, and followed once it is there', async () => {
        await create();
        await slave.stop();
        await masterOnline();
        await bench.clock.advance(31_000);
        assert.deepEqual(names(), [juergen.name]);
        assert.match([...bench.system.unfollowed][0]!.reason.message, /pbx-south.*not connected/);
        assert.deepEqual(toldOfJuergen(), []);
        assert.equal(bench.pbx.subscriptions, 7);
        await slave.start();
        await bench.clock.advance(10_000);
        await until(() => toldOfJuergen().length === 1);
        assert.equal(toldOfJuergen()[0]?.presence.onThePhone, true);
        await bench.clock.advance(200);
        assert.deepEqual(names(), []);
    });

    it('is named where the slave never calls', async () => {
        await create({ role: 'server' });
        slave.dialOut(undefined);
        await masterOnline();
        await bench.clock.advance(31_000);
        assert.deepEqual(names(), [juergen.name]);
        assert.deepEqual(toldOfJuergen(), []);
    });

    it('is followed once a slave is there for the first time, though the master has gone', async () => {
        await create();
        await slave.stop();
        await masterOnline();
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        await slave.start();
        await bench.clock.advance(10_000);
        await until(() => slave.subscriptions === 1);
        await until(() => toldOfJuergen().at(-1)?.presence.onThePhone === true);
    });

    it('is not written to elsewhere, and is once the PBX is there', async () => {
        await create();
        await slave.stop();
        await masterOnline();
        const user = { addresses: [juergen.mail], displayName: juergen.name };
        const outcome = bench.system.people.set(user, { activity: 'busy', note: '' });
        await bench.clock.advance(60_000);
        assert.equal(bench.pbx.counters.writes, 0);
        await slave.start();
        await bench.clock.advance(10_000);
        assert.equal((await outcome).written, true);
        assert.equal(slave.counters.writes, 1);
    });

    for (const untickedApi of ['silent', 'error'] as const) {
        it(`is named where no PBX tells its name, once the master's is entered (unticked: ${untickedApi})`, async () => {
            await create({ app: { ...app }, behaviour: { untickedApi } }, { pbxName: 'pbx-main' });
            await masterOnline();
            await bench.clock.advance(31_000);
            assert.deepEqual(names(), [juergen.name]);
            assert.match([...bench.system.unfollowed][0]!.reason.message, /PbxAdminApi/);
            assert.deepEqual(toldOfJuergen(), []);
            assert.deepEqual(
                bench.system.notes.map(({ code }) => code),
                ['PBX_NAME_UNCHECKED'],
            );
        });

        it(`is looked for at the master where nothing tells the names, which is said once (unticked: ${untickedApi})`, async () => {
            await create({ app: { ...app }, behaviour: { untickedApi } });
            await masterOnline();
            await bench.settled();
            await bench.clock.advance(11_000);
            assert.deepEqual(
                bench.system.notes.map(({ code, parameters }) => [code, parameters.homes]),
                [['PBX_HOMES_UNCLEAR', 'pbx-main, pbx-south']],
            );
            await bench.reconnect();
            await bench.clock.advance(11_000);
            assert.equal(bench.log.filter(line => /^warn Users are homed at/.test(line)).length, 1);
        });
    }

    it('is found by the name that GetPbxConfig tells where MonitorConfig tells nothing yet', async () => {
        await create();
        for (const pbx of [bench.pbx, slave]) pbx.faults.ignoreNext('MonitorConfig');
        bench.system.start();
        await until(() => bench.pbx.subscriptions === 7 && slave.subscriptions === 1);
        await until(() => toldOfJuergen().some(({ presence }) => presence.onThePhone));
        assert.deepEqual(
            bench.system.states().map(({ name }) => name),
            ['pbx-main', 'pbx-south'],
        );
    });
});
