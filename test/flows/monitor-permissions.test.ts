import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import { NodeRedProcess } from '../support/node-red-process';

/** By name of the user; each may do this and nothing else. */
const users: Record<string, string[]> = {
    everything: ['*'],
    reads: ['read'],
    'reads flows': ['flows.read'],
    'reads people': ['presence-sync.read'],
    'changes people': ['presence-sync.write'],
    nothing: [],
};
const password = 'only tests';

describe('Who may ask about people', function () {
    this.timeout(60_000);
    let nodeRed: NodeRedProcess;

    before(async () => {
        const hash = hashSync(password, 4);
        const adminAuth = {
            type: 'credentials',
            // What the test itself needs.
            default: { permissions: ['flows.read', 'status.read'] },
            users: Object.entries(users).map(([username, permissions]) => ({ username, password: hash, permissions })),
        };
        nodeRed = new NodeRedProcess({ settings: { adminAuth } });
        await nodeRed.start();
    });
    after(() => nodeRed.dispose());

    async function tokenOf(username: string): Promise<string> {
        const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
        return (await nodeRed.adminRequest<{ access_token: string }>('POST', 'auth/token', login)).access_token;
    }

    async function statusFor(username: string | undefined, path: string, method = 'GET'): Promise<number> {
        const headers: Record<string, string> = { 'content-type': 'application/json' };
        if (username) headers.authorization = `Bearer ${await tokenOf(username)}`;
        return (await fetch(`${nodeRed.baseUrl}${path}`, { headers, method })).status;
    }

    for (const [username, reading, writing] of [
        ['everything', 200, 404],
        ['reads', 200, 401],
        ['reads people', 200, 401],
        ['changes people', 401, 404],
        ['reads flows', 401, 401],
        ['nothing', 401, 401],
        [undefined, 401, 401],
    ] as const)
        it(`${username ?? 'nobody who is known'}: ${reading}, ${writing}`, async () => {
            for (const path of ['people', 'people.csv', 'health'])
                assert.equal(await statusFor(username, `presence-sync/${path}`), reading);
            assert.equal(await statusFor(username, 'presence-sync/people/nobody'), reading === 200 ? 404 : reading);
            for (const action of ['pause', 'resume', 'resync'])
                assert.equal(await statusFor(username, `presence-sync/people/nobody/${action}`, 'POST'), writing);
        });

    it('takes no form of another site', async () => {
        const url = `${nodeRed.baseUrl}presence-sync/people/nobody/pause`;
        const headers = { authorization: `Bearer ${await tokenOf('everything')}` };
        const { status } = await fetch(url, { method: 'POST', body: new URLSearchParams({ minutes: '1' }), headers });
        assert.equal(status, 415);
    });
});
