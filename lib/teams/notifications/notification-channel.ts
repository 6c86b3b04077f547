import { randomBytes, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Presence } from '@microsoft/microsoft-graph-types';
import type { TeamsPresence } from '../../presence/vocabulary';
import { presenceOf } from '../read-presence';
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
        return randomBytes(32).toString('base64url');
    }

    /** Notifications of this subscription are accepted from now on, if they carry its secret. */
    accept(subscriptionId: string, clientState: string): void {
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
        if (encrypted && !(await this.#isSigned(validationTokens))) return;
        const key = encrypted ? await this.key() : undefined;
        for (const item of genuine) this.#take(item, key);
    }

    async #isSigned(tokens: unknown): Promise<boolean> {
        if (!Array.isArray(tokens) || tokens.length === 0) {
            this.#refuse('no validation tokens: check that the app requires no role assignment');
            return false;
        }
        try {
            await Promise.all(tokens.map(token => this.#verify(String(token))));
            return true;
        } catch (error) {
            this.#refuse(`a validation token is not valid (${error instanceof Error ? error.message : error})`);
            return false;
        }
    }

    #isGenuine(item: Item | null): boolean {
        const expected = this.#clientStates.get(String(item?.subscriptionId));
        if (!expected || typeof item?.clientState !== 'string') return false;
        const [a, b] = [Buffer.from(item.clientState), Buffer.from(expected)];
        return a.length === b.length && timingSafeEqual(a, b);
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

/** The state in plain text, as some tenants send it. */
function plainPresence({ resourceData }: Item): Presence | undefined {
    return resourceData?.availability ? (resourceData as Presence) : undefined;
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

function userIdOf({ resourceData, resource }: Item): string | undefined {
    return resourceData?.id ?? guid.exec(resource ?? '')?.[0];
}
