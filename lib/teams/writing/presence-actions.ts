import type { PresenceUser } from '../../presence/message';
import { explains } from '../../presence/teams-states';
import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { GraphClient } from '../graph/graph-client';
import { GraphRefusal } from '../graph/graph-error';
import { readPresences } from '../reading/read-presence';

/** The activity of a user who chose to appear offline. */
const appearOffline = 'OffWork';

/**
 * The presence actions of Graph, for any user, in the name of the app (application permission
 * Presence.ReadWrite.All). Leases are in milliseconds.
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export class PresenceActions {
    readonly #graph: GraphClient;
    readonly #clientId: string;

    /** @param options.clientId names our session: Graph takes no other. */
    constructor(options: { graph: GraphClient; clientId: string }) {
        this.#graph = options.graph;
        this.#clientId = options.clientId;
    }

    /** @see https://learn.microsoft.com/graph/api/presence-setpresence */
    async setSession(user: PresenceUser, pair: TeamsPair, lease: number, priority: Priority): Promise<void> {
        await this.#act(
            user,
            'setPresence',
            { sessionId: this.#clientId, ...pair, expirationDuration: duration(lease) },
            priority,
        );
    }

    /** A session that is gone already is as good. @see https://learn.microsoft.com/graph/api/presence-clearpresence */
    async clearSession(user: PresenceUser): Promise<void> {
        try {
            await this.#act(user, 'clearPresence', { sessionId: this.#clientId }, 'edge');
        } catch (error) {
            if (!(error instanceof GraphRefusal && error.status === 404)) throw error;
        }
    }

    /** @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence */
    async setPreferred(user: PresenceUser, pair: TeamsPair, lease: number, priority: Priority): Promise<void> {
        await this.#act(user, 'setUserPreferredPresence', { ...pair, expirationDuration: duration(lease) }, priority);
    }

    /** @see https://learn.microsoft.com/graph/api/presence-clearuserpreferredpresence */
    async clearPreferred(user: PresenceUser): Promise<void> {
        await this.#act(user, 'clearUserPreferredPresence', {}, 'edge');
    }

    /** What Teams shows for these users; may lack some. */
    read(ids: string[]): Promise<Map<string, TeamsPresence>> {
        return readPresences(this.#graph, ids, 'sweep');
    }

    /**
     * True if Teams still shows a preferred presence that we set (one of these), or nothing at all: without any session
     * of the user a preferred presence is there but shows Offline. False if the user has chosen another one since.
     */
    async showsPreferred(user: PresenceUser, preferred: readonly TeamsPair[], priority: Priority): Promise<boolean> {
        const id = user.teams?.id ?? '';
        const shown = (await readPresences(this.#graph, [id], priority)).get(id);
        if (!shown || preferred.some(pair => explains({ preferred: pair }, shown))) return true;
        return shown.availability === 'Offline' && shown.activity !== appearOffline;
    }

    async #act(user: PresenceUser, action: string, body: unknown, priority: Priority): Promise<void> {
        const id = encodeURIComponent(user.teams?.id ?? '');
        const what = `change the presence of ${user.displayName}`;
        await this.#graph.send({ what, method: 'POST', path: `/users/${id}/presence/${action}`, body, priority });
    }
}

/** ISO 8601, in whole minutes, as Graph wants it. */
function duration(lease: number): string {
    return `PT${Math.round(lease / 60_000)}M`;
}
