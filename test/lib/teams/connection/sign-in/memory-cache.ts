import type { TokenCache } from '../../../../../lib/teams/connection/sign-in/registration';

/** Keeps a sign-in in memory. */
export class MemoryCache implements TokenCache {
    saved: string | undefined;

    async load(): Promise<string | undefined> {
        return this.saved;
    }

    async save(serialized: string): Promise<void> {
        this.saved = serialized;
    }
}
