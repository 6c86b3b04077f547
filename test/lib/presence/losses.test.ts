import assert from 'node:assert/strict';
import { Losses } from '../../../lib/presence/losses';

describe('Losses', () => {
    let losses: Losses;
    let asked: string[];
    beforeEach(() => {
        losses = new Losses();
        asked = [];
    });
    const ask = (): string[] => asked;
    const note = (key: string, what: 'lost' | 'kept', now: number): string[] => losses.note(key, what, now, ask);

    it('are no choices where three are lost within ten seconds, whenever others were looked at before', () => {
        for (let now = 0; now <= 9_000; now += 3_000) assert.deepEqual(note(`kept ${now}`, 'kept', now), []);
        const found = [13_000, 16_000, 20_000, 22_500].flatMap(now => note(`lost ${now}`, 'lost', now));
        assert.deepEqual(found, ['lost 13000', 'lost 16000', 'lost 20000', 'lost 22500']);
    });

    it('are choices where they come one after the other, or where as many are kept', () => {
        for (let now = 0; now < 60_000; now += 6_000) assert.deepEqual(note(`lost ${now}`, 'lost', now), []);
        losses = new Losses();
        for (const key of ['a', 'b', 'c', 'd']) note(key, 'kept', 1_000);
        for (const key of ['e', 'f', 'g']) assert.deepEqual(note(key, 'lost', 1_000), []);
        assert.deepEqual(note('d', 'lost', 1_000), ['e', 'f', 'g', 'd']);
    });

    it('wait for others who were asked for, also where reads are held off', () => {
        asked = ['w', 'x', 'y', 'z'];
        for (const key of ['a', 'b', 'c']) assert.deepEqual(note(key, 'lost', 0), []);
        assert.deepEqual(note('x', 'lost', 40_000), []);
        assert.deepEqual(note('y', 'lost', 40_000), []);
        assert.deepEqual(note('z', 'lost', 40_000), ['a', 'b', 'c', 'x', 'y', 'z']);
    });
});
