import assert from 'node:assert/strict';
import { DeviceCodeCredential } from '@azure/identity';
import { accountOf, certificateOf, graphScope, optionsFor, secretOf } from './credentials.ts';
import { refusedHosts } from './loopback-only.ts';
import { type Office, startOffice } from './office.ts';

describe('@azure/identity', () => {
    let office: Office;

    before(async () => {
        office = await startOffice();
    });

    const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

    it('signs in with a client secret', async () => {
        const { token, expiresOnTimestamp } = await secretOf(office).getToken(graphScope);
        assert.equal(claimsOf(token).idtyp, 'app');
        assert.ok(expiresOnTimestamp > Date.now());
    });

    it('signs in with a client certificate', async () => {
        const { token } = await certificateOf(office).getToken(graphScope);
        assert.equal(claimsOf(token).idtyp, 'app');
    });

    it('signs in with a user name and a password', async () => {
        const answer = await accountOf(office).getToken(graphScope);
        assert.equal(claimsOf(answer!.token).upn, office.accounts[0]!.username);
    });

    it('signs in with a device code that is entered on the page', async () => {
        const { username, password } = office.accounts[0]!;
        const credential = new DeviceCodeCredential({
            ...optionsFor(office),
            tenantId: office.tenantId,
            clientId: office.app.clientId,
            userPromptCallback: ({ userCode, verificationUri }) => {
                const form = new URLSearchParams({ code: userCode, username, password });
                void fetch(verificationUri, { method: 'POST', body: form });
            },
        });
        const { token } = await credential.getToken(graphScope);
        assert.equal(claimsOf(token).upn, username);
    });

    it('is told why a wrong secret is refused', async () => {
        const refused = secretOf(office, 'wrong').getToken(graphScope);
        await assert.rejects(refused, /AADSTS7000215/);
    });

    it('has contacted this machine alone', async () => {
        assert.deepEqual(refusedHosts, []);
        await assert.rejects(fetch('http://192.0.2.1/'));
        assert.deepEqual(refusedHosts.splice(0), ['192.0.2.1']);
    });
});
