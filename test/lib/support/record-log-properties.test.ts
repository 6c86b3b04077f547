import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Answer, RecordLog } from '../../../lib/support/record-log';
import { FakeClock, settle } from '../../support/fake-clock';
import { failure, MemoryFiles, overwrite } from '../../support/memory-files';

const path = '/data/test.log';

/** A name with a number, which grows with every append. */
type Entry = [name: string, value: number];

type Command =
    | { do: 'append'; names: string[] }
    | { do: 'compact' }
    | { do: 'pass'; ms: number }
    | { do: 'fill' | 'free' };

const command: fc.Arbitrary<Command> = fc.oneof(
    {
        weight: 5,
        arbitrary: fc.record({
            do: fc.constant('append' as const),
            names: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }),
        }),
    },
    fc.constant({ do: 'compact' as const }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(100, 5_000, 20_000) }),
    fc.record({ do: fc.constantFrom('fill' as const, 'free' as const) }),
);

/** The process ends at this operation on files; of a write this share is in the file. */
const crash = fc.record({ at: fc.integer({ min: 8, max: 80 }), share: fc.double({ min: 0, max: 1, noNaN: true }) });

function logOf(files: MemoryFiles, clock: FakeClock, snapshot: () => Iterable<unknown>): RecordLog {
    return new RecordLog({ path, format: 'test 1', clock, snapshot, onTrouble: () => {}, files });
}

/** Runs the commands until the process is killed; nothing that it does afterwards reaches the files. */
async function run(commands: readonly Command[], end: { at: number; share: number }) {
    const files = new MemoryFiles();
    const clock = new FakeClock();
    const state = new Map<string, number>();
    const appended: { entry: Entry; answer?: Answer }[] = [];
    let isFull = false;
    let left: MemoryFiles | undefined;
    let operations = 0;
    files.onOperation = ({ name, path: of, bytes }) => {
        operations += 1;
        if (operations === end.at) {
            const content = files.contents.get(of);
            if (name === 'write' && content) {
                overwrite(content, bytes!.subarray(0, Math.floor(bytes!.length * end.share)), content.bytes.length);
            }
            left = files.copy();
        }
        if (left) return new Promise<void>(() => {});
        if (isFull && name === 'write' && bytes!.length > 1) throw failure('ENOSPC');
        return undefined;
    };
    const log = logOf(files, clock, () => state);
    await within(clock, log.open());
    await within(clock, log.start());
    let value = 0;
    for (const each of commands) {
        if (each.do === 'append') {
            const asked = each.names.map(name => {
                value += 1;
                state.set(name, value);
                const made: { entry: Entry; answer?: Answer } = { entry: [name, value] };
                appended.push(made);
                return log.append([made.entry]).then(answer => {
                    // What is answered after the end lets no request out.
                    if (!left) made.answer = answer;
                });
            });
            await within(clock, Promise.all(asked));
        } else if (each.do === 'compact') void log.compact();
        else if (each.do === 'pass') await clock.advance(each.ms);
        else isFull = each.do === 'fill';
    }
    await settle();
    return { left: left ?? files.copy(), appended };
}

/** Lets time pass for what waits for it. */
async function within(clock: FakeClock, work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.then(() => {
        isDone = true;
    });
    await settle();
    while (!isDone) await clock.advance(250);
    await done;
}

describe('a log that is killed at any operation, in the middle of any write', () => {
    it('gives every state that was answered or a newer one, invents none, and knows when one may be missing', async () => {
        await fc.assert(
            fc.asyncProperty(fc.array(command, { maxLength: 14 }), crash, async (commands, end) => {
                const { left, appended } = await run(commands, end);
                await left.rm(`${path}.lock`);
                const log = logOf(left, new FakeClock(), () => []);
                const { records, doubt } = await log.open();
                const found = new Map(records as Entry[]);
                for (const [name, value] of records as Entry[]) {
                    assert.ok(appended.some(({ entry }) => entry[0] === name && entry[1] === value));
                }
                for (const { entry, answer } of appended) {
                    const [name, value] = entry;
                    const isThere = (found.get(name) ?? 0) >= value;
                    // Whatever the disk did: with no doubt, all that any request may have gone out for is there.
                    if (answer !== undefined && !doubt) assert.ok(isThere, `${name} ${value} was ${answer}`);
                    if (answer === 'written' && doubt !== 'missing') assert.ok(isThere, `${name} ${value} was written`);
                }
            }),
            { numRuns: 400 },
        );
    }).timeout(120_000);
});
