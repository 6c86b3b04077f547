import assert from 'node:assert/strict';
import { ReadingBench } from './reading-bench';

const undisturbed = 3_500;

describe('10,000 users over 20 ms are read', () => {
    let bench: ReadingBench;

    function begin(behaviour: ConstructorParameters<typeof ReadingBench>[1] = {}): void {
        bench = new ReadingBench(10_000, behaviour);
    }

    async function readsIn(shortest: number, longest: number, mishap?: Parameters<ReadingBench['read']>[0]) {
        const needed = await bench.read(mishap);
        assert.ok(shortest <= needed && needed <= longest, `${needed} ms`);
    }

    it('in 3.5 s, by every connection', async () => {
        begin();
        for (let count = 0; count < 3; count++) await readsIn(0, undisturbed);
    });

    it('in the time of a stall more, which leaves no trace', async () => {
        for (const at of [0, 2, 5_000]) {
            begin();
            await readsIn(4_300, 4_300 + undisturbed, { at, stall: 4_300 });
            assert.equal(bench.starts, 1);
            await readsIn(0, undisturbed);
        }
    });

    it('once more after a stall that is longer than any answer may take, and as before by the next connection', async () => {
        begin();
        await readsIn(10_000, 20_000, { at: 5_000, stall: 10_500 });
        assert.equal(bench.starts, 2);
        await readsIn(0, undisturbed);
    });

    for (const mishap of [
        { at: 5_000, twice: true },
        { at: 5_000, refused: true },
    ] as const) {
        it(`once more, half as many at once, after ${'twice' in mishap ? 'a repeated row' : 'a refusal'}`, async () => {
            begin();
            await readsIn(undisturbed, 12_000, mishap);
            assert.equal(bench.starts, 2);
            await readsIn(0, undisturbed);
            assert.equal(bench.starts, 1);
        });
    }

    it('in time although three connections have had a mishap, one after the other', async () => {
        begin();
        for (let count = 0; count < 3; count++) await readsIn(undisturbed, 22_000, { at: 5_000, refused: true });
        await readsIn(0, 12_000);
    });
});

describe('A PBX', () => {
    for (const usn of ['absent', 'rows'] as const) {
        it(`that gives rows in another order is read as any other (numbers: ${usn})`, async () => {
            const bench = new ReadingBench(1_000, { replicateNext: 'reversed', usn });
            for (let count = 0; count < 7; count++) assert.ok((await bench.read()) < 2_000);
        });
    }

    it('that bears one request at a time loses rows twice, and is asked for one row at a time from then on', async () => {
        const bench = new ReadingBench(1_000, { replicateNext: 'one-at-a-time' });
        for (const starts of [2, 2, 1, 1]) {
            const needed = await bench.read();
            assert.equal(bench.starts, starts);
            assert.ok(needed < 31_000 + (starts - 1) * 11_000, `${needed} ms`);
        }
        assert.equal(bench.pace.size, 1);
    });
});
