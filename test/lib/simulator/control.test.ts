import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createControl, servePage } from '../../../lib/simulator/control';
import { ControlServer } from '../../../lib/simulator/control-server';
import type { OfficeEvent } from '../../../lib/simulator/event-stream';
import { SimulatedOffice } from '../../../lib/simulator/office';
import { defaultPeople, manyPeople, personOf } from '../../../lib/simulator/person';

const anna = defaultPeople()[0]!.mail;
const jsonType = { 'content-type': 'application/json' };

describe('the control API of the office', () => {
    let office: SimulatedOffice;
    let control: ControlServer;
    let base: string;
    const servers: Server[] = [];

    beforeEach(async () => {
        office = await SimulatedOffice.create();
        control = new ControlServer(office, { port: 0 });
        base = await control.start();
    });

    afterEach(async () => {
        await control.stop();
        await office.stop();
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });

    async function serve(listener: RequestListener): Promise<string> {
        const server = createServer(listener);
        servers.push(server);
        await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    }

    const get = async (path: string) => (await fetch(base + path)).json() as Promise<Record<string, unknown>>;

    async function post(path: string, body: unknown, headers: Record<string, string> = jsonType, at = base) {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const response = await fetch(at + path, { method: 'POST', headers, body: text });
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    }

    it('names everybody', async () => {
        const people = (await get('people')) as unknown as Record<string, unknown>[];
        assert.equal(people.length, 8);
        assert.deepEqual(people[0], {
            name: 'Anna Brandt',
            mail: anna,
            pbx: { activity: '', note: '', onThePhone: false },
            teams: { availability: 'Available', activity: 'Available' },
        });
    });

    it('changes what somebody does at the phone and answers with the person', async () => {
        const set = await post(`people/${anna}/pbx`, { activity: 'dnd', note: 'quiet' });
        assert.equal(set.status, 200);
        assert.deepEqual(set.body.pbx, { activity: 'dnd', note: 'quiet', onThePhone: false });
        const call = await post(`people/${encodeURIComponent(anna)}/pbx`, { call: 'start' });
        assert.deepEqual(call.body.pbx, { activity: 'dnd', note: 'quiet', onThePhone: true });
        assert.equal((await post(`people/${anna}/pbx`, { call: 'end' })).status, 200);
        assert.equal(office.person(anna).pbx.onThePhone, false);
    });

    it('changes what somebody does in Teams and answers with the person', async () => {
        const set = await post(`people/${anna}/teams`, { availability: 'Busy', activity: 'InAMeeting' });
        assert.deepEqual(set.body.teams, { availability: 'Busy', activity: 'InAMeeting' });
        await post(`people/${anna}/teams`, { call: 'start' });
        assert.deepEqual(office.person(anna).teams, { availability: 'Busy', activity: 'InACall' });
    });

    it('tells the counters', async () => {
        const expected = { graphRequests: 0, presenceWrites: 0, notificationsSent: 0, pbxMessages: 0, pbxWrites: 0 };
        const { graph, ...counters } = await get('counters');
        assert.deepEqual(counters, { ...expected, throttled: 0 });
        assert.deepEqual((graph as Record<string, object>).presence, { served: 0, throttled: 0, peak: 0 });
    });

    it('switches the office on and off', async () => {
        assert.deepEqual(await get('office'), { running: false });
        assert.deepEqual((await post('office', { running: true })).body, { running: true });
        assert.equal(office.running, true);
        assert.deepEqual((await post('office', { running: false })).body, { running: false });
        assert.deepEqual(await get('office'), { running: false });
    });

    it('says why the office cannot be switched on', async () => {
        const thief = createServer();
        servers.push(thief);
        const port = Number(new URL(office.identity.graphUrl).port);
        await new Promise<void>(resolve => thief.listen(port, '127.0.0.1', resolve));
        const { status, body } = await post('office', { running: true });
        assert.equal(status, 503);
        assert.match(String(body.error), new RegExp(`port ${port}`));
    });

    describe('refuses', () => {
        const refusals: [string, string, unknown, Record<string, string>, number, RegExp][] = [
            [
                'an unknown person',
                'people/nobody@example.com/pbx',
                { call: 'end' },
                jsonType,
                404,
                /nobody@example\.com/,
            ],
            ['an unknown person in Teams', 'people/x/teams', { call: 'end' }, jsonType, 404, /address x/],
            ['a wrong value at the phone', `people/${anna}/pbx`, { activity: 5 }, jsonType, 400, /^activity must be/],
            [
                'a wrong value in Teams',
                `people/${anna}/teams`,
                { availability: 'x' },
                jsonType,
                400,
                /^availability must/,
            ],
            ['a wrong value for the office', 'office', { running: 'yes' }, jsonType, 400, /^running must be/],
            ['no object for the office', 'office', 'null', jsonType, 400, /^running must be/],
            ['broken JSON', `people/${anna}/pbx`, '{"activity"', jsonType, 400, /not valid JSON/],
            ['a form', `people/${anna}/pbx`, 'call=end', { 'content-type': 'text/plain' }, 415, /application\/json/],
            ['a broken path', 'people/%zz/pbx', { call: 'end' }, jsonType, 400, /percent/],
            ['a long body', `people/${anna}/pbx`, { activity: 'x'.repeat(10_000) }, jsonType, 413, /10 kB/],
        ];
        for (const [name, path, body, headers, status, error] of refusals)
            it(name, async () => {
                const answer = await post(path, body, headers);
                assert.equal(answer.status, status);
                assert.match(String(answer.body.error), error);
            });

        it('a long body of unknown length', async () => {
            const body = Readable.toWeb(Readable.from([Buffer.alloc(8000, ' '), Buffer.alloc(8000, ' ')]));
            const options = {
                method: 'POST',
                headers: jsonType,
                body: body as ReadableStream,
                duplex: 'half' as const,
            };
            const response = await fetch(`${base}people/${anna}/pbx`, options);
            assert.equal(response.status, 413);
        });

        it('the wrong method, and says which is right', async () => {
            for (const [method, path, allowed] of [
                ['DELETE', 'people', 'GET, POST'],
                ['PUT', `people/${anna}`, 'GET, DELETE'],
                ['GET', `people/${anna}/pbx`, 'POST'],
                ['PUT', 'office', 'GET, POST'],
            ] as const) {
                const response = await fetch(base + path, { method });
                assert.equal(response.status, 405);
                assert.equal(response.headers.get('allow'), allowed);
                assert.match(((await response.json()) as { error: string }).error, new RegExp(method));
            }
        });
    });

    it('works behind a body parser that has read the body', async () => {
        const handle = createControl(office);
        const at = await serve((request: IncomingMessage & { body?: unknown }, response) => {
            json(request).then(body => {
                request.body = body;
                handle(request, response, () => response.writeHead(404).end());
            });
        });
        const { status, body } = await post(`people/${anna}/pbx?from=test`, { activity: 'away' }, jsonType, at);
        assert.equal(status, 200);
        assert.equal((body.pbx as { activity: string }).activity, 'away');
        assert.equal((await post('office', { running: 1 }, jsonType, at)).status, 400);
    });

    it('leaves other paths to others', async () => {
        const handle = createControl(office);
        const at = await serve((request, response) =>
            handle(request, response, () => response.writeHead(418).end('{}')),
        );
        assert.equal((await fetch(`${at}elsewhere`)).status, 418);
        assert.equal((await fetch(new URL('/elsewhere', base))).status, 404);
        assert.equal((await fetch(new URL('/presence-simulator-2/people', base))).status, 404);
    });

    describe('as a stream', () => {
        const streams: Stream[] = [];
        const open = async () => {
            const stream = await Stream.open(`${base}events`);
            streams.push(stream);
            return stream;
        };

        afterEach(() => {
            for (const stream of streams.splice(0)) stream.close();
        });

        it('begins with everybody', async () => {
            const first = await (await open()).next();
            assert.equal(first.running, false);
            assert.equal(first.people.length, 8);
            assert.deepEqual(first.people[0], { ...office.person(anna), calls: { pbx: false, teams: false } });
            assert.deepEqual(first.counters, office.counters());
        });

        it('then names who has changed, several changes at once', async () => {
            const stream = await open();
            await stream.next();
            office.setPbx(anna, { activity: 'busy' });
            office.setPbx(anna, { activity: 'dnd' });
            office.setTeams(anna, { call: 'start' });
            const { people } = await stream.next();
            assert.deepEqual(people, [{ ...office.person(anna), calls: { pbx: false, teams: true } }]);
        });

        it('tells when the office opens and closes', async () => {
            const stream = await open();
            await stream.next();
            await office.start();
            const started = await stream.next();
            assert.deepEqual([started.running, started.people], [true, []]);
            await office.stop();
            assert.equal((await stream.next()).running, false);
        });

        it('tells who joins and who leaves', async () => {
            const stream = await open();
            await stream.next();
            const nora = personOf({ name: 'Nora Lind', mail: 'nora.lind@office.example', number: '99' });
            office.addPerson(nora);
            const joined = await stream.next();
            assert.deepEqual(joined.people, [{ ...office.person(nora.mail), calls: { pbx: false, teams: false } }]);
            assert.equal(joined.left, undefined);
            office.setPbx(nora.mail, { activity: 'dnd' });
            office.removePerson(nora.mail);
            const gone = await stream.next();
            assert.deepEqual([gone.people, gone.left], [[], [nora.mail]]);
            office.setPbx(anna, { activity: 'dnd' });
            assert.equal((await stream.next()).left, undefined);
        });

        it('tells counters that move although nobody changes', async () => {
            const stream = await open();
            await stream.next();
            office.pbx.counters.messages += 3;
            assert.equal((await stream.next()).counters.pbxMessages, 3);
        });

        it('ends when the client goes, and leaves nothing behind', async () => {
            const listeners = () => office.listenerCount('change') + office.listenerCount('started');
            const before = listeners();
            const stream = await open();
            await stream.next();
            assert.equal(listeners(), before + 2);
            stream.close();
            while (listeners() !== before) await new Promise(resolve => setImmediate(resolve));
        });

        it('spares a client that does not read, and then tells it the newest state', async () => {
            const people = manyPeople(5000);
            const large = await SimulatedOffice.create({ people });
            const largeControl = new ControlServer(large, { port: 0 });
            try {
                const stream = await Stream.open(`${await largeControl.start()}events`);
                const mail = people[0]!.mail;
                for (let round = 0; round < 20; round++) {
                    for (const person of people) large.setPbx(person.mail, { activity: `round ${round}` });
                    await new Promise(resolve => setImmediate(resolve));
                }
                let last = '';
                while (last !== 'round 19') {
                    const { people: changed } = await stream.next();
                    last = changed.find(person => person.mail === mail)?.pbx.activity ?? last;
                }
                stream.close();
            } finally {
                await largeControl.stop();
            }
        });
    });

    describe('page', () => {
        it('is served with its files, and may load nothing else', async () => {
            const response = await fetch(base);
            assert.equal(response.status, 200);
            assert.match(String(response.headers.get('content-type')), /^text\/html/);
            assert.match(String(response.headers.get('content-security-policy')), /default-src 'none'/);
            const html = await response.text();
            const linked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1]!);
            const files = linked.filter(name => !name.startsWith('data:'));
            assert.deepEqual(files.sort(), ['page.css', 'page.js']);
            for (const name of [...files, 'row.js', 'words.js']) assert.equal((await fetch(base + name)).status, 200);
        });

        it('is reached without the slash too, below any root', async () => {
            const bare = base.replace(/\/$/, '');
            const response = await fetch(bare, { redirect: 'manual' });
            assert.equal(response.status, 302);
            assert.equal(response.headers.get('location'), 'presence-simulator/');
            assert.equal((await fetch(`${bare}?a=b`)).url, base);
        });

        it('can be asked for by HEAD, and leaves the rest to the API', async () => {
            assert.equal((await fetch(base, { method: 'HEAD' })).status, 200);
            const at = await serve((request, response) => servePage(request, response, () => response.end('next')));
            assert.equal(await (await fetch(`${at}people`)).text(), 'next');
            assert.equal(await (await fetch(at, { method: 'POST' })).text(), 'next');
            assert.equal(await (await fetch(`${at}..%2fcontrol.js`)).text(), 'next');
        });
    });
});

/** The lines of `GET /events`, one at a time. */
class Stream {
    readonly #abort: AbortController;
    readonly #lines: AsyncIterator<string>;
    readonly #reader: Interface;

    static async open(url: string): Promise<Stream> {
        const abort = new AbortController();
        const response = await fetch(url, { signal: abort.signal });
        assert.match(String(response.headers.get('content-type')), /^application\/x-ndjson/);
        return new Stream(abort, response);
    }

    private constructor(abort: AbortController, response: Response) {
        this.#abort = abort;
        const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
        body.on('error', () => undefined);
        this.#reader = createInterface({ input: body });
        this.#reader.on('error', () => undefined);
        this.#lines = this.#reader[Symbol.asyncIterator]();
    }

    async next(): Promise<OfficeEvent> {
        return JSON.parse((await this.#lines.next()).value);
    }

    close(): void {
        this.#abort.abort();
        this.#reader.close();
    }
}
