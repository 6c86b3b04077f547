import { randomBytes, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Presence } from '@microsoft/microsoft-graph-types';
import type { TeamsPresence } from '../../presence/vocabulary';
import { SyncError } from '../../support/errors';
import { presenceOf } from '../reading/read-presence';
import { decryptNotification, type EncryptedContent } from './decrypt-notification';
import { createNotificationKey, type NotificationKey } from './notification-key';
import type { VerifyToken } from './validation-tokens';

/** One item of a change notification collection, as far as it concerns us. */
interface Item {
    subscriptionId?: string;
    clientState?: string;
    lifecycleEvent?: string;
    resource?: string;
    resourceData?: { id?: string; availability?: string; activity?: string };
    encryptedContent?: EncryptedContent;
}

interface Collection {
    value?: Item[];
    validationTokens?: string[] | null;
}

/** Former subscriptions that are remembered at most. */
const formerKept = 128;

interface Events {
    /** A followed user's presence, decrypted. */
    presence: [userId: string, presence: TeamsPresence];
    /** Something changed for the user, but it cannot be told what: read the user. */
    hint: [userId: string];
    /** The subscription must be renewed now. */
    lifecycle: [subscriptionId: string, event: string];
    /** Something was refused; `reason` for the log. */
    refused: [reason: string];
    opened: [];
}

/**
 * Where the subscriber and the receiver of an app registration meet: the address and the key that subscriptions are
 * made with, and the check of what arrives.
 */
export class NotificationChannel extends EventEmitter<Events> {
    readonly #verify: VerifyToken;
    readonly #clientStates = new Map<string, string>();
    /** Subscriptions that we have ended ourselves: what is still on its way for them is no cause for alarm. */
    #former: string[] = [];
    /** Secrets of subscriptions that are being made: a notification can overtake the answer. */
    #pending: string[] = [];
    #key: Promise<NotificationKey> | undefined;
    #url: string | undefined;

    constructor(verify: VerifyToken) {
        super();
        this.#verify = verify;
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
    }

    /** The key of this process; made when it is first wanted. */
    key(): Promise<NotificationKey> {
        this.#key ??= createNotificationKey();
        return this.#key;
    }

    /** A secret for a new subscription. */
    newClientState(): string {
        const clientState = randomBytes(32).toString('base64url');
        this.#pending = [...this.#pending, clientState].slice(-formerKept);
        return clientState;
    }

    /** Notifications of this subscription are accepted from now on, if they carry its secret. */
    accept(subscriptionId: string, clientState: string): void {
        this.#pending = this.#pending.filter(pending => pending !== clientState);
        this.#clientStates.set(subscriptionId, clientState);
    }

    forget(subscriptionId: string): void {
        if (this.#clientStates.delete(subscriptionId))
            this.#former = [...this.#former, subscriptionId].slice(-formerKept);
    }

    /** Checks and takes in the body of a notification request; never throws. */
    async receive(body: unknown): Promise<void> {
        const { value, validationTokens } = (body ?? {}) as Collection;
        if (!Array.isArray(value)) return this.#refuse('the body is no collection of notifications');
        const current = value.filter(item => !this.#former.includes(String(item?.subscriptionId)));
        const genuine = current.filter(item => this.#isGenuine(item));
        if (genuine.length < current.length) this.#refuse('unknown subscription or wrong clientState');
        const encrypted = genuine.some(item => item?.encryptedContent);
        const origin = encrypted ? await this.#originOf(validationTokens) : 'unproven';
        if (origin === 'forged') return;
        // Without a proof the content is not looked at: it tells at most that a user is worth reading.
        const key = origin === 'proven' ? await this.key() : undefined;
        for (const item of genuine) this.#take(item, key);
    }

    async #originOf(tokens: unknown): Promise<'proven' | 'unproven' | 'forged'> {
        if (!Array.isArray(tokens) || tokens.length === 0) {
            this.#refuse('no validation tokens: check that the app requires no role assignment');
            return 'unproven';
        }
        try {
            await Promise.all(tokens.map(token => this.#verify(String(token))));
            return 'proven';
        } catch (error) {
            this.#refuse(`a validation token is not valid (${error instanceof Error ? error.message : error})`);
            // Microsoft's keys out of reach prove nothing either way.
            return error instanceof SyncError ? 'unproven' : 'forged';
        }
    }

    #isGenuine(item: Item | null): boolean {
        const { subscriptionId, clientState } = item ?? {};
        if (typeof clientState !== 'string') return false;
        const expected = this.#clientStates.get(String(subscriptionId));
        return (expected ? [expected] : this.#pending).some(secret => isEqual(secret, clientState));
    }

    #take(item: Item, key: NotificationKey | undefined): void {
        if (item.lifecycleEvent) {
            this.emit('lifecycle', String(item.subscriptionId), item.lifecycleEvent);
            return;
        }
        const content = item.encryptedContent;
        const presence = content ? this.#decrypt(content, key) : plainPresence(item);
        const userId = presence?.id ?? userIdOf(item);
        if (!userId) return this.#refuse('a notification names no user');
        if (presence?.availability) this.emit('presence', userId, presenceOf(presence));
        else this.emit('hint', userId);
    }

    /** Undefined for content that another key was made for: the notification then serves as a hint. */
    #decrypt(content: EncryptedContent, key: NotificationKey | undefined): Presence | undefined {
        if (!key || content.encryptionCertificateId !== key.id) return undefined;
        try {
            return decryptNotification(content, key.privateKey) as Presence;
        } catch {
            this.#refuse('encrypted content cannot be decrypted or was changed');
            return undefined;
        }
    }

    #refuse(reason: string): void {
        this.emit('refused', reason);
    }
}

/** Takes the same time wherever the texts differ. */
function isEqual(secret: string, claimed: string): boolean {
    const [a, b] = [Buffer.from(secret), Buffer.from(claimed)];
    return a.length === b.length && timingSafeEqual(a, b);
}

/** The state in plain text, as some tenants send it. */
function plainPresence({ resourceData }: Item): Presence | undefined {
    return resourceData?.availability ? (resourceData as Presence) : undefined;
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

function userIdOf({ resourceData, resource }: Item): string | undefined {
    return resourceData?.id ?? guid.exec(resource ?? '')?.[0];
}
