import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { issueCertificate } from '../../../lib/simulator/issue-certificate';

const now = Date.parse('2026-01-05T08:00:00Z');
const day = 86_400_000;

describe('A certificate of our own', () => {
    for (const [name, make] of [
        ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
        ['an elliptic curve', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ] as const)
        it(`signs itself with ${name}, from a day ago for a year`, () => {
            const key = make();
            const made = new X509Certificate(issueCertificate({ commonName: 'us', key, now }).raw);
            assert.ok(made.checkPrivateKey(key));
            assert.ok(made.verify(made.publicKey));
            assert.ok(made.checkIssued(made));
            assert.equal(made.subject, 'CN=us');
            assert.equal(made.issuer, 'CN=us');
            assert.equal(Date.parse(made.validFrom), now - day);
            assert.equal(Date.parse(made.validTo), now + 365 * day);
        });

    it('is signed by another where one is given', () => {
        const [key, authority] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
        const root = issueCertificate({ commonName: 'root', key: authority!, now });
        const made = issueCertificate({
            commonName: 'us',
            key: key!,
            issuer: { commonName: 'root', key: authority! },
            now,
        });
        assert.ok(made.checkIssued(root));
        assert.ok(made.verify(root.publicKey));
        assert.ok(made.checkPrivateKey(key!));
    });
});
