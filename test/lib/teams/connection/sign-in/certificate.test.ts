import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto';
import { asn1, pkcs12, pki } from 'node-forge';
import { issueCertificate } from '../../../../../lib/simulator/issue-certificate';
import { expiresSoon, readCertificate } from '../../../../../lib/teams/connection/sign-in/certificate';
import { aesPfx, keylessPfx, legacyPfx, password, thumbprint } from './pfx-files';

const day = 86_400_000;

describe('A client certificate', () => {
    const now = Date.parse('2026-01-05T08:00:00Z');
    let key: KeyObject;
    let certificate: X509Certificate;
    let keyPem: string;
    let pem: string;

    before(() => {
        key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
        certificate = issueCertificate({ commonName: 'presence sync', key, now });
        keyPem = text(key.export({ type: 'pkcs8', format: 'pem' }));
        pem = certificate.toString();
    });

    describe('as PEM', () => {
        it('is read with its subject, its end and its thumbprint', async () => {
            const read = await readCertificate({ pem: keyPem + pem });
            assert.equal(read.subject, 'presence sync');
            assert.equal(read.notAfter.getTime(), now + 365 * day);
            assert.equal(read.thumbprint, certificate.fingerprint.replaceAll(':', ''));
            assert.deepEqual(read.certificate, { privateKey: keyPem, certificate: pem });
        });

        it('may come in any order, with text around, and with an older form of key', async () => {
            const older = text(key.export({ type: 'pkcs1', format: 'pem' }));
            const read = await readCertificate({ pem: `Bag Attributes\r\n${pem}\r\nfriendlyName: x\r\n${older}` });
            assert.deepEqual(read.certificate, { privateKey: keyPem, certificate: pem });
        });

        for (const [name, type] of [
            ['PKCS#8', 'pkcs8'],
            ['PKCS#1', 'pkcs1'],
        ] as const)
            it(`may have an encrypted key (${name})`, async () => {
                const locked = text(
                    key.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as never),
                );
                const read = await readCertificate({ pem: locked + pem, password: 'open sesame' });
                assert.equal(read.certificate.privateKey, keyPem);
                await refused({ pem: locked + pem, password: 'wrong' }, 'the password is wrong');
                await refused({ pem: locked + pem }, 'the private key needs its password');
            });

        it('brings its chain along, its own certificate first', async () => {
            const authority = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
            const issuer = { commonName: 'Contoso CA', key: authority };
            const root = issueCertificate({ ...issuer, now }).toString();
            const leaf = issueCertificate({ commonName: 'leaf', key, issuer, now }).toString();
            const read = await readCertificate({ pem: root + leaf + keyPem });
            assert.equal(read.subject, 'leaf');
            assert.equal(read.certificate.certificate, leaf + root);
        });

        it('says in words what is wrong', async () => {
            const other = text(
                generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
            );
            const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
            await refused({ pem: 'C:\\certificates\\app.pem' }, 'it is no PEM text');
            await refused({}, 'it is no PEM text');
            await refused({ pem }, 'the private key is missing');
            await refused({ pem: keyPem }, 'the certificate is missing beside the private key');
            await refused({ pem: pem + other }, 'it does not belong to the private key');
            await refused({ pem: keyPem + damaged }, 'it is damaged');
            await refused({ pem: pem + keyPem.replace(/\n.{20}/, '\n') }, 'the private key is damaged');
        });

        it('must be RSA of at least 2048 bits, as Entra demands', async () => {
            const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
            const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
            await refused({ pem: pemOf(curve) }, 'its key is not RSA, and Microsoft takes nothing else');
            await refused({ pem: pemOf(short) }, 'its key has less than 2048 bits');
        });
    });

    describe('as PFX', () => {
        for (const [name, pfx] of [
            ['AES', aesPfx],
            ['triple DES and RC2', legacyPfx],
        ] as const)
            it(`is opened when it is protected with ${name}`, async () => {
                const read = await readCertificate({ pfx, password });
                assert.equal(read.thumbprint, thumbprint);
                assert.equal(read.subject, 'presence sync');
                assert.equal(read.notAfter.toISOString(), '2126-10-31T12:28:18.000Z');
                assert.match(read.certificate.privateKey, /^-----BEGIN PRIVATE KEY-----/);
                const facts = await readCertificate({
                    pem: read.certificate.privateKey + read.certificate.certificate,
                });
                assert.deepEqual(facts, read);
                for (const wrong of ['wrong', 'gruesse', 'Grüße 2'])
                    await refused({ pfx, password: wrong }, 'the password is wrong');
                await refused({ pfx }, 'the file needs its password');
            });

        for (const protection of ['', null])
            it(`is opened without a password (${protection === '' ? 'an empty one' : 'none at all'})`, async () => {
                const file = pkcs12.toPkcs12Asn1(
                    pki.privateKeyFromPem(keyPem),
                    [pki.certificateFromPem(pem)],
                    protection as string,
                );
                const pfx = Buffer.from(asn1.toDer(file).getBytes(), 'binary');
                assert.equal((await readCertificate({ pfx })).certificate.certificate, pem);
            });

        it('says in words what is wrong', async () => {
            const noPfx = 'it is no PFX file';
            await refused({ pfx: Buffer.from('hello') }, noPfx);
            await refused({ pfx: Buffer.alloc(0) }, noPfx);
            await refused({ pfx: certificate.raw, password: 'x' }, noPfx);
            await refused({ pfx: aesPfx.subarray(0, 900), password }, noPfx);
            const whyKey = 'the private key is missing: export it with the certificate';
            await refused({ pfx: keylessPfx, password: 'x' }, whyKey);
        });
    });

    it('is called for 30 days before its end', () => {
        const end = new Date(now);
        assert.equal(expiresSoon(end, now - 31 * day), false);
        assert.equal(expiresSoon(end, now - 30 * day + 1), true);
        assert.equal(expiresSoon(end, now + day), true);
    });

    function pemOf(privateKey: KeyObject): string {
        const own = issueCertificate({ commonName: 'other', key: privateKey, now });
        return own.toString() + text(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    }
});

function text(value: string | Buffer): string {
    return value.toString();
}

async function refused(entered: Parameters<typeof readCertificate>[0], why: string): Promise<void> {
    await assert.rejects(readCertificate(entered), {
        code: 'TEAMS_CERTIFICATE_UNREADABLE',
        message: `The certificate cannot be used: ${why}`,
    });
}
