import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { SignInStore } from '../../nodes/runtime/sign-in-store';
import { SignIns } from '../../nodes/runtime/sign-ins';
import { account, otherAccount, publicApp, TenantFixture, tenantId } from '../lib/simulator/tenant/tenant-fixture';
import { FakeClock } from '../support/fake-clock';

const editors: [editor: string, redirectUri: string, isPasted?: true][] = [
    ['https://node-red.contoso.com/', 'https://node-red.contoso.com/teams-accounts/signed-in'],
    [
        'https://node-red.contoso.com:8443/admin/?x=1#flow/1',
        'https://node-red.contoso.com:8443/admin/teams-accounts/signed-in',
    ],
    ['http://localhost:1880/', 'http://localhost:1880/teams-accounts/signed-in'],
    ['http://127.0.0.1:1880/red/', 'http://localhost:1880/red/teams-accounts/signed-in'],
    ['http://[::1]:1880/', 'http://localhost:1880/teams-accounts/signed-in'],
    ['http://192.168.1.5:1880/', 'http://localhost/teams-accounts/signed-in', true],
    ['http://localhost.evil.example/', 'http://localhost/teams-accounts/signed-in', true],
    ['javascript:alert(1)', 'http://localhost/teams-accounts/signed-in', true],
    ['', 'http://localhost/teams-accounts/signed-in', true],
];

describe('Sign-ins in a browser', () => {
    let clock: FakeClock;
    let office: TenantFixture;
    let folder: string;
    let signIns: SignIns;
    let settings: RegistrationSettings;

    beforeEach(async () => {
        clock = new FakeClock(Date.now());
        office = await TenantFixture.start();
        office.tenant.changeRegistration(publicApp.clientId, { redirectUris: editors.map(([, uri]) => uri) });
        folder = await mkdtemp(join(tmpdir(), 'sign-ins-'));
        signIns = new SignIns(new SignInStore({ folder, secret: async () => 'secret', clock }), clock);
        const { url } = office.tenant;
        const trust = { ca: office.authority.certificate, extent: 'only' as const };
        settings = { ...publicApp, tenant: tenantId, loginUrl: url, graphUrl: url, trust };
    });
    afterEach(async () => {
        await office.stop();
        await rm(folder, { recursive: true });
    });

    const start = (editor = 'http://localhost:1880/') => signIns.startInBrowser(settings, 'accounts', editor);

    /** Signs in at Microsoft's page. @returns what the browser is led back with */
    async function atPage(address: string, user = account): Promise<URLSearchParams> {
        const { headers } = await office.send('POST', address, new URLSearchParams({ ...user }).toString());
        return new URL(headers.location ?? '').searchParams;
    }

    for (const [editor, redirectUri, isPasted = false] of editors)
        it(`from the editor at "${editor}" lead back to ${redirectUri}${isPasted ? ', to be pasted' : ''} [E1]`, async () => {
            const begun = await start(editor);
            assert.deepEqual([begun.redirectUri, begun.isPasted], [redirectUri, isPasted]);
            const { searchParams } = new URL(begun.address);
            assert.equal(searchParams.get('redirect_uri'), redirectUri);
            assert.equal(searchParams.get('code_challenge_method'), 'S256');
            assert.equal(searchParams.get('prompt'), 'select_account');
            assert.equal(await signIns.answer(await atPage(begun.address)), account.username);
            assert.equal(await signIns.state(begun.signIn), account.username);
            assert.ok((await readdir(folder)).includes(`accounts+${begun.signIn}.jwe`));
        });

    it('take each state once, and none that nobody has begun [E1]', async () => {
        const begun = await start();
        const answer = await atPage(begun.address);
        const old = { code: 'TEAMS_BROWSER_SIGN_IN_OLD' };
        for (const state of ['', 'x', '__proto__', begun.signIn])
            await assert.rejects(signIns.answer(new URLSearchParams({ code: 'c', state })), old);
        const [first, second] = await Promise.allSettled([signIns.answer(answer), signIns.answer(answer)]);
        assert.deepEqual([first.status, second.status], ['fulfilled', 'rejected']);
        await assert.rejects(signIns.answer(answer), old);
    });

    it('are answered within ten minutes, or begun anew [E1]', async () => {
        const begun = await start();
        const answer = await atPage(begun.address);
        for (let minute = 0; minute < 10; minute++) {
            assert.equal(await signIns.state(begun.signIn), undefined);
            await clock.advance(60_000);
        }
        await assert.rejects(signIns.answer(answer), { code: 'TEAMS_BROWSER_SIGN_IN_OLD' });
        await assert.rejects(signIns.state(begun.signIn), { code: 'TEAMS_BROWSER_SIGN_IN_OLD' });
    });

    it('end with their dialog [E1]', async () => {
        for (const end of [
            async ({ signIn }: { signIn: string }) => signIns.cancel(signIn),
            () => clock.advance(180_000),
        ]) {
            const begun = await start();
            const answer = await atPage(begun.address);
            await end(begun);
            await assert.rejects(signIns.answer(answer), { code: 'TEAMS_BROWSER_SIGN_IN_OLD' });
        }
        assert.equal(clock.waiting, 0);
        assert.deepEqual(await readdir(folder), []);
    });

    it('keep apart who signs in at the same time [E1]', async () => {
        const [one, two] = [await start(), await start()];
        const users = [await atPage(two.address, otherAccount), await atPage(one.address, account)];
        assert.deepEqual(await Promise.all(users.map(answer => signIns.answer(answer))), [
            otherAccount.username,
            account.username,
        ]);
        assert.equal(await signIns.state(one.signIn), account.username);
    });

    it('say what Microsoft refuses, to the browser and to the dialog [E1]', async () => {
        const begun = await start();
        const { headers } = await office.send('POST', begun.address, 'cancel=yes');
        const answer = new URL(headers.location ?? '').searchParams;
        await assert.rejects(signIns.answer(answer), { code: 'TEAMS_DEVICE_CODE_DECLINED' });
        await assert.rejects(signIns.state(begun.signIn), { code: 'TEAMS_DEVICE_CODE_DECLINED' });
    });
});
