import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { SignJWT } from 'jose';
import { after, afterEach, before, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { freePorts } from '../../../lib/simulator/free-ports';
import { type AppCertificate, appCertificate } from '../../support/app-certificate';

const program = join(__dirname, '../../../lib/simulator/main.js');

interface Announcement {
    graphUrl: string;
    tenantId: string;
    app: { clientId: string; clientSecret: string };
    accounts: { username: string; password: string }[];
    pbx: { url: string; appName: string; password: string; slaves?: { name: string; url: string }[] };
    ca: string;
    controlUrl: string;
    notificationUrl?: string;
}

/** An app-only token for Graph. */
async function tokenByCertificate(office: Announcement, dispatcher: Agent, app: AppCertificate): Promise<string> {
    const endpoint = `${office.graphUrl}/${office.tenantId}/oauth2/v2.0/token`;
    const thumbprint = createHash('sha256').update(new X509Certificate(app.certificate).raw).digest('base64url');
    const assertion = await new SignJWT({ jti: 'one' })
        .setProtectedHeader({ alg: 'PS256', 'x5t#S256': thumbprint })
        .setIssuer(office.app.clientId)
        .setSubject(office.app.clientId)
        .setAudience(endpoint)
        .setExpirationTime('5m')
        .sign(createPrivateKey(app.key));
    const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: office.app.clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        scope: 'https://graph.microsoft.com/.default',
    });
    const answer = (await (await fetch(endpoint, { method: 'POST', body, dispatcher })).json()) as {
        access_token?: string;
    };
    assert.ok(answer.access_token, JSON.stringify(answer));
    return answer.access_token;
}

describe('npm run simulator', () => {
    const running = new Set<ChildProcess>();
    let folder: string;

    before(() => {
        folder = mkdtempSync(join(tmpdir(), 'simulator-test-'));
    });

    after(() => rmSync(folder, { recursive: true }));

    afterEach(() => {
        for (const child of running) child.kill('SIGKILL');
        running.clear();
    });

    function run(...args: string[]): ChildProcess {
        const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        running.add(child);
        child.once('exit', () => running.delete(child));
        return child;
    }

    async function announced(child: ChildProcess): Promise<Announcement> {
        const [line] = await once(createInterface({ input: child.stdout! }), 'line');
        return JSON.parse(line);
    }

    async function failure(...args: string[]): Promise<string> {
        const child = run(...args);
        const [output, errors, [code]] = await Promise.all([
            text(child.stdout!),
            text(child.stderr!),
            once(child, 'exit'),
        ]);
        assert.equal(code, 1);
        assert.equal(output, '');
        assert.doesNotMatch(errors, /\n\s+at /);
        return errors;
    }

    it('opens an office on the given ports, and tells clients all they need', async () => {
        const [graphPort, pbxPort, controlPort] = await freePorts(3);
        const caFile = join(folder, 'ca.pem');
        const ports = ['--graph-port', `${graphPort}`, '--pbx-port', `${pbxPort}`, '--control-port', `${controlPort}`];
        const local = 'http://127.0.0.1:1/hook';
        const child = run(...ports, '--users', '651', '--ca-file', caFile, '--publish', local);
        const office = await announced(child);

        assert.equal(office.graphUrl, `https://127.0.0.1:${graphPort}`);
        assert.equal(office.pbx.url, `wss://127.0.0.1:${pbxPort}/PBX0/APPS/websocket`);
        assert.equal(office.controlUrl, `http://127.0.0.1:${controlPort}/presence-simulator/`);
        assert.equal(office.accounts.length, 2);
        assert.ok(office.app.clientSecret && office.pbx.password && office.accounts[0]?.password);
        assert.equal(readFileSync(caFile, 'utf8'), office.ca);

        const dispatcher = new Agent({ connect: { ca: office.ca } });
        const discovery = `${office.graphUrl}/${office.tenantId}/v2.0/.well-known/openid-configuration`;
        assert.equal((await fetch(discovery, { dispatcher })).status, 200);
        assert.equal((await fetch(office.notificationUrl!, { dispatcher })).status, 502);
        assert.match(office.notificationUrl!, /^https:.*\/hook$/);
        await dispatcher.destroy();

        const people = (await (await fetch(`${office.controlUrl}people`)).json()) as unknown[];
        assert.equal(people.length, 651);
        assert.deepEqual(await (await fetch(`${office.controlUrl}office`)).json(), { running: true });
        assert.match(await (await fetch(office.controlUrl)).text(), /<title>/);
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const)
        it(`ends cleanly on ${signal}, with clients connected`, async () => {
            const child = run();
            const { controlUrl, notificationUrl } = await announced(child);
            assert.equal(notificationUrl, undefined);
            const stream = await fetch(`${controlUrl}events`);
            assert.equal(stream.status, 200);
            child.kill(signal);
            assert.deepEqual(await once(child, 'exit'), [0, null]);
            await assert.rejects(stream.text());
            await assert.rejects(fetch(controlUrl));
        });

    it('opens an office with limits and delays, the same one for the same seed', async () => {
        const options = ['--accounts', '3', '--latency', '25', '--throttle', '1500', '--seed', '7'];
        const [one, other] = await Promise.all([announced(run(...options)), announced(run(...options))]);
        assert.equal(one.accounts.length, 3);
        assert.deepEqual(
            [one.tenantId, one.app, one.accounts, one.pbx.password],
            [other.tenantId, other.app, other.accounts, other.pbx.password],
        );
        const faults = (await (await fetch(`${one.controlUrl}faults`)).json()) as {
            latency: number;
            throttle: Record<string, object>;
        };
        assert.equal(faults.latency, 25);
        assert.deepEqual(faults.throttle.presence, { requests: 1_500, period: 30_000 });
        assert.deepEqual(faults.throttle.subscriptionLists, { requests: 25, period: 20_000 });
    });

    it('opens an office with slave PBXs that call an App URL, all of them slow', async () => {
        const dial = ['--pbx-dial', 'http://127.0.0.1:1/sync', '--pbx-latency', '30'];
        const { pbx, controlUrl } = await announced(run('--pbx-slaves', '2', ...dial));
        const state = (await (await fetch(`${controlUrl}pbx`)).json()) as {
            pbxs: { name: string; url: string; call: { phase: string } }[];
            behaviour: { latency: number };
        };
        const [master, ...slaves] = state.pbxs;
        assert.equal(master?.url, pbx.url);
        assert.deepEqual(
            slaves.map(({ name, url }) => ({ name, url })),
            pbx.slaves,
        );
        assert.deepEqual([pbx.slaves?.length, state.behaviour.latency], [2, 30]);
        for (const { call } of state.pbxs) assert.match(call.phase, /^(connecting|waiting)$/);
    });

    it('lets the app sign in with a certificate, and people be out of office and somewhere [D10]', async () => {
        const { key, certificate } = appCertificate();
        const file = join(folder, 'app.pem');
        writeFileSync(file, key + certificate);
        const office = await announced(run('--app-certificate', file));
        const dispatcher = new Agent({ connect: { ca: office.ca } });
        const token = await tokenByCertificate(office, dispatcher, { key, certificate });

        const people = (await (await fetch(`${office.controlUrl}people`)).json()) as { mail: string }[];
        const { mail } = people[0]!;
        for (const change of [{ outOfOffice: 'Back on Monday' }, { workLocation: { workLocationType: 'remote' } }]) {
            const headers = { 'content-type': 'application/json' };
            const body = JSON.stringify(change);
            const answer = await fetch(`${office.controlUrl}people/${mail}/teams`, { method: 'POST', headers, body });
            assert.equal(answer.status, 200, await answer.text());
        }
        const read = async (path: string) => {
            const headers = { authorization: `Bearer ${token}` };
            const answer = await fetch(`${office.graphUrl}/v1.0${path}`, { dispatcher, headers });
            return (await answer.json()) as Record<string, unknown>;
        };
        const { outOfOfficeSettings, workLocation } = await read(
            `/users/${(await read(`/users/${mail}`)).id}/presence`,
        );
        assert.deepEqual(outOfOfficeSettings, { isOutOfOffice: true, message: 'Back on Monday' });
        assert.deepEqual(workLocation, { workLocationType: 'remote', source: 'manual', placeId: null });
        await dispatcher.destroy();
    });

    it('explains its options', async () => {
        const child = run('--help');
        const help = await text(child.stdout!);
        const options = ['graph-port', 'pbx-port', 'control-port', 'users', 'accounts', 'latency', 'throttle', 'seed'];
        for (const option of [...options, 'ca-file', 'publish', 'app-certificate'])
            assert.ok(help.includes(`--${option}`), option);
        for (const option of ['pbx-latency', 'pbx-slaves', 'pbx-dial']) assert.ok(help.includes(`--${option}`), option);
        assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0);
    });

    const mistakes: [string, string[], RegExp][] = [
        ['a port that is no number', ['--graph-port', 'abc'], /^--graph-port must be .* from 0 to 65535, not "abc"/],
        ['a port out of range', ['--pbx-port', '70000'], /^--pbx-port must be/],
        ['no people', ['--users', '0'], /^--users must be a whole number from 1/],
        ['no accounts', ['--accounts', '0'], /^--accounts must be a whole number from 1/],
        ['too many slaves', ['--pbx-slaves', '21'], /^--pbx-slaves must be a whole number from 0 to 20/],
        ['an App URL elsewhere', ['--pbx-dial', 'https://example.com/app'], /^--pbx-dial: .* this machine only/],
        ['a negative latency', ['--latency', '-1'], /--latency/],
        ['a limit that is no number', ['--throttle', 'off'], /^--throttle must be .*, not "off"/],
        ['a seed that is no number', ['--seed', 'x'], /^--seed must be a whole number/],
        ['a certificate that is none', ['--app-certificate', __filename], /^--app-certificate: .* is no certificate/],
        ['an unknown option', ['--user', '5'], /--user/],
        ['an address that cannot be published', ['--publish', 'http://192.0.2.1/'], /^--publish: .*this machine/],
        ['a file that cannot be written', ['--ca-file', join(tmpdir(), 'no', 'such', 'folder')], /^--ca-file: /],
    ];
    for (const [name, args, message] of mistakes)
        it(`says what is wrong: ${name}`, async () => {
            assert.match(await failure(...args), message);
        });

    for (const [option, message] of [
        ['--control-port', /^--control-port: cannot listen on \d+/],
        ['--graph-port', /Microsoft 365 cannot listen on port \d+/],
    ] as const)
        it(`says what is wrong: the ${option} is taken`, async () => {
            const thief = createServer().listen(0, '127.0.0.1');
            await once(thief, 'listening');
            const { port } = thief.address() as { port: number };
            assert.match(await failure(option, String(port)), message);
            thief.close();
        });
});
