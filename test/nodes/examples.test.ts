import assert from 'node:assert/strict';
import { exampleNames, nodeTypes, readExample } from '../support/checkout';
import { FakeEditor, mapSettings } from './fake-editor';

describe('Example flows', () => {
    const core = ['tab', 'comment', 'debug', 'inject'];
    const onCanvas = ['id', 'type', 'z', 'x', 'y', 'wires'];

    it('use every node of the package, and beside them only nodes of Node-RED itself', () => {
        const used = new Set(exampleNames().flatMap(name => readExample(name).map(({ type }) => type)));
        assert.deepEqual([...used].filter(type => !core.includes(type)).sort(), [...nodeTypes].sort());
    });

    for (const name of exampleNames()) {
        const flow = readExample(name);
        const nodes = Object.fromEntries(flow.map(node => [node.id, node]));
        const ours = flow.filter(({ type }) => nodeTypes.includes(type));

        it(`${name}: ids, wires and references fit together`, () => {
            assert.equal(Object.keys(nodes).length, flow.length);
            for (const node of flow) {
                assert.match(node.id, /^[0-9a-f]{16}$/);
                for (const target of ((node.wires ?? []) as string[][]).flat()) assert.ok(nodes[target], target);
                if (node.z) assert.equal(nodes[String(node.z)]?.type, 'tab');
            }
        });

        it(`${name}: each node has exactly the properties of its dialog`, () => {
            for (const node of ours) {
                const { defaults, category } = new FakeEditor(node.type).definition;
                const place = category === 'config' ? ['id', 'type'] : onCanvas;
                assert.deepEqual(Object.keys(node).sort(), [...place, ...Object.keys(defaults)].sort(), node.type);
                for (const [property, { type, required }] of Object.entries(defaults)) {
                    if (type && (required || node[property])) assert.equal(nodes[String(node[property])]?.type, type);
                }
            }
        });
    }

    it('the simulated office needs no setting', () => {
        const flow = readExample(exampleNames()[0]!);
        const nodes = Object.fromEntries(flow.map(node => [node.id, node]));
        for (const node of flow.filter(({ type }) => nodeTypes.includes(type))) {
            const editor = new FakeEditor(node.type, { nodes, settings: mapSettings });
            for (const [property, { validate }] of Object.entries(editor.definition.defaults))
                if (validate) assert.equal(editor.validate(editor.node(node), property), true, property);
        }
    });
});
