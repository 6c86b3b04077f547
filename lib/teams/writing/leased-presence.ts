import type { PresenceUser } from '../../presence/message';
import { isHeld, type TeamsLedger } from '../../presence/teams-ledger';
import { isSamePair, type TeamsTarget } from '../../presence/teams-states';
import type { Clock } from '../../support/clock';
import { toSyncError } from '../../support/errors';
import type { PresenceActions } from './presence-actions';

type Step = () => Promise<void>;

/**
 * What we hold in Teams, brought from one state to another with as few actions as it takes, and entered in the ledger
 * before it is sent. Everything is leased (ms).
 */
export class LeasedPresence {
    readonly #actions: PresenceActions;
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #lease: number;

    constructor(options: { actions: PresenceActions; ledger: TeamsLedger; clock: Clock; lease: number }) {
        this.#actions = options.actions;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#lease = options.lease;
    }

    /** True if we hold something for the user whose lease has not ended. */
    holds(user: PresenceUser): boolean {
        return isHeld(this.#statesOf(user)[0]!);
    }

    /**
     * Makes us hold exactly the target. After a lost answer it is not known for sure what Teams holds for us: whatever
     * may differ is written.
     * @returns false if nothing had to be written
     */
    async change(user: PresenceUser, target: TeamsTarget): Promise<boolean> {
        const id = idOf(user);
        const states = this.#statesOf(user);
        const session = states.some(state => !isSamePair(state.session, target.session));
        const preferred = states.some(state => !isSamePair(state.preferred, target.preferred));
        if (!session && !preferred) return false;
        this.#ledger.enter(id, target, this.#clock.now(), this.#lease);
        const steps = [
            ...(preferred ? this.#toPreferred(user, target, states) : []),
            ...(session ? this.#toSession(user, target) : []),
        ];
        await this.#inOrder(steps, reached => this.#refused(id, target, states[0]!, reached));
        this.#ledger.confirm(id, this.#clock.now(), this.#lease);
        const hadSession = session && states.some(state => state.session);
        const hadPreferred = preferred && states.some(state => state.preferred);
        if (hadSession || hadPreferred) this.#ledger.release(id);
        return true;
    }

    /** Begins the lease anew; a preferred presence that the user has replaced since is given up. */
    async renew(user: PresenceUser): Promise<void> {
        const id = idOf(user);
        const { session, preferred } = this.#ledger.heldFor(id);
        if (preferred && (await this.#actions.showsPreferred(user, [preferred], 'renewal'))) {
            await this.#actions.setPreferred(user, preferred, this.#lease, 'renewal');
        } else if (preferred) {
            this.#ledger.enter(id, session ? { session } : {}, this.#clock.now(), this.#lease);
            this.#ledger.confirm(id, this.#clock.now(), this.#lease);
        }
        if (session) await this.#actions.setSession(user, session, this.#lease, 'renewal');
        this.#ledger.extend(id, this.#clock.now(), this.#lease);
    }

    /** Ends a session that may be left from before this process, unless we hold one by now. */
    async endLeftover(user: PresenceUser): Promise<void> {
        if (this.holds(user)) return;
        await this.#actions.clearSession(user);
        this.#ledger.release(idOf(user));
    }

    #statesOf(user: PresenceUser): TeamsTarget[] {
        return this.#ledger.statesOf(idOf(user), this.#clock.now());
    }

    #toPreferred(user: PresenceUser, { preferred }: TeamsTarget, states: TeamsTarget[]): Step[] {
        if (preferred) return [() => this.#actions.setPreferred(user, preferred, this.#lease, 'edge')];
        return [() => this.#takeBackPreferred(user, states)];
    }

    #toSession(user: PresenceUser, { session }: TeamsTarget): Step[] {
        if (session) return [() => this.#actions.setSession(user, session, this.#lease, 'edge')];
        return [() => this.#actions.clearSession(user)];
    }

    async #inOrder(steps: Step[], onRefused: (reached: boolean) => void): Promise<void> {
        for (const [index, step] of steps.entries()) {
            try {
                await step();
            } catch (thrown) {
                if (!toSyncError(thrown).retryable) onRefused(index > 0);
                throw thrown;
            }
        }
    }

    /** What was to be taken back and could not be is not held on to either: it ends with its lease. */
    #refused(id: string, target: TeamsTarget, held: TeamsTarget, reached: boolean): void {
        const kept: TeamsTarget = {
            ...(held.session && isSamePair(held.session, target.session) ? { session: held.session } : {}),
            ...(held.preferred && isSamePair(held.preferred, target.preferred) ? { preferred: held.preferred } : {}),
        };
        this.#ledger.refuse(id, { kept, reached }, this.#clock.now(), this.#lease);
    }

    /** The field is the one that the user's own choice lives in: cleared only while it still holds what we set. */
    async #takeBackPreferred(user: PresenceUser, states: TeamsTarget[]): Promise<void> {
        const ours = states.flatMap(({ preferred }) => preferred ?? []);
        if (await this.#actions.showsPreferred(user, ours, 'edge')) await this.#actions.clearPreferred(user);
    }
}

function idOf(user: PresenceUser): string {
    return user.teams?.id ?? '';
}
