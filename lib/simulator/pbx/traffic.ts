/** The most names of messages that are told apart; a client may send any name. */
const mostNames = 200;

/** How many messages of each `mt` went one way. Those after the first 200 names count as `other`. */
export class MessageCounts {
    readonly #counts = new Map<string, number>();
    #total = 0;

    get total(): number {
        return this.#total;
    }

    /** @param mt "" where a message has none */
    count(mt: string): void {
        const name = this.#counts.has(mt) || this.#counts.size < mostNames ? mt : 'other';
        this.#counts.set(name, this.of(name) + 1);
        this.#total++;
    }

    of(mt: string): number {
        return this.#counts.get(mt) ?? 0;
    }

    toJSON(): Record<string, number> {
        return Object.fromEntries(this.#counts);
    }
}

/** What went over the App websockets of one PBX since it was made. */
export class Traffic {
    readonly received = new MessageCounts();
    readonly sent = new MessageCounts();
    /** WebSockets that stood, in either direction. */
    connections = 0;
    /** Logins that succeeded, in either direction. */
    logins = 0;
}
