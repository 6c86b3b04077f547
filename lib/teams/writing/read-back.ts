import type { PresenceUser } from '../../presence/message';
import type { TeamsLedger } from '../../presence/teams-ledger';
import { explains, rankOf, type TeamsTarget } from '../../presence/teams-states';
import { teamsIdOf } from '../../presence/user-matching';
import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';
import { appearOffline } from './presence-actions';

/** Why something that Teams has accepted does not show; each is told to an administrator in words. */
export type HiddenReason =
    /** The user has chosen another status in Teams, which outranks every session. */
    | 'set-by-hand'
    /** The user has chosen to appear offline. */
    | 'appears-offline'
    /** The user is in Do not disturb, or is presenting. */
    | 'do-not-disturb'
    /** Another stronger state of the user. */
    | 'stronger'
    /** The user has no Teams licence. */
    | 'no-licence'
    /** Teams says nothing of the user, or nothing that explains it. */
    | 'unknown';

/** What was written and does not show. */
export interface Hidden {
    user: PresenceUser;
    reason: HiddenReason;
    written: TeamsPair;
    shown: TeamsPair | undefined;
}

/** After a write Graph is trusted to show its effect once this many ms have passed. */
const settling = 1_500;
/** Users who are looked at within this many ms share one read. */
const gathering = 1_000;
/** A read that failed is repeated once after this many ms. */
const pauseAfterFailure = 30_000;

/** The service plan of Teams itself. @see https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference */
const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';

/** True for a user whose plans are known and who has none for Teams. */
export function lacksTeams(plans: readonly string[] | undefined): boolean {
    return plans !== undefined && !plans.includes(teamsPlan);
}

/** Reads each user once after a write, many at a time, and tells of whom Teams does not show what it has accepted. */
export class ReadBack {
    readonly #read: (ids: readonly string[]) => Promise<Map<string, TeamsPresence>>;
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #plansOf: (userId: string) => readonly string[] | undefined;
    readonly #onHidden: (hidden: Hidden) => void;
    readonly #deadlines: DeadlineQueue;
    readonly #users = new Map<string, PresenceUser>();
    #stopped = false;

    /** @param options.plansOf ids of a user's enabled service plans; undefined where they are not known */
    constructor(options: {
        read: (ids: readonly string[]) => Promise<Map<string, TeamsPresence>>;
        ledger: TeamsLedger;
        clock: Clock;
        plansOf?: (userId: string) => readonly string[] | undefined;
        onHidden: (hidden: Hidden) => void;
    }) {
        this.#read = options.read;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#plansOf = options.plansOf ?? (() => undefined);
        this.#onHidden = options.onHidden;
        this.#deadlines = new DeadlineQueue({ clock: options.clock, onDue: () => this.#lookNow(), step: gathering });
    }

    /** Something was written for the user just now. */
    look(user: PresenceUser): void {
        if (!this.#stopped) this.#lookAfter(user, settling);
    }

    stop(): void {
        this.#stopped = true;
        this.#deadlines.stop();
        this.#users.clear();
    }

    #lookAfter(user: PresenceUser, delay: number): void {
        const id = teamsIdOf(user);
        this.#users.set(id, user);
        this.#deadlines.set(id, this.#clock.monotonic() + delay);
    }

    #lookNow(): void {
        const users = this.#deadlines.takeDue().flatMap(id => this.#users.get(id) ?? []);
        for (const user of users) this.#users.delete(teamsIdOf(user));
        if (users.length === 0) return;
        const begun = this.#clock.monotonic();
        this.#read(users.map(teamsIdOf)).then(
            presences => {
                for (const user of users) this.#judge(user, presences.get(teamsIdOf(user)), begun);
            },
            () => {
                for (const user of users) if (!this.#isAwaited(user)) this.#lookAgain(user);
            },
        );
    }

    #isAwaited(user: PresenceUser): boolean {
        return this.#deadlines.has(teamsIdOf(user));
    }

    #lookAgain(user: PresenceUser): void {
        if (!this.#stopped) this.#lookAfter(user, pauseAfterFailure);
    }

    #judge(user: PresenceUser, shown: TeamsPresence | undefined, begun: number): void {
        const id = teamsIdOf(user);
        const held = this.#ledger.heldFor(id);
        const written = held.preferred ?? held.session;
        // A later write is looked at for itself.
        if (this.#stopped || !written || this.#ledger.changedAt(id) + settling > begun) return;
        const reason = reasonOf(held, written, shown, this.#plansOf(id));
        if (reason) this.#onHidden({ user, reason, written, shown });
    }
}

/** Undefined for what shows, and for what cannot show yet since nobody is signed in. */
function reasonOf(
    held: TeamsTarget,
    written: TeamsPair,
    shown: TeamsPresence | undefined,
    plans: readonly string[] | undefined,
): HiddenReason | undefined {
    if (!shown || shown.availability === 'PresenceUnknown') {
        return lacksTeams(plans) ? 'no-licence' : 'unknown';
    }
    if (explains(held, shown)) return undefined;
    if (shown.availability === 'Offline') {
        if (shown.activity === appearOffline) return 'appears-offline';
        return held.preferred ? undefined : 'unknown';
    }
    if (held.preferred || rankOf(shown.availability) <= rankOf(written.availability)) return 'set-by-hand';
    return shown.availability === 'DoNotDisturb' ? 'do-not-disturb' : 'stronger';
}
