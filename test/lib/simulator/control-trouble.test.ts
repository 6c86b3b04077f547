import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { WebSocket } from 'ws';
import { ControlServer } from '../../../lib/simulator/control-server';
import { SimulatedOffice } from '../../../lib/simulator/office';
import { defaultPeople } from '../../../lib/simulator/person';
import { FakeClock } from '../../support/fake-clock';

const anna = defaultPeople()[0]!;

describe('the control API of the office: people and trouble', () => {
    let clock: FakeClock;
    let office: SimulatedOffice;
    let control: ControlServer;
    let base: string;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await SimulatedOffice.create({ clock });
        control = new ControlServer(office, { port: 0 });
        base = await control.start();
    });

    afterEach(async () => {
        await control.stop();
        await office.stop();
    });

    async function send(method: string, path: string, body?: unknown) {
        const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
        const response = await fetch(base + path, { method, ...(body === undefined ? {} : json) });
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    }

    describe('people', () => {
        it('join on both sides, with a number of their own', async () => {
            const { status, body } = await send('POST', 'people', { name: ' Nora Lind ', mail: 'Nora@Office.Example' });
            assert.equal(status, 200);
            assert.deepEqual(body, {
                name: 'Nora Lind',
                mail: 'nora@office.example',
                pbx: { activity: '', note: '', onThePhone: false },
                teams: { availability: 'Available', activity: 'Available' },
            });
            assert.deepEqual((await send('GET', 'people/nora@office.example')).body, body);
            assert.equal(office.people().length, 9);
            office.setTeams('nora@office.example', { call: 'start' });
            assert.equal(office.person('nora@office.example').teams.activity, 'InACall');
            assert.equal((await send('POST', 'people', { name: 'Olaf', mail: 'olaf@office.example' })).status, 200);
        });

        it('leave, and may come back as the same people', async () => {
            const gone = await send('DELETE', `people/${encodeURIComponent(anna.mail.toUpperCase())}`);
            assert.deepEqual([gone.status, gone.body], [200, { left: anna.mail }]);
            assert.equal((await send('GET', `people/${anna.mail}`)).status, 404);
            assert.throws(() => office.tenant.presenceOf(anna.teamsId));
            assert.throws(() => office.pbx.presenceOf(anna.guid));
            assert.equal((await send('DELETE', `people/${anna.mail}`)).status, 404);
            const back = await send('POST', 'people', { name: anna.name, mail: anna.mail, number: anna.number });
            assert.equal(back.status, 200);
            assert.equal(office.tenant.presenceOf(anna.teamsId).availability, 'Available');
        });

        const refused: [string, unknown, RegExp][] = [
            ['nobody', null, /^name must be/],
            ['no name', { name: ' ', mail: 'a@b' }, /^name must be/],
            ['no address', { name: 'Nora', mail: 'nora' }, /^mail must be a mail address/],
            ['a number that is a number', { name: 'Nora', mail: 'a@b', number: 5 }, /^number must be digits in quotes/],
            ['an address that is taken', { name: 'Nora', mail: anna.mail }, /already has the address anna/],
            [
                'a name that is taken',
                { name: 'A', mail: 'anna.brandt@b' },
                /already has the name anna\.brandt in the PBX/,
            ],
            ['the address of an account', { name: 'A', mail: 'presence-sync-1@brandt-partner.example' }, /already has/],
            ['a number that is taken', { name: 'Nora', mail: 'a@b', number: anna.number }, /already has the number/],
        ];
        for (const [name, body, message] of refused)
            it(`are refused: ${name}`, async () => {
                const answer = await send('POST', 'people', body);
                assert.equal(answer.status, 400);
                assert.match(String(answer.body.error), message);
                assert.equal(office.people().length, 8);
            });
    });

    describe('faults', () => {
        let agent: Agent;
        let token: string;

        beforeEach(async () => {
            await office.start();
            agent = new Agent({ connect: { ca: office.identity.ca } });
            token = await signIn();
        });
        afterEach(() => agent.destroy());

        async function signIn(grant = 'client_credentials', user = {}): Promise<string> {
            const { loginUrl, tenantId, app } = office.identity;
            const form = new URLSearchParams({
                grant_type: grant,
                ...user,
                client_id: app.clientId,
                client_secret: app.clientSecret,
                scope: 'https://graph.microsoft.com/.default',
            });
            const url = `${loginUrl}/${tenantId}/oauth2/v2.0/token`;
            const answer = await fetch(url, { method: 'POST', body: form, dispatcher: agent });
            return ((await answer.json()) as { access_token: string }).access_token;
        }

        const presence = () =>
            fetch(`${office.identity.graphUrl}/v1.0/users/${anna.teamsId}/presence`, {
                headers: { authorization: `Bearer ${token}` },
                dispatcher: agent,
            });

        it('are none at first', async () => {
            assert.deepEqual((await send('GET', 'faults')).body, { latency: 0, silence: false, throttle: {} });
        });

        it('let requests fail, by path, with the time to wait', async () => {
            await send('POST', 'faults', { fail: { count: 1, status: 503, retryAfter: 9, path: 'get /v1.0/users' } });
            const failed = await presence();
            assert.deepEqual([failed.status, failed.headers.get('retry-after')], [503, '9']);
            assert.equal((await presence()).status, 200);
            await send('POST', 'faults', { fail: { count: 1, status: 500, path: 'setPresence' } });
            assert.equal((await presence()).status, 200);
        });

        it('let requests hang', async () => {
            await send('POST', 'faults', { hang: { count: 1 } });
            const aborted = new AbortController();
            const hanging = fetch(`${office.identity.graphUrl}/v1.0/users`, {
                dispatcher: agent,
                signal: aborted.signal,
            }).catch(() => 'aborted');
            while (office.counters().graphRequests < 1) await new Promise(resolve => setImmediate(resolve));
            assert.equal((await presence()).status, 200);
            aborted.abort();
            assert.equal(await hanging, 'aborted');
        });

        it('limit requests, and count them', async () => {
            const { body } = await send('POST', 'faults', { throttle: 1 });
            assert.deepEqual((body.throttle as Record<string, object>).presence, { requests: 1, period: 30_000 });
            assert.equal((await presence()).status, 200);
            assert.equal((await presence()).status, 429);
            const counters = (await send('GET', 'counters')).body;
            assert.equal(counters.throttled, 1);
            assert.deepEqual((counters.graph as Record<string, object>).presence, { served: 1, throttled: 1, peak: 2 });
            assert.deepEqual((await send('POST', 'faults', { throttle: false })).body.throttle, {});
            assert.equal((await presence()).status, 200);
        });

        it('slow everything down, silence notifications, and end together', async () => {
            const { body } = await send('POST', 'faults', { latency: 250, silence: true, throttle: 10 });
            assert.deepEqual([body.latency, body.silence], [250, true]);
            const cleared = await send('POST', 'faults', { clear: true });
            assert.deepEqual(cleared.body, { latency: 0, silence: false, throttle: {} });
            const renewed = await send('POST', 'faults', { latency: 5, clear: true });
            assert.equal(renewed.body.latency, 5);
        });

        it('reach notifications on their way', async () => {
            const notifications = { lose: 1, duplicate: 1, delay: { count: 1, ms: 5 }, reorder: 2 };
            assert.equal((await send('POST', 'faults', { notifications })).status, 200);
            const delivered: number[] = [];
            for (let number = 1; number <= 6; number++)
                office.tenant.faults.notifications.pass(() => delivered.push(number));
            await clock.advance(5);
            assert.deepEqual(delivered, [2, 2, 5, 4, 6, 3]);
        });

        it('reach subscriptions', async () => {
            const heard: string[] = [];
            const endpoint = createServer((request, response) => {
                const validationToken = new URL(request.url ?? '', base).searchParams.get('validationToken');
                text(request).then(body => {
                    heard.push(body);
                    response.writeHead(200, { 'content-type': 'text/plain' }).end(validationToken);
                });
            });
            endpoint.listen(0, '127.0.0.1');
            await once(endpoint, 'listening');
            try {
                const { port } = endpoint.address() as AddressInfo;
                assert.equal(await subscribe(office.publish(`http://127.0.0.1:${port}/`)), 201);
                await send('POST', 'faults', { lifecycle: 'missed' });
                await clock.advance(100);
                while (heard.length < 3) await new Promise(resolve => setImmediate(resolve));
                assert.equal(JSON.parse(heard[2]!).value[0].lifecycleEvent, 'missed');
                await send('POST', 'faults', { loseSubscriptions: true, refuse: anna.teamsId.toUpperCase() });
                assert.equal(office.tenant.subscriptions.length, 0);
                assert.equal(await subscribe(office.publish(`http://127.0.0.1:${port}/`)), 500);
            } finally {
                endpoint.closeAllConnections();
                endpoint.close();
            }
        });

        async function subscribe(notificationUrl: string): Promise<number> {
            token = await signIn('password', office.identity.accounts[0]!);
            const answer = await fetch(`${office.identity.graphUrl}/v1.0/subscriptions`, {
                method: 'POST',
                headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
                body: JSON.stringify({
                    changeType: 'updated',
                    resource: `communications/presences/${anna.teamsId}`,
                    notificationUrl,
                    lifecycleNotificationUrl: notificationUrl,
                    expirationDateTime: new Date(clock.date() + 3_000_000).toISOString(),
                }),
                dispatcher: agent,
            });
            return answer.status;
        }

        it('reach the PBX', async () => {
            const socket = new WebSocket(office.identity.pbx.url, { ca: office.identity.ca });
            await once(socket, 'open');
            const closed = once(socket, 'close');
            await send('POST', 'faults', { dropConnections: true });
            await closed;
        });

        const refused: [string, unknown, RegExp][] = [
            ['no object', [], /^The body must be an object/],
            ['an unknown fault', { explode: true }, /^"explode" is none of the faults: clear, latency, fail/],
            ['a latency that is no number', { latency: 'slow' }, /^latency must be a whole number from 0/],
            ['a failure without a status', { fail: { count: 1 } }, /^fail\.status must be a whole number from 400/],
            ['a failure that succeeds', { fail: { count: 1, status: 200 } }, /^fail\.status/],
            ['a failure with more', { fail: { count: 1, status: 500, times: 1 } }, /^fail has no field "times"/],
            ['an empty path', { hang: { count: 1, path: '' } }, /^hang\.path must be a part of/],
            ['a limit of true', { throttle: true }, /^throttle must be a whole number/],
            ['silence in words', { silence: 'yes' }, /^silence must be true or false/],
            ['notifications', { notifications: { lose: -1 } }, /^notifications\.lose must be/],
            ['half a delay', { notifications: { delay: { count: 1 } } }, /^notifications\.delay\.ms must be/],
            ['an unknown event', { lifecycle: 'gone' }, /^lifecycle must be one of reauthorizationRequired/],
            ['clear: false', { clear: false }, /^clear must be true/],
            ['nobody to refuse', { refuse: '' }, /^refuse must be the Teams id/],
        ];
        for (const [name, body, message] of refused)
            it(`are refused: ${name}`, async () => {
                const answer = await send('POST', 'faults', body);
                assert.equal(answer.status, 400);
                assert.match(String(answer.body.error), message);
            });

        it('happen all or not at all', async () => {
            assert.equal((await send('POST', 'faults', { latency: 100, silence: 'yes' })).status, 400);
            assert.equal((await send('GET', 'faults')).body.latency, 0);
        });
    });
});
