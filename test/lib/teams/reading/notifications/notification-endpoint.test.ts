import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { NotificationChannel } from '../../../../../lib/teams/reading/notifications/notification-channel';
import { notificationEndpoint } from '../../../../../lib/teams/reading/notifications/notification-endpoint';
import { systemClock } from '../../../../../lib/time/clock';

interface Answer {
    status: number;
    headers: IncomingMessage['headers'];
    text: string;
}

describe('notification endpoint', () => {
    let server: Server;
    let received: unknown[];
    let parsed: { body: unknown } | undefined;
    let full: boolean;
    let channel: NotificationChannel;

    beforeEach(async () => {
        received = [];
        parsed = undefined;
        full = false;
        channel = new NotificationChannel({
            verify: async () => ({ tenantId: '', clockAhead: 0 }),
            clock: systemClock,
        });
        channel.receive = body => {
            received.push(body);
            return { full, done: new Promise(() => {}) };
        };
        const endpoint = notificationEndpoint(channel, () => 'Notifications arrive here. Grüße.');
        server = createServer((incoming, response) => {
            if (parsed) Object.assign(incoming, { _body: true, ...parsed });
            endpoint(incoming, response);
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
    });
    afterEach(async () => {
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
    });

    function port(): number {
        return (server.address() as AddressInfo).port;
    }

    async function send(
        method: string,
        path: string,
        body: string | Buffer = '',
        headers: Record<string, string> = { 'content-type': 'application/json' },
    ): Promise<Answer> {
        const outgoing = request({ host: '127.0.0.1', port: port(), method, path, headers });
        outgoing.on('error', () => {});
        outgoing.end(body);
        const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
        const chunks: Buffer[] = [];
        for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
        return {
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
        };
    }

    it('answers the handshake with the token as plain text, whatever it holds', async () => {
        const token = 'Validation: <script>alert("ä & b")</script> + %';
        const answer = await send('POST', `/x?a=1&validationToken=${encodeURIComponent(token)}`, '', {
            'content-type': 'text/plain; charset=utf-8',
        });
        assert.equal(answer.status, 200);
        assert.equal(answer.text, token);
        assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
        assert.deepEqual(received, []);
    });

    it('shows a page to a browser', async () => {
        const answer = await send('GET', '/x?validationToken=not-for-browsers');
        assert.deepEqual([answer.status, answer.text], [200, 'Notifications arrive here. Grüße.']);
        assert.deepEqual([(await send('HEAD', '/x')).status, (await send('HEAD', '/x')).text], [200, '']);
    });

    it('understands no other method, and nothing but JSON', async () => {
        for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
            assert.equal((await send(method, '/x')).status, 405, method);
        for (const type of ['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', ''])
            assert.equal((await send('POST', '/x', '{}', { 'content-type': type })).status, 415, type);
        assert.equal((await send('POST', '/x', '{}', {})).status, 415);
        assert.deepEqual(received, []);
    });

    it('refuses a body that is too large, announced or not', async () => {
        const large = Buffer.alloc(1024 * 1024 + 1, ' ');
        const announced = { 'content-type': 'application/json', 'content-length': String(large.length) };
        assert.equal((await send('POST', '/x', large, announced)).status, 413);
        const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
        assert.equal((await send('POST', '/x', large, chunked)).status, 413);
        assert.deepEqual(received, []);
    });

    it('says 202 before the work is done', async () => {
        const answer = await send('POST', '/x', '{"value":[]}', { 'content-type': 'application/json; charset=utf-8' });
        assert.deepEqual([answer.status, answer.text], [202, '']);
        assert.deepEqual(received, [{ value: [] }]);
    });

    it('asks for a repetition, with 503, only while there is no room', async () => {
        full = true;
        assert.equal((await send('POST', '/x', '{"value":[]}')).status, 503);
        full = false;
        assert.equal((await send('POST', '/x', '{"value":[]}')).status, 202);
    });

    it('takes a body that a parser below has read already', async () => {
        parsed = { body: { value: ['parsed'] } };
        assert.equal((await send('POST', '/x', '{"value":["raw"]}')).status, 202);
        assert.deepEqual(received, [{ value: ['parsed'] }]);
    });

    it('says 202 to a body that is no JSON, and hands on that it is none', async () => {
        assert.equal((await send('POST', '/x', '{"value":[')).status, 202);
        assert.deepEqual(received, [undefined]);
    });

    it('tells of a failure of the work instead of ending the process', async () => {
        const refused: string[] = [];
        channel.on('refused', reason => refused.push(reason));
        channel.receive = () => {
            throw new Error('broken');
        };
        assert.equal((await send('POST', '/x', '{}')).status, 202);
        assert.deepEqual(refused, ['broken']);
    });

    it('survives addresses that are none, and a sender that hangs up', async () => {
        for (const path of ['//', '//[', '/%', '/?%', '*?validationToken=%E0%A4%A']) {
            const answer = await send('POST', path, '{}');
            assert.ok([200, 202].includes(answer.status), path);
        }
        const socket = connect(port(), '127.0.0.1');
        await once(socket, 'connect');
        socket.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
        socket.destroy();
        await once(socket, 'close');
        assert.equal((await send('GET', '/x')).status, 200);
    });
});
