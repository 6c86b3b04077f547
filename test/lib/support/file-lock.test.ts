import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FileLock } from '../../../lib/support/file-lock';
import { isRunning, isSameBoot, ownIdentity } from '../../../lib/support/process-identity';
import { MemoryFiles } from '../../support/memory-files';

describe('FileLock', () => {
    const path = '/data/log.lock';

    it('is held by one at a time, also within a process', async () => {
        const files = new MemoryFiles();
        const [first, second] = [new FileLock(path, files), new FileLock(path, files)];
        assert.equal(await first.take(), undefined);
        assert.equal(await first.take(), undefined);
        assert.equal((await second.take())?.pid, process.pid);
        await second.release();
        assert.equal(await first.isHeld(), true);
        await first.release();
        await first.release();
        assert.equal(await second.take(), undefined);
    });

    it('is taken over from a process that has ended, from another boot, and from one that wrote nothing', async () => {
        const own = ownIdentity();
        const left = [
            JSON.stringify({ ...own, pid: await endedProcess() }),
            JSON.stringify({ ...own, boot: 'another' }),
            '',
            '{"pid": 1',
            'null',
        ];
        // A pid is given again: only Linux tells when the process that has it now was started.
        if (own.started !== undefined) left.push(JSON.stringify({ ...own, started: '1' }));
        for (const text of left) {
            const files = new MemoryFiles();
            files.put(path, Buffer.from(text));
            assert.equal(await new FileLock(path, files).take(), undefined, text);
        }
    });

    it('is no longer held once another process has taken it over, or it is gone', async () => {
        const files = new MemoryFiles();
        const lock = new FileLock(path, files);
        await lock.take();
        const text = files.bytesOf(path);
        files.put(path, Buffer.from('{}'));
        assert.equal(await lock.isHeld(), false);
        await lock.release();
        assert.equal(files.bytesOf(path).toString(), '{}', 'that of the other process stays');
        files.put(path, text);
        await files.rm(path);
        assert.equal(await lock.isHeld(), false);
    });

    it('throws where the directory cannot be written', async () => {
        const files = new MemoryFiles();
        files.onOperation = ({ name }) => {
            if (name === 'open') throw Object.assign(new Error('read-only'), { code: 'EROFS' });
        };
        await assert.rejects(new FileLock(path, files).take(), /read-only/);
    });
});

describe('a process', () => {
    it('runs until it ends, although its parent has not looked yet', async () => {
        assert.equal(isRunning(ownIdentity()), true);
        const { pid, boot } = ownIdentity();
        assert.equal(isRunning({ pid: await endedProcess(), boot }), false);
        assert.equal(isRunning({ ...ownIdentity(), pid, boot: 'another' }), false);
    });

    it('knows boots that are told by their date within a few seconds', () => {
        assert.equal(isSameBoot('at 1000', 'at 1003'), true);
        assert.equal(isSameBoot('at 1000', 'at 1100'), false);
        assert.equal(isSameBoot('a', 'a'), true);
        assert.equal(isSameBoot('a', 'at 1000'), false);
    });
});

async function endedProcess(): Promise<number> {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    return child.pid!;
}
