import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { PbxUser } from '../users/user-row';
import { SessionSubscriptions, type SubscriptionsUse } from './session-subscriptions';

/** One presence subscription per user, at the PBX where the user is homed. */
export class PresenceSubscriptions {
    readonly #links: Pick<PbxLinks, 'home'>;
    readonly #use: SubscriptionsUse;
    readonly #sessions = new Map<PbxSession, SessionSubscriptions>();
    readonly #places = new Map<string, SessionSubscriptions>();

    constructor(links: Pick<PbxLinks, 'home'>, use: SubscriptionsUse) {
        this.#links = links;
        this.#use = use;
    }

    /** All that is subscribed, by connection. */
    get sessions(): Iterable<SessionSubscriptions> {
        return this.#sessions.values();
    }

    /** A new connection: nothing is subscribed there yet. */
    begin(session: PbxSession): void {
        this.#sessions.set(session, new SessionSubscriptions(session, this.#use));
    }

    /** The connection is over, and all its subscriptions with it. */
    end(session: PbxSession): void {
        const ended = this.#sessions.get(session);
        this.#sessions.delete(session);
        ended?.end();
        for (const [guid, place] of this.#places) if (place === ended) this.#places.delete(guid);
    }

    /**
     * Subscribes the user where they are homed now, and no longer where they were; nothing where that is so already, or
     * where that PBX is not connected. Resolves when the PBX has answered; never rejects.
     */
    async follow(user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        const home = this.#links.home(user.pbx.loc);
        const place = home && this.#sessions.get(home);
        const former = this.#places.get(guid);
        if (former === place && (!place || place.has(user))) return;
        former?.unfollow(guid);
        if (!place) {
            this.#places.delete(guid);
            return;
        }
        this.#places.set(guid, place);
        await place.follow(user);
    }

    /** Ends the user's subscription. */
    unfollow(guid: string): void {
        this.#places.get(guid)?.unfollow(guid);
        this.#places.delete(guid);
    }
}
