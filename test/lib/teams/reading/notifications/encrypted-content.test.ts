import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { NotificationKeys } from '../../../../../lib/teams/reading/notifications/encrypted-content';
import { FakeClock } from '../../../../support/fake-clock';

const day = 86_400_000;

describe('The certificate that notifications are encrypted for', () => {
    it('signs itself, from a day ago for a year', async () => {
        const clock = new FakeClock();
        const { certificate } = await new NotificationKeys(clock).newest();
        const made = new X509Certificate(Buffer.from(certificate, 'base64'));
        assert.ok(made.verify(made.publicKey));
        assert.ok(made.checkIssued(made));
        assert.equal(made.subject, 'CN=node-red-presence-sync');
        assert.equal(made.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
        assert.equal(Date.parse(made.validFrom), clock.date() - day);
        assert.equal(Date.parse(made.validTo), clock.date() + 365 * day);
    });
});
