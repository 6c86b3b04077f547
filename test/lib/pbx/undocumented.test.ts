import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { PbxSystem } from '../../../lib/pbx/pbx-system';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import type { Behaviour } from '../../../lib/simulator/pbx/behaviour';
import { SimulatedPbx } from '../../../lib/simulator/pbx/simulated-pbx';
import { defaultPeople, type Person } from '../../../lib/simulator/person';
import { FakeClock } from '../../support/fake-clock';
import { allApis, app, PbxBench, turns, until } from './pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const userOf = ({ mail, name }: Person) => ({ addresses: [mail], displayName: name });
const busy = { activity: 'busy', note: '' };
const south = ({ guid }: Person) => (guid === juergen.guid ? { loc: 'pbx-south' } : {});

/** What has no better place among the tests: each answer that a PBX may give where its documentation is silent. */
describe('Where the documentation of the PBX is silent', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function online(behaviour: Partial<Behaviour>, options: Parameters<typeof PbxBench.create>[0] = {}) {
        bench = await PbxBench.online({ app: { ...app, apis: [...allApis] }, ...options, behaviour });
    }

    for (const setPresenceNeedsRight of [false, true])
        it(`a write for somebody who may not be seen succeeds, or fails with the name (needs a right: ${setPresenceNeedsRight})`, async () => {
            bench = await PbxBench.create({ behaviour: { setPresenceNeedsRight } });
            bench.pbx.visibility(anna.guid, { presence: false });
            bench.system.start();
            await until(() => bench.phase === 'online');
            await bench.quiet();
            const writing = bench.system.people.set(userOf(anna), busy);
            writing.catch(() => undefined);
            // What the user has set cannot be found out.
            await bench.quiet();
            await bench.clock.advance(2_000);
            if (setPresenceNeedsRight)
                await assert.rejects(writing, { code: 'PBX_REQUEST_REFUSED', message: /Anna Brandt/ });
            else assert.equal((await writing).written, true);
            assert.equal(bench.pbx.presenceOf(anna.guid).activity, setPresenceNeedsRight ? '' : 'busy');
            assert.equal((await bench.system.people.set(userOf(juergen), busy)).written, true);
            assert.equal(bench.system.people.notes.length, 0);
        });

    for (const onThePhoneSettable of [false, true])
        it(`a Teams call is busy, and no on-the-phone that would look like a line state (settable: ${onThePhoneSettable})`, async () => {
            await online({ onThePhoneSettable });
            bench.changes.length = 0;
            const call = { activity: 'on-the-phone', note: '' };
            assert.equal((await bench.system.people.set(userOf(anna), call)).written, true);
            await bench.quiet();
            assert.equal(bench.pbx.presenceOf(anna.guid).activity, 'busy');
            assert.deepEqual(bench.changes, []);
            await bench.system.people.clear(userOf(anna));
            assert.deepEqual(bench.pbx.presenceOf(anna.guid).activity, '');
        });

    for (const lineStateFrom of ['every-call', 'answered-calls'] as const)
        it(`a call that rings is a line state from the moment at which the PBX shows it (${lineStateFrom})`, async () => {
            await online({ lineStateFrom });
            bench.changes.length = 0;
            const presence = bench.system.follow({ lineState: 'presence' });
            const told: boolean[] = [];
            presence.on('change', change => told.push(change.presence.onThePhone));
            const call = bench.pbx.startCall(anna.guid, { state: 'ringing' });
            await bench.quiet();
            assert.deepEqual(told, lineStateFrom === 'every-call' ? [true] : []);
            bench.pbx.changeCall(call, { state: 'connected' });
            await bench.quiet();
            assert.deepEqual(told, [true]);
            bench.pbx.endCall(anna.guid);
            await bench.quiet();
            assert.deepEqual(told, [true, false]);
        });

    for (const remoteLineState of [false, true])
        it(`the call of a slave's user is told once, by the slave (the master shows it: ${remoteLineState})`, async () => {
            await online({ remoteLineState }, { userOptions: south, slaves: ['pbx-south'] });
            await until(() => bench.pbx.slaves[0]?.subscriptions === 1);
            await bench.quiet();
            bench.changes.length = 0;
            bench.pbx.startCall(juergen.guid);
            await bench.quiet();
            bench.pbx.endCall(juergen.guid);
            await bench.quiet();
            assert.deepEqual(
                bench.changes.map(({ user, presence }) => [user.displayName, presence.onThePhone]),
                [
                    [juergen.name, true],
                    [juergen.name, false],
                ],
            );
        });

    for (const remoteWrites of ['accepted', 'refused'] as const)
        it(`a write where nothing tells the homes succeeds at the master, or fails with the name (${remoteWrites})`, async () => {
            await online({ remoteWrites }, { userOptions: south, slaves: ['pbx-south'], app: { ...app } });
            const writing = bench.system.people.set(userOf(juergen), busy);
            if (remoteWrites === 'refused')
                await assert.rejects(writing, { code: 'PBX_REQUEST_REFUSED', message: /Jürgen Vogel.*another PBX/ });
            else assert.equal((await writing).written, true);
            assert.equal((await bench.system.people.set(userOf(anna), busy)).written, true);
        });

    for (const asksAppInfo of [true, false])
        it(`a PBX that calls is used, whether or not it asks for AppInfo (${asksAppInfo})`, async () => {
            await online({ asksAppInfo }, { role: 'server' });
            assert.equal(bench.pbx.traffic.received.of('AppInfoResult'), asksAppInfo ? 1 : 0);
            bench.pbx.setPresence(anna.guid, { activity: 'away' });
            await until(() => bench.changes.at(-1)?.presence.activity === 'away');
        });

    for (const appLoginDomain of ['present', 'absent'] as const)
        it(`PBX Manager is told whether both sides have the same password (domain ${appLoginDomain})`, async () => {
            await online({ appLoginDomain }, { role: 'server' });
            assert.equal((await bench.pbx.checkLogin()).ok, true);
            Object.assign(bench.pbx.app, { password: 'another' });
            assert.notEqual((await bench.pbx.checkLogin()).ok, true);
            assert.equal(bench.phase, 'online');
        });

    for (const keepAlive of ['silent', 'result', 'echo'] as const)
        it(`a connection stays for an hour, whatever answers a KeepAlive (${keepAlive})`, async () => {
            await online({ keepAlive });
            for (let passed = 0; passed < 3_600; passed += 5) {
                await bench.clock.advance(5_000);
                await turns(2);
            }
            assert.equal(bench.phase, 'online');
            assert.equal(bench.pbx.traffic.logins, 1);
            assert.equal(bench.pbx.traffic.sent.of('KeepAlive'), 0);
        });

    for (const redialAfter of [10, 120_000])
        it(`a PBX that calls is waited for, however long it takes to call again (${redialAfter} ms)`, async () => {
            await online({ redialAfter }, { role: 'server' });
            bench.changes.length = 0;
            bench.pbx.dropConnections();
            await until(() => bench.phase !== 'online');
            bench.pbx.setPresence(anna.guid, { activity: 'away' });
            // The simulated PBX lives in real time: a long wait is cut short by dialling anew.
            if (redialAfter > 10_000) {
                await bench.clock.advance(redialAfter);
                assert.equal(bench.phase, 'retrying');
                bench.dial();
            }
            await until(() => bench.phase === 'online');
            await bench.quiet();
            assert.deepEqual(
                bench.changes.map(({ presence }) => presence.activity),
                ['away'],
            );
        });
});

describe('A PBX that calls over TLS', () => {
    for (const verifies of [true, false])
        it(`gets on with our port of its own, ${verifies ? 'and verifies its certificate' : 'whatever its certificate'}`, async () => {
            const authority = await CertificateAuthority.create();
            const service = createServer(await authority.issue(['127.0.0.1']));
            await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve));
            const pbx = new SimulatedPbx({ people: defaultPeople(), app: { ...app, apis: [...allApis] } });
            const settings = { role: 'server', addresses: [], appName: app.name, password: app.password } as const;
            const system = new PbxSystem({ settings: { ...settings, pbxName: 'pbx-main' }, clock: new FakeClock() });
            service.on('upgrade', (request, socket, head) => system.server?.upgrade(request, socket, head));
            await pbx.start();
            system.start();
            const { port } = service.address() as AddressInfo;
            pbx.dialOut(
                `https://127.0.0.1:${port}/firm.example/${app.name}`,
                verifies ? authority.certificate : undefined,
            );
            await until(() => system.state.phase === 'online');
            assert.equal(system.directory.size, 8);
            await pbx.stop();
            await system.stop();
            await new Promise(resolve => service.close(resolve));
        });

    it('and does not trust our certificate never logs in', async () => {
        const [ours, other] = await Promise.all([CertificateAuthority.create(), CertificateAuthority.create()]);
        const service = createServer(await ours.issue(['127.0.0.1']));
        await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve));
        const pbx = new SimulatedPbx({ people: defaultPeople(), app: { ...app } });
        await pbx.start();
        const { port } = service.address() as AddressInfo;
        pbx.dialOut(`https://127.0.0.1:${port}/firm.example/${app.name}`, other.certificate);
        await until(() => pbx.call?.problem !== undefined);
        assert.equal(pbx.traffic.logins, 0);
        await pbx.stop();
        await new Promise(resolve => service.close(resolve));
    });
});
