import type { PresenceUser } from '../../presence/message';
import type { TeamsLedger } from '../../presence/teams-ledger';
import { teamsIdOf } from '../../presence/user-matching';
import type { Clock, Timer } from '../../time/clock';

/** What is held from before a restart is taken back if nobody has said anything of the user for this many ms. */
const grace = 5 * 60_000;

/**
 * Goes on with what the ledger holds: from before a redeploy it is renewed. What is held from before a restart may no
 * longer apply: it is renewed once a wish says so, and taken back if none comes within some minutes.
 */
export class AdoptedHoldings {
    readonly #ledger: TeamsLedger;
    readonly #clock: Clock;
    readonly #renew: (user: PresenceUser) => void;
    readonly #takeBack: (user: PresenceUser) => void;
    #timer: Timer | undefined;

    constructor(options: {
        ledger: TeamsLedger;
        clock: Clock;
        renew: (user: PresenceUser) => void;
        takeBack: (user: PresenceUser) => void;
    }) {
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#renew = options.renew;
        this.#takeBack = options.takeBack;
    }

    adopt(users: Iterable<PresenceUser>): void {
        const doubtful: PresenceUser[] = [];
        for (const user of users) {
            if (this.#isRestored(user)) doubtful.push(user);
            // Spread as they were: all at once would be one long queue.
            else this.#renew(user);
        }
        if (doubtful.length === 0) return;
        this.#clock.cancel(this.#timer);
        this.#timer = this.#clock.after(grace, () => {
            for (const user of doubtful) if (this.#isRestored(user)) this.#takeBack(user);
        });
    }

    /** May be called twice. */
    stop(): void {
        this.#clock.cancel(this.#timer);
    }

    #isRestored(user: PresenceUser): boolean {
        return this.#ledger.isRestored(teamsIdOf(user));
    }
}
