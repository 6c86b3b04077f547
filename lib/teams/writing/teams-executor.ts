import { SyncError } from '../../errors/errors';
import {
    type HiddenReason,
    overridesNow,
    type TeamsRecord,
    type TeamsSide,
    type TeamsWriter,
    teamsParts,
} from '../../presence/teams-record';
import type { TargetChoice } from '../../presence/teams-states';
import type { TeamsPair } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Executor, Request, Treatment } from '../../sync/executor';
import type { Clock } from '../../time/clock';
import { GraphRefusal } from '../connection/graph-error';
import { teamsPlan } from '../users/scope';
import type { PresenceActions, Sending } from './presence-actions';

/** How a node writes to Teams. */
export interface TeamsWriting extends TeamsWriter {
    choice?: TargetChoice;
}

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
    plansOf(userId: string): readonly string[] | undefined;
    isKnown(userId: string): boolean | undefined;
    read(ids: readonly string[], priority: Priority): Promise<void>;
    /** All writes have to wait. */
    waits(error: SyncError): void;
}

/** Does in Teams what the rules say, by the way that each claim was made. */
export class TeamsExecutor implements Executor<TeamsRecord> {
    readonly parts = teamsParts;
    /** By client id, which names our session, for Graph takes no other; of each, by the node that writes so. */
    readonly #ways = new Map<string, Map<string, PresenceActions>>();
    readonly #options: TeamsExecutorOptions;

    constructor(options: TeamsExecutorOptions) {
        this.#options = options;
    }

    /** A node writes this way from now on; returns what ends that. */
    use(way: string, node: string, actions: PresenceActions): () => void {
        const nodes = this.#ways.get(way) ?? new Map<string, PresenceActions>();
        this.#ways.set(way, nodes.set(node, actions));
        return () => {
            if (nodes.get(node) === actions) nodes.delete(node);
            if (nodes.size === 0 && this.#ways.get(way) === nodes) this.#ways.delete(way);
        };
    }

    /** True as long as anything can be written. */
    get isUsed(): boolean {
        return this.#ways.size > 0;
    }

    sideOf(): TeamsSide {
        return this.#options.side;
    }

    isFollowed({ isFollowed }: TeamsRecord): boolean {
        return isFollowed === true;
    }

    exists({ key }: TeamsRecord): boolean {
        return this.#options.isKnown(key) === true && !this.#lacksTeams(key);
    }

    /** Where Teams says nothing of a user, it may be for want of a licence. */
    reasonOf({ key }: TeamsRecord, reason: HiddenReason): HiddenReason | 'no-licence' {
        return reason === 'unknown' && this.#lacksTeams(key) ? 'no-licence' : reason;
    }

    async perform(record: TeamsRecord, step: Request, signal: AbortSignal): Promise<'accepted' | 'absent'> {
        if (step.do === 'clear' && step.claim.certainty === 'suspected')
            return await this.#findOut(record, step.part, { priority: 'edge', signal });
        const way = step.do === 'clear' ? step.claim.way : (record.parts[step.part]?.claims[0]?.way ?? '');
        const nodes = this.#ways.get(way);
        // One node's secret may be wrong, so each writes with its own.
        const actions = nodes?.get(record.spoken?.writer.node ?? '') ?? nodes?.values().next().value;
        if (!actions) {
            // Without the registration that has set it nothing can end it but its lease.
            if (step.do === 'clear') return 'absent';
            throw new SyncError('NODE_STOPPED');
        }
        if (actions.heldOff >= longWait) this.#options.waits(new SyncError('TEAMS_THROTTLED'));
        const sending: Sending = { priority: step.do === 'renew' ? 'renewal' : 'edge', signal };
        if (step.do === 'clear') return await this.#clear(actions, record, step.part, sending);
        const claim = record.parts[step.part]!.claims[0]!;
        await this.#set(actions, record, step, claim.ends - claim.from, sending);
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

    async #set(
        actions: PresenceActions,
        record: TeamsRecord,
        { part, value, do: action }: Request & { value: unknown },
        lease: number,
        sending: Sending,
    ): Promise<void> {
        const { person } = record;
        if (part === 'preferred') return actions.setPreferred(person, value as TeamsPair, lease, sending);
        if (part === 'statusMessage') return actions.setStatusMessage(person, value as string, lease, sending);
        if (action === 'write' && this.#overrides(record)) await actions.clearPreferred(person, sending);
        await actions.setSession(person, value as TeamsPair, lease, sending);
    }

    /** Any registration may have set it. */
    async #findOut(record: TeamsRecord, part: string, sending: Sending): Promise<'accepted' | 'absent'> {
        const ways = [...this.#ways.values()].flatMap(nodes => [...nodes.values()].slice(0, 1));
        if (ways.length === 0) throw new SyncError('NODE_STOPPED');
        const answers = await Promise.all(ways.map(actions => this.#clear(actions, record, part, sending)));
        return answers.includes('accepted') ? 'accepted' : 'absent';
    }

    async #clear(
        actions: PresenceActions,
        { person }: TeamsRecord,
        part: string,
        sending: Sending,
    ): Promise<'accepted' | 'absent'> {
        if (part === 'session') return (await actions.clearSession(person, sending)) ? 'accepted' : 'absent';
        if (part === 'preferred') await actions.clearPreferred(person, sending);
        else await actions.setStatusMessage(person, '', undefined, sending);
        return 'accepted';
    }

    /** A status set by hand gives way to a call that begins, do not disturb excepted. */
    #overrides(record: TeamsRecord): boolean {
        const { own } = record;
        const isKnown = own !== undefined && own.availability !== 'DoNotDisturb' && !record.readTrouble;
        return isKnown && overridesNow(record, this.#options.clock.monotonic());
    }

    #lacksTeams(userId: string): boolean {
        const plans = this.#options.plansOf(userId);
        return plans !== undefined && !plans.includes(teamsPlan);
    }
}
