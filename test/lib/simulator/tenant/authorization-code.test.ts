import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { FakeClock } from '../../../support/fake-clock';
import { type Answer, account, app, poorApp, publicApp, TenantFixture } from './tenant-fixture';

const scope = 'https://graph.microsoft.com/.default openid offline_access';
const redirectUri = 'https://node-red.contoso.com/teams-accounts/signed-in';
const local = 'http://localhost/signed-in';
const webUri = 'https://node-red.contoso.com/web';
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

describe('Authorization codes', () => {
    let clock: FakeClock;
    let office: TenantFixture;

    beforeEach(async () => {
        clock = new FakeClock();
        office = await TenantFixture.start({ clock });
        const change = { redirectUris: [redirectUri, local], webRedirectUris: [webUri] };
        for (const { clientId } of [publicApp, app]) office.tenant.changeRegistration(clientId, change);
    });
    afterEach(() => office.stop());

    /** Asks for the page; a parameter that is blank is left out. */
    function request(change: Record<string, string> = {}): string {
        const usual = {
            ...{ client_id: publicApp.clientId, response_type: 'code', redirect_uri: redirectUri, scope },
            ...{ state: 'a b&c', nonce: 'n1', code_challenge: challenge, code_challenge_method: 'S256' },
        };
        const asked = Object.entries({ ...usual, ...change }).filter(([, value]) => value !== '');
        return `/organizations/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`;
    }

    const show = (change?: Record<string, string>): Promise<Answer> => office.send('GET', request(change));
    const enter = (fields: Record<string, string>, change?: Record<string, string>): Promise<Answer> =>
        office.send('POST', request(change), new URLSearchParams(fields).toString());

    function back({ status, headers }: Answer): Record<string, string> {
        assert.equal(status, 302);
        const { origin, pathname, searchParams } = new URL(headers.location ?? '');
        return { to: `${origin}${pathname}`, ...Object.fromEntries(searchParams) };
    }

    async function codeFor(change?: Record<string, string>): Promise<string> {
        const { code, state } = back(await enter({ ...account }, change));
        assert.equal(state, 'a b&c');
        return code ?? '';
    }

    const redeem = (code: string, change: Record<string, string> = {}): Promise<Answer> => {
        const usual = { grant_type: 'authorization_code', client_id: publicApp.clientId, redirect_uri: redirectUri };
        const form = { ...usual, code, code_verifier: verifier, ...change };
        return office.token(Object.fromEntries(Object.entries(form).filter(([, value]) => value !== '')));
    };
    const errorOf = async (answer: Promise<Answer>): Promise<unknown> => (await answer).body.error_codes?.[0];

    it('lead from the page of Entra back to the app, and to tokens of the user, second factor and all', async () => {
        office.tenant.changeAccount(account.username, { mfa: true });
        assert.match((await show()).text, /<form method="post">/);
        const { status, body } = await redeem(await codeFor());
        assert.equal(status, 200);
        const { preferred_username, nonce } = decodeJwt(body.id_token);
        assert.deepEqual([preferred_username, nonce], [account.username, 'n1']);
        assert.ok(body.refresh_token);
    });

    it('of a public redirect need no secret, now and at each renewal, and take none', async () => {
        const client = { client_id: app.clientId };
        const secret = { client_secret: app.clientSecret };
        const code = await codeFor(client);
        assert.equal(await errorOf(redeem(code, { ...client, ...secret })), 700025);
        const { body } = await redeem(code, client);
        const renew = { grant_type: 'refresh_token', refresh_token: body.refresh_token, scope, ...client };
        assert.equal((await office.token(renew)).status, 200);
        assert.equal(await errorOf(office.token({ ...renew, ...secret })), 700025);
    });

    it('of a redirect under "Web" need the secret', async () => {
        const client = { client_id: app.clientId, redirect_uri: webUri };
        const code = await codeFor(client);
        assert.equal(await errorOf(redeem(code, client)), 7000218);
        assert.equal((await redeem(code, { ...client, client_secret: app.clientSecret })).status, 200);
    });

    it('are good once', async () => {
        const code = await codeFor();
        assert.equal((await redeem(code)).status, 200);
        assert.equal(await errorOf(redeem(code)), 54005);
    });

    it('are good for ten minutes', async () => {
        const code = await codeFor();
        await clock.advance(10 * 60_000);
        assert.equal(await errorOf(redeem(code)), 70008);
    });

    it('are good for who has the verifier, for the same app and the same redirect', async () => {
        const code = await codeFor();
        assert.equal(await errorOf(redeem(code, { code_verifier: '' })), 50148);
        assert.equal(await errorOf(redeem(code, { code_verifier: randomBytes(32).toString('base64url') })), 501481);
        assert.equal(await errorOf(redeem(code, { redirect_uri: local })), 50011);
        office.tenant.changeRegistration(poorApp.clientId, { publicClient: true });
        assert.equal(await errorOf(redeem(code, { client_id: poorApp.clientId })), 70000);
        assert.equal(await errorOf(redeem('1.made-up')), 70000);
        assert.equal((await redeem(code)).status, 200);
    });

    it('are given to registered addresses only; of localhost any port will do', async () => {
        for (const uri of ['https://node-red.contoso.com/Teams-accounts/signed-in', 'https://evil.example/', webUri]) {
            const change = { redirect_uri: uri };
            if (uri === webUri) office.tenant.changeRegistration(publicApp.clientId, { webRedirectUris: [] });
            const { status, text } = await show(change);
            assert.equal(status, 400);
            assert.match(text, /AADSTS50011: The redirect URI/);
        }
        assert.match((await show({ redirect_uri: '' })).text, /AADSTS900971/);
        assert.match((await show({ client_id: 'aaaaaaaa-0000-4000-8000-00000000ffff' })).text, /AADSTS700016/);
        const elsewhere = { redirect_uri: 'http://localhost:1880/signed-in' };
        assert.equal((await redeem(await codeFor(elsewhere), elsewhere)).status, 200);
    });

    it('are given over http to nobody but localhost', async () => {
        const uri = 'http://node-red.contoso.com/';
        office.tenant.changeRegistration(publicApp.clientId, { redirectUris: [uri] });
        assert.match((await show({ redirect_uri: uri })).text, /AADSTS50011/);
    });

    for (const [what, change, error, code] of [
        ['no challenge', { code_challenge: '' }, 'invalid_request', 50147],
        ['a challenge that is the verifier itself', { code_challenge_method: 'plain' }, 'invalid_request', 50149],
        ['no method', { code_challenge_method: '' }, 'invalid_request', 50149],
        ['a challenge of another size', { code_challenge: 'short' }, 'invalid_request', 501491],
        ['another response', { response_type: 'token' }, 'unsupported_response_type', 70005],
        ['another mode', { response_mode: 'smoke' }, 'invalid_request', 70007],
        ['no scope', { scope: '' }, 'invalid_request', 900144],
        ['a scope without consent', { scope: 'Mail.Read' }, 'invalid_grant', 65001],
    ] as const)
        it(`with ${what} are told to the app as AADSTS${code}`, async () => {
            const answer = back(await show(change));
            assert.deepEqual([answer.to, answer.error, answer.state], [redirectUri, error, 'a b&c']);
            assert.match(answer.error_description ?? '', new RegExp(`^AADSTS${code}: `));
        });

    it('say what is not simulated', async () => {
        const { status, body } = await show({ response_mode: 'form_post' });
        assert.deepEqual([status, body.error], [501, 'not_simulated']);
    });

    it('are not given to who is not the user, or declines', async () => {
        const wrong = await enter({ ...account, password: '<b>' });
        assert.match(wrong.text, /role="alert">AADSTS50126/);
        office.tenant.setTrouble(account.username, '53003');
        assert.match((await enter({ ...account })).text, /AADSTS53003/);
        const declined = back(await enter({ cancel: 'yes' }));
        assert.deepEqual([declined.error, declined.error_subcode], ['access_denied', 'cancel']);
    });
});
