import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import { NodeRedProcess } from '../support/node-red-process';

const tester = { username: 'tester', password: 'only tests' };
const permissions = ['flows.read', 'pbx-connection.write', 'azure-app.write', 'teams-accounts.write'];

/** A port of this computer at which nobody listens. */
const address = '127.0.0.1:9';
const pbx = { address, appName: 'presence-sync', role: 'client', slaves: [], match: 'address', participation: 'all' };
const app = {
    cloud: 'custom',
    loginUrl: 'https://127.0.0.1:9',
    graphUrl: 'https://127.0.0.1:9',
    tenant: 'contoso.com',
};
const clientId = '11111111-1111-4111-8111-111111111111';

describe('A user of the editor who may test and not deploy', function () {
    this.timeout(60_000);
    let nodeRed: NodeRedProcess;
    let token: string;

    before(async () => {
        const users = [{ username: tester.username, password: hashSync(tester.password, 4), permissions }];
        const adminAuth = { type: 'credentials', users, default: { permissions: '*' } };
        nodeRed = new NodeRedProcess({
            settings: { adminAuth },
            environment: () => ({ KEPT_SECRET: 'a kept secret' }),
        });
        await nodeRed.start();
        await nodeRed.deploy([
            { id: 'pbx', type: 'pbx-connection', ...pbx, credentials: { password: 'a secret' } },
            { id: 'app', type: 'azure-app', ...app, clientId, credentials: { clientSecret: 'another secret' } },
            { id: 'old-pbx', type: 'pbx-connection', address, appName: 'a', credentials: { password: 'a secret' } },
            { id: 'old-app', type: 'azure-app', tenant: 'x.y', clientId, credentials: { clientSecret: 'a secret' } },
            {
                id: 'accounts',
                type: 'teams-accounts',
                app: 'app',
                accounts: [{ username: 'a@contoso.com', slot: 0 }],
                credentials: { password0: 'a secret' },
            },
        ]);
        const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', ...tester };
        token = (await nodeRed.adminRequest<{ access_token: string }>('POST', 'auth/token', login)).access_token;
    });
    after(() => nodeRed.dispose());

    /** The code of the error that a test is answered with, or of its first line that is one. */
    async function codeOf(path: string, asked: object, as = token): Promise<string | undefined> {
        type Answer = { error?: { code: string }; lines?: { code: string; ok: unknown }[] };
        const headers: Record<string, string> = as ? { authorization: `Bearer ${as}` } : {};
        const answer = await nodeRed.adminRequest<Answer>('POST', path, asked, headers);
        assert.ok(!JSON.stringify(answer).includes('a kept secret'), JSON.stringify(answer));
        return answer.error?.code ?? answer.lines?.find(({ ok }) => ok !== true)?.code;
    }

    // What a dialog holds where no configuration node is chosen.
    const tls = '_ADD_';
    const asPbx = (change: object) => ({
        ...{ id: 'pbx', type: 'pbx-connection', ...pbx, tls, password: '__PWRD__' },
        ...change,
    });
    const asApp = (change: object) => ({ id: 'app', ...app, clientId, tls, clientSecret: '__PWRD__', ...change });
    const asAccount = (change: object) => ({
        ...{ id: 'accounts', index: 0, username: 'a@contoso.com', slot: 0, password0: '__PWRD__', app: asApp({}) },
        // As the dialog says where the flow says nothing.
        method: 'password',
        ...change,
    });
    const kept = '$'.concat('{KEPT_SECRET}');

    it('tests what is deployed', async () => {
        assert.equal(await codeOf('pbx-connection/check', asPbx({})), 'PBX_UNREACHABLE');
        assert.equal(await codeOf('azure-app/check', asApp({})), 'TEAMS_UNREACHABLE');
        assert.equal(await codeOf('teams-accounts/check', asAccount({})), 'TEAMS_UNREACHABLE');
    });

    it('tests what an older flow means without saying it', async () => {
        const asked = {
            id: 'old-pbx',
            address,
            appName: 'a',
            password: '__PWRD__',
            role: 'client',
            slaves: [],
            uses: [{}],
        };
        assert.equal(await codeOf('pbx-connection/check', asked), 'PBX_UNREACHABLE');
    });

    it('tests anything that needs nothing which only the runtime knows', async () => {
        const entered = { id: 'new', password: 'typed', address: '127.0.0.1:10' };
        assert.equal(await codeOf('pbx-connection/check', asPbx(entered)), 'PBX_UNREACHABLE');
    });

    for (const [title, path, asked] of [
        ['to another address', 'pbx-connection/check', asPbx({ address: '127.0.0.1:10' })],
        ['to another slave', 'pbx-connection/check', asPbx({ slaves: ['127.0.0.1:10'] })],
        ['to another sign-in service', 'azure-app/check', asApp({ loginUrl: 'https://127.0.0.1:10' })],
        ['by way of another registration', 'teams-accounts/check', asAccount({ app: asApp({ cloud: 'worldwide' }) })],
        ...[{ slaves: ['127.0.0.1:10'] }, { role: 'server' }, { tls: 'x' }, { module: 'x' }, { fingerprint: 'ab' }].map(
            change =>
                [
                    `where an older flow says nothing of it: ${JSON.stringify(change)}`,
                    'pbx-connection/check',
                    { id: 'old-pbx', address, appName: 'a', password: '__PWRD__', ...change },
                ] as const,
        ),
        [
            'to a cloud that an older flow does not name',
            'azure-app/check',
            {
                ...{ id: 'old-app', tenant: 'x.y', clientId, clientSecret: '__PWRD__' },
                ...{ cloud: 'custom', loginUrl: 'https://127.0.0.1:10', graphUrl: 'https://127.0.0.1:10' },
            },
        ],
        ['where a place is left out', 'azure-app/check', asApp({ cloud: undefined, loginUrl: undefined })],
        ['of another user', 'teams-accounts/check', asAccount({ username: 'b@contoso.com' })],
        ['of another file', 'azure-app/check', asApp({ authentication: 'token-file', tokenFile: '/etc/passwd' })],
        ['of a file of a new node', 'azure-app/check', { ...asApp({}), id: 'new', authentication: 'token-file' }],
        ...['"token-file"', "'managed-identity'", ' token-file', '\u200btoken-file'].map(
            authentication =>
                [
                    `of this machine by ${JSON.stringify(authentication)}`,
                    'azure-app/check',
                    { id: 'new', ...app, clientId: 'typed', authentication },
                ] as const,
        ),
        [
            'of a file to sign in an account',
            'teams-accounts/device-code',
            { id: 'new', app: { ...asApp({ clientSecret: '' }), authentication: 'managed-identity' } },
        ],
        ['of a node that is not deployed', 'azure-app/check', asApp({ id: 'gone' })],
    ] as const)
        it(`sends no stored secret ${title} [C9]`, async () => {
            assert.equal(await codeOf(path, asked), 'TEST_NOT_DEPLOYED');
        });

    for (const [path, asked] of [
        ['azure-app/check', { id: 'new', ...app, clientId: kept }],
        ['azure-app/check', asApp({ tenant: kept })],
        ['azure-app/certificate', { id: 'new', certificate: kept }],
        ['pbx-connection/check', asPbx({ id: 'new', password: 'typed', pbxName: kept })],
        ['teams-accounts/sign-in/state', { signIn: kept }],
    ] as const)
        it(`reads no variable of the environment by ${path}: ${Object.keys(asked).at(-1)} [C9]`, async () => {
            assert.equal(await codeOf(path, asked), 'TEST_NOT_DEPLOYED');
        });

    it('is held to that, and who may deploy is not', async () => {
        assert.equal(await codeOf('pbx-connection/check', asPbx({ address: '127.0.0.1:10' }), ''), 'PBX_UNREACHABLE');
    });
});
