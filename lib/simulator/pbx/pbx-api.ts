import { onThePhone } from '../../presence/vocabulary';
import { AlienCalls } from './alien-calls';
import type { ApiConnection } from './api-connection';
import type { Behaviour } from './behaviour';
import { type Api, type Failure, type Frame, failures, notSimulated, resultOf, sourceKey, text } from './frame';
import type { Installation } from './installation';
import type { PbxUser } from './pbx-user';
import { PresenceSubscription } from './presence-subscription';
import type { UnallowedSubscriptions } from './unallowed-subscriptions';
import type { Viewer } from './visibility';

/** What the presence API works on. */
export interface PbxApiContext {
    installation: Installation;
    /** The PBX that was asked. */
    pbxName: string;
    /** Whose rights count. */
    viewer: Viewer;
    /** Those of the PBX that was asked. */
    unallowed: UnallowedSubscriptions;
    connection: ApiConnection;
    /** GUID of the user for whom alone it acts; absent for the App object itself, which may act for everybody. */
    actsAs?: string;
    /** The `api` of its messages: `PbxApi`, or an instance such as `PbxApi.0`. */
    name: string;
    /** Called for every SetPresence that was accepted. */
    written(): void;
}

/** What myApps offers. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/myApps.htm, SetOwnPresence */
const typicalActivities = ['', 'away', 'busy', 'dnd', onThePhone];

/** What a PBX answers and the simulator does not know. */
const otherRequests = [
    ...['GetNodeInfo', 'AddDiversion', 'DelDiversion', 'GetDiversion', 'AppNotify', 'SubscribeProfile'],
    ...['UnsubscribeProfile', 'AddProfileContact', 'DelProfileContact', 'UpdateProfileContact'],
];

/**
 * The presence part of the API `PbxApi`, as one session uses it.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PbxApi implements Api {
    readonly #context: PbxApiContext;
    /** By source, then by the user's GUID. */
    readonly #subscriptions = new Map<string, Map<string, PresenceSubscription>>();
    readonly #alienCalls: AlienCalls;

    constructor(context: PbxApiContext) {
        this.#context = context;
        this.#alienCalls = new AlienCalls(context.installation, context.connection, context.actsAs);
    }

    get subscriptions(): number {
        let count = 0;
        for (const bySource of this.#subscriptions.values()) count += bySource.size;
        return count;
    }

    handle(frame: Frame): void {
        if (frame.mt === 'SubscribePresence') this.#subscribe(frame);
        else if (frame.mt === 'UnsubscribePresence') this.#unsubscribe(frame);
        else if (frame.mt === 'SetPresence') this.#setPresence(frame);
        else if (frame.mt === 'AddAlienCall') this.#alienCalls.add(frame);
        else if (frame.mt === 'DelAlienCall') this.#alienCalls.delete(frame);
        else if (otherRequests.includes(text(frame.mt))) this.#send(notSimulated(frame));
    }

    close(): void {
        for (const bySource of this.#subscriptions.values()) for (const each of bySource.values()) each.cancel();
        this.#subscriptions.clear();
        this.#alienCalls.close();
    }

    get #behaviour(): Readonly<Behaviour> {
        return this.#context.installation.behaviour;
    }

    #send(frame: Frame): void {
        this.#context.connection.send(frame);
    }

    #subscribe(frame: Frame): void {
        const user = this.#userBySipOrNumber(frame);
        const isFine = user || this.#behaviour.unknownUser === 'silent';
        this.#send(resultOf(frame, isFine ? {} : failures.unknownUser));
        if (user) this.#keep(user, frame.src).start();
    }

    /** Subscribing the same user with the same source again takes the place of the first subscription. */
    #keep(user: PbxUser, src: unknown): PresenceSubscription {
        const { installation, pbxName, viewer, unallowed, connection, name: api } = this.#context;
        const source = sourceKey(src);
        const bySource = this.#subscriptions.get(source) ?? new Map<string, PresenceSubscription>();
        bySource.get(user.guid)?.cancel();
        const scope = { installation, pbxName, viewer, unallowed, api, src, send: connection.send };
        const subscription = new PresenceSubscription(user, scope, () => this.#forget(source, user.guid));
        this.#subscriptions.set(source, bySource.set(user.guid, subscription));
        return subscription;
    }

    #unsubscribe(frame: Frame): void {
        const source = sourceKey(frame.src);
        const named = frame.sip !== undefined || frame.num !== undefined;
        const guid = this.#userBySipOrNumber(frame)?.guid;
        const bySource = [...(this.#subscriptions.get(source)?.values() ?? [])];
        const ending = bySource.filter(each => !named || each.guid === guid);
        for (const subscription of ending) {
            subscription.cancel();
            this.#forget(source, subscription.guid);
        }
        const { emptyUnsubscribe } = this.#behaviour;
        if (ending.length > 0 || emptyUnsubscribe === 'answered') this.#send(resultOf(frame));
        else if (emptyUnsubscribe === 'error') this.#send(resultOf(frame, failures.noSubscription));
    }

    #forget(source: string, guid: string): void {
        const bySource = this.#subscriptions.get(source);
        bySource?.delete(guid);
        if (bySource?.size === 0) this.#subscriptions.delete(source);
    }

    #setPresence(frame: Frame): void {
        const user = this.#userByGuidOrSip(frame);
        const failure = user ? (refusalOf(frame, this.#behaviour) ?? this.#missing(user)) : failures.unknownUser;
        if (!user || failure) return this.#send(resultOf(frame, { ...failure }));
        const { echo } = this.#behaviour;
        if (echo === 'before-result') this.#store(user, frame);
        this.#send(resultOf(frame));
        if (echo === 'after-result') this.#store(user, frame);
    }

    #store(user: PbxUser, frame: Frame): void {
        const { installation, written } = this.#context;
        const { customContact, defaultContact } = this.#behaviour;
        const asked = text(frame.contact) || defaultContact;
        const isOwn = isOwnContact(asked, this.#behaviour);
        written();
        if (customContact === 'ignored' && !isOwn) return;
        const contact = customContact === 'tel' && !isOwn ? 'tel:' : asked;
        installation.board.change(user.guid, list => list.set(contact, text(frame.activity), text(frame.note)));
    }

    /** Why this PBX does not write for the user, though the values are good. */
    #missing(user: PbxUser): Failure | undefined {
        const { installation, viewer, pbxName, actsAs } = this.#context;
        const { setPresenceNeedsRight, remoteWrites } = this.#behaviour;
        if (actsAs !== undefined && actsAs !== user.guid) return failures.otherUser;
        if (remoteWrites === 'refused' && user.loc !== pbxName) return failures.homedElsewhere;
        const isAllowed = !setPresenceNeedsRight || installation.rightsOf(viewer, user).presence;
        return isAllowed ? undefined : failures.notAllowed;
    }

    #userBySipOrNumber({ sip, num }: Frame): PbxUser | undefined {
        const { users } = this.#context.installation;
        return sip === undefined ? users.byNumber(text(num)) : users.bySip(text(sip));
    }

    #userByGuidOrSip({ guid, sip }: Frame): PbxUser | undefined {
        const { users } = this.#context.installation;
        return guid === undefined ? users.bySip(text(sip)) : users.byGuid(text(guid));
    }
}

/** Contacts that the PBX knows and an app may write; refusing `im:`, which the PBX makes itself, is not documented. */
function isOwnContact(contact: string, { calendarContact }: Readonly<Behaviour>): boolean {
    return contact === 'tel:' || contact === calendarContact;
}

/** What is wrong with the values of a SetPresence. */
function refusalOf(frame: Frame, behaviour: Readonly<Behaviour>): Failure | undefined {
    const { customContact, onThePhoneSettable, activities, defaultContact } = behaviour;
    const contact = text(frame.contact) || defaultContact;
    const isText = [frame.contact, frame.activity, frame.note].every(each => text(each) === (each ?? ''));
    const isRefused =
        !isText ||
        contact === 'im:' ||
        (frame.activity === onThePhone && !onThePhoneSettable) ||
        (activities === 'typical' && !typicalActivities.includes(text(frame.activity))) ||
        (customContact === 'refused' && !isOwnContact(contact, behaviour));
    return isRefused ? failures.refusedValue : undefined;
}
