import type { Node } from 'node-red';
import { systemClock, type Timer } from '../../lib/time/clock';

/** Names are gathered for this long before they are told, in ms. */
const gathering = 5_000;
/** Names remembered at most; after that some are told again. */
const longestMemory = 20_000;

/**
 * Tells by name who is left out, each person once for each reason and many in one line: no person is left out silently,
 * and a thousand people without a match are no thousand lines.
 */
export class LeftOut {
    readonly #node: Node;
    readonly #told = new Set<string>();
    readonly #gathered = new Map<string, string[]>();
    #timer: Timer | undefined;

    constructor(node: Node) {
        this.#node = node;
    }

    add(name: string, reason: string): void {
        const key = `${reason}\n${name}`;
        if (this.#told.has(key)) return;
        if (this.#told.size >= longestMemory) this.#told.clear();
        this.#told.add(key);
        const names = this.#gathered.get(reason);
        if (names) names.push(name);
        else this.#gathered.set(reason, [name]);
        this.#timer ??= systemClock.after(gathering, () => this.#tell());
    }

    stop(): void {
        systemClock.cancel(this.#timer);
        this.#tell();
    }

    #tell(): void {
        this.#timer = undefined;
        for (const [reason, names] of this.#gathered) this.#node.warn(`${reason}: ${names.join(', ')}`);
        this.#gathered.clear();
    }
}
