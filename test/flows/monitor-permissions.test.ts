import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import { NodeRedProcess } from '../support/node-red-process';

/** By name of the user; each may do this and nothing else. */
const users: Record<string, string[]> = {
    everything: ['*'],
    reads: ['read'],
    'reads flows': ['flows.read'],
    'reads people': ['presence-sync.read'],
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

    async function statusFor(username: string | undefined, path: string): Promise<number> {
        const headers: Record<string, string> = {};
        if (username) {
            const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
            const { access_token } = await nodeRed.adminRequest<{ access_token: string }>('POST', 'auth/token', login);
            headers.authorization = `Bearer ${access_token}`;
        }
        return (await fetch(`${nodeRed.baseUrl}${path}`, { headers })).status;
    }

    for (const [username, status] of [
        ['everything', 200],
        ['reads', 200],
        ['reads people', 200],
        ['reads flows', 401],
        ['nothing', 401],
        [undefined, 401],
    ] as const)
        it(`${username ?? 'nobody who is known'}: ${status}`, async () => {
            assert.equal(await statusFor(username, 'presence-sync/people'), status);
            assert.equal(await statusFor(username, 'presence-sync/people/nobody'), status === 200 ? 404 : status);
        });
});
