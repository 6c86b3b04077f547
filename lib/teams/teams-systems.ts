import { isDeepStrictEqual } from 'node:util';
import type { Journal } from '../presence/journal';
import { RateBudget } from '../support/rate-budget';
import type { ClaimBook } from '../sync/logged-claims';
import type { Clock, Timer } from '../time/clock';
import type { Continuity } from '../time/continuity';
import { limitOf, type RegistrationSettings } from './connection/graph-access';
import type { TeamsRegistration } from './reading/teams-registration';
import { TeamsSystem } from './teams-system';

/** A registration and the system that it leads to, until it is released. */
export interface TeamsUse {
    system: TeamsSystem;
    registration: TeamsRegistration;
    /**
     * May be called twice.
     * @param forGood no deploy follows that could go on with it
     */
    release(forGood?: boolean): Promise<void>;
}

/** A registration that is used, or was a moment ago. */
interface Entry {
    key: string;
    owner: string;
    store: ClaimBook['store'] | undefined;
    system: TeamsSystem;
    registration: TeamsRegistration;
    uses: number;
    timer?: Timer;
}

/**
 * A registration that is not used any more ends after this time, in ms. A deploy, which may take 15 s to close all nodes,
 * takes it up again if it has not changed it.
 */
const grace = 60_000;

/** The systems of a process: one for each tenant of a cloud. They outlive deploys that do not change them. */
export class TeamsSystems {
    readonly #clock: Clock;
    readonly #continuity: Continuity;
    readonly #entries = new Set<Entry>();
    readonly #journal: Journal | undefined;
    readonly #budgets = new Map<string, RateBudget>();

    /** @param continuity of the same clock @param journal of all decisions */
    constructor(clock: Clock, continuity: Continuity, journal?: Journal) {
        this.#clock = clock;
        this.#journal = journal;
        this.#continuity = continuity;
    }

    /**
     * The system of a tenant, through a registration of its own for each owner. With the same settings as before it is
     * the same registration.
     * @param store where it is written down what is set, for the next process; with another one it is another system, for
     *   the former was closed
     */
    take(owner: string, settings: RegistrationSettings, store?: ClaimBook['store']): TeamsUse {
        const entry = this.#find(owner, settings, store) ?? this.#create(owner, settings, store);
        this.#clock.cancel(entry.timer);
        entry.uses += 1;
        let isReleased = false;
        const release = async (forGood = false): Promise<void> => {
            if (isReleased) return;
            isReleased = true;
            entry.uses -= 1;
            if (entry.uses > 0) return;
            if (forGood) await this.#end(entry);
            else entry.timer = this.#clock.after(grace, () => this.#end(entry).catch(() => {}));
        };
        return { system: entry.system, registration: entry.registration, release };
    }

    /** The systems that are used, or were a moment ago, each once: with the key that the journal names it by. */
    *all(): Iterable<{ id: string; name: string; system: TeamsSystem }> {
        const known = new Set<TeamsSystem>();
        for (const { key, registration, system } of this.#entries) {
            if (!known.has(system)) yield { id: key, name: registration.settings.tenant, system };
            known.add(system);
        }
    }

    #find(owner: string, settings: RegistrationSettings, store: Entry['store']): Entry | undefined {
        return [...this.#entries].find(
            entry =>
                entry.owner === owner &&
                entry.store === store &&
                isDeepStrictEqual(entry.registration.settings, settings),
        );
    }

    #create(owner: string, settings: RegistrationSettings, store: Entry['store']): Entry {
        const { graphUrl, tenant } = settings;
        const key = `${graphUrl} ${tenant}`.toLowerCase();
        const sibling = [...this.#entries].find(entry => entry.key === key && entry.store === store);
        const shared = { clock: this.#clock, continuity: this.#continuity, journal: this.#journal };
        const book: ClaimBook | undefined = store && { store, side: 'teams', system: key };
        const system = sibling?.system ?? new TeamsSystem({ ...shared, book });
        const registration = system.register(settings, this.#budgetOf(key, settings));
        const entry = { key, owner, store, system, registration, uses: 0 };
        this.#entries.add(entry);
        return entry;
    }

    async #end(entry: Entry): Promise<void> {
        this.#entries.delete(entry);
        await entry.system.unregister(entry.registration);
    }

    /**
     * One budget for all nodes with the same app registration, also across deploys and stops: Microsoft counts the
     * presence calls of an app in a tenant, and goes on counting while we start again.
     */
    #budgetOf(system: string, settings: RegistrationSettings): RateBudget {
        const limit = limitOf(settings);
        const key = `${system} ${settings.clientId.toLowerCase()} ${limit.requests}`;
        const budget = this.#budgets.get(key) ?? new RateBudget(limit, this.#clock);
        this.#budgets.set(key, budget);
        return budget;
    }
}
