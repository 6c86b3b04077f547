import assert from 'node:assert/strict';
import { defaultTables } from '../../lib/presence/mapping';
import { FakeEditor, mapSettings } from './fake-editor';

const guid = '11111111-2222-3333-4444-555555555555';

/** A value that Node-RED replaces by that of an environment variable. */
function variable(name: string): string {
    return `\${${name}}`;
}

describe('Validators', () => {
    const accepts = (editor: FakeEditor, properties: Record<string, unknown>, property: string): void =>
        assert.equal(editor.validate(editor.node(properties), property), true, JSON.stringify(properties));
    const refuses = (editor: FakeEditor, properties: Record<string, unknown>, property: string, why: RegExp): void =>
        assert.match(String(editor.validate(editor.node(properties), property)), why, JSON.stringify(properties));

    it('check tenant and client id of an app registration', () => {
        const editor = new FakeEditor('azure-app');
        for (const tenant of ['contoso.com', 'a-b.onmicrosoft.com', guid, variable('TENANT'), ` ${guid} `])
            accepts(editor, { tenant }, 'tenant');
        for (const tenant of ['contoso', 'https://contoso.com', 'a b.com', guid.slice(1)])
            refuses(editor, { tenant }, 'tenant', /must be a domain/);
        refuses(editor, {}, 'tenant', /missing/);
        accepts(editor, { clientId: guid.toUpperCase() }, 'clientId');
        accepts(editor, { clientId: variable('CLIENT') }, 'clientId');
        refuses(editor, { clientId: 'my app' }, 'clientId', /GUID/);
        refuses(editor, {}, 'clientId', /missing/);
    });

    it('ask for nothing with the simulated office, but refuse what is wrong', () => {
        const app = new FakeEditor('azure-app');
        for (const property of ['tenant', 'clientId', 'loginUrl', 'graphUrl'])
            accepts(app, { cloud: 'simulated' }, property);
        refuses(app, { cloud: 'simulated', tenant: 'x' }, 'tenant', /must be a domain/);
        const pbx = new FakeEditor('pbx-connection');
        for (const property of ['address', 'module', 'appName', 'domain'])
            accepts(pbx, { system: 'simulated' }, property);
    });

    it('ask for https addresses with other addresses only', () => {
        const editor = new FakeEditor('azure-app');
        for (const property of ['loginUrl', 'graphUrl']) {
            accepts(editor, { cloud: 'worldwide' }, property);
            accepts(editor, { cloud: 'custom', [property]: 'https://127.0.0.1:8443' }, property);
            accepts(editor, { cloud: 'custom', [property]: variable('URL') }, property);
            for (const url of ['', 'http://contoso.com', 'login.contoso.com'])
                refuses(editor, { cloud: 'custom', [property]: url }, property, /https:/);
        }
    });

    it('refuse the China cloud, and the id of a secret in place of its value', () => {
        const editor = new FakeEditor('azure-app');
        refuses(editor, { cloud: 'china' }, 'cloud', /no presence API/);
        assert.match(String(editor.validate(editor.node(), 'clientSecret', guid)), /enter its value/);
        for (const secret of ['', undefined, '__PWRD__', 'abc8Q~x', variable('SECRET')])
            assert.equal(editor.validate(editor.node(), 'clientSecret', secret), true);
    });

    it('read the fields of their own open dialog, and of no other', () => {
        const editor = new FakeEditor('azure-app');
        const edited = editor.node();
        const other = editor.node();
        editor.open(edited, { 'node-config-input-cloud': 'simulated' });
        assert.equal(editor.validate(edited, 'tenant'), true);
        assert.notEqual(editor.validate(other, 'tenant'), true);
        editor.save(edited);
        assert.notEqual(editor.validate(edited, 'tenant'), true);
    });

    it('check the address of a PBX', () => {
        const editor = new FakeEditor('pbx-connection');
        const good = ['pbx.contoso.com', 'pbx', '192.0.2.10', '192.0.2.10:8443', '[2001:db8::1]:443', variable('PBX')];
        for (const address of [...good, 'wss://pbx.contoso.com/PBX0/APPS/websocket', 'ws://127.0.0.1:80'])
            accepts(editor, { address }, 'address');
        refuses(editor, {}, 'address', /missing/);
        refuses(editor, { address: 'https://pbx.contoso.com' }, 'address', /without http/);
        for (const port of [0, 65536, 99999]) refuses(editor, { address: `pbx:${port}` }, 'address', /1 to 65535/);
        for (const address of ['my pbx', 'pbx/PBX0', 'wss://', 'pbx:x', 'wss://admin:secret@pbx', 'admin:secret@pbx'])
            refuses(editor, { address }, 'address', /./);
    });

    it('check module, App object and system name of a PBX', () => {
        const editor = new FakeEditor('pbx-connection');
        for (const module of ['PBX0', 'PBX_12', variable('MODULE')]) accepts(editor, { module }, 'module');
        for (const module of ['', 'PBX0/APPS']) refuses(editor, { module }, 'module', /PBX0/);
        accepts(editor, { appName: 'teams-presence' }, 'appName');
        refuses(editor, { appName: ' ' }, 'appName', /missing/);
        for (const domain of ['', 'contoso.com', variable('DOMAIN')]) accepts(editor, { domain }, 'domain');
        refuses(editor, { domain: 'me@contoso.com' }, 'domain', /domain/);
    });

    it('ask for what the choice who calls whom needs, and for nothing else', () => {
        const editor = new FakeEditor('pbx-connection');
        const server = { role: 'server', appUrl: 'https://nodered.contoso.com/pbx/presence-sync' };
        accepts(editor, server, 'address');
        accepts(editor, server, 'appUrl');
        accepts(editor, { role: 'server', appUrl: variable('URL') }, 'appUrl');
        accepts(editor, { appUrl: '' }, 'appUrl');
        refuses(editor, { role: 'server' }, 'appUrl', /missing/);
        for (const appUrl of ['nodered.contoso.com/pbx/x', 'wss://nodered/pbx/x', 'https://'])
            refuses(editor, { role: 'server', appUrl }, 'appUrl', /http:/);
        for (const appUrl of ['https://nodered', 'https://nodered/presence-sync', 'https://nodered/pbx/'])
            refuses(editor, { role: 'server', appUrl }, 'appUrl', /two parts/);
        accepts(editor, server, 'port');
        const own = { ...server, listen: 'own-port' };
        for (const port of ['8443', 1, variable('PORT')]) accepts(editor, { ...own, port }, 'port');
        for (const port of ['', '0', '65536', 'x']) refuses(editor, { ...own, port }, 'port', /1 to 65535/);
        accepts(editor, { system: 'simulated', role: 'server' }, 'appUrl');
    });

    it('ask for neither side where an environment variable says who calls whom, but refuse what is wrong', () => {
        const editor = new FakeEditor('pbx-connection');
        const open = { role: variable('ROLE'), listen: variable('LISTEN') };
        const fields = { address: 'https://pbx', appUrl: 'https://nodered', port: 'x', fingerprint: 'x', module: '/' };
        for (const [property, value] of Object.entries(fields)) {
            if (property !== 'module') accepts(editor, open, property);
            refuses(editor, { ...open, [property]: value }, property, /./);
            accepts(editor, { ...open, system: 'simulated', [property]: value }, property);
        }
    });

    it('refuse a PBX name that is an address, with the right form', () => {
        const editor = new FakeEditor('pbx-connection');
        for (const pbxName of ['', undefined, 'pbx', 'PBX-1', variable('NAME')])
            accepts(editor, { pbxName }, 'pbxName');
        accepts(editor, { role: 'server', pbxName: 'pbx' }, 'pbxName');
        accepts(editor, { role: 'server', system: 'simulated', pbxName: '' }, 'pbxName');
        for (const pbxName of ['', ' ', undefined])
            refuses(editor, { role: 'server', pbxName }, 'pbxName', /of the master is missing/);
        refuses(editor, { pbxName: 'pbx.contoso.com' }, 'pbxName', /enter pbx instead of pbx\.contoso\.com/);
        for (const pbxName of ['192.0.2.1', '2001:db8::1', 'https://pbx'])
            refuses(editor, { pbxName }, 'pbxName', /not an address/);
    });

    it('check slaves, fingerprints and pairs of a PBX', () => {
        const editor = new FakeEditor('pbx-connection');
        for (const slaves of [undefined, [], ['pbx2.contoso.com', variable('SLAVE')]])
            accepts(editor, { slaves }, 'slaves');
        refuses(editor, { slaves: ['pbx2', 'https://pbx3'] }, 'slaves', /without http/);
        const pin = 'AB:'.repeat(31);
        for (const fingerprint of [undefined, '', `${pin}CD`, `${pin}CD, ${'0'.repeat(64)}`, variable('PIN')])
            accepts(editor, { fingerprint }, 'fingerprint');
        for (const fingerprint of [pin, `${pin}CD ${pin}CD`, 'any'])
            refuses(editor, { fingerprint }, 'fingerprint', /64 hex digits/);
        for (const pairs of [undefined, [], [{ pbx: 'anna', teams: 'anna@contoso.com' }]])
            accepts(editor, { pairs }, 'pairs');
        refuses(editor, { pairs: [{ pbx: 'anna', teams: '' }] }, 'pairs', /both sides/);
    });

    it('ask for what tells who takes part', () => {
        const editor = new FakeEditor('pbx-connection');
        const asked = { group: 'groups', licence: 'licence', listed: 'include' };
        for (const [participation, property] of Object.entries(asked)) {
            accepts(editor, {}, property);
            accepts(editor, { participation, [property]: 'sales' }, property);
            refuses(editor, { participation }, property, /./);
        }
        for (const mainNumber of [undefined, '', '+49 (7031) 73009', variable('NUMBER')])
            accepts(editor, { match: 'number', mainNumber }, 'mainNumber');
        refuses(editor, { match: 'number', mainNumber: 'none' }, 'mainNumber', /phone number/);
        accepts(editor, { mainNumber: 'none' }, 'mainNumber');
    });

    it('limit the changes in the PBX to 1 to 1000 per second', () => {
        const editor = new FakeEditor('pbx-presence-out');
        for (const rate of [undefined, '', '1', 1000, variable('RATE')]) accepts(editor, { rate }, 'rate');
        for (const rate of ['0', 1001, '1.5', 'many']) refuses(editor, { rate }, 'rate', /1 to 1000/);
    });

    it('limit the settle time of both writers to 0 to 60 seconds', () => {
        for (const type of ['teams-presence-writer', 'pbx-presence-out']) {
            const editor = new FakeEditor(type);
            for (const settle of [undefined, '', '0', 60, variable('SETTLE')]) accepts(editor, { settle }, 'settle');
            for (const settle of [-1, 61, '0.5', 'long']) refuses(editor, { settle }, 'settle', /0 to 60/);
        }
    });

    it('ask for accounts, except those of the simulated office', () => {
        const nodes = { real: { cloud: 'worldwide' }, simulated: { cloud: 'simulated' } };
        const editor = new FakeEditor('teams-accounts', { nodes });
        const list = (...usernames: string[]) => usernames.map((username, slot) => ({ username, slot }));
        accepts(editor, { app: 'simulated' }, 'accounts');
        refuses(editor, { app: 'real' }, 'accounts', /At least one/);
        accepts(
            editor,
            { app: 'real', accounts: list('a@contoso.com', 'b@contoso.com', variable('USER')) },
            'accounts',
        );
        refuses(editor, { app: 'real', accounts: list('a@contoso.com', 'A@contoso.com') }, 'accounts', /twice/);
        refuses(editor, { app: 'real', accounts: list('contoso\\a') }, 'accounts', /like an e-mail address/);
        refuses(editor, { app: 'real', accounts: list('') }, 'accounts', /missing/);
    });

    it('ask for the sign-in of an account with a device code', () => {
        const editor = new FakeEditor('teams-accounts', { nodes: { real: { cloud: 'worldwide' } } });
        const byCode = { username: 'a@contoso.com', slot: 0, method: 'device-code' };
        accepts(editor, { app: 'real', accounts: [{ ...byCode, signIn: 'f00d' }] }, 'accounts');
        for (const account of [byCode, { ...byCode, signIn: '' }, { ...byCode, username: '' }])
            refuses(editor, { app: 'real', accounts: [account] }, 'accounts', /has not signed in/);
    });

    it('check the day on which a secret ends, and the client id of an assigned identity, where they count [E2] [E5]', () => {
        const editor = new FakeEditor('azure-app');
        for (const secretEnds of [undefined, '', '2027-03-31', variable('ENDS')])
            accepts(editor, { secretEnds }, 'secretEnds');
        refuses(editor, { secretEnds: '31.3.2027' }, 'secretEnds', /2027-03-31/);
        accepts(editor, { secretEnds: 'x', authentication: 'certificate' }, 'secretEnds');
        const own = { authentication: 'managed-identity' };
        for (const identity of ['', guid, variable('IDENTITY')]) accepts(editor, { ...own, identity }, 'identity');
        refuses(editor, { ...own, identity: 'my identity' }, 'identity', /GUID/);
        accepts(editor, { identity: 'my identity' }, 'identity');
    });

    it('limit the requests to Microsoft to 100 to 10000 in 30 s', () => {
        const editor = new FakeEditor('azure-app');
        for (const requestsPer30s of [undefined, '', '100', 10_000, variable('LIMIT')])
            accepts(editor, { requestsPer30s }, 'requestsPer30s');
        for (const requestsPer30s of ['99', 10_001, '1e3', '1500.5', 'many'])
            refuses(editor, { requestsPer30s }, 'requestsPer30s', /100 to 10000/);
    });

    it('ask for a public https address, except with the simulated office', () => {
        const nodes = { real: { cloud: 'worldwide' }, simulated: { cloud: 'simulated' } };
        const editor = new FakeEditor('teams-notification-receiver', { nodes });
        accepts(editor, { app: 'simulated' }, 'publicUrl');
        refuses(editor, { app: 'real' }, 'publicUrl', /missing/);
        for (const publicUrl of ['https://presence.contoso.com/teams-notifications', variable('PUBLIC_URL')])
            accepts(editor, { app: 'real', publicUrl }, 'publicUrl');
        for (const publicUrl of ['http://contoso.com/x', '/x', 'https://contoso.com/#x'])
            refuses(editor, { app: 'simulated', publicUrl }, 'publicUrl', /https:/);
    });

    it('limit the lease to 5 to 240 minutes', () => {
        const editor = new FakeEditor('teams-presence-writer');
        for (const lease of [15, '5', '240', variable('LEASE')]) accepts(editor, { lease }, 'lease');
        for (const lease of ['', '4', 241, '10.5', 'x']) refuses(editor, { lease }, 'lease', /5 to 240/);
    });

    it('check the mapping tables', () => {
        const editor = new FakeEditor('presence-map', { settings: mapSettings });
        accepts(editor, { ...defaultTables }, 'toPbx');
        accepts(editor, { ...defaultTables }, 'toTeams');
        accepts(editor, { toPbx: [{ when: 'InACall', set: 'lunch' }] }, 'toPbx');
        refuses(editor, { toTeams: [{ when: 'dnd', set: 'Busy/InAMeeting' }] }, 'toTeams', /no such presence/);
        refuses(editor, { toPbx: [{ when: 'InACall', set: '' }] }, 'toPbx', /not complete/);
        const twice = [
            { when: 'busy', set: 'leave' },
            { when: 'Busy', set: 'clear' },
        ];
        refuses(editor, { toTeams: twice }, 'toTeams', /two rows/);
    });

    describe('of the subscriber', () => {
        const nodes = {
            accounts: { type: 'teams-accounts', app: 'app' },
            app: { type: 'azure-app' },
            pbx: { type: 'pbx-connection' },
            bad: { type: 'azure-app', valid: false },
        };
        const editor = new FakeEditor('teams-subscriber', { nodes });

        it('ask for accounts, except for polling, which asks for an app registration', () => {
            for (const delivery of [undefined, 'automatic', 'notifications']) {
                accepts(editor, { delivery, accounts: 'accounts' }, 'accounts');
                accepts(editor, { delivery }, 'app');
                for (const accounts of ['', undefined, 'gone'])
                    refuses(editor, { delivery, accounts }, 'accounts', /acc/);
            }
            accepts(editor, { delivery: 'polling' }, 'accounts');
            accepts(editor, { delivery: 'polling', app: 'app' }, 'app');
            for (const app of ['', 'bad']) refuses(editor, { delivery: 'polling', app }, 'app', /app registration/);
        });

        it('ask for what the choice of users needs', () => {
            accepts(editor, { pbx: 'pbx' }, 'pbx');
            refuses(editor, { scope: undefined, version: undefined }, 'pbx', /PBX/);
            accepts(editor, { scope: 'all' }, 'pbx');
            accepts(editor, { scope: 'group', group: 'Sales' }, 'group');
            accepts(editor, { scope: 'list' }, 'group');
            refuses(editor, { scope: 'group', group: ' ' }, 'group', /name or the object id/);
        });

        it('limit the intervals', () => {
            for (const fast of [undefined, '', 1, '60', '1.5', variable('FAST')]) accepts(editor, { fast }, 'fast');
            for (const fast of [0, '61', 'x']) refuses(editor, { fast }, 'fast', /1 to 60/);
            for (const slow of [2, '300']) accepts(editor, { slow }, 'slow');
            for (const slow of [1, '301']) refuses(editor, { slow }, 'slow', /2 to 300/);
        });

        it('ask for service plans where they are wanted', () => {
            accepts(editor, { plans: [] }, 'plans');
            accepts(editor, { licence: 'plans', plans: [guid, variable('PLAN')] }, 'plans');
            refuses(editor, { licence: 'plans', plans: [] }, 'plans', /at least one/);
            refuses(editor, { licence: 'plans', plans: [guid, 'E5'] }, 'plans', /GUID/);
        });
    });
});
