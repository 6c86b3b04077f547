import assert from 'node:assert/strict';
import type { AuthenticationResult } from '@azure/msal-node';
import type { ErrorCode } from '../../../../../lib/errors/errors';
import { SignInError } from '../../../../../lib/teams/connection/sign-in/sign-in-error';
import { HeldTokens } from '../../../../../lib/teams/connection/sign-in/token-source';
import { FakeClock } from '../../../../support/fake-clock';

const minute = 60_000;

describe('held tokens', () => {
    let clock: FakeClock;
    let asked: boolean[];
    let failure: SignInError | undefined;
    let tokens: HeldTokens;

    beforeEach(() => {
        clock = new FakeClock();
        asked = [];
        failure = undefined;
        tokens = new HeldTokens(async fresh => {
            asked.push(fresh);
            if (failure) throw failure;
            const expiresOn = new Date(Date.now() + 60 * minute);
            return { accessToken: `token ${asked.length}`, expiresOn } as AuthenticationResult;
        }, clock);
    });

    function fail(code: ErrorCode, retryAfter?: number): void {
        failure = new SignInError(code, { account: 'sync@contoso.com' }, retryAfter);
    }

    it('serve until shortly before they end', async () => {
        assert.equal(await tokens.token(), 'token 1');
        await clock.advance(54 * minute);
        assert.equal(await tokens.token(), 'token 1');
        await clock.advance(2 * minute);
        assert.equal(await tokens.token(), 'token 2');
        assert.deepEqual(asked, [false, true]);
    });

    it('ask once for all who wait', async () => {
        await Promise.all([tokens.token(), tokens.token(), tokens.token()]);
        assert.equal(asked.length, 1);
    });

    it('go on to serve although a permission may be missing in them, if there is no other to be had', async () => {
        const token = await tokens.token();
        await clock.advance(11 * minute);
        fail('TEAMS_UNREACHABLE');
        tokens.doubt(token);
        assert.equal(await tokens.token(), token);
        assert.equal(asked.length, 2, 'it was tried');
        tokens.doubt(token);
        failure = undefined;
        assert.equal(await tokens.token(), 'token 3');
    });

    it('do not ask again for 15 minutes what an administrator must put right, and tell how long that lasts', async () => {
        fail('TEAMS_PASSWORD_WRONG');
        await assert.rejects(tokens.token(), { code: 'TEAMS_PASSWORD_WRONG', retryAfter: undefined });
        await clock.advance(5 * minute);
        for (let turn = 0; turn < 20; turn++)
            await assert.rejects(tokens.token(), { code: 'TEAMS_PASSWORD_WRONG', retryAfter: 10 * minute });
        assert.equal(asked.length, 1);

        failure = undefined;
        await clock.advance(10 * minute - 1);
        await assert.rejects(tokens.token());
        await clock.advance(1);
        assert.equal(await tokens.token(), 'token 2');
    });

    it('ask again at once after an outage, unless Microsoft asks to wait', async () => {
        fail('TEAMS_UNREACHABLE');
        await assert.rejects(tokens.token(), { code: 'TEAMS_UNREACHABLE' });
        await assert.rejects(tokens.token(), { code: 'TEAMS_UNREACHABLE' });
        assert.equal(asked.length, 2);

        fail('TEAMS_SERVICE_ERROR', 2 * minute);
        await assert.rejects(tokens.token());
        await clock.advance(minute);
        await assert.rejects(tokens.token(), { code: 'TEAMS_SERVICE_ERROR', retryAfter: minute });
        assert.equal(asked.length, 3);
        failure = undefined;
        await clock.advance(minute);
        assert.ok(await tokens.token());
    });

    it('serve to their very end in an outage, and then no longer', async () => {
        await tokens.token();
        fail('TEAMS_UNREACHABLE');
        await clock.advance(59 * minute);
        assert.equal(await tokens.token(), 'token 1');
        await clock.advance(minute);
        await assert.rejects(tokens.token(), { code: 'TEAMS_UNREACHABLE' });
    });

    it('do not serve in an outage once Graph has refused them', async () => {
        tokens.invalidate(await tokens.token());
        fail('TEAMS_UNREACHABLE');
        await assert.rejects(tokens.token(), { code: 'TEAMS_UNREACHABLE' });
    });

    it('are renewed when Graph lets them do too little, unless they are new', async () => {
        tokens.doubt(await tokens.token());
        assert.equal(await tokens.token(), 'token 1');
        await clock.advance(10 * minute);
        tokens.doubt('token 1');
        assert.equal(await tokens.token(), 'token 2');
    });
});
