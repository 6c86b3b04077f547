import assert from 'node:assert/strict';
import { SyncError } from '../../../lib/errors/errors';
import { healthPart, marksOf, type NodeHealth } from '../../../lib/monitor/health';

const error = new SyncError('PBX_UNREACHABLE', { host: 'pbx', detail: 'it does not answer' });

function node(id: string, health: Partial<NodeHealth>): NodeHealth {
    return {
        id,
        type: 'pbx-presence-in',
        name: '',
        state: { phase: 'online' },
        since: undefined,
        parts: [],
        ...health,
    };
}

describe('Marks', () => {
    const levelsOf = (...nodes: NodeHealth[]) => marksOf(nodes, 'en').map(({ id, level }) => [id, level]);

    it('come with the worst first', () => {
        const nodes = [
            node('works', {}),
            node('waits', { state: { phase: 'connecting' } }),
            node('is off', { state: { phase: 'stopped' } }),
            node('is wrong', { state: { phase: 'failed', error } }),
            node('ends soon', { remark: 'The secret ends soon' }),
        ];
        assert.deepEqual(levelsOf(...nodes), [
            ['is wrong', 'bad'],
            ['ends soon', 'warning'],
            ['waits', 'working'],
            ['is off', 'off'],
            ['works', 'good'],
        ]);
    });

    it('are as bad as the worst part', () => {
        const away = healthPart('link', { phase: 'retrying', error }, { name: 'slave', role: 'slave' });
        const [mark] = marksOf([node('pbx', { parts: [healthPart('link', { phase: 'online' }), away] })], 'de');
        assert.equal(mark!.level, 'working');
        const { sentence: _, ...part } = away;
        assert.deepEqual(mark!.parts[1], { ...part, text: error.sentence.de });
    });

    it('say what is wrong, or what there is to know', () => {
        const [mark] = marksOf([node('a', { state: { phase: 'retrying', error }, remark: 'not now' })], 'en');
        assert.equal(mark!.text, error.sentence.en);
        const detail = { phase: 'online', detail: 'users followed: 8' } as const;
        const [other] = marksOf([node('b', { state: detail, remark: 'The secret ends soon', since: 0 })], 'en');
        assert.equal(other!.text, 'users followed: 8; The secret ends soon');
        assert.equal(other!.since, '1970-01-01T00:00:00.000Z');
    });
});
