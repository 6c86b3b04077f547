import { SyncError } from '../../errors/errors';
import { type PresenceUser, teamsIdOf } from '../../presence/message';
import type { Request } from '../../presence/next-step';
import { replaceChoice } from '../../presence/teams-claims';
import {
    appearOffline,
    overridesNow,
    type TeamsRecord,
    type TeamsSide,
    type TeamsWriter,
    teamsParts,
} from '../../presence/teams-record';
import type { TargetChoice } from '../../presence/teams-states';
import type { TeamsPair } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Answer, Executor, Treatment } from '../../sync/executor';
import type { Clock } from '../../time/clock';
import type { GatheredRequests, PresenceRequest } from '../connection/gathered-requests';
import { GraphRefusal } from '../connection/graph-error';
import type { KnownUsers } from '../users/directory-reader';
import { teamsPlan } from '../users/scope';

/** How a node writes to Teams. */
export type TeamsWriting = TeamsWriter & TargetChoice;

/** Faults that may concern one user only: the others go on. */
const personal: ReadonlySet<string> = new Set(['TEAMS_SERVICE_ERROR', 'TEAMS_THROTTLED']);
/** A wait of this many ms or longer that Microsoft asks for is told. */
const longWait = 5_000;
/** Milliseconds for which a write that was accepted proves that writes are permitted. */
const lately = 60_000;

/** What a {@link TeamsExecutor} works with. */
export interface TeamsExecutorOptions {
    side: TeamsSide;
    clock: Clock;
    directory: KnownUsers | undefined;
    read(ids: readonly string[], priority: Priority): Promise<void>;
    /** All writes have to wait. */
    waits(error: SyncError): void;
}

/** Does in Teams what the rules say, by the way that each claim was made. */
export class TeamsExecutor implements Executor<TeamsRecord> {
    readonly parts = teamsParts;
    /** By client id, which names our session, for Graph takes no other; of each, by the node that writes so. */
    readonly #ways = new Map<string, Map<string, GatheredRequests>>();
    readonly #options: TeamsExecutorOptions;

    constructor(options: TeamsExecutorOptions) {
        this.#options = options;
    }

    /** A node writes this way from now on; returns what ends that. */
    use(way: string, node: string, requests: GatheredRequests): () => void {
        const nodes = this.#ways.get(way) ?? new Map<string, GatheredRequests>();
        this.#ways.set(way, nodes.set(node, requests));
        return () => {
            if (nodes.get(node) === requests) nodes.delete(node);
            if (nodes.size === 0 && this.#ways.get(way) === nodes) this.#ways.delete(way);
        };
    }

    /** True as long as anything can be written. */
    get isUsed(): boolean {
        return this.#ways.size > 0;
    }

    /** No other node writes this way. */
    isOnlyOf(node: string, way: string): boolean {
        const nodes = this.#ways.get(way);
        return nodes?.size === 1 && nodes.has(node);
    }

    sideOf(): TeamsSide {
        return this.#options.side;
    }

    isFollowed({ isFollowed }: TeamsRecord): boolean {
        return isFollowed === true;
    }

    ownOf({ own }: TeamsRecord): unknown {
        return own;
    }

    exists(record: TeamsRecord): boolean {
        const { directory } = this.#options;
        const isKnown = directory?.loaded === true && directory.users.byId(record.key) !== undefined;
        return isKnown && !this.lacksTeams(record);
    }

    /** True for a user whose service plans are known, and that of Teams is not among them. */
    lacksTeams({ key }: TeamsRecord): boolean {
        const plans = this.#options.directory?.users.plansOf(key);
        return plans !== undefined && !plans.includes(teamsPlan);
    }

    async perform(record: TeamsRecord, step: Request, signal: AbortSignal): Promise<Answer> {
        const { part } = step;
        if (step.do === 'clear' && step.claim.certainty === 'suspected')
            return await this.#findOut(record, part, signal);
        const way = step.do === 'clear' ? step.claim.way : (record.parts[part]?.claims[0]?.way ?? '');
        // A session is ended and renewed by the registration that has set it; anything else by any of them.
        const isThere = step.do !== 'write';
        const isAnyWay = isThere && part !== 'session';
        const nodes = this.#ways.get(way) ?? (isAnyWay ? this.#ways.values().next().value : undefined);
        // One node's secret may be wrong, so each writes with its own.
        const requests = nodes?.get(record.spoken?.writer.node ?? '') ?? nodes?.values().next().value;
        if (!requests && isThere && this.isUsed) return 'left';
        if (!requests) throw new SyncError('NODE_STOPPED');
        if (requests.graph.budget.heldOff >= longWait) this.#options.waits(new SyncError('TEAMS_THROTTLED'));
        if (step.do === 'clear') return await this.#clear(requests, way, record, part, signal);
        if (part === 'session' && step.do === 'write' && this.#overrides(record))
            await this.#clear(requests, way, record, 'preferred', signal);
        const { ends, from } = record.parts[part]!.claims[0]!;
        const action = settingOf(part, step.value, way, ends - from, this.#options.clock.date());
        await requests.send(requestOf(record.person, action, step.do === 'renew' ? 'renewal' : 'edge'), signal);
        if (part === 'preferred') replaceChoice(record);
        return 'accepted';
    }

    async read(records: readonly TeamsRecord[], urgency: Priority): Promise<void> {
        await this.#options.read(
            records.map(({ key }) => key),
            urgency,
        );
    }

    treat(error: SyncError): Treatment {
        const { status, retryAfter } = error instanceof GraphRefusal ? error : { status: 0, retryAfter: undefined };
        if (error.code === 'NODE_STOPPED') return { as: 'person', after: longWait };
        if (personal.has(error.code)) return { as: 'person', after: retryAfter };
        if (error.kind === 'outage') return { as: 'side' };
        const counted = status === 403 || status === 404 ? { status } : {};
        // A permission that served a moment ago is not missing.
        const servedLately = this.#options.clock.monotonic() - this.#options.side.servedAt < lately;
        const isParked = error.kind === 'configuration' && !servedLately;
        return { as: isParked ? 'administrator' : 'refused', ...counted };
    }

    /** Any registration may have set it. */
    async #findOut(record: TeamsRecord, part: string, signal: AbortSignal): Promise<Answer> {
        if (!this.isUsed) throw new SyncError('NODE_STOPPED');
        const clears = [...this.#ways].map(([way, nodes]) => {
            const [requests] = nodes.values();
            return this.#clear(requests!, way, record, part, signal);
        });
        return (await Promise.all(clears)).includes('accepted') ? 'accepted' : 'absent';
    }

    async #clear(
        requests: GatheredRequests,
        way: string,
        record: TeamsRecord,
        part: string,
        signal: AbortSignal,
    ): Promise<Answer> {
        try {
            await requests.send(requestOf(record.person, clearingOf(part, way), 'edge'), signal);
            if (part === 'preferred') replaceChoice(record);
            return 'accepted';
        } catch (error) {
            // There was no session of ours.
            if (part === 'session' && error instanceof GraphRefusal && error.status === 404) return 'absent';
            throw error;
        }
    }

    /** A status set by hand gives way to a call that begins, do not disturb excepted. */
    #overrides(record: TeamsRecord): boolean {
        const { own } = record;
        // What a person who is signed out has chosen is not known.
        const isSignedOut = own?.availability === 'Offline' && own.activity !== appearOffline;
        const isKept = own === undefined || isSignedOut || own.availability === 'DoNotDisturb';
        return !isKept && !record.readTrouble && overridesNow(record, this.#options.clock.monotonic());
    }
}

/**
 * One of Graph's presence actions for a user, in the name of the app (Presence.ReadWrite.All).
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
interface PresenceAction {
    name: string;
    body: object;
}

/**
 * What makes a part show this value.
 * @param clientId names our session: Graph takes no other
 * @param lease ms after which it ends; @param date ms since the epoch
 * @see https://learn.microsoft.com/graph/api/presence-setpresence
 * @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence
 */
function settingOf(part: string, value: unknown, clientId: string, lease: number, date: number): PresenceAction {
    if (part === 'statusMessage') return messageAction(value as string, new Date(date + lease));
    // In whole minutes, as Graph wants it.
    const shown = { ...(value as TeamsPair), expirationDuration: `PT${Math.round(lease / 60_000)}M` };
    if (part === 'preferred') return { name: 'setUserPreferredPresence', body: shown };
    return { name: 'setPresence', body: { sessionId: clientId, ...shown } };
}

/**
 * What takes a part back.
 * @see https://learn.microsoft.com/graph/api/presence-clearpresence
 * @see https://learn.microsoft.com/graph/api/presence-clearuserpreferredpresence
 */
export function clearingOf(part: string, clientId: string): PresenceAction {
    if (part === 'statusMessage') return messageAction('');
    if (part === 'preferred') return { name: 'clearUserPreferredPresence', body: {} };
    return { name: 'clearPresence', body: { sessionId: clientId } };
}

/** An empty text takes the message away. @see https://learn.microsoft.com/graph/api/presence-setstatusmessage */
function messageAction(content: string, ends?: Date): PresenceAction {
    const dateTime = ends?.toISOString().replace('Z', '');
    const expiry = dateTime ? { expiryDateTime: { dateTime, timeZone: 'UTC' } } : {};
    return {
        name: 'setStatusMessage',
        body: { statusMessage: { message: { content, contentType: 'text' }, ...expiry } },
    };
}

export function requestOf(user: PresenceUser, { name, body }: PresenceAction, priority: Priority): PresenceRequest {
    return {
        what: `change the presence of ${user.displayName}`,
        method: 'POST',
        path: `/users/${encodeURIComponent(teamsIdOf(user))}/presence/${name}`,
        body,
        priority,
        // Of an end that is sent twice the second finds nothing, which would say that there was no session of ours.
        repeatable: name !== 'clearPresence',
    };
}
