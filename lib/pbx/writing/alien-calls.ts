import { SyncError } from '../../errors/errors';
import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';
import { type Frame, failureOf, textOf } from '../connection/frame';
import type { PbxApiName, PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import type { PbxUser } from '../users/user-row';
import type { CallLedger, CallPlace } from './call-ledger';
import type { PacedRequests } from './paced-requests';

/**
 * Milliseconds until RCC has told a call that has begun, until the PBX shows no more what it has ended, and until it will
 * not make any more what it has left unanswered.
 */
const settlingTime = { begun: 2_000, ended: 2_000, unanswered: 60_000 };
const impersonation = 'PbxImpersonation';

/** What {@link AlienCalls} works with. */
export interface AlienCallsUse {
    requests: PacedRequests;
    calls: CallLedger;
    reader: Pick<PresenceReader, 'known'>;
    clock: Clock;
    log: Log;
    /** There is a call of the user that nobody wants. */
    left(guid: string): void;
}

/**
 * Alien calls: they make a user busy and show as `on-the-phone`. Each is made by an API that acts as the user, which is
 * kept for as long as the call lasts. Whether the PBX ends the calls of a lost connection is not documented, nor whether
 * their numbers count for another one, nor whether it refuses to end a call that is not there. So those of an earlier
 * connection are ended before there is a new one, and whatever the PBX answers they are gone then.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm (AddAlienCall)
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
 */
export class AlienCalls {
    readonly #use: AlienCallsUse;
    readonly #settling: DeadlineQueue;

    constructor(use: AlienCallsUse) {
        this.#use = use;
        this.#settling = new DeadlineQueue({ clock: use.clock, onDue: () => this.#settle(), step: 100 });
    }

    /** True if the user's call was made over this connection. */
    holds(guid: string, session: PbxSession): boolean {
        const call = this.#use.calls.of(guid);
        return call?.phase === 'held' && call.id !== undefined && call.place?.session === session;
    }

    /**
     * Makes a call for the user, after those that an earlier connection has made are ended.
     * @returns why the PBX refuses it
     * @throws SyncError PBX_SILENT or what ended the session
     */
    async begin(session: PbxSession, user: PbxUser): Promise<string | undefined> {
        const { guid } = user.pbx;
        this.#lookForLost(session, user);
        const api = await this.#act(session, user);
        if (typeof api !== 'object') return api;
        let isKept = false;
        try {
            await this.#endFormer(session, guid, api.name);
            const refusal = await this.#add(session, guid, api.name);
            isKept = refusal === undefined;
            return refusal;
        } finally {
            if (!isKept) this.#close(session, api.name);
        }
    }

    /**
     * Ends all calls of the user that are ours.
     * @throws SyncError PBX_REQUEST_REFUSED with the user's name, PBX_SILENT or what ended the session
     */
    async end(session: PbxSession, user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        const call = this.#use.calls.of(guid);
        if (!call || call.phase === 'ended') return;
        if (call.phase === 'beginning') this.#lookForLost(session, user);
        if (this.holds(guid, session)) await this.#endHeld(user, call.id!, call.place!);
        await this.endFormer(session, user);
        this.#over(guid, call.phase === 'beginning' ? settlingTime.unanswered : settlingTime.ended);
    }

    /** Ends those that are not the one which is held over this connection. @throws SyncError as {@link end} */
    async endFormer(session: PbxSession, user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        if (this.#use.calls.formerOf(guid, session).length === 0) return;
        const api = await this.#act(session, user);
        if (typeof api !== 'object') throw refused(user, api);
        await this.#endFormer(session, guid, api.name).finally(() => this.#close(session, api.name));
    }

    /** We may no longer act as users, so the call of an earlier connection cannot be ended, if it is still there. */
    giveUp(guid: string): void {
        this.#over(guid, settlingTime.ended);
    }

    /** The user is gone, and the call with them. */
    forget(guid: string): void {
        const place = this.#use.calls.of(guid)?.place;
        this.#settling.delete(guid);
        if (place) this.#close(place.session, place.api);
    }

    stop(): void {
        this.#settling.stop();
        this.#use.calls.stop();
    }

    /** Asks for the call itself. @returns why there is none */
    async #add(session: PbxSession, guid: string, api: PbxApiName): Promise<string | undefined> {
        const { calls, reader, clock } = this.#use;
        calls.begin(guid, reader.known(guid)?.presence.onThePhone ?? false, { session, api });
        const added = await this.#ask(session, api, 'AddAlienCall', {}, late => {
            if (failureOf(late) !== undefined) return;
            calls.found(guid, numberOf(late) ?? 0);
            this.#use.left(guid);
        });
        const id = numberOf(added);
        const refusal = failureOf(added) ?? (id === undefined ? 'the call has no number' : undefined);
        if (refusal !== undefined) {
            calls.refused(guid);
            return refusal;
        }
        calls.began(guid, id!);
        this.#settling.set(guid, clock.monotonic() + settlingTime.begun);
        return undefined;
    }

    /** A refusal of what the PBX shows no more means that it is gone. */
    async #endHeld(user: PbxUser, id: number, { session, api }: CallPlace): Promise<void> {
        const { guid } = user.pbx;
        const { calls, requests, reader } = this.#use;
        let result: Frame;
        try {
            result = await requests.ask(session, api, 'DelAlienCall', { id });
        } catch (thrown) {
            calls.lose(guid);
            this.#close(session, api);
            throw thrown;
        }
        const refusal = failureOf(result);
        if (refusal !== undefined && reader.known(guid)?.presence.onThePhone !== false) throw refused(user, refusal);
        calls.gone(guid, id);
        this.#close(session, api);
    }

    /** A call at a PBX where the user was homed before is ended there, by the API that has made it. */
    async #endFormer(session: PbxSession, guid: string, api: PbxApiName): Promise<void> {
        const { id: held, place } = this.#use.calls.of(guid) ?? {};
        if (held !== undefined && place && place.session !== session && !place.session.end) {
            await this.#use.requests.ask(place.session, place.api, 'DelAlienCall', { id: held });
            this.#close(place.session, place.api);
            this.#use.calls.gone(guid, held);
        }
        for (const id of this.#use.calls.formerOf(guid, session)) {
            await this.#use.requests.ask(session, api, 'DelAlienCall', { id });
            this.#use.calls.gone(guid, id);
        }
    }

    /** An API that acts as the user, or why there is none. */
    async #act(session: PbxSession, user: PbxUser): Promise<{ name: PbxApiName } | string> {
        const fields = { sip: user.pbx.name, target: 'PbxApi' };
        const made = await this.#ask(session, impersonation, 'CreateApi', fields, late => {
            const name = textOf(late.target);
            if (isInstance(name)) this.#close(session, name);
        });
        const name = textOf(made.target);
        if (isInstance(name)) return { name };
        return failureOf(made) ?? 'the API has no name';
    }

    /** @param takeLate takes an answer that comes after the request has failed */
    async #ask(
        session: PbxSession,
        api: PbxApiName,
        mt: string,
        fields: Record<string, unknown>,
        takeLate: (answer: Frame) => void,
    ): Promise<Frame> {
        const src = session.newSource();
        try {
            return await this.#use.requests.ask(session, api, mt, fields, src);
        } catch (thrown) {
            if (!session.end) session.mux.awaitLate(src, takeLate);
            throw thrown;
        }
    }

    /** The API is not needed any more; nobody waits for its end. */
    #close(session: PbxSession, api: PbxApiName): void {
        if (session.end) return;
        this.#use.requests.ask(session, impersonation, 'DeleteApi', { target: api }).catch(() => undefined);
    }

    /** A call whose number was lost together with the connection cannot be ended, where the PBX keeps it. */
    #lookForLost(session: PbxSession, { displayName, pbx: { guid } }: PbxUser): void {
        const { calls, reader, log } = this.#use;
        const call = calls.of(guid);
        if (call?.phase !== 'beginning' || call.isBeside || call.place?.session === session) return;
        if (!reader.known(guid)?.presence.onThePhone) return;
        log(
            'warn',
            `${displayName} shows as on-the-phone in the PBX, perhaps in a call that we have asked for when the connection was lost: such a call cannot be ended from here`,
        );
    }

    /** What the PBX shows of the calls is told after their end, or before. */
    #over(guid: string, time: number): void {
        const isUnanswered = time === settlingTime.unanswered;
        if (!isUnanswered && !this.#use.reader.known(guid)?.presence.onThePhone) return this.#use.calls.drop(guid);
        this.#use.calls.ended(guid);
        this.#settling.set(guid, this.#use.clock.monotonic() + time);
    }

    /** Whoever is still on the phone after the end of our call is so in a call of their own. */
    #settle(): void {
        for (const guid of this.#settling.takeDue()) {
            if (this.#use.calls.of(guid)?.phase === 'ended') this.#use.calls.drop(guid);
            else this.#use.calls.settle(guid);
        }
    }
}

function refused(user: PbxUser, detail: string): SyncError {
    return new SyncError('PBX_REQUEST_REFUSED', { what: 'end the call', user: user.displayName, detail });
}

/** The PBX leaves empty values out, and 0 may be one. */
function numberOf({ id = 0 }: Frame): number | undefined {
    return typeof id === 'number' ? id : undefined;
}

function isInstance(name: string): name is PbxApiName {
    return name.startsWith('PbxApi.');
}
