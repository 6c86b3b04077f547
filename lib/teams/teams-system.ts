import { EventEmitter } from 'node:events';
import type { Journal } from '../presence/journal';
import { Mutex } from '../support/mutex';
import type { RateBudget } from '../support/rate-budget';
import type { ClaimBook } from '../sync/logged-claims';
import type { Clock } from '../time/clock';
import { Continuity, type Interruption } from '../time/continuity';
import { type AccountNeeds, type CheckReport, checkAccount } from './check/check-registration';
import type { RegistrationSettings } from './connection/graph-access';
import type { Account } from './connection/sign-in/registration';
import { TeamsPeople } from './people';
import { type FollowOptions, PresenceFollower } from './reading/presence-follower';
import type { PresenceReader } from './reading/presence-reader';
import { PresenceReceiver } from './reading/presence-receiver';
import { TeamsRegistration } from './reading/teams-registration';
import { TeamsWriter, type WriteSettings } from './teams-writer';
import { DirectoryReader } from './users/directory-reader';
import { WrittenFor } from './users/people-finder';

export type { TeamsChange } from './reading/following';
export type { Delivery, PresenceFollower } from './reading/presence-follower';
export type { PresenceReceiver } from './reading/presence-receiver';
export type { TeamsRegistration } from './reading/teams-registration';
export type { TeamsWriter, WriteSettings } from './teams-writer';

/**
 * One Microsoft 365 tenant of a cloud: its users, what they show, and what we show for them. App registrations are its
 * ways in and out. Emits `gap` when the service was away and everything must be read again.
 */
export class TeamsSystem extends EventEmitter<{ gap: [] }> {
    readonly directory: DirectoryReader;
    readonly reader: PresenceReader;
    readonly people: TeamsPeople;
    /** Resolves once it is known what an earlier process holds; never rejects. */
    readonly ready: Promise<void>;
    readonly clock: Clock;
    readonly #continuity: Continuity;
    readonly #registrations = new Set<TeamsRegistration>();
    readonly #writtenFor = new WrittenFor();
    /** Of each account of each app registration, whichever node has it: it has one subscription. */
    readonly #accountPlaces = new Map<string, Mutex>();
    #endWatch: () => void = () => {};

    /**
     * @param options.continuity of the same clock; one of its own by default
     * @param options.book where it is written down what is set
     */
    constructor(options: {
        clock: Clock;
        continuity?: Continuity;
        book?: ClaimBook;
        journal?: Journal;
        random?: () => number;
    }) {
        super();
        this.setMaxListeners(0);
        const { clock, continuity = new Continuity(clock), book, journal, random } = options;
        this.clock = clock;
        this.#continuity = continuity;
        this.directory = new DirectoryReader({ clock });
        const { directory } = this;
        this.people = new TeamsPeople({ clock, random, book, journal, directory });
        directory.on('change', ({ added, changed }) => this.people.joined(added, changed));
        this.ready = this.people.restore();
        this.reader = this.people.reader;
    }

    /**
     * A way in and out, until {@link unregister}.
     * @param budget of the same registration, where there is one already
     */
    register(settings: RegistrationSettings, budget?: RateBudget): TeamsRegistration {
        const { clock, reader } = this;
        const registration = new TeamsRegistration({ settings, budget, clock, reader });
        registration.notifications.on('heard', () => this.#continuity.look());
        if (this.#registrations.size === 0)
            this.#endWatch = this.#continuity.watch((...interruption) => this.#interrupted(...interruption));
        this.#registrations.add(registration);
        return registration;
    }

    /** May be called twice. */
    async unregister(registration: TeamsRegistration): Promise<void> {
        this.#registrations.delete(registration);
        if (this.#registrations.size === 0) this.#endWatch();
        if (this.#registrations.size === 0) this.people.stop();
        await registration.stop();
    }

    /** Follows users once it is started. @throws SyncError that names what is missing or wrong */
    follow(registration: TeamsRegistration, options: FollowOptions): PresenceFollower {
        const { directory, ready, clock } = this;
        const placeOf = ({ username }: Account): Mutex => {
            const key = `${registration.settings.clientId} ${username}`.toLowerCase();
            const place = this.#accountPlaces.get(key) ?? new Mutex();
            this.#accountPlaces.set(key, place);
            return place;
        };
        return new PresenceFollower({ ...options, registration, directory, ready, clock, gaps: this, placeOf });
    }

    /** Where the notifications of a registration arrive. */
    receive(registration: TeamsRegistration): PresenceReceiver {
        return new PresenceReceiver(registration, this.clock);
    }

    /** Sets presence, and clears it, once it is started. @throws SyncError that names what is missing */
    writer(registration: TeamsRegistration, settings: WriteSettings): TeamsWriter {
        const { directory, people, ready, clock } = this;
        const parts = { access: registration, directory, people, ready, clock, writtenFor: this.#writtenFor };
        return new TeamsWriter(parts, settings);
    }

    /**
     * Whether communication users may do what following takes: all act through the same registration, so the first that
     * signs in tells it. It uses the sign-in that following uses.
     */
    async check(
        registration: TeamsRegistration,
        accounts: readonly Account[],
        needs: AccountNeeds = {},
    ): Promise<CheckReport> {
        const { settings, http } = registration;
        const asApp = registration.canActAsApp ? registration.tokensOf() : undefined;
        for (const account of accounts) {
            const tokens = registration.tokensOf(account);
            const report = await checkAccount(settings, account, http, { ...needs, tokens, asApp });
            if (report.lines.some(({ id, ok }) => id === 'sign-in' && ok === true)) return report;
        }
        return { ok: true, lines: [] };
    }

    /** The service was away: everything is read again. */
    gap(): void {
        this.directory.refresh();
        this.people.gap();
        this.emit('gap');
    }

    /** The connections may be dead, and notifications were lost. */
    #interrupted(interruption: Interruption, gap: number): void {
        for (const registration of this.#registrations) registration.http.drop();
        this.directory.refresh();
        this.people.interrupted(interruption === 'sleep' ? gap : 0);
        this.emit('gap');
    }
}
