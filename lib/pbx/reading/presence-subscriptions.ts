import { toSyncError } from '../../support/errors';
import { type Frame, failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { RequestWindow } from '../connection/request-window';
import type { PbxUser } from '../users/user-row';
import { type Entry, entriesOf } from './reduce-presence';

/** Requests that may be on their way at once. */
const windowSize = 32;

/** A user whose presence the PBX does not tell, and why. */
export interface Unfollowed {
    user: PbxUser;
    reason: string;
}

/**
 * One presence subscription per user. An update names no user, so each subscription has its own `src`.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PresenceSubscriptions {
    readonly #receive: (guid: string, entries: Entry[], isFirst: boolean) => void;
    readonly #unfollowed = new Map<string, Unfollowed>();
    #guidBySource = new Map<string, string>();
    #sourceByGuid = new Map<string, string>();
    #heard = new Set<string>();
    #window = new RequestWindow(windowSize);
    #session?: PbxSession;

    /** @param receive gets a user's whole presence list; `isFirst` marks the first one of a subscription */
    constructor(receive: (guid: string, entries: Entry[], isFirst: boolean) => void) {
        this.#receive = receive;
    }

    /** Users whose subscription the PBX has refused or not answered. */
    get unfollowed(): Iterable<Unfollowed> {
        return this.#unfollowed.values();
    }

    /** A new connection: nothing is subscribed there yet. */
    begin(session: PbxSession): void {
        this.end();
        this.#session = session;
        this.#window = new RequestWindow(windowSize);
    }

    /** The connection is over, and all its subscriptions with it. */
    end(): void {
        this.#session = undefined;
        this.#guidBySource = new Map();
        this.#sourceByGuid = new Map();
        this.#heard = new Set();
        this.#unfollowed.clear();
    }

    /**
     * Subscribes; resolves when the PBX has answered. A refusal of one user is noted, see {@link unfollowed}.
     * @throws SyncError PBX_API_MISSING or what ended the session
     */
    async follow(user: PbxUser): Promise<void> {
        const session = this.#session;
        if (!session) return;
        await this.#window.run(() => this.#subscribe(session, user));
    }

    /** Ends the subscription; the PBX's answer does not matter. */
    unfollow({ pbx: { guid, name: sip } }: PbxUser): void {
        this.#unfollowed.delete(guid);
        const src = this.#sourceByGuid.get(guid);
        const session = this.#session;
        if (src === undefined || !session) return;
        this.#forget(guid, src);
        this.#window.run(() => session.request('PbxApi', 'UnsubscribePresence', { sip }, src)).catch(() => undefined);
    }

    /** Takes a PresenceUpdate. A PresenceState only says whether updates may come: the last one goes on until the next. */
    indication(frame: Frame): void {
        if (frame.mt !== 'PresenceUpdate' || frame.src === undefined) return;
        const guid = this.#guidBySource.get(frame.src);
        const entries = entriesOf(frame.presence);
        if (guid === undefined || !entries) return;
        const isFirst = !this.#heard.has(guid);
        if (isFirst) this.#heard.add(guid);
        this.#receive(guid, entries, isFirst);
    }

    async #subscribe(session: PbxSession, user: PbxUser): Promise<void> {
        if (session !== this.#session) return;
        const { guid, name: sip } = user.pbx;
        const src = session.newSource();
        this.#guidBySource.set(src, guid);
        this.#sourceByGuid.set(guid, src);
        const reason = await this.#request(session, sip, src);
        if (reason === undefined || this.#sourceByGuid.get(guid) !== src) return;
        this.#forget(guid, src);
        this.#unfollowed.set(guid, { user, reason });
    }

    /** Why the PBX does not tell the user's presence; `undefined` if it does. */
    async #request(session: PbxSession, sip: string, src: string): Promise<string | undefined> {
        try {
            return failureOf(await session.request('PbxApi', 'SubscribePresence', { sip }, src));
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (session.end || error.code !== 'PBX_SILENT') throw error;
            return error.message;
        }
    }

    #forget(guid: string, src: string): void {
        this.#guidBySource.delete(src);
        this.#sourceByGuid.delete(guid);
        this.#heard.delete(guid);
    }
}

/** The users without presence as one line for the log. */
export function unfollowedLine(unfollowed: Unfollowed[]): string {
    const named = unfollowed.slice(0, 10).map(({ user, reason }) => `${user.displayName} (${reason})`);
    const more = unfollowed.length > named.length ? ` and ${unfollowed.length - named.length} more` : '';
    return `The PBX does not tell the presence of ${named.join(', ')}${more}`;
}
