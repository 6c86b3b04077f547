/** The most urgent first. */
const lanes = ['edge', 'renewal'] as const;

/** Renewals may take this share of the places; the rest is kept for changes, which never wait behind renewals. */
const renewalShare = 0.25;

/** People for whom something is to be sent, each at most once, in the order of urgency and then of coming. */
export class Lanes {
    readonly #parallel: number;
    readonly #begin: (key: string) => Promise<void> | undefined;
    readonly #waiting = { edge: new Set<string>(), renewal: new Set<string>() };
    #running = 0;
    #renewing = 0;
    #isServing = false;

    /**
     * @param parallel people who may be served at once
     * @param begin begins to serve a person; undefined if there is nothing to be done any more
     */
    constructor(parallel: number, begin: (key: string) => Promise<void> | undefined) {
        this.#parallel = parallel;
        this.#begin = begin;
    }

    put(key: string, lane: (typeof lanes)[number]): void {
        if (lane === 'edge') this.#waiting.renewal.delete(key);
        else if (this.#waiting.edge.has(key)) return;
        this.#waiting[lane].add(key);
        this.#serve();
    }

    /** What waits is not begun any more. */
    stop(): void {
        for (const lane of lanes) this.#waiting[lane].clear();
    }

    #serve(): void {
        // What is begun may put further people here.
        if (this.#isServing) return;
        this.#isServing = true;
        for (const lane of lanes) while (this.#mayBegin(lane)) this.#next(lane);
        this.#isServing = false;
    }

    #mayBegin(lane: (typeof lanes)[number]): boolean {
        if (this.#waiting[lane].size === 0 || this.#running >= this.#parallel) return false;
        return lane === 'edge' || this.#renewing < this.#parallel * renewalShare;
    }

    #next(lane: (typeof lanes)[number]): void {
        const [key] = this.#waiting[lane];
        this.#waiting[lane].delete(key!);
        const served = this.#begin(key!);
        if (!served) return;
        const isRenewal = lane === 'renewal';
        this.#running++;
        if (isRenewal) this.#renewing++;
        const over = (): void => {
            this.#running--;
            if (isRenewal) this.#renewing--;
            this.#serve();
        };
        served.then(over, over);
    }
}
