const minute = 60_000;
/** No answer makes it end sooner than this, in ms: a clock that is wrong must not end in a loop of creates. */
const shortestLife = 2 * minute;
/** Share of its life after which it is renewed, and by how much of its life this varies. */
const renewAt = 0.6;
const renewJitter = 0.1;

/** A subscription that stands, as far as is known. All times are monotonic. */
export class LiveSubscription {
    readonly id: string;
    readonly userIds: ReadonlySet<string>;
    /** Where its notifications go. */
    readonly url: string;
    #expiresAt = 0;
    #renewedAt = 0;
    #renewAt = 0;

    constructor({ id, userIds, url }: { id: string; userIds: Iterable<string>; url: string }) {
        this.id = id;
        this.userIds = new Set(userIds);
        this.url = url;
    }

    get expiresAt(): number {
        return this.#expiresAt;
    }

    get renewedAt(): number {
        return this.#renewedAt;
    }

    /** When it is to be renewed. */
    get renewAt(): number {
        return this.#renewAt;
    }

    /** It was made or renewed, and ends in so many ms. @param random 0 to 1: those that were made together are not renewed together */
    renewed(now: number, left: number, random: number): void {
        this.#renewedAt = now;
        const life = Math.max(left, shortestLife);
        this.#expiresAt = now + life;
        this.#renewAt = now + life * (renewAt + renewJitter * (random - 0.5));
    }

    /** It is to be renewed at once. */
    renewNow(now: number): void {
        this.#renewAt = now;
    }
}
