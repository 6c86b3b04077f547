/** A search in which nothing has worked for so long proves nothing: the service itself is at fault. */
const mostFruitless = 12;

/** What the list that is being tried stands for, beside those who have been cleared. */
type Phase =
    /** half of a list that was refused */
    | 'half'
    /** all who have not been tried yet */
    | 'rest'
    /** one who is accused, once more: the service may have been at fault for a moment */
    | 'accused'
    /** nobody */
    | 'none';

/**
 * Finds the users because of whom Graph makes no subscription, where its error does not name them. There is one
 * subscription per account, so lists are tried in turn: halves of what is suspected, together with all that has been
 * cleared. What could be made last covers those, and the search ends with a subscription for everybody but the guilty.
 * One among 650 costs about fifteen tries.
 *
 * Only what works proves anything: until a list has been taken, the other half is tried before a suspicion is narrowed,
 * and nobody is found guilty without having been refused while all others were taken.
 */
export class RefusedUsersSearch {
    readonly #cleared: string[] = [];
    /** Lists that hold at least one guilty user each; the last one is being narrowed. */
    readonly #suspected: string[][];
    readonly #accused: string[] = [];
    readonly #guilty: string[] = [];
    #untested: string[] = [];
    #trying: string[];
    #phase: Phase = 'half';
    #proven = false;
    #fruitless = 0;
    /** The list that was tried last has been taken. */
    #standing = false;
    #over = false;

    /**
     * @param userIds two or more who were refused together
     * @param good those of them who were fine the last time: the others are suspected first
     */
    constructor(userIds: readonly string[], good: ReadonlySet<string> = new Set()) {
        this.#suspected = [[...userIds]];
        const known = userIds.filter(userId => good.has(userId));
        this.#trying = known.length > 0 && known.length < userIds.length ? known : halfOf(userIds);
    }

    /** True once a list has been taken: the service works. */
    get isProven(): boolean {
        return this.#proven;
    }

    /** True if there is nothing more to try; {@link refused} is then the result. */
    get isOver(): boolean {
        return this.#over;
    }

    /** The guilty; empty if nothing was proven. */
    get refused(): readonly string[] {
        return this.#guilty;
    }

    /** The list to be tried. */
    next(): string[] {
        return [...this.#cleared, ...this.#trying];
    }

    /** The list of {@link next} was taken. */
    succeeded(): void {
        this.#proven = true;
        this.#standing = true;
        this.#cleared.push(...this.#trying);
        if (this.#phase === 'half') this.#suspected.push(without(this.#suspected.pop()!, this.#trying));
        if (this.#phase === 'rest') this.#untested = [];
        this.#choose();
    }

    /** The list of {@link next} was refused. */
    failed(): void {
        this.#standing = false;
        if (!this.#proven) this.#fruitless += 1;
        if (this.#phase === 'half') {
            this.#untested.push(...without(this.#suspected.pop()!, this.#trying));
            this.#suspected.push(this.#trying);
        }
        if (this.#phase === 'rest') {
            this.#untested = [];
            this.#suspected.push(this.#trying);
        }
        if (this.#phase === 'accused') this.#guilty.push(...this.#trying);
        // All others were taken before: it is the service.
        if (this.#phase === 'none') this.#over = true;
        else this.#choose();
    }

    #choose(): void {
        while (this.#suspected.at(-1)?.length === 1) this.#accused.push(...this.#suspected.pop()!);
        this.#phase = this.#nextPhase();
        this.#trying = this.#listOf(this.#phase);
        const isHopeless = !this.#proven && (this.#fruitless >= mostFruitless || this.#phase === 'accused');
        this.#over = isHopeless || (this.#phase === 'none' && (this.#standing || this.#cleared.length === 0));
    }

    #nextPhase(): Phase {
        const isOtherHalf = !this.#proven && this.#phase === 'half' && this.#untested.length > 0;
        if (this.#suspected.length > 0 && !isOtherHalf) return 'half';
        if (this.#untested.length > 0) return 'rest';
        return this.#accused.length > 0 ? 'accused' : 'none';
    }

    #listOf(phase: Phase): string[] {
        if (phase === 'half') return halfOf(this.#suspected.at(-1)!);
        if (phase === 'rest') return this.#untested;
        return phase === 'accused' ? this.#accused.splice(0, 1) : [];
    }
}

function halfOf(userIds: readonly string[]): string[] {
    return userIds.slice(0, Math.ceil(userIds.length / 2));
}

function without(userIds: readonly string[], removed: readonly string[]): string[] {
    const gone = new Set(removed);
    return userIds.filter(userId => !gone.has(userId));
}
