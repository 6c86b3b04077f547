import type { Send } from './frame';
import type { Installation } from './installation';
import { addressOf, type PbxUser } from './pbx-user';
import type { PresenceWatcher } from './presence-board';
import type { Entry } from './presence-list';
import type { UnallowedSubscriptions } from './unallowed-subscriptions';
import type { Rights, Viewer } from './visibility';

/** Who subscribes to whom, and where the messages go. */
export interface SubscriptionScope {
    installation: Installation;
    /** The PBX that was asked. */
    pbxName: string;
    viewer: Viewer;
    /** Those of the PBX that was asked. */
    unallowed: UnallowedSubscriptions;
    /** The `api` of the messages: `PbxApi`, or an instance such as `PbxApi.0`. */
    api: string;
    src: unknown;
    send: Send;
}

/**
 * One presence subscription: says who it is, then what the viewer may see of them, and each time that changes. While
 * the right to see the presence is missing it waits, and is among the unallowed subscriptions.
 */
export class PresenceSubscription implements PresenceWatcher {
    readonly guid: string;
    readonly #scope: SubscriptionScope;
    readonly #forget: () => void;
    #user: PbxUser;
    /** What was told last; undefined while the monitor is down. */
    #told: string | undefined;
    #allow: (() => void) | undefined;

    /** @param forget called when the subscription ends because the user is gone */
    constructor(user: PbxUser, scope: SubscriptionScope, forget: () => void) {
        this.guid = user.guid;
        this.#user = user;
        this.#scope = scope;
        this.#forget = forget;
    }

    start(): void {
        const { installation } = this.#scope;
        installation.board.watch(this.guid, this);
        this.changed();
        const isDown = this.#told === undefined;
        if (isDown && installation.behaviour.unallowedSubscription === 'down') this.#sendState(false);
        if (isDown) this.#wait();
    }

    /** Ends the subscription without a word; may be called twice. */
    cancel(): void {
        this.#scope.installation.board.unwatch(this.guid, this);
        this.#endPending();
    }

    changed(): void {
        const { installation, viewer } = this.#scope;
        this.#user = installation.users.byGuid(this.guid) ?? this.#user;
        const rights = installation.rightsOf(viewer, this.#user);
        if (rights.presence) this.#show(rights);
        else if (this.#told !== undefined) this.#hide();
    }

    ended(): void {
        this.#forget();
        this.#endPending();
        if (this.#told !== undefined) this.#sendState(false);
    }

    #show(rights: Rights): void {
        const presence = this.#visible(rights);
        const telling = JSON.stringify(presence);
        if (telling === this.#told) return;
        if (this.#told === undefined) this.#sendState(true);
        this.#told = telling;
        this.#endPending();
        const { api, src, send } = this.#scope;
        // There is no user in it: only `src` tells whose presence it is.
        send({ api, mt: 'PresenceUpdate', src, presence });
    }

    #hide(): void {
        this.#told = undefined;
        if (this.#scope.installation.behaviour.rightTaken === 'down') this.#sendState(false);
        this.#wait();
    }

    #wait(): void {
        const { unallowed, viewer } = this.#scope;
        this.#allow = unallowed.add(this.#user.h323, viewer.name);
    }

    #visible({ otf, online, note }: Rights): Entry[] {
        const { installation, pbxName } = this.#scope;
        const isLocal = this.#user.loc === pbxName || installation.behaviour.remoteLineState;
        const entries = installation.board.of(this.guid).shown(otf && isLocal);
        const seen = entries.filter(({ contact }) => online || contact !== 'im:');
        const readable = note ? seen : seen.map(({ note: _, ...entry }) => entry);
        const { emptyValues } = installation.behaviour;
        if (emptyValues === 'left-out') return readable;
        const all = emptyValues === 'present' ? { activity: '', note: '' } : { activity: '' };
        return readable.map(entry => ({ ...all, ...entry }));
    }

    #endPending(): void {
        this.#allow?.();
        this.#allow = undefined;
    }

    #sendState(up: boolean): void {
        const { installation, api, src, send } = this.#scope;
        const { h323: sip, number: num, displayName: dn } = this.#user;
        send({
            api,
            mt: 'PresenceState',
            src,
            up,
            sip,
            num,
            dn,
            email: addressOf(this.#user, installation.systemName),
        });
    }
}
