import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { type Clock, systemClock } from '../../lib/time/clock';
import { dataFolder } from './claim-log';

/** Whose sign-in it is: it serves no other node, row or user. */
export interface SignInName {
    node: string;
    /** Which sign-in, as the row of the account names it. */
    signIn: string;
    username: string;
}

/** Sign-ins that no deploy came to use are removed when they are older than this, in ms. */
const unusedFor = 24 * 3_600_000;

/**
 * Sign-ins by hand, in a browser or by device code: the refresh tokens of communication users, encrypted with AES-256-GCM in files that only
 * this system user can read. They do not leave the machine with a flow, and survive a restart.
 */
export class SignInStore {
    readonly #options: { folder: string; secret: () => Promise<string | Buffer>; clock: Clock };
    #lastWrite: Promise<void> = Promise.resolve();

    /** @param options `secret` gives what the keys are derived from; `folder` is made when it is needed */
    constructor(options: { folder: string; secret: () => Promise<string | Buffer>; clock: Clock }) {
        this.#options = options;
    }

    /** @throws SyncError SIGN_IN_NOT_KEPT if nothing can be written: better known before the sign-in */
    async probe(): Promise<void> {
        await this.#writing(async () => {
            await this.#options.secret();
            const file = join(this.#options.folder, `probe-${randomBytes(6).toString('hex')}`);
            await writeFile(file, '', { mode: 0o600 });
            await rm(file);
        });
    }

    /** What was kept; undefined if there is nothing, or nothing that can be read any more. */
    async load(name: SignInName): Promise<string | undefined> {
        try {
            const sealed = await readFile(this.#file(name), 'utf8');
            const { plaintext } = await compactDecrypt(sealed, await this.#key(name));
            return Buffer.from(plaintext).toString('utf8');
        } catch {
            // Gone, damaged, of another user or encrypted with another secret: the administrator has to sign in again.
            return undefined;
        }
    }

    /** @throws SyncError SIGN_IN_NOT_KEPT */
    save(name: SignInName, text: string): Promise<void> {
        return this.#writing(async () => {
            const clear = new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' });
            await replace(this.#file(name), await clear.encrypt(await this.#key(name)));
        });
    }

    /** Removes the sign-ins of a node that is deleted. */
    async remove(node: string): Promise<void> {
        await this.#removeFiles(async file => file.startsWith(startOf(node)));
    }

    /** Removes what was left behind: a row that is gone, a dialog that was cancelled after the sign-in. */
    async removeUnused(inUse: Pick<SignInName, 'node' | 'signIn'>[]): Promise<void> {
        const kept = new Set(inUse.map(fileName));
        await this.#removeFiles(async file => file.includes('+') && !kept.has(file) && (await this.#isOld(file)));
    }

    async #removeFiles(isWanted: (file: string) => Promise<boolean>): Promise<void> {
        const files = await readdir(this.#options.folder).catch(() => []);
        for (const file of files)
            if (await isWanted(file)) await rm(join(this.#options.folder, file), { force: true }).catch(() => {});
    }

    async #isOld(file: string): Promise<boolean> {
        const { mtimeMs } = await stat(join(this.#options.folder, file)).catch(() => ({ mtimeMs: Number.NaN }));
        return this.#options.clock.date() - mtimeMs > unusedFor;
    }

    /** One write at a time: a rotation must not overtake the next. */
    #writing(write: () => Promise<void>): Promise<void> {
        const { folder } = this.#options;
        const turn = this.#lastWrite.then(async () => {
            try {
                await mkdir(folder, { recursive: true, mode: 0o700 });
                await write();
            } catch (error) {
                const { code, message } = error as NodeJS.ErrnoException;
                throw new SyncError('SIGN_IN_NOT_KEPT', { folder, detail: code ?? message }, error);
            }
        });
        this.#lastWrite = turn.catch(() => {});
        return turn;
    }

    /** No two names have the same key: a file that is given another name opens nothing. */
    async #key({ node, signIn, username }: SignInName): Promise<Uint8Array> {
        const name = JSON.stringify([node, signIn, username.toLowerCase()]);
        const secret = await this.#options.secret();
        return new Uint8Array(hkdfSync('sha256', secret, '', `presence-sync sign-in ${name}`, 32));
    }

    #file(name: Pick<SignInName, 'node' | 'signIn'>): string {
        return join(this.#options.folder, fileName(name));
    }
}

/**
 * The store in Node-RED's user directory. Its secret is the one that protects Node-RED's credentials (`credentialSecret`
 * of settings.js, or the one that Node-RED has made for itself), else a random one of its own beside the files.
 * @see https://nodered.org/docs/user-guide/runtime/settings-file (credentialSecret)
 */
export function signInStore(RED: NodeAPI): SignInStore {
    const folder = dataFolder(RED);
    const secret = async () => nodeRedSecret(RED) ?? ownSecret(folder);
    return new SignInStore({ folder, secret, clock: systemClock });
}

function nodeRedSecret(RED: NodeAPI): string | undefined {
    // The types know neither the setting nor `get`, which reads what Node-RED itself has stored.
    const settings = RED.settings as unknown as { credentialSecret?: unknown; get?: (name: string) => unknown };
    if (settings.credentialSecret === undefined) {
        try {
            const generated = settings.get?.('_credentialSecret');
            if (typeof generated === 'string') return generated;
        } catch {
            // Node-RED keeps no settings here.
        }
    }
    return typeof settings.credentialSecret === 'string' ? settings.credentialSecret : undefined;
}

async function ownSecret(folder: string): Promise<Buffer> {
    const file = join(folder, 'key');
    await writeFile(file, randomBytes(32), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
    });
    return readFile(file);
}

/** Writes a file so that a power cut leaves either the old or the new content. */
async function replace(path: string, content: string): Promise<void> {
    const fresh = `${path}.new`;
    await writeFile(fresh, content, { mode: 0o600, flush: true });
    await rename(fresh, path);
}

/** Ids of nodes come from flow files, which may come from anywhere. */
function fileName({ node, signIn }: Pick<SignInName, 'node' | 'signIn'>): string {
    return `${startOf(node)}${encodeURIComponent(signIn)}.jwe`;
}

/** A plus is never part of what is encoded: no node's files begin like those of another. */
function startOf(node: string): string {
    return `${encodeURIComponent(node)}+`;
}
