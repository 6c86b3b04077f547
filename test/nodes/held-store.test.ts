import assert from 'node:assert/strict';
import type { Node } from 'node-red';
import type { Held } from '../../lib/presence/teams-ledger';
import { heldStore, inTeams } from '../../nodes/runtime/held-store';

type Answer = (error?: unknown, value?: unknown) => void;

/** The context of a node in a store that answers later, as databases do; it holds JSON. */
class LateContext {
    readonly values = new Map<string, string>();
    failure: Error | undefined;

    get = (key: string, answer: Answer): void => this.#later(answer, () => JSON.parse(this.values.get(key) ?? 'null'));
    keys = (answer: Answer): void => this.#later(answer, () => [...this.values.keys()]);
    set = (key: string, value: unknown, answer: Answer): void => {
        assert.match(key, /^\w+$/, 'a key that is a plain path in every store');
        this.#later(answer, () => {
            if (value === undefined) this.values.delete(key);
            else this.values.set(key, JSON.stringify(value));
        });
    };

    #later(answer: Answer, run: () => unknown): void {
        const { failure } = this;
        setImmediate(() => (failure ? answer(failure) : answer(undefined, run())));
    }
}

describe('What a node keeps in its context', () => {
    const anna: Held = {
        userId: 'a11a0000-0000-4000-8000-000000000001',
        displayName: 'Anna Brandt',
        claims: [{ target: { session: { availability: 'Busy', activity: 'InACall' } }, until: 5 }],
    };
    const ben: Held = { ...anna, userId: 'b0b00000-0000-4000-8000-000000000002', displayName: 'Ben' };
    let context: LateContext;
    let warnings: string[];

    beforeEach(() => {
        context = new LateContext();
        warnings = [];
    });

    /** @param id by another one, the process knows nothing of what was kept */
    function store(id = 'after a restart') {
        const node = { id, context: () => context, warn: (text: string) => warnings.push(text) };
        return heldStore(node as unknown as Node, inTeams, detail => `It fails (${detail})`);
    }

    it('comes back after a restart, each user for themselves', async () => {
        const before = store('before');
        before.put(anna);
        before.put(ben);
        assert.deepEqual(await store().load(), [anna, ben]);
        before.remove(anna.userId);
        assert.deepEqual(await store().load(), [ben]);
        assert.equal(context.values.size, 1);
        assert.deepEqual(warnings, []);
    });

    it('is there after a deploy, though Node-RED may have thrown the context of the node away', async () => {
        const before = store('deployed');
        before.put(anna);
        before.put(ben);
        context = new LateContext();
        before.put({ ...ben, displayName: 'Ben B.' });
        assert.deepEqual(await store('deployed').load(), [anna, { ...ben, displayName: 'Ben B.' }]);
        for (const { userId } of [anna, ben]) before.remove(userId);
        assert.deepEqual(await store('deployed').load(), []);
    });

    it('leaves out what is not ours or is broken', async () => {
        const broken = [{}, null, 7, { ...anna, claims: 'none' }, { ...anna, claims: [{ until: 'soon', target: {} }] }];
        for (const [place, value] of broken.entries()) context.values.set(`held_${place}`, JSON.stringify(value));
        context.values.set('count', '7');
        store('before').put(anna);
        assert.deepEqual(await store().load(), [anna]);
    });

    it('lasts as long as the process when the store fails, which is told once', async () => {
        context.failure = new Error('The disk is full');
        const failing = store('failing');
        failing.put(anna);
        failing.remove(ben.userId);
        assert.deepEqual(await failing.load(), [anna]);
        assert.deepEqual(warnings, ['It fails (The disk is full)']);
    });
});
