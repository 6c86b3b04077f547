import type { TeamsPair } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from './deadline-queue';
import {
    aggregate,
    dropExpired,
    inACall,
    nextDeadline,
    type OutOfOffice,
    type UserPresence,
    type WorkLocation,
} from './user-presence';

/** A user's note as Graph shows it; times are milliseconds since the epoch. */
export interface StatusMessage {
    content: string;
    published: number;
    expires: number | undefined;
}

/**
 * The presence service: what each user's Teams client, each app and the user's own preference say, and what becomes
 * of it. Users start signed in and available. All ids are lower case; an unknown id throws.
 */
export class PresenceModel {
    readonly #clock: Clock;
    readonly #users = new Map<string, UserPresence>();
    readonly #onChange: (id: string, presence: TeamsPair) => void;
    readonly #deadlines: DeadlineQueue;
    #order = 0;
    #sequence = 0;

    /** @param options.onChange called after each change of what a user shows */
    constructor(options: { clock: Clock; ids: Iterable<string>; onChange: (id: string, presence: TeamsPair) => void }) {
        this.#clock = options.clock;
        this.#onChange = options.onChange;
        this.#deadlines = new DeadlineQueue(options.clock, id => this.#refresh(id));
        for (const id of options.ids) this.#users.set(id, this.#newUser());
    }

    /** Lets leases end and sessions fade from now on, beginning with those that are overdue. */
    start(): void {
        this.#deadlines.start();
    }

    /** Holds no timer from now on; forgets nothing. */
    stop(): void {
        this.#deadlines.stop();
    }

    /** A user with presence from now on; harmless for one who has it. */
    add(id: string): void {
        if (!this.#users.has(id)) this.#users.set(id, this.#newUser());
    }

    /** Forgets everything about a user, without a word to anybody. */
    remove(id: string): void {
        this.#users.delete(id);
        this.#deadlines.set(id, undefined);
    }

    has(id: string): boolean {
        return this.#users.has(id);
    }

    presenceOf(id: string): TeamsPair {
        return { ...aggregate(this.#user(id), this.#clock.monotonic()) };
    }

    /** Grows with every change of what any user shows; sorts as text. */
    sequenceOf(id: string): string {
        return String(this.#user(id).sequence).padStart(16, '0');
    }

    /** What the user's own Teams client says; undefined is signed out. */
    setClient(id: string, pair: TeamsPair | undefined): void {
        this.#user(id).client = pair && { pair: { ...pair }, order: ++this.#order };
        this.#refresh(id);
    }

    /** A call lies over what the client says otherwise, until it ends. */
    setInCall(id: string, active: boolean): void {
        const user = this.#user(id);
        if (Boolean(user.call) === active) return;
        user.call = active ? { pair: inACall, order: ++this.#order } : undefined;
        this.#refresh(id);
    }

    /** The app's session for the user, one per app; `duration` in milliseconds. */
    setSession(id: string, app: string, pair: TeamsPair, duration: number): void {
        const now = this.#clock.monotonic();
        const session = { pair: { ...pair }, order: ++this.#order, since: now, expires: now + duration };
        this.#user(id).sessions.set(app, session);
        this.#refresh(id);
    }

    /** False if the app has no session for the user (any more). */
    clearSession(id: string, app: string): boolean {
        const user = this.#user(id);
        dropExpired(user, this.#clock.monotonic());
        const existed = user.sessions.delete(app);
        this.#refresh(id);
        return existed;
    }

    /** The user's preferred presence; `duration` in milliseconds. */
    setPreferred(id: string, pair: TeamsPair, duration: number): void {
        this.#user(id).preferred = { pair: { ...pair }, expires: this.#clock.monotonic() + duration };
        this.#refresh(id);
    }

    clearPreferred(id: string): void {
        this.#user(id).preferred = undefined;
        this.#refresh(id);
    }

    setStatusMessage(id: string, content: string, expires: number | undefined): void {
        const message = { content, published: this.#clock.date(), expires };
        this.#user(id).statusMessage = content === '' ? undefined : message;
    }

    statusMessageOf(id: string): StatusMessage | undefined {
        const message = this.#user(id).statusMessage;
        const ended = message?.expires !== undefined && message.expires <= this.#clock.date();
        return ended ? undefined : message;
    }

    outOfOfficeOf(id: string): OutOfOffice {
        return { ...this.#user(id).outOfOffice };
    }

    /** The automatic reply of the mailbox; it changes nothing of availability and activity. */
    setOutOfOffice(id: string, settings: OutOfOffice): void {
        this.#user(id).outOfOffice = { ...settings };
    }

    workLocationOf(id: string): WorkLocation {
        return { ...this.#user(id).workLocation };
    }

    setWorkLocation(id: string, location: WorkLocation): void {
        this.#user(id).workLocation = { ...location };
    }

    #refresh(id: string): void {
        const user = this.#user(id);
        const now = this.#clock.monotonic();
        dropExpired(user, now);
        this.#deadlines.set(id, nextDeadline(user, now));
        const shown = aggregate(user, now);
        if (shown.availability === user.shown.availability && shown.activity === user.shown.activity) return;
        user.shown = shown;
        user.sequence = ++this.#sequence;
        this.#onChange(id, { ...shown });
    }

    #user(id: string): UserPresence {
        const user = this.#users.get(id);
        if (!user) throw new Error(`The simulated tenant has no Teams user ${id}`);
        return user;
    }

    #newUser(): UserPresence {
        const pair = { availability: 'Available', activity: 'Available' };
        return {
            client: { pair, order: 0 },
            call: undefined,
            sessions: new Map(),
            preferred: undefined,
            statusMessage: undefined,
            outOfOffice: { isOutOfOffice: false, message: null },
            workLocation: { workLocationType: 'unspecified', source: 'none', placeId: null },
            shown: pair,
            sequence: 0,
        };
    }
}
