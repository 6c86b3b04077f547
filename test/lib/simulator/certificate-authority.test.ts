import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Agent, fetch } from 'undici';
import { CertificateAuthority } from '../../../lib/simulator/certificate-authority';

describe('CertificateAuthority', () => {
    let authority: CertificateAuthority;

    before(async () => {
        authority = await CertificateAuthority.create();
    });

    it('signs itself and says that it is an authority', () => {
        const certificate = new X509Certificate(authority.certificate);
        assert.equal(certificate.ca, true);
        assert.ok(certificate.verify(certificate.publicKey));
        assert.ok(Date.parse(certificate.validTo) > Date.now());
    });

    it('issues a certificate for names, IPv4 and IPv6 addresses', async () => {
        const { cert } = await authority.issue(['127.0.0.1', '::1', 'localhost', 'fd00::1:2', '1:2:3:4:5:6:7:8']);
        const certificate = new X509Certificate(cert);
        const issuer = new X509Certificate(authority.certificate);
        assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
        assert.equal(certificate.checkIP('::1'), '::1');
        assert.equal(certificate.checkIP('fd00::1:2'), 'fd00::1:2');
        assert.equal(certificate.checkIP('1:2:3:4:5:6:7:8'), '1:2:3:4:5:6:7:8');
        assert.equal(certificate.checkIP('127.0.0.2'), undefined);
        assert.equal(certificate.checkHost('localhost'), 'localhost');
        assert.equal(certificate.checkHost('example.com'), undefined);
        assert.equal(certificate.ca, false);
        assert.ok(certificate.checkIssued(issuer));
        assert.ok(certificate.verify(issuer.publicKey));
    });

    it('gives every certificate its own key and number', async () => {
        const [one, two] = await Promise.all([authority.issue(['localhost']), authority.issue(['localhost'])]);
        assert.notEqual(one.key, two.key);
        assert.notEqual(new X509Certificate(one.cert).serialNumber, new X509Certificate(two.cert).serialNumber);
    });

    it('is trusted by a client that knows it, and by no other', async () => {
        const server = createServer(await authority.issue(['127.0.0.1', '::1', 'localhost']), (_, response) => {
            response.end('hello');
        });
        await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
        const agents = [new Agent({ connect: { ca: authority.certificate } }), new Agent()];
        try {
            const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
            const answer = await fetch(url, { dispatcher: agents[0]! });
            assert.equal(await answer.text(), 'hello');
            await assert.rejects(fetch(url, { dispatcher: agents[1]! }));
        } finally {
            await Promise.all(agents.map(agent => agent.destroy()));
            server.closeAllConnections();
            await new Promise(resolve => server.close(resolve));
        }
    });
});
