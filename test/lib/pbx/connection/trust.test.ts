import assert from 'node:assert/strict';
import type { PbxSettings } from '../../../../lib/pbx/connection/pbx-settings';
import { tlsOptions } from '../../../../lib/pbx/connection/trust';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { PbxBench, until } from '../pbx-bench';

describe('Trust in the certificate of the PBX', () => {
    let authority: CertificateAuthority;
    let bench: PbxBench | undefined;

    before(async () => {
        authority = await CertificateAuthority.create();
    });
    afterEach(async () => {
        await bench?.stop();
        bench = undefined;
    });

    async function connect(settings: Partial<PbxSettings>): Promise<PbxBench> {
        bench = await PbxBench.create({ authority }, settings);
        bench.system.start();
        await until(() => bench!.phase !== 'connecting');
        return bench;
    }

    it('is refused to a certificate of an unknown authority', async () => {
        const { phase, error } = await connect({});
        assert.equal(phase, 'failed');
        assert.equal(error?.code, 'PBX_CERTIFICATE_UNTRUSTED');
    });

    it('is given to the authority of the settings, in any form', async () => {
        for (const ca of [authority.certificate, [authority.certificate]]) {
            const { phase } = await connect({ ca });
            assert.equal(phase, 'online');
            await bench!.stop();
        }
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
        assert.deepEqual(tlsOptions({ url: '', appName: '', password: '', ca: '' }), {});
    });

    it('names a certificate that cannot be read', async () => {
        for (const ca of ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'certificate.pem']) {
            const { phase, error } = await connect({ ca });
            assert.equal(phase, 'failed');
            assert.equal(error?.code, 'FIELD_INVALID');
            assert.match(error!.message, /^CA certificate is not valid/);
            await bench!.stop();
        }
    });
});
