import assert from 'node:assert/strict';
import { createHttp, type Http } from '../../../../../lib/teams/connection/http';
import { type DeviceCode, signInWithDeviceCode } from '../../../../../lib/teams/connection/sign-in/device-code';
import { accountTokens } from '../../../../../lib/teams/connection/sign-in/token-source';
import { account, publicApp, TeamsFixture } from '../../teams-fixture';
import { MemoryCache } from './memory-cache';

const tokenRequest = /oauth2\/v2\.0\/token/;
const withFactor = { username: 'careful@office.example', password: 'password of careful', mfa: true };

describe('Sign-in by device code', () => {
    let office: TeamsFixture;
    let http: Http;
    let cache: MemoryCache;
    let ending: AbortController;
    let shown: DeviceCode | undefined;

    beforeEach(async () => {
        office = await TeamsFixture.start({ accounts: [account, withFactor] });
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
        cache = new MemoryCache();
        ending = new AbortController();
        shown = undefined;
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
    });

    function registration(changed = {}) {
        return office.settings({ ...publicApp, clientSecret: undefined, ...changed });
    }

    /** Begins and waits until the code is shown. */
    async function begin(changed = {}): Promise<{ result: Promise<{ username: string }>; code: DeviceCode }> {
        shown = undefined;
        const result = signInWithDeviceCode(registration(changed), http, {
            tokenCache: cache,
            onCode: code => {
                shown = code;
            },
            signal: ending.signal,
            clock: office.clock,
        });
        result.catch(() => {});
        await office.passTime(() => shown !== undefined, 0);
        return { result, code: shown! };
    }

    function tokens() {
        const signedIn = { username: withFactor.username, tokenCache: cache };
        return accountTokens(registration(), signedIn, http, office.clock);
    }

    /** Somebody signs in with the second factor. */
    async function signIn(): Promise<void> {
        const { result, code } = await begin();
        office.simulated.enterDeviceCode(code.userCode, withFactor.username);
        await office.passTime(() => cache.saved !== undefined);
        await result;
    }

    it('shows code and address, waits as long as it takes, and tells who it was', async () => {
        const { result, code } = await begin();
        assert.match(code.userCode, /^[A-Z0-9]{9}$/);
        assert.ok(code.verificationUri.startsWith(office.simulated.url));
        assert.equal(code.expiresAt, office.clock.date() + 15 * 60_000);
        for (let turn = 0; turn < 5; turn++) await wait(60_000);
        const asked = office.count(tokenRequest);
        assert.ok(asked > 20 && asked <= 60, `${asked} questions in five minutes`);
        office.simulated.enterDeviceCode(code.userCode, withFactor.username);
        await office.passTime(() => cache.saved !== undefined);
        assert.deepEqual(await result, { username: withFactor.username });
    });

    it('serves an account with a second factor from then on, after a restart too', async () => {
        const byPassword = accountTokens(registration(), withFactor, http, office.clock);
        await assert.rejects(byPassword.token(), { code: 'TEAMS_MFA_REQUIRED' });
        await signIn();
        for (const restarted of [tokens(), tokens()]) {
            const first = await restarted.token();
            restarted.invalidate(first);
            assert.notEqual(await restarted.token(), first);
        }
    });

    it('saves what Entra renews, and goes on where saving fails', async () => {
        await signIn();
        const before = cache.saved;
        const source = tokens();
        source.invalidate(await source.token());
        await source.token();
        assert.notEqual(cache.saved, before);

        cache.save = () => Promise.reject(new Error('disk full'));
        source.invalidate(await source.token());
        assert.ok(await source.token());
    });

    it('works for a registration with a secret if it allows public client flows, and says so if not', async () => {
        const { clientId, clientSecret } = office.settings();
        const refused = signInWithDeviceCode(office.settings({ clientId, clientSecret }), http, {
            tokenCache: cache,
            onCode: () => {},
            signal: ending.signal,
            clock: office.clock,
        });
        const ended = assert.rejects(refused, { code: 'TEAMS_PUBLIC_CLIENT_REFUSED' });
        await office.passTime(() => office.count(tokenRequest) > 0, 1_000);
        await ended;

        office.simulated.changeRegistration(clientId, { publicClient: true });
        const { result, code } = await begin({ clientId, clientSecret });
        office.simulated.enterDeviceCode(code.userCode, account.username);
        await office.passTime(() => cache.saved !== undefined);
        assert.deepEqual(await result, { username: account.username });
    });

    it('ends when the user declines', async () => {
        const { result, code } = await begin();
        office.simulated.declineDeviceCode(code.userCode);
        const ended = assert.rejects(result, { code: 'TEAMS_DEVICE_CODE_DECLINED' });
        await wait(6_000);
        await ended;
        assert.equal(cache.saved, undefined);
    });

    it('ends when nobody has entered the code in time', async () => {
        const { result } = await begin();
        const ended = assert.rejects(result, { code: 'TEAMS_DEVICE_CODE_EXPIRED' });
        for (let minute = 0; minute < 16; minute++) await wait(60_000);
        await ended;
    });

    it('ends at once when it is cancelled, and asks nothing more', async () => {
        const { result } = await begin();
        ending.abort();
        await assert.rejects(result, { code: 'TEAMS_DEVICE_CODE_CANCELLED' });
        const asked = office.count(tokenRequest);
        await wait(60_000);
        assert.equal(office.count(tokenRequest), asked);
        assert.equal(office.clock.waiting <= 1, true);
    });

    it('outlasts an outage while it waits, and asks less often when told to', async () => {
        const { result, code } = await begin();
        office.simulated.faults.failNext(3, 503, { error: 'temporarily_unavailable' }, {}, tokenRequest);
        await wait(20_000);
        const slowDown = { error: 'slow_down', error_description: 'AADSTS70016: slower' };
        office.simulated.faults.failNext(1, 400, slowDown, {}, tokenRequest);
        await wait(6_000);
        const asked = office.count(tokenRequest);
        await wait(60_000);
        assert.equal(office.count(tokenRequest) - asked, 6);
        office.simulated.enterDeviceCode(code.userCode, withFactor.username);
        await office.passTime(() => cache.saved !== undefined);
        await result;
    });

    describe('wants to be done', () => {
        it('where nobody has signed in yet', async () => {
            await assert.rejects(tokens().token(), {
                code: 'TEAMS_SIGN_IN_MISSING',
                message: `Account ${withFactor.username} has not signed in yet: press "Sign in" in its row`,
            });
            assert.equal(office.count(tokenRequest), 0);
        });

        it('again when the sign-in was revoked; Entra is not asked until then', async () => {
            await signIn();
            const source = tokens();
            source.invalidate(await source.token());
            office.simulated.revokeRefreshTokens(withFactor.username);
            await assert.rejects(source.token(), { code: 'TEAMS_SIGN_IN_AGAIN', message: /AADSTS50173/ });
            const asked = office.count(tokenRequest);
            for (let turn = 0; turn < 10; turn++) {
                await office.clock.advance(60_000);
                await assert.rejects(source.token(), { code: 'TEAMS_SIGN_IN_AGAIN', message: /AADSTS50173/ });
            }
            assert.equal(office.count(tokenRequest), asked);

            cache.saved = undefined;
            await signIn();
            await office.clock.advance(60_000);
            assert.ok(await source.token());
        });

        for (const code of ['50076', '700082', '70043', '50132', '50133'])
            it(`again for AADSTS${code} on the refresh token`, async () => {
                await signIn();
                const source = tokens();
                source.invalidate(await source.token());
                office.simulated.setTrouble(withFactor.username, code);
                await assert.rejects(source.token(), {
                    code: 'TEAMS_SIGN_IN_AGAIN',
                    message: `Account ${withFactor.username} must sign in again: press "Sign in" in its row (AADSTS${code})`,
                });
            });
    });

    /** Time goes by in steps, and the network works in each. */
    async function wait(ms: number): Promise<void> {
        const end = office.clock.monotonic() + ms;
        await office.passTime(() => office.clock.monotonic() >= end, 1_000);
    }
});
