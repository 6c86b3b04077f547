import type { SyncError } from '../../errors/errors';

interface Waiting {
    resolve: (outcome: 'ready' | 'replaced') => void;
    reject: (error: SyncError) => void;
}

/** Where messages wait until the directory is read: one per key, the newest. */
export class LatestWaiters {
    readonly #waiting = new Map<string, Waiting>();

    /** Resolves with `replaced` when a newer one with the same key comes, or all are sent away. */
    wait(key: string): Promise<'ready' | 'replaced'> {
        this.#waiting.get(key)?.resolve('replaced');
        return new Promise((resolve, reject) => this.#waiting.set(key, { resolve, reject }));
    }

    admit(): void {
        for (const { resolve } of this.#waiting.values()) resolve('ready');
        this.#waiting.clear();
    }

    refuse(error: SyncError): void {
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
    }

    sendAway(): void {
        for (const { resolve } of this.#waiting.values()) resolve('replaced');
        this.#waiting.clear();
    }
}
