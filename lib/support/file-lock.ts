import * as v from 'valibot';
import { isRunning, ownIdentity, type ProcessIdentity, processIdentity } from './process-identity';

/** An open file, as `node:fs/promises` gives it. */
export interface OpenFile {
    /** Adds all of it. */
    appendFile(text: string): Promise<void>;
    write(text: string, position: number): Promise<unknown>;
    datasync(): Promise<void>;
    sync(): Promise<void>;
    close(): Promise<void>;
}

/** What of `node:fs/promises` a log uses, so that a test can let it fail, hang or crash. */
export interface Files {
    open(path: string, flags: string, mode?: number): Promise<OpenFile>;
    readFile(path: string): Promise<Buffer>;
    rename(from: string, to: string): Promise<void>;
    rm(path: string, options: { force: boolean }): Promise<void>;
}

/**
 * A file beside another one that says which process uses it. A lock that a process left behind is taken over; a process
 * whose lock was taken over all the same (two containers on one directory cannot see each other) finds out by
 * {@link isHeld}.
 */
export class FileLock {
    readonly #path: string;
    readonly #files: Files;
    /** What stands in the file while we hold it; different for every lock, also of the same process. */
    #text: string | undefined;

    constructor(path: string, files: Files) {
        this.#path = path;
        this.#files = files;
    }

    /**
     * Takes the lock, unless it is held already.
     * @returns the process that holds it instead
     * @throws the error of the file system where the file cannot be written
     */
    async take(): Promise<ProcessIdentity | undefined> {
        if (this.#text !== undefined) return undefined;
        for (;;) {
            const owner = await this.#owner();
            if (owner && isRunning(owner)) return owner;
            await this.#files.rm(this.#path, { force: true });
            if (await this.#create()) return undefined;
        }
    }

    /** False once another process has taken the lock over, or the file is gone. A file that cannot be read tells nothing. */
    async isHeld(): Promise<boolean> {
        if (this.#text === undefined) return false;
        try {
            return (await this.#files.readFile(this.#path)).toString() === this.#text;
        } catch (error) {
            return (error as NodeJS.ErrnoException).code !== 'ENOENT';
        }
    }

    /** Never rejects: a lock that stays behind is taken over by the next process. May be called twice. */
    async release(): Promise<void> {
        const isHeld = await this.isHeld();
        this.#text = undefined;
        if (isHeld) await this.#files.rm(this.#path, { force: true }).catch(() => {});
    }

    /** False if another process was faster. */
    async #create(): Promise<boolean> {
        const text = JSON.stringify({ ...ownIdentity(), lock: crypto.randomUUID() });
        try {
            const file = await this.#files.open(this.#path, 'wx', 0o600);
            await file.appendFile(text).finally(() => file.close());
            this.#text = text;
            return true;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
            throw error;
        }
    }

    /** Undefined where there is no lock, or one that says nothing: its process ended before it had written it. */
    async #owner(): Promise<ProcessIdentity | undefined> {
        try {
            return v.parse(processIdentity, JSON.parse((await this.#files.readFile(this.#path)).toString()));
        } catch {
            return undefined;
        }
    }
}
