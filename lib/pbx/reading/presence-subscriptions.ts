import { SyncError, toSyncError } from '../../errors/errors';
import { entriesOf } from '../../presence/pbx-list';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { type Frame, failureOf } from '../connection/frame';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import { RequestWindow } from '../connection/pending-requests';
import type { PbxUser } from '../users/user-row';
import type { PresenceReader } from './presence-reader';

/** Requests that may be on their way at once: the PBX answers in order, and 10,000 users take a few seconds. */
const windowSize = 128;
/** Milliseconds until users are asked for again whom the PBX has refused or left unanswered: the reason may have passed. */
const retryPolicy = { first: 60_000, factor: 2, longest: 15 * 60_000, jitter: 0 };

interface SubscriptionsUse {
    links: Pick<PbxLinks, 'home'>;
    reader: Pick<PresenceReader, 'receive'>;
    /** A user is refused or silent, or no longer. */
    changed(): void;
    clock: Clock;
}

/** What one user shows, as the PBX tells it where the user is homed. */
interface Subscription {
    /** As the user was when it was made. */
    readonly user: PbxUser;
    readonly session: PbxSession;
    readonly src: string;
    /** As long as the PBX is asked: resolves when it has answered, or the session is over; never rejects. */
    asked: Promise<void> | undefined;
    /** When the last list has come (monotonic); absent as long as none has. */
    heardAt?: number;
    /** The PBX tells nothing since the monitor was made or went down, without a refusal. */
    isSilent: boolean;
    /** Why the PBX does not serve the user. */
    refusal: SyncError | undefined;
}

/** What the subscriptions over one connection share. */
interface Connection {
    readonly window: RequestWindow;
    readonly retries: RetrySchedule;
    /** Asks again for the users who are refused. */
    readonly again: Alarm;
}

/**
 * One presence subscription per user, at the PBX where the user is homed. An update names no user, so each has its own
 * `src`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PresenceSubscriptions {
    readonly #use: SubscriptionsUse;
    readonly #connections = new Map<PbxSession, Connection>();
    readonly #byGuid = new Map<string, Subscription>();

    constructor(use: SubscriptionsUse) {
        this.#use = use;
    }

    of(guid: string): Readonly<Subscription> | undefined {
        return this.#byGuid.get(guid);
    }

    /** A new connection: nothing is subscribed there yet. */
    begin(session: PbxSession): void {
        this.#connections.set(session, {
            window: new RequestWindow(windowSize),
            retries: new RetrySchedule(retryPolicy),
            again: new Alarm(this.#use.clock, () => this.#askAgain(session)),
        });
    }

    /** The connection is over, and all its subscriptions with it. */
    end(session: PbxSession): void {
        this.#connections.get(session)?.again.stop();
        this.#connections.delete(session);
        for (const [guid, subscription] of this.#byGuid)
            if (subscription.session === session) this.#byGuid.delete(guid);
    }

    /**
     * Subscribes the user where they are homed now, and no longer where they were or under a former name; nothing where
     * that PBX is not connected. Resolves when the PBX has answered; never rejects. What concerns all users ends the session.
     */
    async follow(user: PbxUser): Promise<void> {
        const { guid, name, loc } = user.pbx;
        const session = this.#use.links.home(loc);
        const former = this.#byGuid.get(guid);
        if (former?.session === session && former?.user.pbx.name === name) return former.asked;
        this.unfollow(guid);
        if (!session || !this.#connections.has(session)) return;
        const subscription: Subscription = {
            ...{ user, session, src: session.newSource(), asked: undefined },
            ...{ isSilent: true, refusal: undefined },
        };
        this.#byGuid.set(guid, subscription);
        await this.#ask(subscription);
    }

    /** Ends the subscription; the PBX's answer does not matter. */
    unfollow(guid: string): void {
        const subscription = this.#byGuid.get(guid);
        if (!subscription) return;
        const { user, session, src, refusal } = subscription;
        this.#byGuid.delete(guid);
        session.mux.unlisten(src);
        if (refusal || session.end) return;
        const request = () => session.request('PbxApi', 'UnsubscribePresence', { sip: user.pbx.name }, src);
        this.#connections
            .get(session)
            ?.window.run(request)
            .catch(() => undefined);
    }

    /** What the PBX shows of the user is told anew. */
    renew(guid: string): void {
        const { user } = this.#byGuid.get(guid) ?? {};
        this.unfollow(guid);
        if (user) void this.follow(user);
    }

    /** Where the monitor goes down, the last list goes on until the next. */
    async #ask(subscription: Subscription): Promise<void> {
        const { session, src } = subscription;
        session.mux.listen(src, frame => {
            if (frame.mt === 'PresenceState') this.#changeState(subscription, frame.up === true);
            if (frame.mt === 'PresenceUpdate') this.#update(subscription, frame);
        });
        const asked = this.#connections.get(session)!.window.run(() => this.#subscribe(subscription));
        subscription.asked = asked;
        await asked;
        if (subscription.asked === asked) subscription.asked = undefined;
    }

    /** One that is up again may have no other list to tell than before. */
    #changeState(subscription: Subscription, isUp: boolean): void {
        if (!isUp) subscription.isSilent = true;
        else if (subscription.heardAt !== undefined) subscription.isSilent = false;
        this.#use.changed();
    }

    #update(subscription: Subscription, { presence }: Frame): void {
        const entries = entriesOf(presence);
        if (!entries) return;
        const { user, heardAt, isSilent, refusal } = subscription;
        Object.assign(subscription, { heardAt: this.#use.clock.monotonic(), isSilent: false, refusal: undefined });
        if (isSilent || refusal) this.#use.changed();
        this.#use.reader.receive(user.pbx.guid, entries, heardAt === undefined);
    }

    async #subscribe(subscription: Subscription): Promise<void> {
        const { user, session, src, refusal: before } = subscription;
        const isOver = () => session.end || this.#byGuid.get(user.pbx.guid) !== subscription;
        if (isOver()) return;
        const refusal = await this.#request(subscription);
        if (isOver() || subscription.heardAt !== undefined || (!refusal && !before)) return;
        Object.assign(subscription, { refusal, isSilent: !refusal });
        if (refusal) {
            // An answer that comes late is welcome.
            if (refusal.code !== 'PBX_SILENT') session.mux.unlisten(src);
            const { again, retries } = this.#connections.get(session)!;
            if (!again.isSet) again.set(retries.next());
        }
        this.#use.changed();
    }

    #askAgain(session: PbxSession): void {
        const refused = [...this.#byGuid.values()].filter(each => each.session === session && each.refusal);
        if (refused.length === 0) this.#connections.get(session)!.retries.reset();
        for (const subscription of refused) void this.#ask(subscription);
    }

    async #request({ user, session, src }: Subscription): Promise<SyncError | undefined> {
        try {
            const { name: sip } = user.pbx;
            const detail = failureOf(await session.request('PbxApi', 'SubscribePresence', { sip }, src));
            if (detail === undefined) return undefined;
            return new SyncError('PBX_SUBSCRIPTION_REFUSED', { user: user.displayName, detail });
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (error.code === 'PBX_SILENT') return error;
            session.fail(error);
            return undefined;
        }
    }
}
