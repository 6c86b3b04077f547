import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { issueCertificate } from '../../../../lib/simulator/issue-certificate';
import { type CheckReport, checkAccount, checkApp, type Need } from '../../../../lib/teams/check/check-registration';
import type { RegistrationSettings } from '../../../../lib/teams/connection/graph-access';
import { createHttp, type Http } from '../../../../lib/teams/connection/http';
import { signInWithDeviceCode } from '../../../../lib/teams/connection/sign-in/device-code';
import type { Account } from '../../../../lib/teams/connection/sign-in/registration';
import { accountTokens } from '../../../../lib/teams/connection/sign-in/token-source';
import { account, app, publicApp, TeamsFixture, until } from '../teams-fixture';

const day = 86_400_000;
const licensed = { username: 'licensed@office.example', password: 'password of licensed', licence: true };
const tokenRequest = /oauth2/;

describe('A check of an app registration', () => {
    let office: TeamsFixture;
    let http: Http;

    beforeEach(async () => {
        office = await TeamsFixture.start({ accounts: [account, licensed] });
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
    });

    function check(needs: Need[], changed: Partial<RegistrationSettings> = {}): Promise<CheckReport> {
        return checkApp(office.settings(changed), http, needs, { clock: office.clock });
    }

    it('lists every permission that is granted', async () => {
        const report = await check(['follow-app-only', 'write']);
        assert.equal(report.ok, true);
        assert.deepEqual(said(report), [
            ['sign-in', true, `The app registration ${app.clientId} signs in`],
            ['permission:User.Read.All', true, 'Application permission User.Read.All is granted'],
            ['permission:Presence.ReadWrite.All', true, 'Application permission Presence.ReadWrite.All is granted'],
        ]);
    });

    it('lists every permission that is missing, with the place to grant it', async () => {
        office.simulated.changeRegistration(app.clientId, { roles: ['User.Read.All'] });
        const report = await check(['follow-app-only', 'group-by-name']);
        assert.equal(report.ok, false);
        const place = `Entra admin center > App registrations > ${app.clientId} > API permissions > Add a permission > Microsoft Graph > Application permissions`;
        assert.deepEqual(said(report).slice(2), [
            [
                'permission:Presence.Read.All',
                false,
                `Application permission Presence.Read.All is missing: ${place} > Presence.Read.All, then Grant admin consent`,
            ],
            [
                'permission:Group.ReadBasic.All',
                false,
                `Application permission Group.ReadBasic.All is missing: ${place} > Group.ReadBasic.All, then Grant admin consent`,
            ],
        ]);
        const [, , missing] = report.lines;
        assert.equal(missing?.code, 'CHECK_ROLE_MISSING');
        assert.deepEqual(missing?.parameters, { permission: 'Presence.Read.All', app: app.clientId });
    });

    for (const [need, roles] of [
        ['follow-app-only', ['Directory.Read.All', 'Presence.Read.All']],
        ['follow-app-only', ['User.ReadWrite.All', 'Presence.ReadWrite.All']],
        ['group-by-name', ['Group.ReadBasic.All']],
        ['group-by-name', ['GroupMember.Read.All']],
        ['group-by-name', ['Directory.Read.All']],
        ['group-by-name', ['Group.ManageProtection.All', 'GroupMember.ReadBasic.All']],
        ['group-by-id', ['GroupMember.ReadBasic.All']],
        ['group-by-id', ['GroupMember.ReadWrite.All']],
    ] as const)
        it(`takes ${roles.join(' and ')} for ${need}, as Microsoft's table does, and names it [B3]`, async () => {
            office.simulated.changeRegistration(app.clientId, { roles: [...roles] });
            const report = await check([need]);
            assert.equal(report.ok, true);
            const named = report.lines.slice(1).map(({ parameters }) => parameters.permission);
            assert.deepEqual(named.join(', ').split(', ').sort(), [...roles].sort());
        });

    for (const [need, roles, lacks] of [
        ['group-by-name', ['GroupMember.ReadWrite.All'], 'Group.ReadBasic.All'],
        ['group-by-name', ['GroupMember.ReadBasic.All'], 'Group.ReadBasic.All'],
        ['group-by-name', ['Directory.ReadWrite.All'], 'Group.ReadBasic.All'],
        ['group-by-id', ['Directory.ReadWrite.All'], 'GroupMember.ReadBasic.All'],
        ['follow-app-only', ['User.ReadBasic.All', 'Presence.Read.All'], 'User.Read.All'],
    ] as const)
        it(`does not take ${roles.join(' and ')} for ${need}, as Microsoft's table does not [B3]`, async () => {
            office.simulated.changeRegistration(app.clientId, { roles: [...roles] });
            const { lines } = await check([need]);
            const missing = lines.filter(({ ok }) => ok === false);
            assert.deepEqual(
                missing.map(({ id }) => id),
                [`permission:${lacks}`],
            );
        });

    it('does not take reading for writing', async () => {
        office.simulated.changeRegistration(app.clientId, { roles: ['User.Read.All', 'Presence.Read.All'] });
        const { lines } = await check(['write']);
        assert.deepEqual(
            lines.filter(line => line.ok === false).map(line => line.id),
            ['permission:Presence.ReadWrite.All'],
        );
    });

    it('tells why the app cannot sign in, in the words of any such error', async () => {
        const report = await check(['write'], { clientSecret: 'wrong' });
        assert.equal(report.ok, false);
        assert.deepEqual(said(report), [
            ['sign-in', false, 'Client secret is wrong: enter its value, not its id (AADSTS7000215)'],
        ]);
        assert.equal(report.lines[0]?.code, 'TEAMS_SECRET_WRONG');
    });

    it('without secret and certificate looks for the tenant, and says what is missing for app-only duties', async () => {
        const none = { clientSecret: undefined };
        assert.deepEqual(said(await check(['follow-delegated'], none)), [
            ['tenant', true, `Tenant ${office.settings().tenant} exists`],
            ['proof', true, 'Without client secret or certificate only communication users sign in'],
        ]);
        const missing = await check(['follow-delegated', 'write'], none);
        assert.equal(missing.ok, false);
        assert.match(missing.lines[1]!.sentence.en, /^A client secret or a certificate is missing: create one under/);
        const elsewhere = await check(['follow-delegated'], { ...none, tenant: 'nowhere.example' });
        assert.equal(elsewhere.lines[0]?.code, 'TEAMS_TENANT_UNKNOWN');
    });

    describe('with a certificate', () => {
        const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
        const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();

        /** @param days until its end */
        async function checkWith(days: number): Promise<CheckReport> {
            const now = office.clock.date() - (365 - days) * day;
            const certificate = issueCertificate({ commonName: 'presence sync', key, now }).toString();
            office.simulated.changeRegistration(app.clientId, { certificates: [certificate] });
            return check([], { clientSecret: undefined, certificate: { privateKey, certificate } });
        }

        it('tells its end', async () => {
            const report = await checkWith(100);
            const date = new Date(office.clock.date() + 100 * day).toISOString().slice(0, 10);
            assert.deepEqual(said(report)[1], [
                'certificate',
                true,
                `The certificate presence sync is valid until ${date}`,
            ]);
        });

        it('warns 30 days before its end', async () => {
            const report = await checkWith(29.5);
            assert.equal(report.ok, true);
            assert.deepEqual([report.lines[1]?.ok, report.lines[1]?.parameters.days], ['warning', 29]);
            assert.match(
                report.lines[1]!.sentence.en,
                /^The certificate presence sync ends in 29 days, on \d{4}-\d\d-\d\d:/,
            );
        });

        it('says that it has ended beside what Entra says', async () => {
            const report = await checkWith(-1);
            assert.equal(report.ok, false);
            assert.deepEqual(
                report.lines.map(line => line.code),
                ['TEAMS_CERTIFICATE_EXPIRED', 'CHECK_CERTIFICATE_EXPIRED'],
            );
        });
    });
});

describe('A check of an account', () => {
    let office: TeamsFixture;
    let http: Http;

    beforeEach(async () => {
        office = await TeamsFixture.start({ accounts: [account, licensed] });
        http = createHttp({ ca: office.authority.certificate, extent: 'only' });
    });
    afterEach(async () => {
        await http.close();
        await office.stop();
    });

    function check(who: Account, changed: Partial<RegistrationSettings> = {}): Promise<CheckReport> {
        return checkAccount(office.settings(changed), who, http, { clock: office.clock });
    }

    const publicSettings = { ...publicApp, clientSecret: undefined };

    it('lists sign-in, public client flows, second factor, permissions and licence', async () => {
        const { username } = licensed;
        const report = await check(licensed, publicSettings);
        assert.equal(report.ok, true);
        assert.deepEqual(said(report), [
            ['sign-in', true, `Account ${username} signs in`],
            ['public-client', true, '"Allow public client flows" is set to Yes'],
            ['second-factor', true, `No second factor is asked of ${username}`],
            ['permission:User.Read.All', true, 'Delegated permission User.Read.All is granted'],
            ['permission:Presence.Read.All', true, 'Delegated permission Presence.Read.All is granted'],
            ['licence', true, `Account ${username} has a Teams licence`],
        ]);
    });

    it('only warns of a missing licence', async () => {
        const missing = await check(account);
        assert.equal(missing.ok, true);
        assert.deepEqual([missing.lines.at(-1)?.ok, missing.lines.at(-1)?.code], ['warning', 'CHECK_LICENCE_MISSING']);
    });

    it('reads the licence of an account that may read basic profiles only [B4]', async () => {
        office.simulated.changeRegistration(app.clientId, { scopes: ['User.ReadBasic.All', 'Presence.Read.All'] });
        assert.equal((await check(licensed)).lines.at(-1)?.code, 'CHECK_LICENCE_FOUND');
        assert.equal((await check(account)).lines.at(-1)?.code, 'CHECK_LICENCE_MISSING');
    });

    it('says if it cannot see a licence', async () => {
        office.simulated.changeRegistration(app.clientId, { scopes: ['Presence.Read.All'] });
        assert.equal((await check(licensed)).lines.at(-1)?.code, 'CHECK_LICENCE_UNKNOWN');
    });

    it('says that the directory cannot be read with basic profiles, as it then cannot [B1]', async () => {
        const scopes = ['User.ReadBasic.All', 'Presence.Read.All'];
        office.simulated.changeRegistration(publicApp.clientId, { scopes });
        const report = await check(licensed, publicSettings);
        assert.deepEqual(
            report.lines.filter(({ ok }) => ok === false).map(({ id }) => id),
            ['permission:User.Read.All'],
        );
        const { system, registration } = office.teams(publicSettings);
        const end = system.directory.use(registration.asAccount(licensed));
        await until(() => system.directory.state.phase === 'failed');
        end();
    });

    it('takes what the app may read itself, in whose name it is read then [B1]', async () => {
        office.simulated.changeRegistration(app.clientId, { scopes: ['Presence.Read.All'] });
        const report = await check(licensed);
        assert.deepEqual(said({ ok: true, lines: report.lines.filter(({ id }) => id.startsWith('permission')) }), [
            ['permission:User.Read.All', true, 'Application permission User.Read.All is granted'],
            ['permission:Presence.Read.All', true, 'Delegated permission Presence.Read.All is granted'],
        ]);
        const { system, registration } = office.teams();
        assert.deepEqual((await system.check(registration, [licensed])).ok, true);
        office.simulated.changeRegistration(app.clientId, { scopes: ['User.Read.All'] });
        const { lines } = await check(licensed);
        const missing = lines.filter(({ ok }) => ok === false).map(({ id }) => id);
        assert.deepEqual(missing, ['permission:Presence.Read.All'], 'the app cannot subscribe');
    });

    it('looks at what the reading of a group takes [B2]', async () => {
        const needs = ['group-by-name'] as const;
        const lacking = await checkAccount(office.settings(publicSettings), licensed, http, { needs });
        assert.deepEqual(
            lacking.lines.filter(({ ok }) => ok === false).map(({ id }) => id),
            ['permission:Group.ReadBasic.All'],
        );
        const wanted = await checkAccount(office.settings(publicSettings), licensed, http, { wanted: needs });
        assert.equal(wanted.ok, true);
        assert.ok(wanted.lines.some(({ id, ok }) => id === 'permission:Group.ReadBasic.All' && ok === 'warning'));
        const scopes = ['User.Read.All', 'Presence.Read.All', 'Group.ReadBasic.All'];
        office.simulated.changeRegistration(publicApp.clientId, { scopes });
        const granted = await checkAccount(office.settings(publicSettings), licensed, http, { needs });
        assert.equal(granted.ok, true);
    });

    it('survives a Graph that is away', async () => {
        office.simulated.faults.failNext(1, 503, {}, {}, /assignedPlans|\/me|\/users/);
        const report = await check(licensed);
        assert.equal(report.lines.at(-1)?.code, 'CHECK_LICENCE_UNKNOWN');
    });

    it('does not take a permission to write for the one that subscriptions need', async () => {
        office.simulated.changeRegistration(app.clientId, { scopes: ['User.Read.All', 'Presence.ReadWrite'] });
        const report = await check(licensed);
        assert.deepEqual(
            report.lines.filter(line => line.ok === false).map(line => line.sentence.en),
            [
                `Delegated permission Presence.Read.All is missing: Entra admin center > App registrations > ${app.clientId} > API permissions > Add a permission > Microsoft Graph > Delegated permissions > Presence.Read.All, then Grant admin consent`,
            ],
        );
    });

    for (const [trouble, id, code] of [
        ['50126', 'sign-in', 'TEAMS_PASSWORD_WRONG'],
        ['50076', 'second-factor', 'TEAMS_MFA_REQUIRED'],
        ['53003', 'sign-in', 'TEAMS_POLICY_REFUSES'],
    ] as const)
        it(`tells ${code} in the line "${id}"`, async () => {
            office.simulated.setTrouble(account.username, trouble);
            const report = await check(account);
            assert.equal(report.ok, false);
            assert.deepEqual(
                report.lines.map(line => [line.id, line.ok, line.code]),
                [[id, false, code]],
            );
        });

    it('tells that public client flows are not allowed', async () => {
        const report = await check(account, { clientSecret: undefined });
        assert.deepEqual([report.lines[0]?.id, report.lines[0]?.code], ['public-client', 'TEAMS_SECRET_MISSING']);
    });

    it('asks for the same as the nodes do: for all permissions in one request, never for some of them [E3]', async () => {
        const asked: string[] = [];
        const watched: Http = Object.create(http, {
            fetch: {
                value: (url: string, request: Parameters<Http['fetch']>[1]) => {
                    const scope = new URLSearchParams(String(request?.body ?? '')).get('scope');
                    if (scope) asked.push(scope.split(' ').sort().join(' '));
                    return http.fetch(url, request);
                },
            },
        });
        await checkAccount(office.settings(), licensed, watched);
        const token = await accountTokens(office.settings(), licensed, watched, office.clock).token();
        const [tested, run] = asked;
        assert.equal(asked.length, 2);
        assert.equal(tested, run);
        const ofGraph = run?.split(' ').filter(scope => scope.includes('/'));
        assert.deepEqual(ofGraph, [`${office.simulated.url}/.default`]);
        assert.deepEqual(decodeJwt(token).scp, 'User.Read.All Presence.Read.All');

        asked.splice(0);
        await checkApp(office.settings(), watched, ['write']);
        const ending = new AbortController();
        await assert.rejects(
            signInWithDeviceCode(office.settings(publicSettings), watched, {
                tokenCache: { save: async () => {} },
                onCode: () => ending.abort(),
                signal: ending.signal,
            }),
        );
        assert.deepEqual(asked, [ofGraph?.[0], run]);
    });

    it('shares a sign-in that there is already', async () => {
        const tokens = accountTokens(office.settings(), account, http, office.clock);
        await tokens.token();
        const asked = office.count(tokenRequest);
        const report = await checkAccount(office.settings(), account, http, { tokens });
        assert.equal(report.ok, true);
        assert.equal(office.count(tokenRequest), asked);
    });
});

function said({ lines }: CheckReport): unknown[] {
    return lines.map(({ id, ok, sentence }) => [id, ok, sentence.en]);
}
