import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tlsOptions } from '../../../../lib/pbx/connection/dial';
import type { PbxSettings } from '../../../../lib/pbx/connection/pbx-settings';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import type { CertificateKind } from '../../../../lib/simulator/pbx/server-certificate';
import { until } from '../pbx-bench';
import { LinksBench } from './links-bench';

import tls = require('node:tls');

describe('Trust in the certificate of the PBX', () => {
    let authority: CertificateAuthority;
    let bench: LinksBench | undefined;

    before(async () => {
        authority = await CertificateAuthority.create();
    });
    afterEach(async () => {
        await bench?.stop();
        bench = undefined;
    });

    async function connect(settings: Partial<PbxSettings>, kind?: CertificateKind): Promise<LinksBench> {
        bench = await LinksBench.create('client', { authority }, settings);
        if (kind) await bench.pbx.changeCertificate(kind);
        bench.start();
        await until(() => bench!.phase !== 'connecting');
        return bench;
    }

    /** A PBX with such a certificate, and its fingerprint pinned. */
    async function pinned(kind: CertificateKind, settings: (fingerprint: string) => Partial<PbxSettings>) {
        const target = await LinksBench.create('client', { authority });
        const { pbx } = target;
        await pbx.changeCertificate(kind);
        const { fingerprint = '' } = pbx;
        const bench = await LinksBench.create('client', {}, { addresses: [pbx.url], ...settings(fingerprint) });
        bench.links.start();
        await until(() => bench.phase !== 'connecting');
        const found = { phase: bench.phase, error: bench.error, connections: pbx.traffic.connections, fingerprint };
        await bench.stop();
        await target.stop();
        return found;
    }

    it('is refused to a certificate of an unknown authority', async () => {
        const { phase, error } = await connect({});
        assert.equal(phase, 'failed');
        assert.equal(error?.code, 'PBX_CERTIFICATE_UNTRUSTED');
    });

    it('is refused to it whatever the environment says [C5]', async () => {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        try {
            assert.equal((await connect({}, 'self-signed')).error?.code, 'PBX_CERTIFICATE_UNTRUSTED');
        } finally {
            delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        }
    });

    it('is given to the authority of the settings, in any form', async () => {
        for (const ca of [authority.certificate, [authority.certificate]]) {
            const { phase } = await connect({ ca });
            assert.equal(phase, 'online');
            await bench!.stop();
        }
        bench = undefined;
    });

    it('is refused to a certificate of another name', async () => {
        const { error } = await connect({ ca: authority.certificate, servername: 'pbx.example' });
        assert.equal(error?.code, 'PBX_CERTIFICATE_UNTRUSTED');
        assert.match(error!.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
    });

    it('is given to a name of the certificate that is not the one of the address', async () => {
        assert.equal((await connect({ ca: authority.certificate, servername: 'localhost' })).phase, 'online');
    });

    it('stays the usual one without certificates of the settings', () => {
        assert.deepEqual(tlsOptions({ ca: '', fingerprint: '' }), { rejectUnauthorized: true });
    });

    it('is given to an authority of NODE_EXTRA_CA_CERTS beside that of the settings, also where Node.js 20 lists none', async () => {
        const other = await CertificateAuthority.create();
        const folder = await mkdtemp(join(tmpdir(), 'trust-'));
        const { getCACertificates } = tls;
        try {
            process.env.NODE_EXTRA_CA_CERTS = join(folder, 'extra.pem');
            await writeFile(process.env.NODE_EXTRA_CA_CERTS, authority.certificate);
            tls.getCACertificates = undefined as never;
            assert.equal((await connect({ ca: other.certificate })).phase, 'online');
        } finally {
            tls.getCACertificates = getCACertificates;
            delete process.env.NODE_EXTRA_CA_CERTS;
            await rm(folder, { recursive: true, force: true });
        }
    });

    it('names a certificate that cannot be read', async () => {
        for (const ca of ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'certificate.pem']) {
            const { phase, error } = await connect({ ca });
            assert.equal(phase, 'failed');
            assert.equal(error?.code, 'FIELD_INVALID');
            assert.match(error!.message, /^CA certificate is not valid/);
            await bench!.stop();
        }
        bench = undefined;
    });

    for (const kind of ['self-signed', 'expired', 'other-name'] as const) {
        it(`is given to the pinned certificate, neither chain nor name nor date asked (${kind})`, async () => {
            assert.equal((await pinned(kind, fingerprint => ({ fingerprint }))).phase, 'online');
        });
    }

    it('takes a fingerprint in any usual form, and several', async () => {
        for (const form of [
            (text: string) => text.toLowerCase(),
            (text: string) => text.replaceAll(':', ''),
            (text: string) => ` ${text.replaceAll(':', ' ')}\n`,
        ])
            assert.equal((await pinned('self-signed', text => ({ fingerprint: form(text) }))).phase, 'online');
        const several = (text: string) => ({ fingerprint: ['00'.repeat(32), text] });
        assert.equal((await pinned('self-signed', several)).phase, 'online');
    });

    it('is refused to any certificate but the pinned one, with both fingerprints, and nothing is sent', async () => {
        const other = 'AB'.repeat(32);
        for (const kind of ['self-signed', 'right'] as const) {
            const settings = { fingerprint: other, ca: authority.certificate };
            const { phase, error, fingerprint, connections } = await pinned(kind, () => settings);
            assert.equal(phase, 'failed');
            assert.equal(error?.code, 'PBX_CERTIFICATE_CHANGED');
            assert.ok(error!.message.includes(fingerprint));
            assert.ok(error!.message.includes(other.match(/../g)!.join(':')));
            assert.equal(connections, 0);
        }
    });

    it('notices that the PBX has got another certificate', async () => {
        const ca = authority.certificate;
        const first = await connect({ ca });
        const { fingerprint } = first.pbx;
        await first.stop();
        const second = await connect({ fingerprint });
        assert.equal(second.error?.code, 'PBX_CERTIFICATE_CHANGED');
    });

    it('says what is wrong with a fingerprint', async () => {
        const { phase, error } = await connect({ fingerprint: 'AB:CD' });
        assert.equal(phase, 'failed');
        assert.equal(error?.message, 'Fingerprint is not valid: SHA-256 has 64 hex digits');
    });
});
