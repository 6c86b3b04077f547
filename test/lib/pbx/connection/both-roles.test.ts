import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import type { PbxSession } from '../../../../lib/pbx/connection/pbx-session';
import type { PbxSettings } from '../../../../lib/pbx/connection/pbx-settings';
import { defaultPeople, type Person, personOf } from '../../../../lib/simulator/person';
import { until } from '../pbx-bench';
import { app, LinksBench } from './links-bench';
import { nonsenseFrame, randomNumbers } from './nonsense';

const [anna] = defaultPeople() as [Person];

/** What holds whoever has called whom. */
function describeLinks(role: PbxSettings['role']): void {
    let bench: LinksBench;

    afterEach(() => bench.stop());

    it('is online once whoever uses it is ready', async () => {
        let up: PbxSession | undefined;
        const prepare = (session: PbxSession) => {
            up = session;
        };
        bench = await LinksBench.create(role, { prepare });
        assert.equal(bench.phase, 'stopped');
        bench.start();
        await until(() => up !== undefined);
        await bench.quiet();
        assert.equal(bench.phase, 'connecting');
        assert.equal(bench.links.master, up);
        up!.ready();
        assert.deepEqual(
            bench.states.map(({ phase }) => phase),
            ['connecting', 'online'],
        );
    });

    it('says what the PBX says of itself', async () => {
        bench = await LinksBench.online(role);
        const { pbx, domain } = bench.links.master!.info;
        assert.deepEqual({ pbx, domain }, { pbx: 'pbx-main', domain: bench.pbx.systemName });
        assert.deepEqual(bench.links.states(), [{ name: 'pbx-main', role: 'master', state: { phase: 'online' } }]);
    });

    it('asks, and is told what it has asked for, and what comes later', async () => {
        bench = await LinksBench.online(role);
        const session = bench.links.master!;
        const { mt, src } = await bench.subscribe('anna.brandt');
        assert.equal(mt, 'SubscribePresenceResult');
        await bench.quiet();
        bench.presence.length = 0;
        bench.pbx.setPresence(anna.guid, { activity: 'busy' });
        await until(() => bench.presence.length > 0);
        assert.equal(bench.links.master, session);
        assert.deepEqual([bench.presence[0]!.mt, bench.presence[0]!.src], ['PresenceUpdate', src]);
    });

    it('comes back after an outage, with a new session and one line for its begin and its end', async () => {
        bench = await LinksBench.online(role);
        const before = bench.links.master!;
        const asked = before.request('PbxApi', 'Unknown', {});
        const refused = assert.rejects(asked, { code: 'PBX_CONNECTION_LOST' });
        bench.pbx.dropConnections();
        await refused;
        await until(() => bench.phase === 'retrying');
        assert.equal(bench.links.master, undefined);
        assert.equal(before.end?.code, 'PBX_CONNECTION_LOST');
        await assert.rejects(before.request('PbxApi', 'SubscribePresence', {}), { code: 'PBX_CONNECTION_LOST' });
        const waited = await bench.waitFor(() => bench.phase === 'online');
        assert.ok(waited <= 1_000, `${waited}`);
        assert.notEqual(bench.links.master, before);
        assert.deepEqual(
            bench.told.map(line => line.split(' ')[0]),
            ['up', 'down', 'up'],
        );
        const lines = bench.log.filter(line => !line.startsWith('debug'));
        assert.equal(lines.length, 2);
        assert.match(lines[0]!, /^warn Connection to PBX .+ was lost$/);
        assert.match(lines[1]!, /^info PBX pbx-main is connected again$/);
    });

    it('notices within 30 s that the PBX has fallen silent', async () => {
        bench = await LinksBench.online(role);
        await bench.waitFor(() => bench.clock.date() > Date.parse('2026-01-05T08:00:40Z'));
        assert.equal(bench.phase, 'online');
        bench.pbx.deaf = true;
        const waited = await bench.waitFor(() => bench.phase === 'retrying');
        assert.ok(waited > 5_000 && waited <= 30_000, `${waited}`);
        assert.equal(bench.error?.code, 'PBX_SILENT');
        bench.pbx.deaf = false;
        await bench.waitFor(() => bench.phase === 'online');
    });

    it('keeps a PBX that answers no pings, and notices all the same when it falls silent', async () => {
        bench = await LinksBench.online(role, { behaviour: { pings: 'ignored' } });
        const session = bench.links.master;
        const end = bench.clock.monotonic() + 120_000;
        await bench.waitFor(() => bench.clock.monotonic() >= end);
        assert.equal(bench.links.master, session);
        bench.pbx.deaf = true;
        const waited = await bench.waitFor(() => bench.phase === 'retrying');
        assert.ok(waited <= 30_000, `${waited}`);
    });

    it('needs no answer to the end of a subscription to know that the PBX lives', async () => {
        bench = await LinksBench.online(role, { behaviour: { pings: 'ignored' } });
        bench.pbx.addPerson(personOf({ name: 'App', mail: `${app.name}@firm.example`, number: '99' }));
        bench.pbx.faults.ignoreNext('UnsubscribePresence', 1_000);
        const session = bench.links.master;
        const end = bench.clock.monotonic() + 120_000;
        await bench.waitFor(() => bench.clock.monotonic() >= end);
        assert.equal(bench.links.master, session);
        assert.deepEqual(
            bench.log.filter(line => !line.startsWith('debug')),
            [],
        );
    });

    it('leaves no subscription behind that it has made for a sign of life', async () => {
        bench = await LinksBench.online(role, { behaviour: { pings: 'ignored' } });
        bench.pbx.addPerson(personOf({ name: 'App', mail: `${app.name}@firm.example`, number: '99' }));
        const end = bench.clock.monotonic() + 60_000;
        await bench.waitFor(() => bench.clock.monotonic() >= end);
        assert.equal(bench.pbx.subscriptions, 0);
        assert.ok(bench.pbx.traffic.sent.of('PresenceUpdate') > 0);
    });

    it('is given up for the reason of whoever uses it, and tried again', async () => {
        const reason = new SyncError('PBX_TABLE_REFUSED', { detail: 'no' });
        let isRefused = true;
        const prepare = (session: PbxSession) => (isRefused ? session.fail(reason) : session.ready());
        bench = await LinksBench.create(role, { prepare });
        bench.start();
        await until(() => bench.phase === 'failed');
        assert.equal(bench.error, reason);
        isRefused = false;
        const waited = await bench.waitFor(() => bench.phase === 'online');
        assert.ok(waited <= 61_000, `${waited}`);
    });

    it('says that the password is wrong, and is online after it was corrected', async () => {
        bench = await LinksBench.create(role, { app: { ...app, password: 'guess' } });
        bench.start();
        await until(() => bench.phase === 'failed');
        assert.equal(bench.error?.code, role === 'client' ? 'PBX_LOGIN_REFUSED' : 'PBX_CALL_REFUSED');
        assert.deepEqual(bench.told, []);
        assert.ok(!/guess|pässword/.test(bench.log.join()));
        Object.assign(bench.pbx.app, { password: app.password });
        await bench.waitFor(() => bench.phase === 'online');
        assert.match(bench.log.at(-1)!, /connected again$/);
    });

    it('says in words that the PBX has another name', async () => {
        bench = await LinksBench.create(role, {}, { pbxName: 'pbx-head' });
        bench.start();
        await bench.waitFor(() => bench.phase === 'failed');
        assert.equal(bench.error?.code, 'PBX_NAME_MISMATCH');
        assert.match(bench.error!.message, /says that its PBX name is pbx-main, not pbx-head/);
    });

    it('takes no difference in upper and lower case for another name', async () => {
        bench = await LinksBench.online(role, {}, { pbxName: 'PBX-Main' });
        assert.equal(bench.phase, 'online');
    });

    for (const untickedApi of ['silent', 'error'] as const) {
        it(`knows which APIs it may use (an unticked one: ${untickedApi})`, async () => {
            const apis = ['PbxApi', 'PbxImpersonation'];
            bench = await LinksBench.online(role, { app: { ...app, apis }, behaviour: { untickedApi } });
            const session = bench.links.master!;
            assert.equal(session.may('PbxApi'), role === 'client' ? undefined : true);
            await session.request('PbxApi', 'SubscribePresence', { sip: 'anna.brandt' });
            assert.equal(session.may('PbxApi'), true);
            assert.equal(session.may('PbxApi.7'), true);
            const refused = session.request('PbxTableUsers', 'ReplicateStart', {}).then(
                ({ errorText }) => errorText,
                (error: SyncError) => error.code,
            );
            await bench.waitFor(() => session.may('PbxAdminApi') === false);
            const explicit = role === 'client' && untickedApi === 'error';
            assert.equal(await refused, explicit ? 'The App object may not use this API' : 'PBX_API_MISSING');
            assert.equal(session.may('PbxTableUsers'), explicit ? undefined : false);
            assert.equal(bench.phase, 'online');
        });
    }

    it('takes an API that tells something for one that may be used, though its result does not come', async () => {
        bench = await LinksBench.online(role, { app: { ...app, apis: ['RCC'] } });
        const session = bench.links.master!;
        const asked = assert.rejects(session.request('RCC', 'Unknown', {}), { code: 'PBX_SILENT' });
        await bench.quiet();
        bench.pbx.sendRaw('{"api":"RCC","mt":"UserInfo","guid":"1"}');
        let isOver = false;
        void asked.finally(() => {
            isOver = true;
        });
        await bench.waitFor(() => isOver);
        await asked;
        assert.equal(session.may('RCC'), true);
    });

    it('reads what comes in fragments', async () => {
        bench = await LinksBench.create(role);
        bench.pbx.faults.fragment = 3;
        bench.start();
        await until(() => bench.phase === 'online');
        await bench.subscribe('juergen.vogel');
        await until(() => bench.presence.length === 2);
        assert.equal(bench.presence[0]!.dn, 'Jürgen Vogel');
    });

    it('never sends more than 65,535 bytes', async () => {
        bench = await LinksBench.online(role);
        const session = bench.links.master!;
        const longest = (length: number) => session.request('PbxApi', 'SetPresence', { note: 'ü'.repeat(length) });
        await assert.rejects(longest(32_760), RangeError);
        assert.match(String((await longest(32_700)).errorText), /./);
        assert.equal(bench.links.master, session);
    });

    it('does no more than pass over nonsense', async () => {
        bench = await LinksBench.online(role);
        const session = bench.links.master!;
        const random = randomNumbers(role === 'client' ? 3 : 5);
        for (let index = 0; index < 2_000; index++) {
            bench.pbx.sendRaw(nonsenseFrame(random));
            if (index % 200 === 0) await bench.quiet();
        }
        bench.pbx.sendRaw(Buffer.from([1, 2, 3]));
        bench.pbx.sendRaw('['.repeat(30_000));
        bench.pbx.sendRaw(`{"mt":"AppInfo","app":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
        bench.pbx.sendRaw(`{"mt":"PresenceUpdate","presence":${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}}`);
        await session.request('PbxApi', 'SubscribePresence', { sip: 'anna.brandt' });
        assert.equal(bench.links.master, session);
        assert.equal(bench.phase, 'online');
        assert.deepEqual(bench.told, [bench.told[0]]);
    });

    it('is left when the PBX sends far too much, and comes back', async () => {
        bench = await LinksBench.online(role);
        bench.pbx.sendRaw('x'.repeat(2_000_000));
        await until(() => bench.phase === 'retrying');
        assert.equal(bench.error?.code, 'PBX_CONNECTION_LOST');
        await bench.waitFor(() => bench.phase === 'online');
    });

    it('leads to the PBX where a user is homed, and nowhere where there is no such PBX', async () => {
        bench = await LinksBench.online(role, { slaves: ['pbx-north', 'pbx-south'] });
        const names = bench.links.states().map(({ name, role: part }) => `${part} ${name}`);
        assert.deepEqual(names.sort(), ['master pbx-main', 'slave pbx-north', 'slave pbx-south']);
        const { links } = bench;
        assert.equal(links.home('pbx-north')?.info.pbx, 'pbx-north');
        assert.equal(links.home('PBX-South')?.info.pbx, 'pbx-south');
        for (const loc of [undefined, '', 'pbx-main']) assert.equal(links.home(loc), links.master);
        assert.equal(links.home('pbx-elsewhere'), undefined);
    });

    it('costs only the users of a slave that is down', async () => {
        bench = await LinksBench.online(role, { slaves: ['pbx-north', 'pbx-south'] });
        const { links } = bench;
        const master = links.master;
        const [north] = bench.pbx.slaves;
        await north!.stop();
        await until(() => links.home('pbx-north') === undefined);
        assert.equal(links.master, master);
        assert.equal(links.home('pbx-south')?.info.pbx, 'pbx-south');
        const phases = () => Object.fromEntries(links.states().map(({ name, state }) => [name, state.phase]));
        assert.deepEqual(phases(), { 'pbx-main': 'online', 'pbx-north': 'retrying', 'pbx-south': 'online' });
        await north!.start();
        await bench.waitFor(() => phases()['pbx-north'] === 'online');
        assert.equal(links.home('pbx-north')?.info.pbx, 'pbx-north');
    });

    it('ends when it is stopped, twice if need be, leaves nothing behind, and starts again', async () => {
        bench = await LinksBench.online(role);
        const session = bench.links.master!;
        bench.pbx.dialOut(undefined);
        const stopped = Promise.all([bench.links.stop(), bench.links.stop()]);
        await bench.clock.advance(1_000);
        await stopped;
        assert.deepEqual(bench.state, { phase: 'stopped' });
        assert.equal(session.end?.code, 'PBX_CONNECTION_LOST');
        assert.equal(bench.told.length, 2);
        await bench.quiet();
        assert.equal(bench.clock.waiting, 0);
        bench.start();
        await bench.waitFor(() => bench.phase === 'online');
    });

    it('goes on when a listener throws', async () => {
        bench = await LinksBench.create(role);
        bench.start();
        await until(() => bench.phase === 'online');
        const session = bench.links.master!;
        const src = session.newSource();
        session.mux.listen(src, () => {
            throw new Error('mine');
        });
        await session.request('PbxApi', 'SubscribePresence', { sip: 'anna.brandt' }, src);
        await until(() => bench.log.some(line => /PresenceUpdate\) could not be worked on: Error: mine/.test(line)));
        assert.equal(bench.links.master, session);
    });
}

for (const role of ['client', 'server'] as const) {
    describe(`The links with the PBX where ${role === 'client' ? 'we call it' : 'it calls us'}`, () =>
        describeLinks(role));
}
