import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SyncError } from '../../errors/errors';
import type { Clock } from '../../time/clock';
import type { TeamsChange } from './following';
import { notificationEndpoint } from './notifications/notification-endpoint';
import { itemsOf, parseNotification } from './notifications/notification-item';
import type { TeamsRegistration } from './teams-registration';

interface Events {
    /** A notification has told this, or has set off the read that found it. */
    change: [TeamsChange];
    /** So many bodies were refused since the last event, the last of them for this reason; once a minute at most. */
    refused: [count: number, reason: string];
    /** By so many ms our clock is behind Microsoft's, or ahead if negative; 0 once it is right again. */
    clock: [behind: number];
}

/** What is refused is told this often, in ms, however much of it arrives. */
const refusalInterval = 60_000;

/** The place where the notifications of an app registration arrive, and what they say of the people who are followed. */
export class PresenceReceiver extends EventEmitter<Events> {
    readonly #registration: TeamsRegistration;
    readonly #clock: Clock;
    readonly #stopping = new AbortController();
    readonly #onChange = (change: TeamsChange): void => {
        if (change.via === 'notification') this.emit('change', change);
    };
    readonly #onClock = (behind: number): void => void this.emit('clock', behind);
    readonly #onRefused = (reason: string): void => this.#refused(reason);
    #refusals = 0;
    #toldAt = Number.NEGATIVE_INFINITY;

    constructor(registration: TeamsRegistration, clock: Clock) {
        super();
        this.#registration = registration;
        this.#clock = clock;
    }

    /**
     * Waits until no other receiver serves the registration. Rejects once it is stopped.
     * @param onTaken called at once if another one does
     */
    async take(onTaken: () => void): Promise<void> {
        const { signal } = this.#stopping;
        const free = await this.#registration.places.receiver.take({ onWait: onTaken, signal });
        signal.addEventListener('abort', free);
    }

    /** Answers Microsoft's requests. @param page the text for a browser */
    endpoint(page: () => string): (request: IncomingMessage, response: ServerResponse) => void {
        return notificationEndpoint(this.#registration.notifications, page);
    }

    /** Has notifications sent to this address from now on, to which {@link endpoint} listens. */
    open(url: string): void {
        if (this.#stopping.signal.aborted) return;
        const { notifications, following } = this.#registration;
        notifications.on('refused', this.#onRefused).on('clock', this.#onClock);
        following.on('change', this.#onChange);
        this.#stopping.signal.addEventListener('abort', () => {
            notifications.off('refused', this.#onRefused).off('clock', this.#onClock).close();
            following.off('change', this.#onChange);
        });
        notifications.open(url);
    }

    /**
     * Takes a notification that came another way; resolves when it is worked on.
     * @throws SyncError TEAMS_NOTIFICATION_EXPECTED, TEAMS_NOTIFICATIONS_FULL
     */
    async receive(payload: unknown): Promise<void> {
        const body = parseNotification(payload);
        if (!itemsOf(body)) throw new SyncError('TEAMS_NOTIFICATION_EXPECTED');
        const { full, done } = this.#registration.notifications.receive(body);
        await done;
        if (full) throw new SyncError('TEAMS_NOTIFICATIONS_FULL');
    }

    /** May be called twice. */
    stop(): void {
        this.#stopping.abort(new SyncError('NODE_STOPPED'));
    }

    #refused(reason: string): void {
        this.#refusals += 1;
        const now = this.#clock.monotonic();
        if (now - this.#toldAt < refusalInterval) return;
        this.#toldAt = now;
        this.emit('refused', this.#refusals, reason);
        this.#refusals = 0;
    }
}
