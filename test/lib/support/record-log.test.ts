import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../../lib/support/record-file';
import { RecordLog, type Trouble } from '../../../lib/support/record-log';
import { systemClock } from '../../../lib/time/clock';
import { FakeClock, settle } from '../../support/fake-clock';
import { failure, MemoryFiles } from '../../support/memory-files';

const path = '/data/test.log';

/** A log of numbers by name, as its owner has them. */
async function opened(files = new MemoryFiles(), clock = new FakeClock()) {
    const state = new Map<string, number>();
    const troubles: (Trouble | undefined)[] = [];
    const log = new RecordLog({
        path,
        format: 'test 1',
        clock,
        snapshot: () => state,
        onTrouble: trouble => troubles.push(trouble),
        files,
    });
    const recovered = await log.open();
    for (const [name, value] of recovered.records as [string, number][]) state.set(name, value);
    await log.start();
    const set = (name: string, value: number) => {
        state.set(name, value);
        return log.append([[name, value]]);
    };
    return { files, clock, log, state, troubles, recovered, set };
}

/** What the next process finds if this one is killed now. */
async function recoveredFrom(files: MemoryFiles) {
    const left = files.copy();
    await left.rm(`${path}.lock`);
    const next = await opened(left);
    return { ...next, values: Object.fromEntries(next.state) };
}

function change(files: MemoryFiles, text: string, by: string): void {
    files.put(path, Buffer.from(files.bytesOf(path).toString().replace(text, by)));
}

describe('RecordLog', () => {
    it('finds after a kill what was answered', async () => {
        const { files, set, recovered } = await opened();
        assert.equal(recovered.doubt, 'missing');
        assert.equal(await set('alice', 1), 'written');
        assert.equal(await set('bob', 2), 'written');
        const next = await recoveredFrom(files);
        assert.deepEqual(next.values, { alice: 1, bob: 2 });
        assert.equal(next.recovered.doubt, undefined);
    });

    it('writes everything of one turn of the event loop at once', async () => {
        const { files, set } = await opened();
        const before = files.count('write');
        const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => set('alice', index)));
        assert.deepEqual(new Set(answers), new Set(['written']));
        assert.equal(files.count('write') - before, 1);
    });

    it('flushes 5 s after the first byte, and not while there is nothing new', async () => {
        const { files, clock, log, set } = await opened();
        await clock.advance(10_000);
        const before = files.count('datasync');
        const flushes = () => files.count('datasync') - before;
        await set('alice', 1);
        await clock.advance(4_000);
        await set('alice', 2);
        assert.equal(flushes(), 0);
        await clock.advance(1_000);
        assert.equal(flushes(), 1);
        await clock.advance(60_000);
        assert.equal(flushes(), 1);
        for (let second = 0; second < 3_600; second++) {
            await Promise.all([set('alice', second), clock.advance(1_000)]);
        }
        // One byte a second: the first unsaved one comes at once after a flush.
        assert.ok(flushes() <= 721 && flushes() >= 600, String(flushes()));
        await log.close();
        assert.equal(clock.waiting, 0);
    }).timeout(120_000);

    it('is believed after another boot only if it was closed', async () => {
        const { files, set, log } = await opened();
        await set('alice', 1);
        change(files, 'boot":"', 'boot":"x');
        const broken = await recoveredFrom(files);
        assert.equal(broken.recovered.doubt, 'incomplete', 'a header that was changed is no header');
        const bytes = files.bytesOf(path).toString();
        const { crc32 } = await import('node:zlib');
        const [header = '', ...lines] = bytes.split('\n');
        const json = header.slice(11);
        const ofBoot = (state: string) =>
            [`${state} ${crc32(json).toString(16).padStart(8, '0')} ${json}`, ...lines].join('\n');
        files.put(path, Buffer.from(ofBoot('+')));
        const rebooted = await recoveredFrom(files);
        assert.deepEqual(rebooted.values, { alice: 1 });
        assert.equal(rebooted.recovered.doubt, 'boot');
        files.put(path, Buffer.from(ofBoot('=')));
        assert.equal((await recoveredFrom(files)).recovered.doubt, undefined);
        await log.close();
        assert.equal(decodeFile(files.bytesOf(path)).state, 'closed');
    });

    it('lets go of a full disk at once, says so once, and is whole again when there is room', async () => {
        const { files, clock, set, troubles } = await opened();
        await set('alice', 1);
        files.onOperation = ({ name, bytes }) => {
            if (name === 'write' && bytes!.length > 1) throw failure('ENOSPC');
        };
        assert.equal(await set('alice', 2), 'refused');
        assert.equal(await set('bob', 3), 'refused');
        await clock.advance(20_000);
        assert.equal(await set('carol', 4), 'refused');
        assert.deepEqual(troubles, [{ kind: 'failed', detail: 'ENOSPC: simulated' }]);
        assert.equal((await recoveredFrom(files)).recovered.doubt, 'incomplete');
        files.onOperation = () => {};
        await clock.advance(300_000);
        assert.equal(troubles.length, 2);
        assert.equal(troubles[1], undefined);
        assert.equal(await set('dave', 5), 'written');
        const next = await recoveredFrom(files);
        assert.deepEqual(next.values, { alice: 2, bob: 3, carol: 4, dave: 5 });
        assert.equal(next.recovered.doubt, undefined);
    });

    it('leaves no file where not even a mark can be written', async () => {
        const { files, set } = await opened();
        files.onOperation = ({ name }) => {
            if (name === 'write') throw failure('EIO');
        };
        assert.equal(await set('alice', 2), 'refused');
        await settle();
        assert.equal((await recoveredFrom(files)).recovered.doubt, 'missing');
    });

    it('waits 250 ms for the disk, then no more until it answers', async () => {
        const { files, clock, set, troubles } = await opened();
        let answer: () => void = () => {};
        const hanging = new Promise<void>(resolve => {
            answer = resolve;
        });
        files.onOperation = ({ name }) => (name === 'write' ? hanging : undefined);
        const first = set('alice', 1);
        await clock.advance(249);
        const second = set('bob', 2);
        await settle();
        await clock.advance(1);
        assert.deepEqual(await Promise.all([first, second]), ['unanswered', 'unanswered']);
        assert.equal(await set('carol', 3), 'unanswered');
        assert.deepEqual(
            troubles.map(trouble => trouble?.kind),
            ['slow'],
        );
        answer();
        await clock.advance(5_000);
        assert.deepEqual(
            troubles.map(trouble => trouble?.kind),
            ['slow', undefined],
        );
        assert.equal(await set('dave', 4), 'written');
        const next = await recoveredFrom(files);
        assert.deepEqual(next.values, { alice: 1, bob: 2, carol: 3, dave: 4 });
        assert.equal(next.recovered.doubt, undefined);
    });

    it('does not take a process that stood still for a disk that does', async () => {
        const { files, clock, set, troubles } = await opened();
        let go: () => void = () => {};
        files.onOperation = ({ name }) =>
            name === 'write'
                ? new Promise(resolve => {
                      go = resolve;
                  })
                : undefined;
        const blocked = set('alice', 1);
        await clock.freeze(60_000);
        await settle();
        await clock.advance(0);
        go();
        assert.equal(await blocked, 'written');
        const frozen = set('alice', 2);
        await settle();
        await clock.freeze(60_000);
        await clock.advance(0);
        await clock.advance(249);
        go();
        assert.equal(await frozen, 'written');
        assert.deepEqual(troubles, []);
    });

    it('is incomplete after a flush that failed', async () => {
        const { files, clock, set, troubles } = await opened();
        await set('alice', 1);
        files.onOperation = ({ name }) => {
            if (name === 'datasync') throw failure('EIO');
        };
        await clock.advance(5_000);
        assert.equal(troubles[0]?.kind, 'failed');
        assert.equal((await recoveredFrom(files)).recovered.doubt, 'incomplete');
    });

    it('replaces its file when it has grown, without an append that waits', async () => {
        const { files, set, state } = await opened();
        const text = 'x'.repeat(1_000);
        let longest = 0;
        for (let index = 0; index < 6_000; index++) {
            assert.equal(await set(`${text}${index % 10}`, index), 'written');
            longest = Math.max(longest, files.bytesOf(path).length);
        }
        assert.ok(longest < 1_200_000, String(longest));
        assert.ok(files.count('rename') >= 4);
        assert.deepEqual((await recoveredFrom(files)).values, Object.fromEntries(state));
    });

    it('keeps what is appended while a new file is written', async () => {
        const { files, set, log } = await opened();
        let go: () => void = () => {};
        files.onOperation = ({ name, path: of }) =>
            name === 'datasync' && of.endsWith('.new') ? new Promise<void>(resolve => (go = resolve)) : undefined;
        const compacting = log.compact();
        await settle();
        assert.equal(await set('alice', 1), 'written');
        const last = set('bob', 2);
        go();
        await compacting;
        assert.equal(await last, 'written');
        assert.deepEqual((await recoveredFrom(files)).values, { alice: 1, bob: 2 });
    });

    it('goes on with the old file where a new one cannot be written', async () => {
        const { files, set, log, troubles } = await opened();
        files.onOperation = ({ name }) => {
            if (name === 'rename') throw failure('ENOSPC');
        };
        await log.compact();
        assert.equal(await set('alice', 1), 'written');
        assert.deepEqual(troubles, []);
        assert.equal(files.contents.has(`${path}.new`), false);
    });

    it('is not opened by a second process, which does without and says so', async () => {
        const { files, set } = await opened();
        const second = await opened(files);
        assert.equal(second.recovered.doubt, 'locked');
        assert.match(second.troubles[0]?.detail ?? '', new RegExp(`process ${process.pid}`));
        assert.equal(await second.set('bob', 2), 'refused');
        await second.clock.advance(3_600_000);
        await second.log.close();
        assert.equal(await set('alice', 1), 'written');
        assert.deepEqual((await recoveredFrom(files)).values, { alice: 1 });
    });

    it('leaves its file to a process that has taken it over', async () => {
        const { files, clock, set, troubles, log } = await opened();
        await set('alice', 1);
        await files.rm(`${path}.lock`);
        const second = await opened(files);
        await second.set('bob', 2);
        await clock.advance(5_000);
        assert.deepEqual(
            troubles.map(trouble => trouble?.kind),
            ['lost'],
        );
        assert.equal(await set('alice', 3), 'refused');
        await clock.advance(3_600_000);
        await log.close();
        assert.deepEqual((await recoveredFrom(files)).values, { alice: 1, bob: 2 });
    });

    it('takes a file of another format for none', async () => {
        const { files, log } = await opened();
        await log.close();
        const other = new RecordLog({
            path,
            format: 'test 2',
            clock: new FakeClock(),
            snapshot: () => [],
            onTrouble: () => {},
            files,
        });
        assert.deepEqual(await other.open(), { records: [], doubt: 'missing' });
    });

    it('opens and closes although the disk hangs', async () => {
        const files = new MemoryFiles();
        files.onOperation = () => new Promise<void>(() => {});
        const clock = new FakeClock();
        const opening = opened(files, clock);
        await clock.advance(10_000);
        const { log, set, recovered } = await opening;
        assert.equal(recovered.doubt, 'incomplete');
        const answer = set('alice', 1);
        await clock.advance(250);
        assert.notEqual(await answer, 'written');
        const closing = Promise.all([log.close(), log.close()]);
        await clock.advance(2_000);
        await closing;
    });

    it('writes a file that only its owner can read, and leaves nothing else behind', async () => {
        const directory = await mkdtemp(join(tmpdir(), 'record-log-'));
        try {
            const file = join(directory, 'test.log');
            await writeFile(`${file}.new`, 'left by a crash', { mode: 0o644 });
            const options = { path: file, format: 'test 1', clock: systemClock, snapshot: () => ['a'] };
            const log = new RecordLog({ ...options, onTrouble: () => {} });
            await log.open();
            await log.start();
            assert.equal(await log.append(['b']), 'written');
            assert.equal((await stat(file)).mode & 0o777, 0o600);
            assert.equal((await stat(`${file}.lock`)).mode & 0o777, 0o600);
            await log.close();
            assert.deepEqual(await readdir(directory), ['test.log']);
            const next = new RecordLog({ ...options, onTrouble: () => {} });
            assert.deepEqual(await next.open(), { records: ['a', 'b'] });
            await next.close();
        } finally {
            await rm(directory, { recursive: true, force: true });
        }
    });
});
