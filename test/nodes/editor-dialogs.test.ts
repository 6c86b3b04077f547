import assert from 'node:assert/strict';
import { defaultTables } from '../../lib/presence/mapping';
import { FakeEditor, mapSettings } from './fake-editor';

describe('The dialog of the accounts', () => {
    const list = 'node-config-input-accounts-list';
    type Input = { val(text?: string): string };
    const enter = (row: Record<string, unknown>, username: string, password: string): void => {
        (row.usernameInput as Input).val(username);
        (row.passwordInput as Input).val(password);
    };

    it('keeps each password in the slot of its row, whatever happens to other rows', () => {
        const editor = new FakeEditor('teams-accounts');
        const node = editor.node();
        editor.open(node);
        for (const name of ['a', 'b', 'c']) enter(editor.list(list).addRow(), `${name}@contoso.com`, `secret ${name}`);
        editor.save(node);
        const credentials = node.credentials as Record<string, unknown>;
        assert.deepEqual(
            [0, 1, 2].map(slot => credentials[`password${slot}`]),
            ['secret a', 'secret b', 'secret c'],
        );

        // As after a deploy: the editor knows only that there are passwords.
        const known = { has_password0: true, has_password1: true, has_password2: true };
        node.credentials = { ...known };
        editor.open(node);
        editor.list(list).move(2, 0);
        editor.list(list).remove(1);
        editor.save(node);
        assert.deepEqual(node.accounts, [
            { username: 'c@contoso.com', slot: 2 },
            { username: 'b@contoso.com', slot: 1 },
        ]);
        assert.deepEqual(node.credentials, { ...known, password0: '', has_password0: false });
    });

    it('gives a new row the lowest free slot, without the password that was there', () => {
        const editor = new FakeEditor('teams-accounts');
        const accounts = [0, 1].map(slot => ({ username: `${slot}@contoso.com`, slot }));
        const node = editor.node({ accounts, credentials: { has_password0: true, has_password1: true } });
        editor.open(node);
        editor.list(list).remove(0);
        enter(editor.list(list).addRow(), 'new@contoso.com', '');
        editor.save(node);
        assert.deepEqual((node.accounts as unknown[])[1], { username: 'new@contoso.com', slot: 0 });
        assert.equal((node.credentials as Record<string, unknown>).password0, '');
    });

    it('keeps the passwords of 128 accounts', () => {
        const editor = new FakeEditor('teams-accounts');
        const accounts = Array.from({ length: 127 }, (_, slot) => ({ username: `${slot}@contoso.com`, slot }));
        const known = Object.fromEntries(accounts.map(({ slot }) => [`has_password${slot}`, true]));
        const node = editor.node({ accounts, credentials: { ...known } });
        editor.open(node);
        enter(editor.list(list).addRow(), 'last@contoso.com', 'the last secret');
        editor.save(node);
        assert.deepEqual(node.accounts, [...accounts, { username: 'last@contoso.com', slot: 127 }]);
        assert.deepEqual(node.credentials, { ...known, password127: 'the last secret', has_password127: true });
    });

    it('changes nothing when nothing was changed', () => {
        const editor = new FakeEditor('teams-accounts');
        const accounts = [{ username: 'a@contoso.com', slot: 5 }];
        const credentials = { has_password0: false, has_password5: true };
        const node = editor.node({ accounts, credentials: { ...credentials } });
        editor.open(node);
        editor.save(node);
        assert.deepEqual([node.accounts, node.credentials], [accounts, credentials]);
    });
});

describe('The dialog of the accounts, with a sign-in by device code', () => {
    const byCode = { username: 'a@contoso.com', slot: 1, method: 'device-code', signIn: 'f00d' };

    it('keeps the sign-in of the row, and none of its passwords', () => {
        const editor = new FakeEditor('teams-accounts');
        const node = editor.node({ accounts: [byCode], credentials: { has_password1: true } });
        editor.open(node);
        editor.save(node);
        assert.deepEqual(node.accounts, [byCode]);
        assert.deepEqual(node.credentials, { has_password1: false, password1: '' });
    });

    it('keeps a row that has not signed in yet', () => {
        const editor = new FakeEditor('teams-accounts');
        const node = editor.node();
        editor.open(node);
        editor.list('node-config-input-accounts-list').addRow({ method: 'device-code' });
        editor.save(node);
        assert.deepEqual(node.accounts, [{ username: '', slot: 0, method: 'device-code', signIn: '' }]);
    });
});

describe('The dialog of the presence map', () => {
    const open = (properties: Record<string, unknown> = {}) => {
        const editor = new FakeEditor('presence-map', { settings: mapSettings });
        const node = editor.node(properties);
        editor.open(node);
        return { editor, node, table: editor.list('node-input-toPbx-list') };
    };

    it('shows the default tables, and does not save them', () => {
        const { editor, node, table } = open();
        assert.equal(table.length, defaultTables.toPbx.length);
        editor.save(node);
        assert.deepEqual([node.toPbx, node.toTeams], [[], []]);
    });

    it('saves the whole table of the direction that was changed', () => {
        const { editor, node, table } = open();
        table.remove(0);
        editor.save(node);
        assert.deepEqual([node.toPbx, node.toTeams], [defaultTables.toPbx.slice(1), []]);
    });

    it('keeps words of its own, and restores the defaults', () => {
        const toPbx = [{ when: 'InACall', set: 'lunch' }];
        const { editor, node, table } = open({ toPbx });
        editor.save(node);
        assert.deepEqual(node.toPbx, toPbx);
        editor.open(node);
        const restore = (answer: string): void => {
            editor.list('node-input-toPbx-list').options?.buttons?.[0]?.click();
            editor.buttons.find(({ text }) => text.includes(answer))?.click();
        };
        restore('cancel');
        editor.save(node);
        assert.deepEqual(node.toPbx, toPbx);
        editor.open(node);
        restore('Restore');
        editor.save(node);
        assert.deepEqual(node.toPbx, []);
        assert.equal(table.length, 1);
    });
});

describe('The button of the simulator', () => {
    it('opens the page beside the editor, wherever that is', () => {
        const editor = new FakeEditor('presence-simulator');
        editor.definition.button?.onclick.call(editor.node());
        assert.deepEqual(editor.opened, ['presence-simulator/']);
        const remote = new FakeEditor('presence-simulator', { settings: { apiRootUrl: '/admin/' } });
        remote.definition.button?.onclick.call(remote.node());
        assert.deepEqual(remote.opened, ['/admin/presence-simulator/']);
    });

    it('asks for a deploy first', () => {
        const editor = new FakeEditor('presence-simulator');
        editor.definition.button?.onclick.call(editor.node({ changed: true }));
        assert.deepEqual(editor.opened, []);
        assert.match(editor.notices[0]!, /Deploy first/);
    });
});

describe('The dialog of the subscriber', () => {
    const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';
    const list = 'node-input-plans-list';

    it('keeps the service plans, without blank rows', () => {
        const editor = new FakeEditor('teams-subscriber');
        const node = editor.node({ licence: 'plans', plans: [teamsPlan] });
        editor.open(node, { 'node-input-licence': 'plans' });
        editor.list(list).addRow();
        editor.save(node);
        assert.deepEqual(node.plans, [teamsPlan]);
    });

    it('lets go of the nodes that are not used', () => {
        const editor = new FakeEditor('teams-subscriber');
        const node = editor.node();
        const chosen = { 'node-input-accounts': 'a', 'node-input-app': 'b', 'node-input-pbx': 'c' };
        const fieldsAfter = (fields: Record<string, string>): unknown[] => {
            editor.open(node, { ...chosen, ...fields });
            const shown = Object.keys(chosen).map(id => editor.list(id));
            editor.save(node);
            return shown.map(field => field.val());
        };
        assert.deepEqual(fieldsAfter({ 'node-input-delivery': 'polling', 'node-input-scope': 'all' }), [
            '_ADD_',
            'b',
            '_ADD_',
        ]);
        assert.deepEqual(fieldsAfter({ 'node-input-delivery': 'automatic', 'node-input-scope': 'pbx' }), [
            'a',
            '_ADD_',
            'c',
        ]);
    });
});

describe('The dialog of the PBX', () => {
    type Input = { val(text?: string): string };
    const open = (properties: Record<string, unknown>, fields: Record<string, string> = {}) => {
        const editor = new FakeEditor('pbx-connection');
        const node = editor.node(properties);
        const id = (name: string): string => `node-config-input-${name}`;
        editor.open(node, Object.fromEntries(Object.entries(fields).map(([name, value]) => [id(name), value])));
        return {
            editor,
            node,
            list: (name: string) => editor.list(`${id(name)}-list`),
            field: (name: string) => editor.list(id(name)),
        };
    };

    it('keeps slaves and pairs, without blank rows', () => {
        const slaves = ['pbx2.contoso.com'];
        const pairs = [{ pbx: 'anna', teams: 'anna@contoso.com' }];
        const { editor, node, list } = open({ slaves, pairs });
        for (const name of ['slaves', 'pairs']) list(name).addRow();
        (list('slaves').addRow().input as Input).val(' pbx3 ');
        editor.save(node);
        assert.deepEqual(node.slaves, [...slaves, 'pbx3']);
        assert.deepEqual(node.pairs, pairs);
    });

    it('shows a flow of old as what it means', () => {
        const old = { role: undefined, listen: undefined, match: undefined, participation: undefined };
        const { editor, node, field } = open({ ...old, slaves: undefined, pairs: undefined, version: undefined });
        const shown = Object.keys(old).map(name => field(name).val());
        assert.deepEqual(shown, ['client', 'node-red', 'address', 'all']);
        editor.save(node);
        assert.deepEqual([node.slaves, node.pairs, node.version], [[], [], 1]);
    });

    it('keeps what is not shown', () => {
        const certificates = { tls: 'a', serverTls: 'b' };
        for (const choice of [{ role: 'client' }, { role: 'server' }, { system: 'simulated' }] as Record<
            string,
            string
        >[]) {
            const { editor, node, field } = open({}, { ...certificates, ...choice });
            const fields = Object.keys(certificates).map(field);
            editor.save(node);
            assert.deepEqual(
                fields.map(one => one.val()),
                Object.values(certificates),
            );
        }
    });
});
