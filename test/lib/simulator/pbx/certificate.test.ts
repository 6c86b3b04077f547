import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { AppClient } from './app-client';
import { app, Fixture } from './fixture';

describe('certificate of the simulated PBX', () => {
    let authority: CertificateAuthority;
    let fixture: Fixture;

    before(async () => {
        authority = await CertificateAuthority.create();
    });
    beforeEach(async () => {
        fixture = await Fixture.start({ authority });
    });
    afterEach(() => fixture.stop());

    async function shown(): Promise<string> {
        const socket = connect(fixture.pbx.port, '127.0.0.1', { rejectUnauthorized: false });
        await once(socket, 'secureConnect');
        const { fingerprint256 } = socket.getPeerCertificate();
        socket.destroy();
        return fingerprint256;
    }

    it('has the fingerprint that is told, and keeps it over a restart', async () => {
        const fingerprint = await shown();
        assert.equal(fixture.pbx.fingerprint, fingerprint);
        await fixture.pbx.stop();
        await fixture.pbx.start();
        assert.equal(await shown(), fingerprint);
    });

    it('is another one after a change, and connections stay', async () => {
        const trust = { ca: authority.certificate };
        const client = await AppClient.loggedIn(fixture.pbx.url, { app: app.name, password: app.password }, trust);
        const before = fixture.pbx.fingerprint;
        await fixture.pbx.changeCertificate();
        assert.notEqual(fixture.pbx.fingerprint, before);
        assert.equal(await shown(), fixture.pbx.fingerprint);
        await client.nothing();
        client.end();
        (await AppClient.open(fixture.pbx.url, trust)).end();
    });

    for (const [kind, code] of [
        ['other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
        ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ] as const) {
        it(`is not trusted when it is ${kind}`, async () => {
            await fixture.pbx.changeCertificate(kind);
            await assert.rejects(AppClient.open(fixture.pbx.url, { ca: authority.certificate }), { code });
        });
    }

    it('is out of date, if so ordered', async () => {
        await fixture.pbx.changeCertificate('expired');
        const socket = connect(fixture.pbx.port, '127.0.0.1', { rejectUnauthorized: false });
        await once(socket, 'secureConnect');
        assert.ok(Date.parse(socket.getPeerCertificate().valid_to) < Date.now());
        socket.destroy();
    });

    it('cannot be changed where there is none', async () => {
        const plain = new Fixture();
        assert.equal(plain.pbx.fingerprint, undefined);
        await assert.rejects(plain.pbx.changeCertificate(), /no certificate/);
    });
});
