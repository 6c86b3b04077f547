import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeFile, encodeHeader, encodeRecord, encodeState } from '../../../lib/support/record-file';

/** JSON as it comes back: -0 and what is undefined do not survive it. */
const records = fc.array(fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as unknown));
const header = { format: 'test 1' };

function encode(written: unknown[]): Buffer {
    return Buffer.from(encodeHeader(header) + written.map(encodeRecord).join(''));
}

describe('the lines of a log', () => {
    it('come back as they were written', () => {
        fc.assert(
            fc.property(records, written => {
                assert.deepEqual(decodeFile(encode(written)), {
                    state: 'open',
                    header,
                    records: written,
                    isWhole: true,
                });
            }),
        );
    });

    it('cut at any byte give every whole line before the cut, and nothing else', () => {
        const written = [{ name: 'Zoë\n' }, [1, 2], 'x'.repeat(40), null, { a: { b: [] } }];
        const whole = encode(written);
        for (let length = 0; length < whole.length; length++) {
            const bytes = whole.subarray(0, length);
            const lines = bytes.filter(byte => byte === 10).length;
            const read = decodeFile(bytes);
            assert.deepEqual(read.records, written.slice(0, Math.max(0, lines - 1)));
            assert.equal(read.isWhole, lines > 0 && bytes.at(-1) === 10, `${length} bytes`);
        }
    });

    it('with bytes that changed give only what was written, and do not count as whole', () => {
        const change = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
        fc.assert(
            fc.property(records, fc.array(change, { minLength: 1, maxLength: 3 }), (written, changes) => {
                const bytes = encode(written);
                for (const { at, bits } of changes) bytes[at % bytes.length]! ^= bits;
                if (bytes.equals(encode(written))) return;
                const { state, isWhole, records: read } = decodeFile(bytes);
                assert.equal(state === 'open' && isWhole, false);
                const known = written.map(each => JSON.stringify(each));
                for (const record of read) assert.ok(known.includes(JSON.stringify(record)));
            }),
            { numRuns: 2_000 },
        );
    });

    it('never throw on anything at all', () => {
        fc.assert(fc.property(fc.uint8Array(), bytes => void decodeFile(Buffer.from(bytes))));
    });

    it('say in the first byte how far the file can be believed', () => {
        for (const state of ['open', 'closed', 'incomplete'] as const) {
            const bytes = encode([1]);
            bytes.write(encodeState(state));
            assert.equal(decodeFile(bytes).state, state);
        }
    });
});
