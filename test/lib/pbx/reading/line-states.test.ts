import assert from 'node:assert/strict';
import type { FollowOptions, ParticipationSettings } from '../../../../lib/pbx/pbx-system';
import type { SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench, until } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];

const group = (name: string): ParticipationSettings => ({ who: 'group', groups: [name] });

describeInBothRoles('The line state', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function online(lineState: FollowOptions['lineState'], options: Partial<SimulatedPbxOptions> = {}) {
        bench = await PbxBench.online({ app: { ...app, apis: [...allApis] }, ...options }, {}, { lineState });
        await until(() => bench.pbx.traffic.received.of('Initialize') > 0 === (lineState !== 'presence'));
        await bench.quiet();
        await bench.clock.advance(1_000);
        bench.changes.length = 0;
    }

    async function told(): Promise<[string, boolean][]> {
        await bench.quiet();
        return bench.changes.map(({ user, presence }) => [user.displayName, presence.onThePhone]);
    }

    const noRight = { otf: false };

    for (const lineState of ['rcc', 'automatic'] as const) {
        it(`comes from calls where the right to see it is missing (${lineState})`, async () => {
            await online(lineState);
            bench.pbx.visibility(anna.guid, noRight);
            const call = bench.pbx.startCall(anna.guid, { state: 'ringing' });
            for (const state of ['connected', 'parked', 'connected'] as const) bench.pbx.changeCall(call, { state });
            bench.pbx.changeCall(call, { hold: true });
            bench.pbx.changeCall(call, { held: true, hold: false });
            assert.deepEqual(await told(), [[anna.name, true]]);
            bench.pbx.endCall(anna.guid);
            assert.deepEqual(await told(), [
                [anna.name, true],
                [anna.name, false],
            ]);
        });

        it(`is one state however many calls there are (${lineState})`, async () => {
            await online(lineState);
            const calls = [1, 2, 3].map(() => bench.pbx.startCall(anna.guid, {}));
            await bench.quiet();
            for (const call of calls.slice(1)) bench.pbx.endCall(anna.guid, call);
            assert.deepEqual(await told(), [[anna.name, true]]);
            bench.pbx.endCall(anna.guid, calls[0]);
            assert.deepEqual((await told()).length, 2);
        });
    }

    it('comes from calls that RCC tells without the source of the request', async () => {
        await online('rcc');
        bench.pbx.sendRaw(JSON.stringify({ api: 'RCC', mt: 'CallAdd', guid: anna.guid, call: 900 }));
        assert.deepEqual(await told(), [[anna.name, true]]);
        bench.pbx.sendRaw(JSON.stringify({ api: 'RCC', mt: 'CallDel', call: 900 }));
        assert.deepEqual((await told()).at(-1), [anna.name, false]);
    });

    it('does not come from calls where presence is chosen', async () => {
        await online('presence');
        bench.pbx.visibility(anna.guid, noRight);
        bench.pbx.startCall(anna.guid);
        bench.pbx.startCall(juergen.guid);
        assert.deepEqual(await told(), [[juergen.name, true]]);
        assert.equal(bench.pbx.traffic.received.of('Initialize'), 0);
    });

    for (const rccExistingCalls of [true, false]) {
        for (const rccUpdateState of [true, false]) {
            const answers = `existing calls ${rccExistingCalls ? 'told' : 'counted'}, state ${rccUpdateState ? '' : 'not '}in updates`;
            it(`is known of calls that were there before us (${answers})`, async () => {
                const behaviour = { rccExistingCalls, rccUpdateState };
                bench = await PbxBench.create(
                    { app: { ...app, apis: [...allApis] }, behaviour },
                    {},
                    { lineState: 'rcc' },
                );
                bench.pbx.startCall(anna.guid, {});
                const second = bench.pbx.startCall(anna.guid, {});
                bench.system.start();
                await until(() => bench.changes.some(({ presence }) => presence.onThePhone));
                await bench.quiet();
                await bench.clock.advance(1_000);
                bench.changes.length = 0;
                bench.pbx.endCall(anna.guid, second);
                const third = bench.pbx.startCall(anna.guid, {});
                assert.deepEqual(await told(), []);
                bench.pbx.endCall(anna.guid, third);
                assert.deepEqual(await told(), []);
                bench.pbx.endCall(anna.guid);
                assert.deepEqual(await told(), [[anna.name, false]]);
            });
        }
    }

    it('goes on over a gap, and only differences are told after it', async () => {
        await online('rcc');
        bench.pbx.visibility(anna.guid, noRight);
        bench.pbx.visibility(juergen.guid, noRight);
        bench.pbx.startCall(anna.guid);
        bench.pbx.startCall(juergen.guid);
        await bench.quiet();
        bench.changes.length = 0;
        await bench.reconnect(() => bench.pbx.endCall(juergen.guid));
        assert.deepEqual(await told(), [[juergen.name, false]]);
        bench.pbx.endCall(anna.guid);
        assert.equal((await told()).length, 2);
    });

    it('comes from presence alone where RCC is not ticked, and says so where RCC was chosen', async () => {
        for (const untickedApi of ['silent', 'error'] as const) {
            bench = await PbxBench.online({ behaviour: { untickedApi } }, {}, { lineState: 'rcc' });
            await bench.clock.advance(11_000);
            await until(() => bench.log.some(line => /^warn PBX .* tells no calls: .*/.test(line)));
            assert.equal(bench.phase, 'online');
            const automatic = bench.system.follow({ lineState: 'automatic' });
            bench.pbx.startCall(anna.guid);
            await bench.quiet();
            const ofAnna = [...automatic.snapshot()].find(({ user }) => user.pbx?.guid === anna.guid);
            assert.equal(ofAnna?.presence.onThePhone, true);
            if (untickedApi === 'silent') await bench.stop();
        }
    });

    it('is asked for over a connection that stands when the first one wants it', async () => {
        await online('presence');
        bench.pbx.visibility(anna.guid, noRight);
        bench.pbx.startCall(anna.guid);
        await bench.quiet();
        assert.equal(bench.pbx.traffic.received.of('Initialize'), 0);
        const changes: boolean[] = [];
        bench.system
            .follow({ lineState: 'automatic' })
            .on('change', ({ presence }) => changes.push(presence.onThePhone));
        await until(() => changes.length === 1);
        assert.deepEqual(changes, [true]);
        bench.system.follow({ lineState: 'rcc' });
        await bench.quiet();
        assert.equal(bench.pbx.traffic.received.of('Initialize'), 1);
    });

    it('is known of a user who begins to take part during a call', async () => {
        bench = await PbxBench.create(
            { app: { ...app, apis: [...allApis] } },
            {},
            { lineState: 'rcc' },
            group('Sales'),
        );
        bench.pbx.setGroups(juergen.guid, ['Sales']);
        bench.system.start();
        await bench.settled();
        await bench.clock.advance(1_000);
        bench.pbx.startCall(anna.guid);
        await bench.quiet();
        bench.changes.length = 0;
        bench.pbx.setGroups(anna.guid, ['Sales']);
        await until(() => bench.changes.length > 0);
        await bench.quiet();
        assert.equal(bench.changes.at(-1)?.presence.onThePhone, true);
        bench.pbx.setGroups(anna.guid, []);
        await until(() => bench.changes.at(-1)?.presence.onThePhone === false);
        bench.pbx.setGroups(anna.guid, ['Sales']);
        await until(() => bench.changes.at(-1)?.presence.onThePhone === true);
    });

    for (const lineState of ['rcc', 'automatic'] as const)
        it(`ends with the call of a user who has moved during it (${lineState})`, async () => {
            const app1 = { ...app, apis: [...allApis] };
            bench = await PbxBench.create({ app: app1, slaves: ['pbx-south'] }, {}, { lineState });
            bench.system.start();
            await until(() => bench.system.states().length === 2);
            await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
            await bench.settled();
            await bench.clock.advance(1_000);
            bench.pbx.startCall(anna.guid);
            await until(() => bench.changes.at(-1)?.presence.onThePhone === true);
            bench.pbx.updatePerson(anna.guid, { loc: 'pbx-south' });
            await until(() => bench.pbx.slaves[0]?.subscriptions === 1);
            await bench.quiet();
            bench.pbx.endCall(anna.guid);
            await until(() => bench.changes.at(-1)?.presence.onThePhone === false);
        });

    it('of a lost PBX does not stay with a user who has moved to another', async () => {
        const userOptions = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});
        bench = await PbxBench.create(
            {
                app: { ...app, apis: [...allApis] },
                userOptions,
                slaves: ['pbx-south'],
                behaviour: { rccCounts: 'absent' },
            },
            {},
            { lineState: 'rcc' },
        );
        const [slave] = bench.pbx.slaves;
        bench.system.start();
        await until(() => bench.system.states().every(({ state }) => state.phase === 'online'));
        await bench.settled();
        await bench.clock.advance(1_000);
        bench.pbx.startCall(juergen.guid);
        await until(() => bench.changes.at(-1)?.presence.onThePhone === true);
        await slave!.stop();
        await until(() => bench.system.states()[1]?.state.phase === 'retrying');
        bench.pbx.updatePerson(juergen.guid, { loc: 'pbx-main' });
        await until(() => bench.changes.at(-1)?.presence.onThePhone === false);
    });

    it('is told of users whose presence may not be seen', async () => {
        await online('rcc');
        const newcomer: Person = { ...manyPeople(9)[8]!, guid: 'f'.repeat(32) };
        bench.pbx.addPerson(newcomer, { allows: [{ name: app.name, visible: true }] });
        await until(() => bench.system.directory.find(newcomer.guid) !== undefined);
        bench.pbx.startCall(newcomer.guid);
        assert.deepEqual(await told(), [[newcomer.name, true]]);
        bench.pbx.endCall(newcomer.guid);
        assert.deepEqual(await told(), [
            [newcomer.name, true],
            [newcomer.name, false],
        ]);
        bench.pbx.removePerson(newcomer.guid);
        await until(() => bench.system.directory.find(newcomer.guid) === undefined);
    });
});
