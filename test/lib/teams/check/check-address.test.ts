import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { checkAddress, doubtsOf } from '../../../../lib/teams/check/check-address';
import { NotificationChannel } from '../../../../lib/teams/reading/notifications/notification-channel';
import { notificationEndpoint } from '../../../../lib/teams/reading/notifications/notification-endpoint';
import { FakeClock } from '../../../support/fake-clock';
import { freePort } from '../../../support/free-port';

describe('The test of the public address', () => {
    let authority: CertificateAuthority;
    let clock: FakeClock;
    let channel: NotificationChannel;
    let server: Server | undefined;

    before(async () => {
        authority = await CertificateAuthority.create();
    });
    beforeEach(() => {
        clock = new FakeClock();
        channel = new NotificationChannel({ verify: () => Promise.reject(new Error('nobody')), clock });
    });
    afterEach(() => {
        server?.closeAllConnections();
        server?.close();
    });

    const ours: RequestListener = (request, response) =>
        request.url?.startsWith('/here?')
            ? notificationEndpoint(channel, () => 'page')(request, response)
            : response.writeHead(404).end('what others have, and nobody else shall read');

    async function check(
        listener: RequestListener,
        {
            path = '/here',
            names = ['127.0.0.1'],
            ca = [authority.certificate] as string[] | undefined,
            certificate = '',
        } = {},
    ): Promise<string[]> {
        server = createServer(await authority.issue(names), listener).listen(0, '127.0.0.1');
        await once(server, 'listening');
        const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
        const report = await checkAddress(url, { channel, ca, isElsewhere: false, certificate });
        assert.ok(!JSON.stringify(report).includes('nobody else'), 'foreign content');
        return report.lines.map(({ ok, code }) => `${ok} ${code}`);
    }

    it('says that it leads here, with a trusted certificate, and that Microsoft has never come [B6]', async () => {
        assert.deepEqual(await check(ours), [
            'warning CHECK_ADDRESS_INSIDE',
            'true CHECK_ADDRESS_CERTIFICATE',
            'true CHECK_ADDRESS_RIGHT',
            'warning CHECK_MICROSOFT_NEVER',
        ]);
    });

    it('says when Microsoft came last', async () => {
        channel.cameAt = Date.parse('2026-01-05T08:00:00Z');
        const report = await checkAddress(new URL('eventhub://x.example'), { channel, isElsewhere: true });
        assert.deepEqual(
            report.lines.map(({ ok, parameters }) => [ok, parameters.date]),
            [[true, '2026-01-05 08:00:00']],
        );
    });

    it('takes whoever says what is asked for nobody of ours', async () => {
        const parrot: RequestListener = (request, response) =>
            response.end(new URL(request.url!, 'https://x.example').searchParams.get('validationToken'));
        assert.ok((await check(parrot)).includes('false CHECK_ADDRESS_ELSEWHERE'));
    });

    for (const [what, listener] of Object.entries<RequestListener>({
        'another path': ours,
        'a redirection': (_, response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
        'a page without end': (_, response) => {
            response.writeHead(200).write('x'.repeat(100_000));
        },
        'a password': (_, response) => response.writeHead(401).end(),
    }))
        it(`names ${what} by its status, and shows nothing of it`, async () => {
            const lines = await check(listener, { path: '/elsewhere' });
            assert.ok(lines.includes('false CHECK_ADDRESS_WRONG'), lines.join());
        });

    it('refuses a certificate that Microsoft would not take, whatever the environment says [C5]', async () => {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        try {
            const stranger = [(await CertificateAuthority.create()).certificate];
            const lines = await check(ours, { ca: stranger });
            assert.ok(lines.includes('false CHECK_ADDRESS_UNTRUSTED'), lines.join());
            server?.close();
            assert.ok(
                (await check(ours, { names: ['presence.contoso.com'] })).includes('false CHECK_ADDRESS_UNTRUSTED'),
            );
        } finally {
            delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        }
    });

    it('compares the certificate with that of our own port', async () => {
        const { cert: other } = await authority.issue(['127.0.0.1']);
        assert.ok((await check(ours, { certificate: other })).includes('warning CHECK_ADDRESS_OTHER_CERTIFICATE'));
    });

    it('only warns where it cannot be reached from here: many networks do not lead back inside', async () => {
        const url = new URL(`https://127.0.0.1:${await freePort()}/here`);
        const { ok, lines } = await checkAddress(url, { channel, isElsewhere: false });
        assert.ok(ok && lines.some(({ code }) => code === 'CHECK_ADDRESS_UNREACHABLE'));
    });

    for (const [address, codes] of [
        ['https://presence.contoso.com/a', ''],
        ['https://20.190.1.1/a', ''],
        ['https://[2603:1020::1]/a', ''],
        ['https://192.168.1.5/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://172.31.0.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://10.1.2.3/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://127.0.0.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://2130706433/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://169.254.1.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://100.64.1.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[fd00::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[fe80::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[::ffff:192.168.1.5]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://192.0.2.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://198.19.0.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://239.1.1.1/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://255.255.255.255/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[fec0::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[ff02::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[2001:db8::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[2001:2::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[3fff::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://[5f00::1]/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://nodered.onion/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://nodered.local/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://nodered.local./a', 'CHECK_ADDRESS_INSIDE'],
        ['https://localhost/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://nodered/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://nodered.contoso.internal/a', 'CHECK_ADDRESS_INSIDE'],
        ['https://presence.contoso.com/a?x=1', 'CHECK_ADDRESS_QUERY'],
    ] as const)
        it(`${codes ? 'warns of' : 'takes'} ${address} [B6]`, () => {
            assert.equal(
                doubtsOf(new URL(address))
                    .map(({ code }) => code)
                    .join(),
                codes,
            );
        });
});
