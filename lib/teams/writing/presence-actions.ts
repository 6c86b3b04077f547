import { type PresenceUser, teamsIdOf } from '../../presence/message';
import type { TeamsPair } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { GatheredRequests } from '../connection/gathered-requests';
import type { GraphClient } from '../connection/graph-client';
import { GraphRefusal } from '../connection/graph-error';
import { readPresences, type StampedPresence } from '../connection/read-presence';

/** Conflict, precondition failed, locked: another app is writing the same presence just now. */
const passing = new Set([409, 412, 423]);

/** How urgent an action is, and what takes it back as long as it has not been sent. */
export interface Sending {
    priority: Priority;
    signal?: AbortSignal;
}

/**
 * The presence actions of Graph, for any user, in the name of the app (application permission
 * Presence.ReadWrite.All). What is asked for at the same moment is sent together. Leases are in milliseconds. Every
 * action throws Withdrawn, a GraphRefusal, or a SyncError when Graph cannot be reached.
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export class PresenceActions {
    readonly #graph: GraphClient;
    readonly #requests: GatheredRequests;
    readonly #clientId: string;
    readonly #clock: Clock;

    /** @param options.clientId names our session: Graph takes no other. */
    constructor(options: { graph: GraphClient; clientId: string; clock: Clock }) {
        this.#graph = options.graph;
        this.#requests = new GatheredRequests(options.graph);
        this.#clientId = options.clientId;
        this.#clock = options.clock;
    }

    /** Milliseconds for which nothing is sent since the service has asked to wait. */
    get heldOff(): number {
        return this.#graph.budget.heldOff;
    }

    /** @see https://learn.microsoft.com/graph/api/presence-setpresence */
    async setSession(user: PresenceUser, pair: TeamsPair, lease: number, sending: Sending): Promise<void> {
        const body = { sessionId: this.#clientId, ...pair, expirationDuration: duration(lease) };
        await this.#act(user, 'setPresence', body, sending);
    }

    /** @returns false if there was no session of ours. @see https://learn.microsoft.com/graph/api/presence-clearpresence */
    async clearSession(user: PresenceUser, sending: Sending): Promise<boolean> {
        try {
            await this.#act(user, 'clearPresence', { sessionId: this.#clientId }, sending);
            return true;
        } catch (error) {
            if (error instanceof GraphRefusal && error.status === 404) return false;
            throw error;
        }
    }

    /** @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence */
    async setPreferred(user: PresenceUser, pair: TeamsPair, lease: number, sending: Sending): Promise<void> {
        await this.#act(user, 'setUserPreferredPresence', { ...pair, expirationDuration: duration(lease) }, sending);
    }

    /** @see https://learn.microsoft.com/graph/api/presence-clearuserpreferredpresence */
    async clearPreferred(user: PresenceUser, sending: Sending): Promise<void> {
        await this.#act(user, 'clearUserPreferredPresence', {}, sending);
    }

    /**
     * @param lease ms after which it ends; an empty text takes the message away and needs none
     * @see https://learn.microsoft.com/graph/api/presence-setstatusmessage
     */
    async setStatusMessage(
        user: PresenceUser,
        text: string,
        lease: number | undefined,
        sending: Sending,
    ): Promise<void> {
        const message = { content: text, contentType: 'text' };
        const dateTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '');
        const ends = lease === undefined ? undefined : dateTime(this.#clock.date() + lease);
        const expiry = ends ? { expiryDateTime: { dateTime: ends, timeZone: 'UTC' } } : {};
        await this.#act(user, 'setStatusMessage', { statusMessage: { message, ...expiry } }, sending);
    }

    /** What Teams shows for these users; may lack some. */
    read(ids: readonly string[], priority: Priority): Promise<Map<string, StampedPresence>> {
        return readPresences(this.#graph, ids, priority);
    }

    async #act(user: PresenceUser, action: string, body: unknown, { priority, signal }: Sending): Promise<void> {
        const path = `/users/${encodeURIComponent(teamsIdOf(user))}/presence/${action}`;
        const what = `change the presence of ${user.displayName}`;
        try {
            // Of an end that is sent twice the second finds nothing, which would say that there was no session of ours.
            const repeatable = action !== 'clearPresence';
            await this.#requests.send({ what, method: 'POST', path, body, priority, repeatable }, signal);
        } catch (error) {
            throw error instanceof GraphRefusal && passing.has(error.status) ? error.asPassing() : error;
        }
    }
}

/** ISO 8601, in whole minutes, as Graph wants it. */
function duration(lease: number): string {
    return `PT${Math.round(lease / 60_000)}M`;
}
