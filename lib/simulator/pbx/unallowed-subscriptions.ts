/** Somebody who is told when a subscription begins or ceases to lack a right. */
export interface UnallowedObserver {
    /** @param user the name of the user whose visibility lacks the right. @param source who has subscribed */
    added(user: string, source: string): void;
    removed(user: string, source: string): void;
}

interface Pending {
    user: string;
    source: string;
    count: number;
}

/** The subscriptions at one PBX that wait for a visibility right, each pair of a user and who has subscribed told once. */
export class UnallowedSubscriptions {
    readonly #pending = new Map<string, Pending>();
    readonly observers = new Set<UnallowedObserver>();

    /** @returns what ends the entry; may be called twice */
    add(user: string, source: string): () => void {
        const key = JSON.stringify([user, source]);
        const pending = this.#pending.get(key) ?? { user, source, count: 0 };
        this.#pending.set(key, pending);
        pending.count++;
        if (pending.count === 1) for (const observer of this.observers) observer.added(user, source);
        let ended = false;
        return () => {
            if (ended) return;
            ended = true;
            pending.count--;
            if (pending.count === 0) this.#remove(key, pending);
        };
    }

    all(): { user: string; source: string }[] {
        return [...this.#pending.values()].map(({ user, source }) => ({ user, source }));
    }

    #remove(key: string, { user, source }: Pending): void {
        this.#pending.delete(key);
        for (const observer of this.observers) observer.removed(user, source);
    }
}
