import assert from 'node:assert/strict';
import { createHttp } from '../../../lib/teams/http';
import { account, TeamsFixture } from './teams-fixture';

describe('HTTP to Microsoft', () => {
    let office: TeamsFixture;
    before(async () => {
        office = await TeamsFixture.start();
    });
    after(() => office.stop());

    function keysUrl(): string {
        return `${office.simulated.url}/common/discovery/v2.0/keys`;
    }

    it('trusts one authority alone, or one more than the system', async () => {
        for (const extent of ['only', 'added'] as const) {
            const http = createHttp({ ca: office.authority.certificate, extent });
            assert.equal((await http.fetch(keysUrl())).status, 200);
            await http.close();
        }
    });

    it('refuses a certificate of an authority that is not trusted', async () => {
        const http = createHttp();
        await assert.rejects(http.fetch(keysUrl()), { code: 'TEAMS_UNREACHABLE', kind: 'outage' });
        await http.close();
    });

    it('gives up after a time', async () => {
        const original = AbortSignal.timeout;
        AbortSignal.timeout = () => original.call(AbortSignal, 1);
        const http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        office.simulated.faults.latency = 60_000;
        try {
            const host = new URL(office.simulated.url).host;
            await assert.rejects(http.fetch(keysUrl()), {
                code: 'TEAMS_TIMEOUT',
                message: `${host} did not answer within 30 s`,
            });
        } finally {
            AbortSignal.timeout = original;
            office.simulated.faults.latency = 0;
            await http.close();
        }
    });

    it('ends what is under way when it is closed', async () => {
        const tenant = office.tenant();
        office.simulated.faults.latency = 60_000;
        const request = tenant.asAccount(account).send({ what: 'read', method: 'GET', path: '/users' });
        const ended = assert.rejects(request, { kind: 'outage' });
        await tenant.stop();
        await ended;
        office.simulated.faults.latency = 0;
    });
});
