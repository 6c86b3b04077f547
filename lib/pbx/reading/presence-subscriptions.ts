import { SyncError, toSyncError } from '../../errors/errors';
import { entriesOf } from '../../presence/pbx-list';
import type { Clock, Timer } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { type Frame, failureOf } from '../connection/frame';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import { RequestWindow } from '../connection/request-window';
import type { PbxUser } from '../users/user-row';
import type { PresenceReader } from './presence-reader';

/** Requests that may be on their way at once: the PBX answers in order, and 10,000 users take a few seconds. */
const windowSize = 128;
/** Milliseconds until users are asked for again whom the PBX has refused or left unanswered: the reason may have passed. */
const retryPolicy = { first: 60_000, factor: 2, longest: 15 * 60_000, jitter: 0 };

interface SubscriptionsUse {
    reader: Pick<PresenceReader, 'receive'>;
    /** A list of the user has come. */
    heard(guid: string): void;
    /** {@link SessionSubscriptions.refused} or {@link SessionSubscriptions.unheard} are others. */
    changed(): void;
    clock: Clock;
}

interface Subscription {
    /** As the user was when it was made. */
    readonly user: PbxUser;
    readonly src: string;
    /** A list has come. */
    isHeard: boolean;
}

/** One presence subscription per user, at the PBX where the user is homed. */
export class PresenceSubscriptions {
    readonly #links: Pick<PbxLinks, 'home'>;
    readonly #use: SubscriptionsUse;
    readonly #sessions = new Map<PbxSession, SessionSubscriptions>();
    readonly #places = new Map<string, SessionSubscriptions>();

    constructor(links: Pick<PbxLinks, 'home'>, use: SubscriptionsUse) {
        this.#links = links;
        this.#use = use;
    }

    /** All that is subscribed, by connection. */
    get sessions(): Iterable<SessionSubscriptions> {
        return this.#sessions.values();
    }

    /** A new connection: nothing is subscribed there yet. */
    begin(session: PbxSession): void {
        this.#sessions.set(session, new SessionSubscriptions(session, this.#use));
    }

    /** The connection is over, and all its subscriptions with it. */
    end(session: PbxSession): void {
        const ended = this.#sessions.get(session);
        this.#sessions.delete(session);
        ended?.end();
        for (const [guid, place] of this.#places) if (place === ended) this.#places.delete(guid);
    }

    /**
     * Subscribes the user where they are homed now, and no longer where they were; nothing where that is so already, or
     * where that PBX is not connected. Resolves when the PBX has answered; never rejects.
     */
    async follow(user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        const home = this.#links.home(user.pbx.loc);
        const place = home && this.#sessions.get(home);
        const former = this.#places.get(guid);
        if (former === place && (!place || place.has(user))) return;
        former?.unfollow(guid);
        if (!place) {
            this.#places.delete(guid);
            return;
        }
        this.#places.set(guid, place);
        await place.follow(user);
    }

    unfollow(guid: string): void {
        this.#places.get(guid)?.unfollow(guid);
        this.#places.delete(guid);
    }
}

/**
 * The presence subscriptions at one PBX over one connection. An update names no user, so each has its own `src`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
class SessionSubscriptions {
    readonly session: PbxSession;
    readonly #use: SubscriptionsUse;
    readonly #retries = new RetrySchedule(retryPolicy);
    readonly #window = new RequestWindow(windowSize);
    readonly #byGuid = new Map<string, Subscription>();
    /** Why the PBX does not serve a user, by GUID. */
    readonly refused = new Map<string, SyncError>();
    /** GUIDs of the users of whom the PBX tells nothing since the monitor was made or went down, without a refusal. */
    readonly unheard = new Set<string>();
    #timer?: Timer;

    constructor(session: PbxSession, use: SubscriptionsUse) {
        this.session = session;
        this.#use = use;
    }

    /** True if the user has a subscription here, or has been refused one, under the present name. */
    has({ pbx: { guid, name } }: PbxUser): boolean {
        return this.#byGuid.get(guid)?.user.pbx.name === name;
    }

    end(): void {
        this.#use.clock.cancel(this.#timer);
    }

    /**
     * Subscribes; resolves when the PBX has answered or the session is over. A refusal is noted, see {@link refused};
     * what concerns all users ends the session.
     */
    async follow(user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        const subscription = { user, src: this.session.newSource(), isHeard: false };
        this.#listen(subscription);
        this.#byGuid.set(guid, subscription);
        this.unheard.add(guid);
        await this.#window.run(() => this.#subscribe(subscription));
    }

    /** Ends the subscription; the PBX's answer does not matter. */
    unfollow(guid: string): void {
        const subscription = this.#byGuid.get(guid);
        const isRefused = this.refused.delete(guid);
        this.#byGuid.delete(guid);
        this.unheard.delete(guid);
        if (!subscription) return;
        this.session.mux.unlisten(subscription.src);
        if (isRefused || this.session.end) return;
        const { user, src } = subscription;
        const request = () => this.session.request('PbxApi', 'UnsubscribePresence', { sip: user.pbx.name }, src);
        this.#window.run(request).catch(() => undefined);
    }

    /** Where the monitor goes down, the last list goes on until the next. */
    #listen(subscription: Subscription): void {
        this.session.mux.listen(subscription.src, frame => {
            if (frame.mt === 'PresenceState') this.#changeState(subscription, frame.up === true);
            if (frame.mt === 'PresenceUpdate') this.#update(subscription, frame);
        });
    }

    /** One that is up again may have no other list to tell than before. */
    #changeState({ user, isHeard }: Subscription, isUp: boolean): void {
        const { guid } = user.pbx;
        if (!isUp) this.unheard.add(guid);
        else if (isHeard) this.unheard.delete(guid);
        this.#use.changed();
    }

    #update(subscription: Subscription, frame: Frame): void {
        const entries = entriesOf(frame.presence);
        if (!entries) return;
        const { user, isHeard } = subscription;
        const { guid } = user.pbx;
        subscription.isHeard = true;
        const [wasUnheard, wasRefused] = [this.unheard.delete(guid), this.refused.delete(guid)];
        if (wasUnheard || wasRefused) this.#use.changed();
        this.#use.reader.receive(guid, entries, !isHeard);
        this.#use.heard(guid);
    }

    async #subscribe(subscription: Subscription): Promise<void> {
        const { user, src } = subscription;
        const { guid } = user.pbx;
        if (this.session.end || this.#byGuid.get(guid) !== subscription) return;
        const refusal = await this.#request(subscription);
        if (this.session.end || subscription.isHeard || this.#byGuid.get(guid) !== subscription) return;
        if (refusal) {
            this.refused.set(guid, refusal);
            this.unheard.delete(guid);
            // An answer that comes late is welcome.
            if (refusal.code !== 'PBX_SILENT') this.session.mux.unlisten(src);
            this.#timer ??= this.#use.clock.after(this.#retries.next(), () => this.#askAgain());
        } else if (this.refused.delete(guid)) {
            this.unheard.add(guid);
        } else return;
        this.#use.changed();
    }

    /** Asks again for the users who are refused. */
    #askAgain(): void {
        this.#timer = undefined;
        if (this.refused.size === 0) this.#retries.reset();
        for (const guid of this.refused.keys()) {
            const subscription = this.#byGuid.get(guid)!;
            this.#listen(subscription);
            void this.#window.run(() => this.#subscribe(subscription));
        }
    }

    async #request({ user, src }: Subscription): Promise<SyncError | undefined> {
        try {
            const { name: sip } = user.pbx;
            const detail = failureOf(await this.session.request('PbxApi', 'SubscribePresence', { sip }, src));
            if (detail === undefined) return undefined;
            return new SyncError('PBX_SUBSCRIPTION_REFUSED', { user: user.displayName, detail });
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (this.session.end) return undefined;
            if (error.code === 'PBX_SILENT') return error;
            this.session.fail(error);
            return undefined;
        }
    }
}
