import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from './support/free-port';

describe('npm start', function () {
    this.timeout(180_000);
    let started: ChildProcess;
    let port: number;
    let output = '';

    before(async () => {
        port = await freePort();
        started = spawn(process.execPath, [join(__dirname, 'start.js'), '--port', String(port)]);
        await new Promise<void>((resolve, reject) => {
            const take = (chunk: Buffer): void => {
                output += chunk;
                if (/^ready$/m.test(output)) resolve();
            };
            started.stdout!.on('data', take);
            started.stderr!.on('data', take);
            started.once('exit', () => reject(new Error(output)));
        });
    });

    after(() => started.kill('SIGKILL'));

    it('prints where the editor and the simulated office are', async () => {
        const office = `http://127.0.0.1:${port}/presence-simulator/`;
        assert.ok(output.includes(office), output);
        assert.match(await (await fetch(office)).text(), /<title>/);
        assert.ok(output.includes(`http://127.0.0.1:${port}/\n`), output);
    });

    it('has people to play with, on both sides', async () => {
        const people = await (await fetch(`http://127.0.0.1:${port}/presence-simulator/people`)).json();
        assert.ok((people as unknown[]).length >= 6);
    });

    it('ends cleanly on Ctrl-C', async () => {
        const exited = once(started, 'exit');
        started.kill('SIGINT');
        assert.equal((await exited)[0], 0);
        await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
        assert.doesNotMatch(output, /\[error\]|undefined|Unhandled/);
    });
});
