import assert from 'node:assert/strict';
import fc from 'fast-check';
import { noteChange, settled } from '../../../lib/presence/quick-changes';
import { newRecord, type PersonRecord, type Settling, type Volley } from '../../../lib/presence/record';

const window = 2_000;

/** When each of these changes goes, if it is still the newest then. */
function goes(times: readonly number[]): number[] {
    let settling: Settling | undefined;
    return times.map(time => {
        settling = settled(settling, time, window);
        return settling.until;
    });
}

/** When something goes, each change replacing those that wait. */
function sent(times: readonly number[]): number[] {
    return goes(times).filter((until, index) => until <= (times[index + 1] ?? Number.POSITIVE_INFINITY));
}

describe('Changes that follow one another quickly', () => {
    it('go at once if they are the first in 2 s', () => {
        assert.deepEqual(goes([0, 2_000, 4_000]), [0, 2_000, 4_000]);
    });

    it('wait otherwise until they have stood still for 1 s', () => {
        assert.deepEqual(goes([0, 500, 1_200]), [0, 1_500, 2_200]);
    });

    it('and go at the latest 5 s after the first, and then every 5 s as long as that goes on', () => {
        assert.deepEqual(sent(Array.from({ length: 24 }, (_, index) => index * 500)), [0, 5_000, 10_000, 12_500]);
    });

    it('go within 5 s, whatever else comes, the newest within 1 s, and never two in less than 1 s', () => {
        fc.assert(
            fc.property(fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 }), gaps => {
                const times: number[] = [];
                for (const gap of gaps) times.push((times.at(-1) ?? 0) + gap);
                const all = sent(times);
                for (const time of times) assert.ok(all.some(each => each >= time && each <= time + 5_000));
                const newest = all.at(-1)! - times.at(-1)!;
                assert.ok(newest >= 0 && newest <= 1_000);
                for (const [index, each] of all.entries()) assert.ok(index === 0 || each - all[index - 1]! >= 1_000);
            }),
            { numRuns: 1_000 },
        );
    });
});

describe('Changes that answer each other', () => {
    let record: PersonRecord;
    beforeEach(() => {
        record = newRecord('anna', { addresses: [], displayName: 'Anna' });
    });

    const note = (changes: readonly (readonly [Volley['by'], number])[]) =>
        changes.map(([by, at]) => noteChange(record, by, at)).indexOf(true);
    const volley = (count: number, gap: number, from = 0) =>
        Array.from({ length: count }, (_, index) => [index % 2 ? 'others' : 'us', from + index * gap] as const);

    it('make the writes of the person rest for 5 minutes once they are more than 6 in a minute', () => {
        assert.equal(note(volley(6, 3_000)), -1);
        assert.equal(note([['us', 18_000]]), 0);
        assert.equal(record.restsUntil, 18_000 + 300_000);
    });

    it('count anew afterwards', () => {
        assert.equal(note(volley(7, 1_000)), 6);
        assert.equal(note(volley(8, 1_000, 7_000)), -1, 'while they rest');
        assert.equal(note(volley(6, 1_000, 400_000)), -1);
    });

    it('are none if more than 3 s lie between, or if they are not of both kinds in turn', () => {
        assert.equal(note(volley(40, 3_001)), -1);
        assert.equal(note(Array.from({ length: 40 }, (_, index) => ['others', index * 100] as const)), -1);
        assert.equal(note(Array.from({ length: 40 }, (_, index) => ['us', 10_000 + index * 100] as const)), -1);
    });

    it('are never found in fewer than 7 changes of a minute, and only a few times are kept', () => {
        const change = fc.tuple(fc.constantFrom<Volley['by']>('us', 'others'), fc.nat(9_000));
        fc.assert(
            fc.property(fc.array(change, { maxLength: 60 }), changes => {
                const each = newRecord('anna', { addresses: [], displayName: 'Anna' });
                const times: number[] = [];
                let now = 0;
                for (const [by, gap] of changes) {
                    now += gap;
                    times.push(now);
                    if (!noteChange(each, by, now)) assert.ok((each.volley?.times.length ?? 0) <= 6);
                    else assert.ok(times.filter(time => now - time < 60_000).length > 6);
                }
            }),
        );
    });
});
