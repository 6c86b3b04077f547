import { type SyncError, toSyncError } from '../../errors/errors';
import type { PresenceUser } from '../../presence/message';
import type { Held, TeamsLedger } from '../../presence/teams-ledger';
import { isHeld, isSamePair, type TeamsTarget } from '../../presence/teams-states';
import { teamsIdOf } from '../../presence/user-matching';
import type { Clock } from '../../time/clock';
import { Withdrawn } from '../connection/gathered-requests';
import type { PresenceActions, Sending } from './presence-actions';

interface Step {
    /** What of the target it brings about; undefined for what only makes room. */
    part?: keyof TeamsTarget;
    run: () => Promise<void>;
}

/** What became of a change. */
export interface Change {
    /** False if nothing was. */
    written: boolean;
    /** Why the status message could not be written; the rest was. */
    messageRefused?: SyncError;
}

/** Keeps what is held across a restart. Neither `put` nor `remove` may throw. */
export interface HeldStore {
    load(): Promise<Held[]>;
    put(held: Held): void;
    remove(userId: string): void;
}

/** What {@link LeasedPresence} works with. */
export interface LeasedPresenceOptions {
    actions: PresenceActions;
    ledger: TeamsLedger;
    clock: Clock;
    /** Milliseconds. */
    lease: number;
    /** True if a status that the user chose in Teams gives way to a line state. */
    overridesChoice?: boolean;
    store?: HeldStore;
}

/**
 * What we hold in Teams, brought from one state to another with as few actions as it takes, and entered in the ledger
 * before it is sent. Everything is leased (ms).
 */
export class LeasedPresence {
    readonly #actions: PresenceActions;
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #lease: number;
    readonly #overridesChoice: boolean;
    readonly #store: HeldStore | undefined;

    constructor(options: LeasedPresenceOptions) {
        this.#actions = options.actions;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#lease = options.lease;
        this.#overridesChoice = options.overridesChoice ?? false;
        this.#store = options.store;
    }

    /** True if we hold something for the user whose lease has not ended. */
    holds(user: PresenceUser): boolean {
        return isHeld(this.#statesOf(user)[0]!);
    }

    /**
     * Makes us hold exactly the target. After a lost answer it is not known for sure what Teams holds for us: whatever
     * may differ is written.
     * @param signal takes the change back as long as nothing of it was sent
     * @throws Withdrawn, after which nothing has changed; otherwise as {@link PresenceActions}
     */
    async change(user: PresenceUser, wanted: TeamsTarget, signal: AbortSignal): Promise<Change> {
        const id = teamsIdOf(user);
        const states = this.#statesOf(user);
        const target = await this.#withoutMessageOver(user, wanted, states);
        if (signal.aborted) throw new Withdrawn();
        const steps = this.#steps(user, target, states, { priority: 'edge', signal });
        if (steps.length === 0) return { written: false };
        const takeBack = this.#ledger.enter(id, target, this.#clock.monotonic(), this.#lease);
        this.#keep(user);
        const messageRefused = await this.#inOrder(id, steps, { target, held: states[0]!, takeBack }).finally(() =>
            this.#keep(user),
        );
        if (messageRefused) this.#dropMessage(id, target);
        this.#ledger.confirm(id, this.#clock.monotonic(), this.#lease);
        this.#keep(user);
        if (isLess(target, states)) this.#ledger.release(id);
        return messageRefused ? { written: steps.length > 1, messageRefused } : { written: true };
    }

    /**
     * Begins the lease anew; a preferred presence or message that the user has replaced since is given up.
     * @returns false if nothing is held
     */
    async renew(user: PresenceUser, signal: AbortSignal): Promise<boolean> {
        const id = teamsIdOf(user);
        const sending: Sending = { priority: 'renewal', signal };
        const held = this.#ledger.heldFor(id);
        const target = await this.#stillOurs(user, held);
        if (signal.aborted) throw new Withdrawn();
        if (isLess(target, [held])) {
            this.#ledger.enter(id, target, this.#clock.monotonic(), this.#lease);
            this.#ledger.confirm(id, this.#clock.monotonic(), this.#lease);
        }
        const { session, preferred, statusMessage } = target;
        if (preferred) await this.#actions.setPreferred(user, preferred, this.#lease, sending);
        if (session) await this.#actions.setSession(user, session, this.#lease, sending);
        if (statusMessage) {
            const refused = await refusalOf(this.#setMessage(user, statusMessage, sending));
            if (refused) this.#dropMessage(id, target);
        }
        this.#ledger.extend(id, this.#clock.monotonic(), this.#lease);
        this.#keep(user);
        return isHeld(target);
    }

    /** Ends a session that may be left from before this process, unless we hold one by now. */
    async endLeftover(user: PresenceUser): Promise<void> {
        if (this.holds(user)) return;
        await this.#actions.clearSession(user, { priority: 'edge' });
        this.#ledger.release(teamsIdOf(user));
    }

    #statesOf(user: PresenceUser): TeamsTarget[] {
        return this.#ledger.statesOf(teamsIdOf(user), this.#clock.monotonic());
    }

    #steps(user: PresenceUser, target: TeamsTarget, states: TeamsTarget[], sending: Sending): Step[] {
        const steps: Step[] = [];
        const preferred = states.some(state => !isSamePair(state.preferred, target.preferred));
        const session = states.some(state => !isSamePair(state.session, target.session));
        const message = states.some(state => state.statusMessage !== target.statusMessage);
        if (preferred) steps.push(this.#toPreferred(user, target, states, sending));
        else if (session && target.session && !target.preferred && this.#overridesChoice)
            steps.push({ run: () => this.#actions.clearPreferred(user, sending) });
        if (session) steps.push(this.#toSession(user, target, sending));
        // The message comes last: if it is refused the rest stands.
        if (message) steps.push(this.#toMessage(user, target, states, sending));
        return steps;
    }

    #toPreferred(user: PresenceUser, { preferred }: TeamsTarget, states: TeamsTarget[], sending: Sending): Step {
        const run = preferred
            ? () => this.#actions.setPreferred(user, preferred, this.#lease, sending)
            : () => this.#takeBackPreferred(user, states, sending);
        return { part: 'preferred', run };
    }

    #toSession(user: PresenceUser, { session }: TeamsTarget, sending: Sending): Step {
        const run = session
            ? () => this.#actions.setSession(user, session, this.#lease, sending)
            : () => this.#actions.clearSession(user, sending);
        return { part: 'session', run };
    }

    #toMessage(user: PresenceUser, { statusMessage }: TeamsTarget, states: TeamsTarget[], sending: Sending): Step {
        const run = statusMessage
            ? () => this.#setMessage(user, statusMessage, sending)
            : () => this.#takeBackMessage(user, states, sending);
        return { part: 'statusMessage', run };
    }

    #setMessage(user: PresenceUser, text: string, sending: Sending): Promise<void> {
        return this.#actions.setStatusMessage(user, text, this.#clock.date() + this.#lease, sending);
    }

    /**
     * The steps of a user keep their order: each begins when the one before was answered.
     * @returns why the message was refused, if it was
     */
    async #inOrder(
        id: string,
        steps: Step[],
        { target, held, takeBack }: { target: TeamsTarget; held: TeamsTarget; takeBack: () => void },
    ): Promise<SyncError | undefined> {
        const accepted = new Set<keyof TeamsTarget>();
        for (const [index, { part, run }] of steps.entries()) {
            try {
                await run();
                if (part) accepted.add(part);
            } catch (thrown) {
                if (thrown instanceof Withdrawn && index === 0) takeBack();
                if (thrown instanceof Withdrawn || toSyncError(thrown).retryable) throw thrown;
                if (part === 'statusMessage') return toSyncError(thrown);
                const kept = keptOf(target, held, accepted);
                this.#ledger.refuse(id, kept, this.#clock.monotonic(), this.#lease);
                throw thrown;
            }
        }
        return undefined;
    }

    /** A message that was refused is not ours; one that could not be taken back ends with its lease. */
    #dropMessage(id: string, { statusMessage: _, ...rest }: TeamsTarget): void {
        this.#ledger.refuse(id, rest, this.#clock.monotonic(), this.#lease);
    }

    /** The field is the one that the user's own choice lives in: cleared only while it still holds what we set. */
    async #takeBackPreferred(user: PresenceUser, states: TeamsTarget[], sending: Sending): Promise<void> {
        const ours = states.flatMap(({ preferred }) => preferred ?? []);
        if (await this.#actions.showsPreferred(user, ours, 'edge')) await this.#actions.clearPreferred(user, sending);
    }

    /** The same holds for the message: cleared only while it is ours. */
    async #takeBackMessage(user: PresenceUser, states: TeamsTarget[], sending: Sending): Promise<void> {
        const shown = await this.#actions.shown(user, sending.priority);
        if (!shown?.statusMessage || !states.some(state => state.statusMessage === shown.statusMessage)) return;
        await this.#actions.setStatusMessage(user, '', undefined, sending);
    }

    /** The target without its message where the user wrote one of their own. */
    async #withoutMessageOver(user: PresenceUser, target: TeamsTarget, states: TeamsTarget[]): Promise<TeamsTarget> {
        const { statusMessage, ...rest } = target;
        if (!statusMessage || states.every(state => state.statusMessage === statusMessage)) return target;
        let shown: string | undefined;
        // Where it cannot be read whose message is shown, it is left alone.
        const refused = await refusalOf(
            this.#actions.shown(user, 'edge').then(presence => {
                shown = presence?.statusMessage;
            }),
        );
        if (refused) return rest;
        const isOurs = states.some(state => state.statusMessage === shown);
        return shown === undefined || shown === statusMessage || isOurs ? target : rest;
    }

    async #stillOurs(user: PresenceUser, held: TeamsTarget): Promise<TeamsTarget> {
        const { session, preferred, statusMessage } = held;
        const isPreferred = preferred && (await this.#actions.showsPreferred(user, [preferred], 'renewal'));
        const shown = statusMessage && (await this.#actions.shown(user, 'renewal'))?.statusMessage;
        return {
            ...(session ? { session } : {}),
            ...(isPreferred ? { preferred } : {}),
            ...(statusMessage && (!shown || shown === statusMessage) ? { statusMessage } : {}),
        };
    }

    #keep(user: PresenceUser): void {
        const userId = teamsIdOf(user);
        const claims = this.#ledger.claimsOf(userId, this.#clock);
        if (claims.length > 0) this.#store?.put({ userId, displayName: user.displayName, claims });
        else this.#store?.remove(userId);
    }
}

/** After a refusal: what was accepted before it, and what was to stay. What could not be taken back is not held on to. */
function keptOf(target: TeamsTarget, held: TeamsTarget, accepted: ReadonlySet<keyof TeamsTarget>): TeamsTarget {
    const { session, preferred, statusMessage } = target;
    const keepsSession = accepted.has('session') || isSamePair(held.session, session);
    const keepsPreferred = accepted.has('preferred') || isSamePair(held.preferred, preferred);
    return {
        ...(session && keepsSession ? { session } : {}),
        ...(preferred && keepsPreferred ? { preferred } : {}),
        ...(statusMessage && held.statusMessage === statusMessage ? { statusMessage } : {}),
    };
}

/** Why the action was refused for good; undefined if it was not. Rejects with what passes by itself. */
async function refusalOf(action: Promise<void>): Promise<SyncError | undefined> {
    try {
        await action;
        return undefined;
    } catch (thrown) {
        if (thrown instanceof Withdrawn || toSyncError(thrown).retryable) throw thrown;
        return toSyncError(thrown);
    }
}

/** True if something that may have been held is not in the target. */
function isLess(target: TeamsTarget, states: TeamsTarget[]): boolean {
    return states.some(
        state =>
            (state.session && !isSamePair(state.session, target.session)) ||
            (state.preferred && !isSamePair(state.preferred, target.preferred)) ||
            (state.statusMessage !== undefined && state.statusMessage !== target.statusMessage),
    );
}
