import { onThePhone } from '../../presence/vocabulary';
import type { Behaviour } from './behaviour';
import { type Api, type Failure, type Frame, failures, resultOf, type Send, sourceKey, text } from './frame';
import { addressOf, type PbxUser } from './pbx-user';
import type { PresenceBoard, PresenceWatcher } from './presence-board';
import type { UserTable } from './user-table';

/** What the presence API works on. */
export interface PbxApiContext {
    users: UserTable;
    board: PresenceBoard;
    behaviour: Readonly<Behaviour>;
    systemName: string;
    /** Called for every SetPresence that was accepted. */
    written(): void;
}

interface Subscription extends PresenceWatcher {
    guid: string;
    source: string;
}

/** Contacts that the PBX knows and an app may write; refusing `im:`, which the PBX makes itself, is not documented. */
const ownContacts = ['tel:', 'calendar:'];

/**
 * The presence part of the API `PbxApi`, as one session uses it.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PbxApi implements Api {
    readonly #context: PbxApiContext;
    readonly #send: Send;
    /** By source, then by the user's GUID. */
    readonly #subscriptions = new Map<string, Map<string, Subscription>>();

    constructor(context: PbxApiContext, send: Send) {
        this.#context = context;
        this.#send = send;
    }

    handle(frame: Frame): void {
        if (frame.mt === 'SubscribePresence') this.#subscribe(frame);
        else if (frame.mt === 'UnsubscribePresence') this.#unsubscribe(frame);
        else if (frame.mt === 'SetPresence') this.#setPresence(frame);
    }

    close(): void {
        for (const bySource of this.#subscriptions.values()) {
            for (const each of bySource.values()) this.#context.board.unwatch(each.guid, each);
        }
        this.#subscriptions.clear();
    }

    #subscribe(frame: Frame): void {
        const user = this.#userBySipOrNumber(frame);
        this.#send(resultOf(frame, user ? {} : failures.unknownUser));
        if (!user) return;
        this.#keep(this.#subscriptionOf(user.guid, frame.src));
        this.#send(this.#state(frame.src, user, true));
        this.#send(update(frame.src, this.#context.board.visible(user.guid)));
    }

    #subscriptionOf(guid: string, src: unknown): Subscription {
        const user = this.#context.users.get(guid);
        const subscription: Subscription = {
            guid,
            source: sourceKey(src),
            presence: entries => this.#send(update(src, entries)),
            ended: () => {
                this.#forget(subscription);
                this.#send(this.#state(src, user, false));
            },
        };
        return subscription;
    }

    /** Subscribing the same user with the same source again takes the place of the first subscription. */
    #keep(subscription: Subscription): void {
        const { guid, source } = subscription;
        const earlier = this.#subscriptions.get(source)?.get(guid);
        if (earlier) this.#cancel(earlier);
        const bySource = this.#subscriptions.get(source) ?? new Map<string, Subscription>();
        this.#subscriptions.set(source, bySource.set(guid, subscription));
        this.#context.board.watch(guid, subscription);
    }

    #unsubscribe(frame: Frame): void {
        const bySource = this.#subscriptions.get(sourceKey(frame.src));
        const named = frame.sip !== undefined || frame.num !== undefined;
        const guid = this.#userBySipOrNumber(frame)?.guid;
        const chosen = [...(bySource?.values() ?? [])].filter(each => !named || each.guid === guid);
        for (const subscription of chosen) this.#cancel(subscription);
        this.#send(resultOf(frame));
    }

    #cancel(subscription: Subscription): void {
        this.#context.board.unwatch(subscription.guid, subscription);
        this.#forget(subscription);
    }

    #forget({ guid, source }: Subscription): void {
        const bySource = this.#subscriptions.get(source);
        bySource?.delete(guid);
        if (bySource?.size === 0) this.#subscriptions.delete(source);
    }

    #setPresence(frame: Frame): void {
        const user = this.#userByGuidOrSip(frame);
        const failure = user ? this.#refusal(frame) : failures.unknownUser;
        this.#send(resultOf(frame, { ...failure }));
        if (!user || failure) return;
        const contact = this.#storedContact(text(frame.contact) || 'tel:');
        this.#context.written();
        this.#context.board.change(user.guid, list => list.set(contact, text(frame.activity), text(frame.note)));
    }

    #refusal(frame: Frame): Failure | undefined {
        const { customContact, onThePhoneSettable } = this.#context.behaviour;
        const isText = [frame.contact, frame.activity, frame.note].every(each => text(each) === (each ?? ''));
        if (!isText) return failures.refusedValue;
        if (frame.activity === onThePhone && !onThePhoneSettable) return failures.refusedValue;
        if (frame.contact === 'im:') return failures.refusedValue;
        const isOwn = ownContacts.includes(text(frame.contact) || 'tel:');
        return isOwn || customContact !== 'refused' ? undefined : failures.refusedValue;
    }

    #storedContact(contact: string): string {
        return this.#context.behaviour.customContact === 'tel' && !ownContacts.includes(contact) ? 'tel:' : contact;
    }

    #userBySipOrNumber({ sip, num }: Frame): PbxUser | undefined {
        return sip === undefined ? this.#context.users.byNumber(text(num)) : this.#context.users.bySip(text(sip));
    }

    #userByGuidOrSip({ guid, sip }: Frame): PbxUser | undefined {
        return guid === undefined ? this.#context.users.bySip(text(sip)) : this.#context.users.byGuid(text(guid));
    }

    #state(src: unknown, user: PbxUser, up: boolean): Frame {
        const email = addressOf(user, this.#context.systemName);
        const endpoint = { sip: user.h323, num: user.number, dn: user.displayName, email };
        return { api: 'PbxApi', mt: 'PresenceState', src, up, ...endpoint };
    }
}

/** There is no user in it: only `src` tells whose presence it is. */
function update(src: unknown, presence: unknown[]): Frame {
    return { api: 'PbxApi', mt: 'PresenceUpdate', src, presence };
}
