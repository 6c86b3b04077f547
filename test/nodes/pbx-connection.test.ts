import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { NodeAPI } from 'node-red';
import WebSocket from 'ws';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { SimulatedPbx } from '../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../lib/simulator/pbx/visibility';
import { defaultPeople } from '../../lib/simulator/person';
import type { PbxConnection } from '../../nodes/pbx-connection';
import { freePort } from '../support/free-port';
import { LoadedFlow } from '../support/loaded-flow';

import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceIn = require('../../nodes/pbx-presence-in');
import pbxPresenceOut = require('../../nodes/pbx-presence-out');

const [anna, juergen] = defaultPeople();
const app = {
    name: 'presence-sync',
    password: 'a secret of the App',
    apis: ['PbxApi', 'PbxTableUsers', 'PbxAdminApi', 'PbxImpersonation'],
};
const credentials = { pbx: { password: app.password } };

/** What a dialog is answered. */
interface Answer {
    ok: boolean;
    lines: { ok: boolean | 'warning'; code: string; parameters: Record<string, string>; text: string }[];
    error?: { code: string; parameters: Record<string, string>; text: string };
}

/** The runtime that the flow is loaded into. */
let runtime: NodeAPI;
const listening = (RED: NodeAPI): void => {
    runtime = RED;
};
const modules = [listening, pbxConnection, pbxPresenceIn, pbxPresenceOut];

describe('pbx-connection', function () {
    this.timeout(120_000);
    let authority: CertificateAuthority;
    let pbx: SimulatedPbx;
    let flow: LoadedFlow;
    const servers: Server[] = [];

    before(async () => {
        authority = await CertificateAuthority.create();
    });

    beforeEach(async () => {
        pbx = new SimulatedPbx({ people: defaultPeople(), app, authority, defaultVisibility: allRights });
        await pbx.start();
    });

    afterEach(async () => {
        for (const server of servers.splice(0)) server.close();
        await flow?.unload();
        await pbx.stop();
    });

    const pbxIn = { id: 'in', type: 'pbx-presence-in', z: 'tab', pbx: 'pbx', wires: [['sent']] };
    const pbxOut = { id: 'out', type: 'pbx-presence-out', z: 'tab', pbx: 'pbx', wires: [['sent']] };
    const connection = { id: 'pbx', type: 'pbx-connection', system: 'innovaphone', appName: app.name };
    const called = { role: 'server', appUrl: `http://nodered/pbx/${app.name}`, pbxName: 'pbx-main' };
    const client = () => ({ ...connection, address: pbx.url, fingerprint: pbx.fingerprint });
    const load = (config: object, ...nodes: { id: string; type: string }[]) =>
        LoadedFlow.load(modules, [{ ...connection, ...config }, ...nodes], credentials);
    const web = () => runtime.server as unknown as Server;
    const portOf = (server: Server): number => (server.address() as AddressInfo).port;
    const systemOf = (id = 'pbx') => (flow.node(id) as unknown as PbxConnection).system();

    /** Serves what has no server of its own in the test; returns the port. */
    async function serve(listener: RequestListener | undefined): Promise<number> {
        const server = createServer(listener).listen(0, '127.0.0.1');
        servers.push(server);
        await once(server, 'listening');
        return portOf(server);
    }

    /** Both directions work. */
    async function works(): Promise<void> {
        await Promise.all(['in', 'out'].map(id => flow.statusOf(id, 'green')));
        const told = new Promise(resolve => {
            (flow.node('sent') as EventEmitter).on('input', ({ topic, payload }) => {
                if (topic === juergen!.mail && payload?.activity === 'dnd') resolve(payload);
            });
        });
        pbx.setPresence(juergen!.guid, { activity: 'dnd', note: 'Not now' });
        assert.deepEqual(await told, { activity: 'dnd', note: 'Not now', onThePhone: false });
        const { sent, errors } = await flow.send('out', { topic: anna!.mail, payload: { activity: 'busy', note: '' } });
        assert.deepEqual(errors, []);
        assert.deepEqual(sent.at(-1)?.outcome, { written: true, reason: 'Shown in the PBX as busy' });
        assert.equal(pbx.presenceOf(anna!.guid).activity, 'busy');
    }

    it('calls the PBX, and trusts the certificate that is pinned', async () => {
        flow = await load(client(), pbxIn, pbxOut);
        await works();
    });

    it('trusts no certificate by itself', async () => {
        flow = await load({ ...client(), fingerprint: '' }, pbxIn);
        const { text } = await flow.statusOf('in', 'red');
        assert.match(text ?? '', /certificate of PBX .* is not trusted/);
    });

    it('lets the PBX call at the web server of Node-RED, and leaves other WebSockets there alone', async () => {
        flow = await load(called, pbxIn, pbxOut);
        const port = portOf(web());
        pbx.dialOut(`http://127.0.0.1:${port}/pbx/${app.name}`);
        await works();
        const comms = new WebSocket(`ws://127.0.0.1:${port}/comms`);
        // Node-RED's own, which the editor uses.
        await once(comms, 'open');
        comms.terminate();
    });

    it('serves the page and the icon of the App beside it, and nothing else', async () => {
        flow = await load({ ...called, appUrl: 'http://nodered/pbx/sync' });
        await systemOf();
        const port = await serve(flow.httpNode);
        const get = (path: string) => fetch(`http://127.0.0.1:${port}/pbx/${path}`);
        assert.match(await (await get(`${app.name}.htm`)).text(), /<!DOCTYPE html>/);
        assert.equal((await get(`${app.name}.png`)).headers.get('content-type'), 'image/png');
        for (const file of ['sync.htm', 'sync.png']) assert.equal((await get(file)).status, 200);
        assert.equal((await get('other.htm')).status, 404);
    });

    it('lets the PBX call at a port of its own', async () => {
        const port = await freePort();
        const appUrl = `http://127.0.0.1:${port}/pbx/${app.name}`;
        flow = await load({ ...called, appUrl, listen: 'own-port', port: String(port) }, pbxIn, pbxOut);
        pbx.dialOut(appUrl);
        await works();
        const elsewhere = new WebSocket(`ws://127.0.0.1:${port}/other`);
        await once(elsewhere, 'error');
        await flow.unload();
        await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    });

    it('says while its port is crowded, and goes on with the PBX [C7]', async () => {
        const port = await freePort();
        const appUrl = `http://127.0.0.1:${port}/pbx/${app.name}`;
        flow = await load({ ...called, appUrl, listen: 'own-port', port: String(port) }, pbxIn, pbxOut);
        pbx.dialOut(appUrl);
        await works();
        const strangers = Array.from({ length: 560 }, () => connect(port, '127.0.0.1').on('error', () => {}));
        for (const id of ['in', 'out'])
            assert.match((await flow.statusOf(id, 'yellow')).text ?? '', /connections to port \d+ ask for nothing/);
        const { errors } = await flow.send('out', { topic: anna!.mail, payload: { activity: 'away', note: '' } });
        assert.deepEqual([errors, pbx.presenceOf(anna!.guid).activity], [[], 'away']);
        for (const socket of strangers) socket.destroy();
    });

    it('shows which slave is not connected, and goes on with the others', async () => {
        const slave = pbx.addSlave({ name: 'pbx2' });
        await slave.start();
        const { url, fingerprint } = slave;
        await slave.stop();
        flow = await load({ ...client(), slaves: [url], fingerprint: `${pbx.fingerprint},${fingerprint}` }, pbxIn);
        const { text } = await flow.statusOf('in', 'green');
        assert.match(text ?? '', /not with|slaves-away/);
    });

    const wrong: [string, object, RegExp][] = [
        ['a DNS name as PBX name', { address: 'pbx.firm.example', pbxName: 'pbx.contoso.com' }, /Enter pbx|enter pbx/],
        ['a URL without a path of two parts', { role: 'server', appUrl: 'http://nodered/pbx' }, /two parts/],
        ['no URL', { role: 'server' }, /URL of the App object is missing/],
        ['no name of the master', { role: 'server', appUrl: 'http://x/a/b' }, /PBX name is missing/],
        ['an impossible port', { role: 'server', appUrl: 'http://x/a/b', listen: 'own-port', port: '0' }, /1 to 65535/],
        ['no address', {}, /Address of the PBX is missing/],
        ['a fingerprint that is none', { address: 'wss://127.0.0.1:9', fingerprint: 'AB' }, /64 hex digits/],
        ['groups that are not named', { address: 'pbx.firm.example', participation: 'group' }, /Group is missing/],
        ['an unknown choice', { address: 'pbx.firm.example', match: 'guess' }, /none of the choices/],
    ];
    for (const [what, config, sentence] of wrong) {
        it(`says what is wrong with ${what}, and ends nothing`, async () => {
            flow = await load(config, pbxIn);
            const { text } = await flow.statusOf('in', 'red');
            assert.match(text ?? '', sentence);
        });
    }

    it('refuses a path that another connection has', async () => {
        flow = await LoadedFlow.load(
            modules,
            [
                { ...connection, ...called },
                { ...connection, ...called, id: 'second' },
                pbxIn,
                { ...pbxIn, id: 'in2', pbx: 'second' },
            ],
            { ...credentials, second: credentials.pbx },
        );
        const { text } = await flow.statusOf('in2', 'red');
        assert.match(text ?? '', /another PBX connection has this path/);
    });

    describe('when its dialog tries it', () => {
        async function check(values: object): Promise<Answer> {
            const port = await serve(flow.httpAdmin);
            const response = await fetch(`http://127.0.0.1:${port}/pbx-connection/check`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify(values),
            });
            const text = await response.text();
            assert.ok(!text.includes(app.password), text);
            return JSON.parse(text);
        }
        const codes = ({ lines }: Answer) => lines.map(({ ok, code }) => `${ok} ${code}`);

        it('tells all that is well, though it is not deployed', async () => {
            flow = await LoadedFlow.load(modules, []);
            const answer = await check({ ...client(), id: 'new', password: app.password });
            assert.equal(answer.ok, true, JSON.stringify(answer));
            for (const code of ['CHECK_PBX_CERTIFICATE', 'CHECK_PBX_LOGGED_IN', 'CHECK_PBX_ALL_VISIBLE'])
                assert.ok(codes(answer).includes(`true ${code}`), `${code} ${codes(answer)}`);
        });

        it('shows the fingerprint of a certificate that is not trusted', async () => {
            flow = await LoadedFlow.load(modules, []);
            const answer = await check({ ...client(), fingerprint: '', password: app.password });
            assert.equal(answer.ok, false);
            const { parameters } = answer.lines.find(({ code }) => code === 'CHECK_PBX_FINGERPRINT')!;
            assert.equal(parameters.fingerprint, pbx.fingerprint);
        });

        it('uses the stored password where the dialog only knows that there is one', async () => {
            flow = await load({ address: 'pbx.firm.example' });
            assert.equal((await check({ ...client(), password: '__PWRD__' })).ok, true);
            const { error } = await check({ ...client(), id: 'gone', password: '__PWRD__' });
            assert.deepEqual(error?.parameters, { field: 'Password of the App object' });
        });

        it('says what is wrong with a field', async () => {
            flow = await LoadedFlow.load(modules, []);
            const { error } = await check({ ...client(), password: app.password, participation: 'listed' });
            assert.equal(error?.code, 'FIELD_MISSING');
            const nameless = await check({ ...connection, ...called, pbxName: ' ', password: app.password });
            assert.deepEqual(nameless.error?.parameters, { field: 'PBX name' });
        });

        it('does not mind certificates that are not used', async () => {
            flow = await LoadedFlow.load(modules, []);
            const values = { ...client(), password: app.password };
            assert.equal((await check({ ...values, listen: 'own-port', serverTls: 'gone' })).ok, true);
            assert.deepEqual((await check({ ...values, tls: 'gone' })).error?.parameters, {
                field: 'TLS configuration',
                why: 'deploy it first',
            });
        });

        it('takes what is needed from environment variables, too', async () => {
            process.env.PRESENCE_CALL = 'alien';
            flow = await LoadedFlow.load(modules, []);
            const uses = [{ type: 'pbx-presence-out', call: `\${PRESENCE_CALL}` }];
            const { lines } = await check({ ...client(), password: app.password, uses });
            delete process.env.PRESENCE_CALL;
            assert.ok(lines.some(({ parameters }) => parameters.api === 'PbxImpersonation'));
        });

        it('counts who takes part as the dialog says, in a system that runs', async () => {
            flow = await load({ ...called, exclude: anna!.mail }, pbxIn);
            pbx.dialOut(`http://127.0.0.1:${portOf(web())}/pbx/${app.name}`);
            await flow.statusOf('in', 'green');
            const asked = { ...connection, ...called, password: '__PWRD__' };
            const counted = async (values: object) =>
                (await check({ ...asked, ...values })).lines.find(({ code }) => code === 'CHECK_PBX_PARTICIPANTS')
                    ?.text;
            assert.equal(await counted({}), '8 of 8 users take part');
            assert.equal(await counted({ exclude: anna!.mail }), '7 of 8 users take part');
        });

        it('looks at what runs where the PBX calls', async () => {
            flow = await load(called, pbxIn);
            const asked = { ...connection, ...called, password: '__PWRD__' };
            assert.deepEqual(codes(await check(asked)), ['warning CHECK_PBX_WAITING']);
            pbx.dialOut(`http://127.0.0.1:${portOf(web())}/pbx/${app.name}`);
            await flow.statusOf('in', 'green');
            const answer = await check(asked);
            assert.equal(answer.ok, true, JSON.stringify(answer));
            assert.ok(codes(answer).includes('true CHECK_PBX_LOGGED_IN'));
        });
    });
});
