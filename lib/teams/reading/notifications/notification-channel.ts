import { EventEmitter } from 'node:events';
import type { Presence } from '@microsoft/microsoft-graph-types';
import { errors } from 'jose';
import { SyncError } from '../../../errors/errors';
import type { TeamsPresence } from '../../../presence/vocabulary';
import { RecentTexts } from '../../../support/recent-texts';
import type { Clock } from '../../../time/clock';
import { presenceOf } from '../../connection/read-presence';
import { decryptNotification, type NotificationKey, NotificationKeys } from './encrypted-content';
import { itemsOf, type NotificationCollection, type NotificationItem, userIdOf } from './notification-item';
import { SubscriptionSecrets } from './subscription-secrets';
import type { VerifyToken } from './validation-tokens';

interface Events {
    /** A followed user's presence, decrypted. */
    presence: [userId: string, presence: TeamsPresence, sequenceNumber: string | undefined];
    /** Something changed for the user, but it cannot be told what: read the user. */
    hint: [userId: string];
    /** The subscription must be renewed now. */
    lifecycle: [subscriptionId: string, event: string];
    /** The subscription delivers. */
    heard: [subscriptionId: string];
    /** Something was refused; `reason` for the log. */
    refused: [reason: string];
    opened: [];
    /** Somebody has made the request that validates the address, with this token. */
    asked: [token: string];
    /** By so many ms our clock is behind Microsoft's, or ahead if negative; 0 once it is right again. */
    clock: [behind: number];
}

/** What becomes of a body that was received. */
export interface Reception {
    /** True if there was no room for all of it: Microsoft shall send it again. */
    full: boolean;
    /** Resolves when the work is done; never rejects. */
    done: Promise<void>;
}

/** Whether the origin of a collection is proven, for which tenants, or shown to be false. */
type Origin = { tenantIds: string[] } | 'unproven' | 'forged';

interface Arrival {
    item: NotificationItem;
    origin: Promise<Origin>;
    finish: () => void;
}

/** Items of one body; as many fit into 1 MiB if they are as short as can be. */
const mostItems = 5_000;
/** Notifications that are known again when a copy of them comes. */
const seenKept = 20_000;
/** Characters of a signature that are kept: enough to tell notifications apart, and little memory. */
const signatureKept = 16;
/** Notifications that wait at most, and how many of one user; the oldest give way. */
const longestQueue = 20_000;
const arrivalsPerUser = 16;
/** What happens to a subscription. @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events */
const lifecycleEvents = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'];
/** The same is told of a subscription so often at most, in ms. */
const lifecyclePause = 15_000;
/** Notifications decrypted at the same time: a few more than there are threads. */
const parallel = 8;

/**
 * Where the subscriber and the receiver of an app registration meet: the address and the key that subscriptions are
 * made with, and the check of what arrives, by HTTP or as a message. Whatever a notification says, it is taken for
 * true only with the secret of its subscription and Microsoft's signature.
 */
export class NotificationChannel extends EventEmitter<Events> {
    readonly #verify: VerifyToken;
    /** Notifications of a subscription are accepted only with its secret. */
    readonly secrets: SubscriptionSecrets;
    readonly #keys: NotificationKeys;
    /** What has arrived for each user and has not been worked on yet, newest first. */
    readonly #waiting = new Map<string, Arrival[]>();
    /** Users whose notifications are being worked on: one user's after the other. */
    readonly #serving = new Set<string>();
    readonly #longestQueue: number;
    #arrivals = 0;
    /** What was told of the life of a subscription just now, and whether it has come again since. */
    readonly #lifecycles = new Map<string, boolean>();
    #clockAhead = 0;
    readonly #clock: Clock;
    /** Date of the last notification that Microsoft has signed, ms since the epoch; undefined as long as there was none. */
    cameAt: number | undefined;
    /**
     * The notifications that were believed last, by the signature of their content: each has a key of its own, so no two
     * signatures are the same. A copy is the same notification again, whoever sends it.
     */
    readonly #seen = new RecentTexts(seenKept);
    #url: string | undefined;

    /** @param options.longestQueue notifications that may wait; @param options.createKey makes the keys */
    constructor(options: {
        verify: VerifyToken;
        clock: Clock;
        longestQueue?: number;
        createKey?: () => Promise<NotificationKey>;
    }) {
        super();
        this.setMaxListeners(0);
        this.#verify = options.verify;
        this.#clock = options.clock;
        this.secrets = new SubscriptionSecrets(options.clock);
        this.#keys = new NotificationKeys(options.clock, options.createKey);
        this.#longestQueue = options.longestQueue ?? longestQueue;
    }

    /** The address that Microsoft sends to, once a receiver listens there. */
    get url(): string | undefined {
        return this.#url;
    }

    open(url: string): void {
        this.#url = url;
        this.emit('opened');
    }

    close(): void {
        this.#url = undefined;
        // The next receiver is told anew.
        this.#clockAhead = 0;
    }

    /** The key for new subscriptions. */
    key(): Promise<NotificationKey> {
        return this.#keys.newest();
    }

    /**
     * Takes in the body of a notification request: at once what costs nothing, the rest in turn, the newest of each
     * user. Never throws, whatever it is given.
     */
    receive(body: unknown): Reception {
        const items = itemsOf(body, mostItems);
        if (!items) {
            this.emit('refused', 'the body is no collection of notifications');
            return { full: false, done: Promise.resolve() };
        }
        const genuine = this.#genuine(items);
        for (const id of new Set(genuine.map(({ subscriptionId }) => subscriptionId))) this.emit('heard', id);
        for (const { subscriptionId, lifecycleEvent } of genuine)
            if (lifecycleEvent) this.#tellLifecycle(subscriptionId, lifecycleEvent);
        const changes = genuine.filter(item => !item.lifecycleEvent);
        const needsProof = changes.some(item => item.encryptedContent);
        const tokens = (body as NotificationCollection).validationTokens;
        const origin: Promise<Origin> = needsProof ? this.#originOf(tokens) : Promise.resolve('unproven' as const);
        const work = changes.map(item => this.#enqueue(item, origin));
        return {
            full: work.some(each => each === 'full'),
            done: Promise.all(work).then(() => {}),
        };
    }

    /** Each costs requests, and whoever has seen a clientState can say it: what comes again soon is told once. */
    #tellLifecycle(subscriptionId: string, event: string): void {
        if (!lifecycleEvents.includes(event)) return;
        const key = `${subscriptionId} ${event}`;
        const isKnown = this.#lifecycles.has(key);
        this.#lifecycles.set(key, isKnown);
        if (isKnown) return;
        this.emit('lifecycle', subscriptionId, event);
        this.#clock.after(lifecyclePause, () => {
            const hasComeAgain = this.#lifecycles.get(key);
            this.#lifecycles.delete(key);
            if (hasComeAgain) this.#tellLifecycle(subscriptionId, event);
        });
    }

    #genuine(items: (NotificationItem | undefined)[]): NotificationItem[] {
        const known = items.filter(item => item !== undefined);
        if (known.length < items.length) this.emit('refused', 'what should be a notification has another form');
        const current = known.filter(({ subscriptionId }) => !this.secrets.isFormer(subscriptionId));
        const genuine = current.filter(({ subscriptionId, clientState }) =>
            this.secrets.fits(subscriptionId, clientState),
        );
        if (genuine.length < current.length) this.emit('refused', 'unknown subscription or wrong clientState');
        return genuine;
    }

    #enqueue(item: NotificationItem, origin: Promise<Origin>): Promise<void> | 'full' {
        const userId = userIdOf(item);
        if (!userId) {
            this.emit('refused', 'a notification names no user');
            return Promise.resolve();
        }
        if (this.#arrivals >= this.#longestQueue) return 'full';
        this.#arrivals += 1;
        return new Promise(resolve => {
            const finish = (): void => {
                this.#arrivals -= 1;
                resolve();
            };
            const waiting = [{ item, origin, finish }, ...(this.#waiting.get(userId) ?? [])];
            for (const dropped of waiting.splice(arrivalsPerUser)) dropped.finish();
            this.#waiting.set(userId, waiting);
            this.#serveNext();
        });
    }

    #serveNext(): void {
        for (const userId of this.#waiting.keys()) {
            if (this.#serving.size >= parallel) return;
            if (this.#serving.has(userId)) continue;
            this.#serving.add(userId);
            const over = (): void => {
                this.#serving.delete(userId);
                this.#serveNext();
            };
            this.#serve(userId).then(over, over);
        }
    }

    async #serve(userId: string): Promise<void> {
        const arrivals = this.#waiting.get(userId) ?? [];
        this.#waiting.delete(userId);
        try {
            const { presence, hint } = await this.#newestOf(arrivals);
            if (presence) this.emit('presence', userId, presenceOf(presence), presence.sequenceNumber ?? undefined);
            if (hint) this.emit('hint', userId);
        } catch (error) {
            this.emit('refused', error instanceof Error ? error.message : String(error));
        } finally {
            for (const { finish } of arrivals) finish();
        }
    }

    /**
     * What arrived last, unless version stamps say that something before it is newer: the network keeps no order.
     * `hint` where something cannot be read: the user may have changed again.
     */
    async #newestOf(arrivals: Arrival[]): Promise<{ presence: Presence | undefined; hint: boolean }> {
        let presence: Presence | undefined;
        let hint = false;
        for (const arrival of arrivals) {
            const told = await this.#read(arrival);
            if (told === 'hint') hint = true;
            else if (told && isNewer(told, presence)) presence = told;
            if (presence && !presence.sequenceNumber) break;
        }
        return { presence, hint };
    }

    /**
     * Undefined for a forgery or a copy. Without a proof the content is not looked at: it tells at most which user to read.
     * So does plain content, for we ask for encrypted content only, and who has once seen a clientState could write it.
     */
    async #read({ item, origin }: Arrival): Promise<Presence | 'hint' | undefined> {
        const content = item.encryptedContent;
        if (!content) return 'hint';
        const proof = await origin;
        if (proof === 'forged') return undefined;
        if (proof === 'unproven') return 'hint';
        if (item.tenantId !== undefined && !proof.tenantIds.includes(item.tenantId)) {
            this.emit('refused', 'a notification is for another tenant');
            return undefined;
        }
        const key = await this.#keys.find(content.encryptionCertificateId);
        if (!key) return 'hint';
        try {
            const presence = (await decryptNotification(content, key.privateKey)) as Presence | null;
            // What Microsoft has signed and encrypted says itself whom it is about; what stands around it, anyone can change.
            if (presence?.id?.toLowerCase() !== userIdOf(item)) {
                this.emit('refused', 'a notification names another user than its content');
                return 'hint';
            }
            // Checked after the content, which it belongs to: a forgery must not take the place of the real one.
            // The same bytes can be written in many ways.
            const signature = Buffer.from(content.dataSignature, 'base64').toString('base64').slice(0, signatureKept);
            if (this.#seen.has(signature)) return undefined;
            this.#seen.add(signature);
            return typeof presence?.availability === 'string' ? presence : 'hint';
        } catch {
            this.emit('refused', 'encrypted content cannot be decrypted or was changed');
            return 'hint';
        }
    }

    #compareClocks(ahead: number): void {
        if ((ahead === 0) !== (this.#clockAhead === 0)) this.emit('clock', ahead);
        this.#clockAhead = ahead;
    }

    async #originOf(tokens: unknown): Promise<Origin> {
        if (!Array.isArray(tokens) || tokens.length === 0) {
            this.emit('refused', 'no validation tokens: check that the app requires no role assignment');
            return 'unproven';
        }
        try {
            const verified = await Promise.all(tokens.map(token => this.#verify(textOf(token))));
            this.cameAt = this.#clock.date();
            this.#compareClocks(verified[0]!.clockAhead);
            return { tenantIds: verified.map(({ tenantId }) => tenantId) };
        } catch (error) {
            this.emit('refused', `a validation token is not valid (${error instanceof Error ? error.message : error})`);
            return isAboutKeys(error) ? 'unproven' : 'forged';
        }
    }
}

function textOf(token: unknown): string {
    if (typeof token !== 'string') throw new TypeError('it is no text');
    return token;
}

function isNewer(told: Presence, than: Presence | undefined): boolean {
    return !than || (told.sequenceNumber ?? '') > (than.sequenceNumber ?? '');
}

/**
 * Microsoft's keys out of reach prove nothing either way, nor does a key that is newer than the set that we have or that
 * the set holds for others: nobody but Microsoft signs with it.
 */
function isAboutKeys(error: unknown): boolean {
    const { JWKSInvalid, JWKSNoMatchingKey } = errors;
    return [SyncError, JWKSInvalid, JWKSNoMatchingKey].some(kind => error instanceof kind);
}
