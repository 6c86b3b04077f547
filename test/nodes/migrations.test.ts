import assert from 'node:assert/strict';
import { migrate, versionOf } from '../../nodes/runtime/migrations';
import { nodeTypes } from '../support/checkout';
import { FakeEditor } from './fake-editor';

describe('Migrations', () => {
    it('know every node type, and its dialog writes that version', () => {
        for (const type of nodeTypes) {
            assert.ok(versionOf(type) >= 1, type);
            assert.equal(new FakeEditor(type).node().version, versionOf(type), type);
        }
    });

    it('give a flow of old what it means by what it does not hold', () => {
        const old = { id: 'a', address: 'pbx', role: '', slaves: undefined };
        const newest = { role: 'client', listen: 'node-red', match: 'address', participation: 'all' };
        const lists = { slaves: [], pairs: [] };
        assert.deepEqual(migrate('pbx-connection', old), { ...old, ...newest, ...lists, version: 1 });
        assert.deepEqual(old, { id: 'a', address: 'pbx', role: '', slaves: undefined }, 'the given one is left alone');
    });

    it('keep what a flow holds, whichever version wrote it', () => {
        const held = { call: 'dnd', contact: 'tel', settle: 0 };
        assert.deepEqual(migrate('pbx-presence-out', held), { ...held, version: 2 });
        for (const version of [2, 3])
            assert.deepEqual(migrate('pbx-presence-out', { call: '', version }), { call: '', version });
    });

    it('give a writer from before there were these choices the usual ones', () => {
        const chosen = { sets: 'calls', choice: 'override' };
        const usual = { settle: 2, leads: 'newest', offline: 'calls' };
        for (const version of [undefined, 1])
            assert.deepEqual(migrate('teams-presence-writer', { ...chosen, version }), {
                ...chosen,
                ...usual,
                version: 2,
            });
        assert.deepEqual(migrate('pbx-presence-out', { call: '', version: 1 }), { call: '', settle: 2, version: 2 });
    });

    it('end in the same form, however often they run', () => {
        for (const type of nodeTypes) {
            const once = migrate(type, {});
            assert.deepEqual(migrate(type, once), once, type);
        }
    });

    it('share no list between two nodes', () => {
        const [one, other] = [{}, {}].map(config => migrate<{ slaves?: unknown[] }>('pbx-connection', config));
        assert.notEqual(one!.slaves, other!.slaves);
    });

    it('are what the dialog of a flow of old shows and saves', () => {
        const editor = new FakeEditor('pbx-presence-in');
        const node = editor.node({ version: undefined, lineState: undefined, snapshot: 'all' });
        editor.open(node);
        assert.deepEqual(
            ['lineState', 'snapshot'].map(name => editor.list(`node-input-${name}`).val()),
            ['automatic', ''],
        );
        editor.save(node);
        assert.deepEqual([node.lineState, node.snapshot, node.version], ['automatic', 'all', 1]);
    });
});
