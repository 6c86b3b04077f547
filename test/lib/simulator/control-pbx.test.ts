import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';
import { ControlServer } from '../../../lib/simulator/control-server';
import { SimulatedOffice } from '../../../lib/simulator/office';
import { defaultBehaviour } from '../../../lib/simulator/pbx/behaviour';
import { behaviourValues } from '../../../lib/simulator/pbx/behaviour-values';
import type { PbxSystemState } from '../../../lib/simulator/pbx-orders';
import { defaultPeople } from '../../../lib/simulator/person';
import { FakeClock, settle } from '../../support/fake-clock';
import { AppClient } from './pbx/app-client';
import { AppService } from './pbx/app-service';

const people = defaultPeople();
const [anna, bernd] = [people[0]!, people[1]!];
const set = { api: 'PbxApi', mt: 'SetPresence', guid: anna.guid, activity: 'dnd' };

describe('the control API of the office: the PBX', () => {
    let office: SimulatedOffice;
    let control: ControlServer;
    let base: string;

    beforeEach(async () => {
        office = await SimulatedOffice.create({ clock: new FakeClock(), pbxSlaves: 1 });
        await office.start();
        control = new ControlServer(office, { port: 0 });
        base = await control.start();
    });

    afterEach(async () => {
        await control.stop();
        await office.stop();
    });

    async function send(method: string, body?: unknown) {
        const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
        const response = await fetch(`${base}pbx`, { method, ...(body === undefined ? {} : json) });
        return { status: response.status, body: (await response.json()) as PbxSystemState & { error: string } };
    }

    function login(url = office.identity.pbx.url): Promise<AppClient> {
        const { appName: app, password } = office.identity.pbx;
        return AppClient.loggedIn(url, { app, password }, { ca: office.identity.ca });
    }

    it('tells counters and behaviour of master and slave', async () => {
        const client = await login();
        const { body } = await send('GET');
        client.end();
        const [master, slave] = body.pbxs;
        assert.deepEqual(body.behaviour, defaultBehaviour);
        assert.deepEqual([master?.name, slave?.name], ['pbx-main', 'pbx-slave-1']);
        assert.deepEqual([master?.url, slave?.url], [office.pbx.url, office.identity.pbx.slaves?.[0]?.url]);
        assert.deepEqual([master?.connections, slave?.connections], [1, 0]);
        const received = { AppChallenge: 1, AppLogin: 1 };
        const sent = { AppChallengeResult: 1, AppLoginResult: 1 };
        assert.deepEqual(master?.traffic, { received, sent, connections: 1, logins: 1 });
        assert.equal(master?.fingerprint, office.pbx.fingerprint);
        assert.equal(office.counters().pbxMessages, 4);
    });

    it('has people at the master and at the slave', async () => {
        const { users } = office.pbx.installation;
        assert.equal(users.get(anna.guid).loc, 'pbx-main');
        assert.equal(users.get(bernd.guid).loc, 'pbx-slave-1');
        const client = await login(office.identity.pbx.slaves?.[0]?.url);
        await client.request({ ...set, guid: bernd.guid });
        client.end();
        assert.equal(office.person(bernd.mail).pbx.activity, 'dnd');
        assert.equal(office.counters().pbxWrites, 1);
    });

    it('makes trouble and takes it back', async () => {
        const client = await login();
        const orders = { fail: { mt: 'SetPresence', count: 9 }, behaviour: { keepAlive: 'echo' }, latency: 7 };
        const { status, body } = await send('POST', orders);
        assert.equal(status, 200);
        assert.deepEqual(body.behaviour, { ...defaultBehaviour, keepAlive: 'echo', latency: 7 });
        await send('POST', { latency: 0, repeat: { mt: 'KeepAlive' }, fragment: 5 });
        await client.request({ mt: 'KeepAlive' });
        assert.equal((await client.next()).mt, 'KeepAlive');
        assert.equal(typeof (await client.request(set)).error, 'number');
        const cleared = await send('POST', { clear: true });
        assert.deepEqual(cleared.body.behaviour, defaultBehaviour);
        await send('POST', { ignore: { mt: 'SetPresence' } });
        client.send(set);
        assert.equal((await client.request(set)).error, undefined);
        assert.equal(office.pbx.counters.writes, 1);
        client.end();
    });

    it('steers the PBX that is named', async () => {
        const [master, slave] = [await login(), await login(office.identity.pbx.slaves?.[0]?.url)];
        const closed = slave.closed();
        const { body } = await send('POST', { pbx: 'pbx-slave-1', deaf: true, drop: true });
        assert.equal(await closed, 1006);
        assert.deepEqual(
            body.pbxs.map(({ deaf }) => deaf),
            [false, true],
        );
        await master.nothing();
        const dropped = master.closed();
        await send('POST', { dropAt: 'SetPresence' });
        master.send(set);
        assert.equal(await dropped, 1006);
    });

    it('ticks APIs of the App object, at the PBX that is named', async () => {
        const [master, slave] = [await login(), await login(office.identity.pbx.slaves?.[0]?.url)];
        const probe = { api: 'PbxImpersonation', mt: 'DeleteApi', target: '' };
        await send('POST', { apis: ['PbxApi', 'PbxTableUsers'] });
        master.send(probe);
        await master.nothing();
        assert.equal((await slave.request(probe)).ok, false);
        await send('POST', { clear: true });
        assert.equal((await master.request(probe)).ok, false);
        for (const client of [master, slave]) client.end();
    });

    it('changes the certificate', async () => {
        const { body } = await send('POST', { certificate: 'self-signed' });
        assert.equal(body.pbxs[0]?.fingerprint, office.pbx.fingerprint);
        await assert.rejects(login(), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    });

    it('lets the PBX call an App URL, and hang up', async () => {
        const service = await AppService.start();
        try {
            await send('POST', { dialOut: service.url });
            const connection = await service.welcome(office.identity.pbx.password);
            const closed = connection.closed();
            await connection.next();
            await connection.next();
            while (office.pbx.call?.phase !== 'up') await settle();
            assert.deepEqual((await send('GET')).body.pbxs[0]?.call, { phase: 'up' });
            await send('POST', { dialOut: false });
            assert.equal(await closed, 1006);
            assert.equal(office.pbx.call, undefined);
        } finally {
            await service.stop();
        }
    });

    it('lets the PBX look at the certificate of the App URL', async () => {
        const authority = await CertificateAuthority.create();
        const service = await AppService.start(await authority.issue(['127.0.0.1']));
        const { url } = service;
        try {
            await send('POST', { dialOut: { url, ca: office.identity.ca } });
            const call = async () => (await send('GET')).body.pbxs[0]?.call;
            while ((await call())?.phase !== 'waiting');
            assert.match((await call())?.problem ?? '', /certificate/);
            await send('POST', { dialOut: { url, ca: authority.certificate } });
            await service.welcome(office.identity.pbx.password);
            await send('POST', { dialOut: { url } });
            await service.welcome(office.identity.pbx.password);
        } finally {
            await service.stop();
        }
    });

    it('changes the DNS name, and a slave keeps its own', async () => {
        await send('POST', { dns: 'pbx.example.com' });
        assert.equal(office.pbx.config.dns, 'pbx.example.com');
        assert.match(office.pbx.slaves[0]!.config.dns, /^pbx-slave-1\./);
    });

    it('sets every switch to every value', async () => {
        for (const [name, values] of Object.entries(behaviourValues)) {
            for (const value of typeof values === 'string' ? [] : values) {
                const { status, body } = await send('POST', { behaviour: { [name]: value } });
                assert.equal(status, 200);
                assert.equal(body.behaviour[name as keyof typeof body.behaviour], value);
            }
        }
        assert.deepEqual(Object.keys(behaviourValues).sort(), Object.keys(defaultBehaviour).sort());
    });

    for (const [order, pattern] of [
        [{ explode: true }, /"explode" is none of the orders: pbx, clear,/],
        [{ pbx: 'pbx-north' }, /pbx must be one of pbx-main, pbx-slave-1/],
        [{ clear: false }, /clear must be true/],
        [{ apis: 'PbxApi' }, /apis must be a list of PbxApi, PbxTableUsers,/],
        [{ apis: ['PbxMood'] }, /apis must be one of PbxApi, PbxTableUsers,/],
        [{ behaviour: { mood: 'bad' } }, /behaviour has no switch "mood"/],
        [{ behaviour: { usn: 'sometimes' } }, /behaviour.usn must be one of absent, rows, everywhere/],
        [{ behaviour: { remoteLineState: 1 } }, /behaviour.remoteLineState must be true or false/],
        [{ behaviour: { redialAfter: -1 } }, /behaviour.redialAfter must be a whole number from 0/],
        [{ behaviour: { defaultContact: 1 } }, /behaviour.defaultContact must be a text/],
        [{ latency: 1.5 }, /latency must be a whole number/],
        [{ fail: { mt: '' } }, /fail.mt must be the name of a message/],
        [{ fail: { mt: 'SetPresence', count: 0 } }, /fail.count must be a whole number from 1/],
        [{ fail: { mt: 'SetPresence', status: 500 } }, /fail has no field "status"/],
        [{ dropAt: 7 }, /dropAt must be the name of a message/],
        [{ dialOut: 'https://example.com/app' }, /dialOut: The simulated PBX calls addresses of this machine only/],
        [{ dialOut: 7 }, /dialOut: The URL of an App is/],
        [{ dialOut: null }, /dialOut must be an object/],
        [{ dialOut: { url: 'https://127.0.0.1/a/b', ca: 'x' } }, /dialOut.ca must be a certificate in PEM/],
        [{ dialOut: { url: 'https://127.0.0.1/a/b', pin: 'x' } }, /dialOut has no field "pin"/],
        [{ dns: '' }, /dns must be a name/],
        [{ certificate: 'forged' }, /certificate must be one of right/],
        [[], /The body must be an object/],
    ] as [unknown, RegExp][]) {
        it(`refuses ${JSON.stringify(order)}, and does nothing of it`, async () => {
            const deaf = Array.isArray(order) ? order : { deaf: true, ...(order as object) };
            const { status, body } = await send('POST', deaf);
            assert.equal(status, 400);
            assert.match(body.error, pattern);
            assert.equal(office.pbx.deaf, false);
        });
    }
});
