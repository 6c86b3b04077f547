import assert from 'node:assert/strict';
import { parseFrame } from '../../../../lib/pbx/connection/frame';
import { isSameDigest, verifyLogin } from '../../../../lib/pbx/connection/login';
import { loginFrame } from '../../simulator/pbx/app-client';
import { userLogin } from '../../simulator/pbx/my-apps-client';

const challenge = '0123456789abcdef';
const password = 'pässword';
const pbx = {
    ...{ app: 'presence-sync', domain: 'firm.example', sip: 'presence-sync', guid: 'a'.repeat(32) },
    ...{ dn: 'Präsenz', password, info: '{"appobj":"presence-sync"}' },
};

function verdict(text: string, appName = 'presence-sync'): string {
    return verifyLogin(parseFrame(text)!, text, { appName, password, challenge });
}

describe('A login at our endpoint', () => {
    for (const info of [
        '{"appobj":"presence-sync","pbx":"pbx-main","cn":"Präsenz","unlicensed":true,"apps":[]}',
        '{"apps":[{"name":"users"}],"unlicensed":true,"cn":"Pr\\u00e4senz \\/ x","pbx":"pbx-main","appobj":"presence-sync"}',
        '{ "\\u0061ppobj" : "presence-sync",\n\t"cn":"\\ud83d\\ude00" }',
    ]) {
        it(`is that of the PBX with info ${info}`, () => {
            assert.equal(verdict(loginFrame({ ...pbx, info }, challenge)), 'pbx');
        });
    }

    it('is not that of the PBX without info that names the App object [C6]', () => {
        for (const info of ['{}', '{"appobj":""}', undefined])
            assert.equal(verdict(loginFrame({ ...pbx, info }, challenge)), 'other');
    });

    it('is nobody’s where a user’s name has moved the borders between its fields [C6]', () => {
        // What the PBX signs for a user of that name, read in another way.
        const user = { ...pbx, sip: 'eve', dn: `Eve:presence-sync:x` };
        const frame = JSON.parse(loginFrame(user, challenge)) as object;
        const app = 'presence-sync:firm.example:eve';
        const moved = { ...frame, app, domain: 'a'.repeat(32), sip: 'Eve', guid: 'presence-sync', dn: 'x' };
        assert.equal(verdict(JSON.stringify(moved)), 'wrong-password');
        for (const field of ['app', 'domain', 'sip', 'guid'])
            assert.equal(verdict(loginFrame({ ...pbx, [field]: 'a:presence-sync' }, challenge)), 'wrong-password');
    });

    it('is not that of the PBX under a name that only looks like that of the App object [C6]', () => {
        // The last is the sign of the unit of temperature, which is a small k in lower case.
        for (const sip of ['Sync-desk', 'sync-desk\u200b', ' sync-desk', 'sync-des\u212a'])
            assert.equal(verdict(loginFrame({ ...pbx, sip, info: '{"appobj":"sync-desk"}' }, challenge)), 'other', sip);
    });

    it('is that of the PBX in any order of its fields, and with upper-case hex', () => {
        const frame = JSON.parse(loginFrame(pbx, challenge)) as Record<string, string>;
        const reversed = Object.fromEntries(Object.entries(frame).reverse());
        assert.equal(verdict(JSON.stringify(reversed)), 'pbx');
        assert.equal(verdict(JSON.stringify({ ...frame, digest: frame.digest!.toUpperCase() })), 'pbx');
    });

    it('is that of the PBX when the URL ends otherwise than the App object is called', () => {
        assert.equal(verdict(loginFrame({ ...pbx, app: 'sync' }, challenge)), 'pbx');
        const other = { ...pbx, sip: 'teams', info: '{"appobj":"teams"}' };
        assert.equal(verdict(loginFrame(other, challenge)), 'pbx');
    });

    it('is not that of the PBX when info was written anew', () => {
        const text = loginFrame({ ...pbx, info: '{"cn":"Pr\\u00e4senz"}' }, challenge);
        assert.equal(verdict(JSON.stringify(JSON.parse(text))), 'wrong-password');
    });

    it('is nobody’s with another password, challenge or field', () => {
        for (const change of [{ password: 'password' }, { password: '' }])
            assert.equal(verdict(loginFrame({ ...pbx, ...change }, challenge)), 'wrong-password');
        assert.equal(verdict(loginFrame(pbx, 'fedcba9876543210')), 'wrong-password');
        const frame = JSON.parse(loginFrame(pbx, challenge)) as object;
        for (const change of [
            { sip: 'x' },
            { dn: 7 },
            { digest: '' },
            { digest: null },
            { digest: ['x'] },
            { info: 1 },
        ])
            assert.equal(verdict(JSON.stringify({ ...frame, ...change })), 'wrong-password');
    });

    it('is that of another App object with the same password', () => {
        const other = { ...pbx, app: 'sync', sip: 'calendar', info: '{"appobj":"calendar"}' };
        assert.equal(verdict(loginFrame(other, challenge)), 'other-app');
    });

    it('is that of a browser when a user comes, whom the PBX has vouched for', () => {
        const user = { sip: 'anna.brandt', dn: 'Anna', guid: 'b'.repeat(32), domain: 'firm.example' };
        const text = userLogin('presence-sync', { ...user, pbxObj: 'presence-sync' }, challenge, password);
        assert.equal(verdict(text), 'other');
        const { pbxObj, ...without } = JSON.parse(text) as Record<string, unknown>;
        assert.equal(pbxObj, 'presence-sync');
        assert.equal(verdict(JSON.stringify(without)), 'other');
    });

    it('is a user’s whatever the App object and its URL are called, for only a PBX shows the name of its App object [D4]', () => {
        const user = { sip: 'rico', dn: 'Rico', guid: 'b'.repeat(32), domain: 'firm.example' };
        for (const pbxObj of ['presence-sync', 'teams', 'Presence-Sync']) {
            const { pbxObj: _, ...login } = JSON.parse(userLogin('sync', { ...user, pbxObj }, challenge, password));
            assert.equal(verdict(JSON.stringify(login)), 'other');
            assert.equal(verdict(JSON.stringify({ ...login, pbxObj })), 'other');
        }
        const groups = { appobj: 'presence-sync', groups: [{ name: 'Sales' }], apps: [] };
        assert.equal(verdict(userLogin('sync', { ...user, pbxObj: '', info: groups }, challenge, password)), 'other');
        assert.equal(verdict(loginFrame({ app: 'sync', password, sip: 'rico' }, challenge)), 'other');
        assert.equal(verdict(loginFrame({ app: 'sync', password }, challenge)), 'other');
    });

    it('is that of another app when it names an App object of a PBX, or nobody at all', () => {
        const frame = JSON.parse(loginFrame(pbx, challenge)) as object;
        assert.equal(verdict(JSON.stringify({ ...frame, pbxObj: 'presence-sync' })), 'other');
        assert.equal(verdict(loginFrame({ app: 'presence-sync', password }, challenge)), 'other');
        assert.equal(verdict(loginFrame({ app: 'presence-sync', password, info: '{}' }, challenge)), 'other');
    });
});

describe('Two digests', () => {
    it('are the same in upper and lower case, and only then', () => {
        assert.ok(isSameDigest('AB', 'ab'));
        for (const digest of ['a', 'abc', '', undefined, 7, {}]) assert.ok(!isSameDigest(digest, 'ab'));
    });
});
