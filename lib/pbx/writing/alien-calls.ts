import { Agenda } from '../../support/agenda';
import type { Clock } from '../../support/clock';
import { type Frame, failureOf, textOf } from '../connection/frame';
import type { PbxApiName, PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import type { PbxUser } from '../users/user-row';
import type { CallLedger } from './call-ledger';
import type { PacedRequests } from './paced-requests';

/** Milliseconds that a PBX may still show a call that it has ended. */
const settlingTime = 2_000;
const impersonation = 'PbxImpersonation';

/** What {@link AlienCalls} works with. */
export interface AlienCallsUse {
    requests: PacedRequests;
    calls: CallLedger;
    reader: Pick<PresenceReader, 'known'>;
    clock: Clock;
    log: Log;
}

/**
 * Alien calls: they make a user busy and show as `on-the-phone`. Each is made by an API that acts as the user, which is
 * kept for as long as the call lasts. Whether the PBX ends the calls of a lost connection is not documented, so those
 * of an earlier connection are ended as well, as far as they are still there.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm (AddAlienCall)
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
 */
export class AlienCalls {
    readonly #requests: PacedRequests;
    readonly #calls: CallLedger;
    readonly #reader: Pick<PresenceReader, 'known'>;
    readonly #clock: Clock;
    readonly #log: Log;
    readonly #settling: Agenda;
    #areKept = false;

    constructor({ requests, calls, reader, clock, log }: AlienCallsUse) {
        this.#requests = requests;
        this.#calls = calls;
        this.#reader = reader;
        this.#clock = clock;
        this.#log = log;
        this.#settling = new Agenda({ clock, onDue: () => this.#settle(), step: 100 });
    }

    /** True if the user's call was made over this connection. */
    holds(guid: string, session: PbxSession): boolean {
        const call = this.#calls.of(guid);
        return call?.phase === 'held' && call.place?.session === session;
    }

    /** True if a call is left to be ended, of this connection or of an earlier one. */
    has(guid: string): boolean {
        return this.#calls.of(guid)?.phase === 'held';
    }

    /** True if the user is to have a call, as far as is known. */
    isWanted(guid: string): boolean {
        const call = this.#calls.of(guid);
        return call?.phase === 'held' && !call.isDoubtful;
    }

    /**
     * Makes a call for the user, in the place of one that an earlier connection has made.
     * @returns why the PBX refuses it
     * @throws SyncError PBX_SILENT or what ended the session
     */
    async begin(session: PbxSession, user: PbxUser): Promise<string | undefined> {
        const { guid } = user.pbx;
        const former = this.#calls.of(guid)?.id;
        const undo = this.#calls.begin(guid, this.#reader.known(guid)?.presence.onThePhone ?? false);
        const made = await this.#make(session, user).catch((thrown: unknown) => {
            undo();
            throw thrown;
        });
        if (typeof made === 'string') {
            undo();
            return made;
        }
        const { api, id } = made;
        this.#calls.began(guid, id, { session, api });
        // The number of the new one may be that of the former, which then was gone.
        if (former !== undefined && former !== id) await this.#endFormer(session, api, former);
        return undefined;
    }

    /**
     * Ends the user's call.
     * @throws SyncError PBX_SILENT or what ended the session
     */
    async end(session: PbxSession, user: PbxUser): Promise<void> {
        const { guid } = user.pbx;
        const call = this.#calls.of(guid);
        if (call?.phase !== 'held' || call.id === undefined) return;
        const isOurs = call.place?.session === session;
        const api = isOurs ? { name: call.place.api } : await this.#act(session, user);
        if (typeof api === 'object') {
            if (isOurs) await this.#requests.ask(session, api.name, 'DelAlienCall', { id: call.id });
            else await this.#endFormer(session, api.name, call.id);
            await this.#requests.ask(session, impersonation, 'DeleteApi', { target: api.name });
        }
        this.#over(guid);
    }

    /** We may no longer act as users, so the call of an earlier connection cannot be ended, if it is still there. */
    giveUp(guid: string): void {
        this.#over(guid);
    }

    /** The user is gone, and the call with them. */
    forget(guid: string): void {
        const place = this.#calls.of(guid)?.place;
        this.#settling.delete(guid);
        if (!place || place.session.end) return;
        place.session.request(impersonation, 'DeleteApi', { target: place.api }).catch(() => undefined);
    }

    stop(): void {
        this.#settling.stop();
    }

    /** A call of the user, or why there is none. */
    async #make(session: PbxSession, user: PbxUser): Promise<{ api: PbxApiName; id: number } | string> {
        const api = await this.#act(session, user);
        if (typeof api !== 'object') return api;
        const added = await this.#requests.ask(session, api.name, 'AddAlienCall', {});
        // The PBX leaves empty values out, and 0 may be one.
        const { id = 0 } = added;
        const refusal = failureOf(added);
        if (refusal === undefined && typeof id === 'number') return { api: api.name, id };
        await this.#requests.ask(session, impersonation, 'DeleteApi', { target: api.name });
        return refusal ?? 'the call has no number';
    }

    /** An API that acts as the user, or why there is none. */
    async #act(session: PbxSession, user: PbxUser): Promise<{ name: PbxApiName } | string> {
        const made = await this.#requests.ask(session, impersonation, 'CreateApi', {
            sip: user.pbx.name,
            target: 'PbxApi',
        });
        const name = textOf(made.target);
        if (isInstance(name)) return { name };
        return failureOf(made) ?? 'the API has no name';
    }

    /** Ends a call that an earlier connection has made, if the PBX still has it. */
    async #endFormer(session: PbxSession, api: PbxApiName, id: number): Promise<void> {
        const result: Frame = await this.#requests.ask(session, api, 'DelAlienCall', { id });
        if (failureOf(result) !== undefined || this.#areKept) return;
        this.#areKept = true;
        this.#log('info', 'The PBX keeps calls made on behalf of users when the connection is lost; they are ended');
    }

    /** What the PBX shows of the call is told after its end, or before. */
    #over(guid: string): void {
        if (!this.#reader.known(guid)?.presence.onThePhone) return this.#calls.drop(guid);
        this.#calls.ended(guid);
        this.#settling.set(guid, this.#clock.now() + settlingTime);
    }

    /** Whoever is still on the phone is so in a call of their own. */
    #settle(): void {
        for (const guid of this.#settling.takeDue()) {
            if (this.#calls.of(guid)?.phase === 'ended') this.#calls.drop(guid);
        }
    }
}

function isInstance(name: string): name is PbxApiName {
    return name.startsWith('PbxApi.');
}
