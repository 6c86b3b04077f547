import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { FakeClock } from '../../../support/fake-clock';
import { account, app, poorApp, publicApp, TenantFixture } from './tenant-fixture';

const scope = 'https://graph.microsoft.com/.default openid offline_access';

describe('Device codes', () => {
    let clock: FakeClock;
    let office: TenantFixture;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
    });
    afterEach(() => office.stop());

    const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
    const begin = (fields: Record<string, string> = { client_id: publicApp.clientId, scope }) =>
        office.send('POST', '/organizations/oauth2/v2.0/devicecode', form(fields), {
            'content-type': 'application/x-www-form-urlencoded',
        });
    const poll = (code: unknown, client: Record<string, string> = { client_id: publicApp.clientId }) =>
        office.token({
            grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
            device_code: String(code),
            ...client,
        });

    it('tell the user where to go and what to enter', async () => {
        const { status, body } = await begin();
        assert.equal(status, 200);
        assert.match(String(body.user_code), /^[A-Z2-9]{9}$/);
        assert.deepEqual([body.expires_in, body.interval], [900, 5]);
        assert.match(String(body.message), new RegExp(`${body.verification_uri}.*${body.user_code}`));
    });

    it('are pending until the user signs in, second factor and all, and are good once', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        const { body } = await begin();
        const pending = await poll(body.device_code);
        assert.deepEqual([pending.status, pending.body.error], [400, 'authorization_pending']);
        assert.deepEqual(pending.body.error_codes, [70016]);
        office.tenant.enterDeviceCode(String(body.user_code).toLowerCase(), account.username);
        await clock.advance(5_000);
        const done = await poll(body.device_code);
        assert.equal(done.status, 200);
        assert.equal(decodeJwt(done.body.id_token).preferred_username, account.username);
        assert.ok(done.body.refresh_token);
        assert.equal((await poll(body.device_code)).body.error, 'bad_verification_code');
        assert.throws(() => office.tenant.enterDeviceCode(String(body.user_code), account.username), /no device code/);
    });

    it('slow down who asks too often', async () => {
        const { body } = await begin();
        const errors: unknown[] = [];
        for (const wait of [0, 2_000, 5_000, 2_500]) {
            await clock.advance(wait);
            errors.push((await poll(body.device_code)).body.error);
        }
        assert.deepEqual(errors, [
            'authorization_pending',
            'slow_down',
            'authorization_pending',
            'authorization_pending',
        ]);
    });

    it('end when the user refuses', async () => {
        const { body } = await begin();
        office.tenant.declineDeviceCode(String(body.user_code));
        const answer = await poll(body.device_code);
        assert.deepEqual([answer.status, answer.body.error], [400, 'authorization_declined']);
    });

    it('end after fifteen minutes', async () => {
        const { body } = await begin();
        await clock.advance(900_000);
        const answer = await poll(body.device_code);
        assert.deepEqual([answer.body.error, answer.body.error_codes], ['expired_token', [70020]]);
        await clock.advance(3_600_001);
        await begin();
        assert.equal((await poll(body.device_code)).body.error, 'bad_verification_code');
        assert.throws(() => office.tenant.enterDeviceCode(String(body.user_code), account.username), /no device code/);
    });

    it('are of the app that asked for them', async () => {
        const { body } = await begin();
        office.tenant.enterDeviceCode(String(body.user_code), account.username);
        const answer = await poll(body.device_code, { client_id: poorApp.clientId });
        assert.equal(answer.body.error, 'bad_verification_code');
    });

    it('are entered on a page, by who knows the password', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        const { body } = await begin();
        const page = String(body.verification_uri);
        assert.match((await office.send('GET', page)).text, /<form method="post">/);
        const enter = async (fields: Record<string, string>) =>
            (await office.send('POST', page, form({ code: String(body.user_code), ...account, ...fields }))).text;
        assert.match(await enter({ password: 'wrong' }), /password is wrong/);
        assert.match(await enter({ code: 'ABCDEFGHJ' }), /code is wrong/);
        assert.equal((await poll(body.device_code)).body.error, 'authorization_pending');
        assert.match(await enter({}), /You have signed in/);
        assert.equal((await poll(body.device_code)).status, 200);
    });

    it('do not help an account that may not sign in', async () => {
        const { body } = await begin();
        office.tenant.enterDeviceCode(String(body.user_code), account.username);
        office.tenant.setTrouble(account.username, '53003');
        assert.deepEqual((await poll(body.device_code)).body.error_codes, [53003]);
    });

    it('are for public clients of this tenant, with scopes', async () => {
        assert.deepEqual((await begin({ client_id: office.tenant.url, scope })).body.error_codes, [700016]);
        assert.deepEqual((await begin({ client_id: publicApp.clientId })).body.error_codes, [900144]);
        const { body } = await begin({ client_id: app.clientId, scope });
        const answer = await poll(body.device_code, { client_id: app.clientId });
        assert.deepEqual(answer.body.error_codes, [7000218]);
        assert.throws(() => office.tenant.enterDeviceCode(String(body.user_code), 'x@office.example'), /no user/);
    });
});
