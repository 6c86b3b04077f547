import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mock } from 'node:test';
import { pairOf } from '../../../lib/presence/teams-states';
import { issueCertificate } from '../../../lib/simulator/issue-certificate';
import { certificateLine } from '../../../lib/teams/check/check-registration';
import type { TeamsSystem, TeamsWriter } from '../../../lib/teams/teams-system';
import { anna, app, TeamsFixture, userOf } from './teams-fixture';

const hour = 3_600_000;
/** {@link issueCertificate} makes certificates for a year. */
const year = 365 * 24 * hour;
const inACall = pairOf('Busy/InACall')!;

describe('What expires while it runs', () => {
    let office: TeamsFixture;
    let system: TeamsSystem;

    beforeEach(async () => {
        office = await TeamsFixture.start({ behaviour: { tokenLifetime: 900 } });
        ({ system } = office.teams());
        mock.timers.enable({ apis: ['Date'], now: office.clock.date() });
    });
    afterEach(async () => {
        await office.stop();
        mock.timers.reset();
    });

    async function passes(time: number, step = 60_000): Promise<void> {
        for (let passed = 0; passed < time; passed += step) {
            await office.clock.advance(step);
            // The sign-in has no clock but the host's.
            mock.timers.setTime(office.clock.date());
            await office.rest();
        }
    }

    /** A certificate of the app that ends in so many ms. */
    function certificateFor(left: number) {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const now = office.clock.date() + left - year;
        const certificate = issueCertificate({ commonName: 'app', key: privateKey, now, extensions: [] }).toString();
        return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    }

    function writer(certificate: ReturnType<typeof certificateFor>): TeamsWriter {
        office.simulated.changeRegistration(app.clientId, { certificates: [certificate.certificate] });
        const { registration } = office.teams({ clientSecret: undefined, certificate }, system);
        const made = system.writer(registration, { node: 'writer', lease: 15 * 60_000 });
        made.start();
        return made;
    }

    it('is told beforehand and when it has happened, and is over with another certificate, without a restart', async () => {
        const old = certificateFor(hour);
        const first = writer(old);
        await passes(30_000, 1_000);
        assert.deepEqual(first.state, { phase: 'online' });
        assert.equal((await first.set(userOf(anna), inACall)).written, true);
        assert.equal(certificateLine(old.certificate, office.clock.date()).code, 'CHECK_CERTIFICATE_EXPIRES_SOON');

        await passes(1.5 * hour);
        assert.equal(certificateLine(old.certificate, office.clock.date()).code, 'CHECK_CERTIFICATE_EXPIRED');
        assert.equal(first.state.phase, 'failed');
        assert.equal('error' in first.state && first.state.error.code, 'TEAMS_CERTIFICATE_EXPIRED');

        // A deploy with another certificate: the same process goes on.
        const second = writer(certificateFor(year));
        await first.stop(false);
        await passes(60_000, 1_000);
        assert.deepEqual(second.state, { phase: 'online' });
        await passes(5 * 60_000);
        assert.equal(office.simulated.presenceOf(anna.teamsId).activity, 'InACall', 'what was wanted is set again');
        await second.stop(true);
    });
});
