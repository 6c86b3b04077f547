import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { freePorts } from '../../../../../lib/simulator/free-ports';
import type { RegistrationSettings } from '../../../../../lib/teams/connection/graph-access';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import { type Account, accountTokens, appTokens } from '../../../../../lib/teams/connection/sign-in/token-source';

import { account, app, publicApp, TeamsFixture } from '../../teams-fixture';

const tokenRequest = /oauth2/;

describe('tokens', () => {
    let office: TeamsFixture;
    let http: Http;

    beforeEach(async () => {
        office = await TeamsFixture.start();
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
    });

    function ofApp(changed: Partial<RegistrationSettings> = {}) {
        return appTokens(office.settings(changed), http, office.clock);
    }

    function ofAccount(changed: Partial<RegistrationSettings> = {}, who: Account = account) {
        return accountTokens(office.settings(changed), who, http, office.clock);
    }

    describe('are cached', () => {
        for (const [kind, make] of [
            ['the app', () => ofApp()],
            ['an account', () => ofAccount()],
            ['an account without a client secret', () => ofAccount({ ...publicApp, clientSecret: undefined })],
        ] as const)
            it(`for ${kind}: one request serves all, and one more after a refusal`, async () => {
                const tokens = make();
                const [first, second] = await Promise.all([tokens.token(), tokens.token()]);
                assert.equal(first, second);
                assert.equal(await tokens.token(), first);
                assert.equal(office.count(tokenRequest), 1);

                tokens.invalidate(first);
                const fresh = await tokens.token();
                assert.notEqual(fresh, first);
                // The same refusal may be told late, by a request that was under way.
                tokens.invalidate(first);
                assert.equal(await tokens.token(), fresh);
                assert.equal(office.count(tokenRequest), 2);
            });

        it('and a token that was refused while it was being handed out is not handed out again', async () => {
            const tokens = ofApp();
            const first = await tokens.token();
            const underWay = tokens.token();
            tokens.invalidate(first);
            assert.notEqual(await underWay, first);
            assert.notEqual(await tokens.token(), first);
        });
    });

    it('signs in with the password again when the refresh token is not taken any more', async () => {
        const tokens = ofAccount();
        const first = await tokens.token();
        const refused = { error: 'invalid_grant', error_description: 'AADSTS700082: The refresh token has expired.' };
        office.simulated.faults.failNext(1, 400, refused, {}, /oauth2/);
        tokens.invalidate(first);
        assert.notEqual(await tokens.token(), first);
        assert.equal(office.count(tokenRequest), 3);
    });

    it('keeps the refresh token in an outage', async () => {
        const tokens = ofAccount();
        const first = await tokens.token();
        tokens.invalidate(first);
        await office.simulated.stop();
        await assert.rejects(tokens.token(), { code: 'TEAMS_UNREACHABLE' });
        await office.simulated.start();
        assert.notEqual(await tokens.token(), first);
    });

    it('are renewed after a while when a permission is missing: it may have been granted', async () => {
        const graph = office.teams().registration.asApp();
        const read = () => graph.send({ what: 'read the users', method: 'GET', path: '/users' });
        office.simulated.changeRegistration(app.clientId, { roles: ['Presence.Read.All'] });
        await assert.rejects(read(), { code: 'TEAMS_PERMISSION_MISSING' });
        office.simulated.changeRegistration(app.clientId, { roles: ['Presence.Read.All', 'User.Read.All'] });
        for (let minute = 0; minute < 9; minute++) {
            await office.clock.advance(60_000);
            await assert.rejects(read(), { code: 'TEAMS_PERMISSION_MISSING' });
        }
        assert.equal(office.count(tokenRequest), 1);
        await office.clock.advance(60_000);
        await assert.rejects(read(), { code: 'TEAMS_PERMISSION_MISSING' });
        assert.ok(await read());
        assert.equal(office.count(tokenRequest), 2);
    });

    describe('name what is wrong', () => {
        const wrongSecret = { clientSecret: 'not the secret' };
        const unknownClient = { clientId: '99999999-0000-4000-8000-000000000009' };
        const unknownTenant = { tenant: 'ffffffff-0000-4000-8000-00000000000f' };

        it('with the tenant', async () => {
            const expected = {
                code: 'TEAMS_TENANT_UNKNOWN',
                message: `Tenant ${unknownTenant.tenant} does not exist (AADSTS90002)`,
            };
            await assert.rejects(ofApp(unknownTenant).token(), expected);
            await assert.rejects(ofAccount(unknownTenant).token(), expected);
        });

        it('with the client id', async () => {
            const expected = { code: 'TEAMS_CLIENT_ID_UNKNOWN', message: /99999999.*AADSTS700016/ };
            await assert.rejects(ofApp(unknownClient).token(), expected);
            await assert.rejects(ofAccount(unknownClient).token(), expected);
        });

        it('with the client secret, and never tells it', async () => {
            const expected = { code: 'TEAMS_SECRET_WRONG', message: /AADSTS7000215/ };
            await assert.rejects(ofApp(wrongSecret).token(), expected);
            await assert.rejects(ofAccount(wrongSecret).token(), (error: Error) => {
                assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /not the secret/);
                return true;
            });
            await assert.rejects(ofAccount({ clientSecret: undefined }).token(), { code: 'TEAMS_SECRET_MISSING' });
            await assert.rejects(ofAccount({ ...publicApp, clientSecret: 'superfluous' }).token(), {
                code: 'TEAMS_SECRET_UNEXPECTED',
            });
            assert.throws(() => ofApp({ clientSecret: undefined }), { message: 'Client secret is missing' });
        });

        it('with the account', async () => {
            await assert.rejects(ofAccount({}, { ...account, password: 'wrong' }).token(), {
                message: `Password of ${account.username} is wrong (AADSTS50126)`,
            });
            await assert.rejects(ofAccount({}, { ...account, username: 'nobody@office.example' }).token(), {
                message: 'Account nobody@office.example does not exist in this tenant (AADSTS50034)',
            });
        });

        it('and is healed once it has been put right at Microsoft', async () => {
            const tokens = ofApp();
            const refused = { error: 'invalid_client', error_description: 'AADSTS7000222: The secret has expired.' };
            office.simulated.faults.failNext(1, 401, refused, {}, /oauth2/);
            await assert.rejects(tokens.token(), { code: 'TEAMS_SECRET_EXPIRED' });
            await office.clock.advance(15 * 60_000);
            assert.ok(await tokens.token());
        });
    });

    describe('tell an outage from a mistake', () => {
        it('when nobody listens', async () => {
            const nowhere = { loginUrl: `https://127.0.0.1:${(await freePorts(1))[0]}` };
            for (const tokens of [ofApp(nowhere), ofAccount(nowhere)])
                await assert.rejects(tokens.token(), {
                    code: 'TEAMS_UNREACHABLE',
                    kind: 'outage',
                    message: /ECONNREFUSED/,
                });
        });

        it('when the host has no address', async () => {
            await assert.rejects(ofApp({ loginUrl: 'https://login.invalid' }).token(), {
                code: 'TEAMS_UNREACHABLE',
                message: /login\.invalid cannot be reached/,
            });
        });

        for (const status of [429, 503])
            it(`when the sign-in service answers ${status}, for no longer than it asks`, async () => {
                for (const make of [ofApp, ofAccount]) {
                    const tokens = make();
                    const fault = { error: 'temporarily_unavailable' };
                    office.simulated.faults.failNext(1, status, fault, { 'retry-after': '7' }, /oauth2/);
                    const outage = { code: 'TEAMS_SERVICE_ERROR', kind: 'outage', message: new RegExp(String(status)) };
                    await assert.rejects(tokens.token(), { ...outage, retryAfter: 7_000 });
                    await assert.rejects(tokens.token(), { ...outage, retryAfter: 7_000 });
                    await office.clock.advance(7_000);
                    assert.ok(await tokens.token());
                }
            });

        it('and never takes a fault of the service for a wrong password', async () => {
            const tokens = ofAccount();
            office.simulated.faults.failNext(1, 503, { error: 'server_error' }, {}, tokenRequest);
            await assert.rejects(tokens.token(), { code: 'TEAMS_SERVICE_ERROR' });
            assert.ok(await tokens.token());
            assert.equal(office.count(tokenRequest), 2);
        });

        it('when a proxy answers with a page', async () => {
            const server = await listen(office, (_, response) => {
                response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
            });
            const loginUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
            await assert.rejects(ofAccount({ loginUrl }).token(), { code: 'TEAMS_SERVICE_ERROR', message: /502/ });
            server.close();
        });

        it('when the connection breaks in the middle of the answer', async () => {
            const server = await listen(office, (_, response) => {
                response.writeHead(200, { 'content-length': '1000' }).write('{"half":');
                setImmediate(() => response.destroy());
            });
            const loginUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
            await assert.rejects(ofAccount({ loginUrl }).token(), { code: 'TEAMS_UNREACHABLE', kind: 'outage' });
            server.close();
        });
    });
});

async function listen(office: TeamsFixture, handler: Parameters<typeof createServer>[1]): Promise<Server> {
    const server = createServer(await office.authority.issue(['127.0.0.1']), handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
}
