/** An open file, as `node:fs/promises` gives it. */
export interface OpenFile {
    write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
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

/** Writes all of it. @throws the error of the file system, part of it being written */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
        if (bytesWritten === 0) throw new Error('The file takes no more bytes');
        done += bytesWritten;
    }
}
