import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyncError } from '../../lib/errors/errors';
import { SignInStore, signInStore } from '../../nodes/runtime/sign-in-store';
import { FakeClock } from '../support/fake-clock';

const name = { node: 'a1b2c3', signIn: 'f00d', username: 'Sync1@contoso.com' };
const text = '{"RefreshToken":{"secret":"0.AX-refresh"}}';

describe('Sign-ins by device code, kept', () => {
    let parent: string;
    let folder: string;
    const clock = new FakeClock(Date.now());
    const storeWith = (secret: string): SignInStore => new SignInStore({ folder, secret: async () => secret, clock });

    beforeEach(async () => {
        parent = await mkdtemp(join(tmpdir(), 'sign-in-store-'));
        folder = join(parent, 'presence-sync');
    });

    afterEach(() => rm(parent, { recursive: true, force: true }));

    it('come back as they were, also by another store with the same secret', async () => {
        await storeWith('secret').save(name, 'older');
        await storeWith('secret').save(name, text);
        assert.equal(await storeWith('secret').load({ ...name, username: 'sync1@contoso.com' }), text);
    });

    it('are nothing to another secret, node, row or user', async () => {
        await storeWith('secret').save(name, text);
        assert.equal(await storeWith('other').load(name), undefined);
        for (const other of [{ node: 'ffffff' }, { signIn: 'beef' }, { username: 'sync2@contoso.com' }])
            assert.equal(await storeWith('secret').load({ ...name, ...other }), undefined);
        // A file that was given another name, as somebody might who wants the rights of another account.
        const [file = ''] = await readdir(folder);
        await writeFile(join(folder, file.replace('a1b2c3', 'ffffff')), await readFile(join(folder, file)));
        assert.equal(await storeWith('secret').load({ ...name, node: 'ffffff' }), undefined);
    });

    it('are nothing when they were tampered with', async () => {
        await storeWith('secret').save(name, text);
        const [file = ''] = await readdir(folder);
        const parts = (await readFile(join(folder, file), 'utf8')).split('.');
        const data = Buffer.from(parts[3]!, 'base64url');
        data[0]! ^= 1;
        await writeFile(join(folder, file), parts.with(3, data.toString('base64url')).join('.'));
        assert.equal(await storeWith('secret').load(name), undefined);
    });

    it('are nothing where less than the whole proof of their origin is left [C8]', async () => {
        await storeWith('secret').save(name, text);
        const [file = ''] = await readdir(folder);
        const parts = (await readFile(join(folder, file), 'utf8')).split('.');
        const tag = Buffer.from(parts[4]!, 'base64url');
        assert.equal(tag.length, 16);
        for (let length = 0; length < tag.length; length++) {
            const cut = tag.subarray(0, length).toString('base64url');
            await writeFile(join(folder, file), parts.with(4, cut).join('.'));
            assert.equal(await storeWith('secret').load(name), undefined, `${length} bytes`);
        }
    });

    it('are in files that only this user can read, and that show nothing', async () => {
        await storeWith('secret').save(name, text);
        const [file = ''] = await readdir(folder);
        const content = await readFile(join(folder, file), 'utf8');
        for (const word of ['RefreshToken', 'refresh', 'contoso']) assert.ok(!content.includes(word), word);
        if (process.platform === 'win32') return;
        assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
        assert.equal((await stat(folder)).mode & 0o777, 0o700);
    });

    it('stay in their folder, whatever an id looks like', async () => {
        await storeWith('secret').save({ ...name, node: '../../x', signIn: '../y' }, text);
        assert.deepEqual(await readdir(parent), ['presence-sync']);
        assert.equal((await readdir(folder)).length, 1);
        assert.equal(await storeWith('secret').load({ ...name, node: '../../x', signIn: '../y' }), text);
    });

    it('go with their node, and with no other', async () => {
        const store = storeWith('secret');
        for (const node of ['a1', 'a1b', 'a1+']) await store.save({ ...name, node }, text);
        await store.remove('a1');
        assert.equal(await store.load({ ...name, node: 'a1' }), undefined);
        for (const node of ['a1b', 'a1+']) assert.equal(await store.load({ ...name, node }), text);
    });

    it('go after a day in which no row names them', async () => {
        const store = storeWith('secret');
        for (const signIn of ['used', 'unused', 'fresh']) await store.save({ ...name, signIn }, text);
        await store.probe();
        const yesterday = new Date(clock.date() - 25 * 3_600_000);
        for (const file of await readdir(folder))
            if (!file.includes('fresh')) await utimes(join(folder, file), yesterday, yesterday);
        await store.removeUnused([{ node: name.node, signIn: 'used' }]);
        assert.deepEqual((await readdir(folder)).sort(), ['a1b2c3+fresh.jwe', 'a1b2c3+used.jwe']);
    });

    it('cannot be kept in a folder that cannot be written, and the error names it', async () => {
        await writeFile(folder, 'a file where the folder should be');
        const isClear = (error: unknown): boolean =>
            error instanceof SyncError && error.code === 'SIGN_IN_NOT_KEPT' && error.message.includes(folder);
        await assert.rejects(storeWith('secret').probe(), isClear);
        await assert.rejects(storeWith('secret').save(name, text), isClear);
        assert.equal(await storeWith('secret').load(name), undefined);
    });

    it('are written one after the other: a rotation never overtakes the next', async () => {
        const store = storeWith('secret');
        const texts = Array.from({ length: 20 }, (_, index) => `rotation ${index}`);
        await Promise.all(texts.map(one => store.save(name, one)));
        assert.equal(await store.load(name), 'rotation 19');
        assert.equal((await readdir(folder)).length, 1);
    });

    describe('in the user directory of Node-RED', () => {
        const storeOf = (settings: object) => signInStore({ settings: { userDir: parent, ...settings } } as never);
        const generated = (secret: string) => ({
            get: (key: string) => (key === '_credentialSecret' ? secret : undefined),
        });

        it('use its secret for credentials, its own before the one it has generated', async () => {
            await storeOf({ credentialSecret: 'of settings.js' }).save(name, text);
            assert.equal(await storeOf({ credentialSecret: 'of settings.js', ...generated('x') }).load(name), text);
            assert.equal(await storeOf({ credentialSecret: 'another' }).load(name), undefined);
            await storeOf(generated('generated')).save(name, text);
            assert.equal(await storeOf(generated('generated')).load(name), text);
            assert.deepEqual(await readdir(folder), ['a1b2c3+f00d.jwe']);
        });

        it('use a random secret in a file of its own where Node-RED has none', async () => {
            for (const settings of [{}, { credentialSecret: false }]) {
                await storeOf(settings).save(name, text);
                assert.equal(await storeOf(settings).load(name), text);
            }
            const key = join(folder, 'key');
            assert.equal((await readFile(key)).length, 32);
            if (process.platform !== 'win32') assert.equal((await stat(key)).mode & 0o777, 0o600);
            await rm(key);
            assert.equal(await storeOf({}).load(name), undefined);
        });
    });
});
