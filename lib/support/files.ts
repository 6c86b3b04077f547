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
