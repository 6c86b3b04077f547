import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordLog } from '../../../lib/support/record-log';
import { systemClock } from '../../../lib/time/clock';

/** The state is the last number of each of ten. */
function logIn(directory: string, state: Map<number, number>): RecordLog {
    return new RecordLog({
        path: join(directory, 'test.log'),
        format: 'test 1',
        clock: systemClock,
        snapshot: () => state.values(),
        onTrouble: () => {},
    });
}

/** What the child does: numbers that grow, each told once it is in the log; a new file now and then. */
async function append(directory: string): Promise<void> {
    const state = new Map<number, number>();
    const log = logIn(directory, state);
    for (const number of (await log.open()).records as number[]) state.set(number % 10, number);
    await log.start();
    for (let number = Math.max(0, ...state.values()) + 1; ; number++) {
        state.set(number % 10, number);
        const answer = await log.append([number]);
        process.send!({ number, answer });
        if (number % 50 === 0) void log.compact();
    }
}

if (process.send && process.argv[2]) {
    append(process.argv[2]).catch(() => process.exit(1));
} else {
    describe('a process that is killed while it appends', () => {
        it('leaves everything that was answered, again and again', async () => {
            const directory = await mkdtemp(join(tmpdir(), 'record-log-'));
            try {
                for (let round = 0; round < 4; round++) {
                    const child = fork(__filename, [directory], { execArgv: [] });
                    let answered = 0;
                    child.on('message', (told: { number: number; answer: string }) => {
                        assert.equal(told.answer, 'written');
                        answered = told.number;
                        if (answered % 1_000 >= 300 + 37 * round) child.kill('SIGKILL');
                    });
                    await once(child, 'exit');
                    assert.ok(answered > 0);
                    const log = logIn(directory, new Map());
                    const { records, doubt } = await log.open();
                    await log.close();
                    assert.notEqual(doubt, 'locked');
                    assert.notEqual(doubt, 'missing');
                    assert.ok(Math.max(...(records as number[])) >= answered);
                    // A later number with the same last digit, written and not yet told, stands in its place.
                    for (let number = answered - 9; number <= answered; number++)
                        assert.ok((records as number[]).some(other => other >= number && other % 10 === number % 10));
                }
            } finally {
                await rm(directory, { recursive: true, force: true });
            }
        });
    });
}
