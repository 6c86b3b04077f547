import type { Files, OpenFile } from '../../lib/support/file-lock';

interface Content {
    bytes: Buffer;
}

/** Something that a test does to an operation before it happens: throws, or waits. */
type Fault = (operation: { name: string; path: string; bytes?: Uint8Array }) => void | Promise<void>;

/** Files in memory, which a test can let fail, hang, or crash in the middle of a write. */
export class MemoryFiles implements Files {
    readonly contents = new Map<string, Content>();
    /** The operations that were made, in order; a write with the number of its bytes. */
    readonly made: string[] = [];
    onOperation: Fault = () => {};

    /** The bytes of a file, or of none. */
    bytesOf(path: string): Buffer {
        return this.contents.get(path)?.bytes ?? Buffer.alloc(0);
    }

    put(path: string, bytes: Buffer): void {
        this.contents.set(path, { bytes });
    }

    /** What the next process finds if this one ends now. */
    copy(): MemoryFiles {
        const copied = new MemoryFiles();
        for (const [path, { bytes }] of this.contents) copied.put(path, Buffer.from(bytes));
        return copied;
    }

    /** How often an operation was made. */
    count(name: string): number {
        return this.made.filter(made => made === name).length;
    }

    async open(path: string, flags: string): Promise<OpenFile> {
        await this.#happen('open', path);
        if (flags === 'wx' && this.contents.has(path)) throw failure('EEXIST');
        if (flags === 'r+' && !this.contents.has(path)) throw failure('ENOENT');
        const content = flags === 'r+' || flags === 'r' ? this.contents.get(path) : undefined;
        const opened = content ?? { bytes: Buffer.alloc(0) };
        if (flags !== 'r') this.contents.set(path, opened);
        return {
            appendFile: async text => {
                const written = Buffer.from(text);
                await this.#happen('write', path, written);
                overwrite(opened, written, opened.bytes.length);
            },
            write: async (text, position) => {
                const written = Buffer.from(text);
                await this.#happen('write', path, written);
                overwrite(opened, written, position);
            },
            datasync: () => this.#happen('datasync', path),
            sync: () => this.#happen('sync', path),
            close: async () => {},
        };
    }

    async readFile(path: string): Promise<Buffer> {
        await this.#happen('readFile', path);
        const content = this.contents.get(path);
        if (!content) throw failure('ENOENT');
        return Buffer.from(content.bytes);
    }

    async rename(from: string, to: string): Promise<void> {
        await this.#happen('rename', to);
        const content = this.contents.get(from);
        if (!content) throw failure('ENOENT');
        this.contents.delete(from);
        this.contents.set(to, content);
    }

    async rm(path: string): Promise<void> {
        await this.#happen('rm', path);
        this.contents.delete(path);
    }

    async #happen(name: string, path: string, bytes?: Uint8Array): Promise<void> {
        await this.onOperation({ name, path, bytes });
        this.made.push(name);
    }
}

/** Writes into a file as far as a crash, or a full disk, has let it. */
export function overwrite(content: Content, written: Uint8Array, position: number): void {
    const bytes = Buffer.alloc(Math.max(content.bytes.length, position + written.length));
    content.bytes.copy(bytes);
    bytes.set(written, position);
    content.bytes = bytes;
}

/** An error of the file system. */
export function failure(code: string): NodeJS.ErrnoException {
    return Object.assign(new Error(`${code}: simulated`), { code });
}
