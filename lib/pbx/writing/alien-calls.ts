import { toSyncError } from '../../errors/errors';
import type { PresenceUser } from '../../presence/message';
import {
    beganCall,
    beginCall,
    type CallPlace,
    endAllCalls,
    endedCall,
    formerCalls,
    foundCall,
    holdsCall,
    loseCall,
    refuseCall,
} from '../../presence/pbx-call';
import { type CallHandle, callOf, type PbxRecord } from '../../presence/pbx-record';
import { type Claim, lookAt, type PartState } from '../../presence/record';
import { Withdrawn } from '../../support/withdrawn';
import { within } from '../../time/clock';
import { type Frame, failureOf, textOf } from '../connection/frame';
import type { PbxApiName, PbxSession } from '../connection/pbx-session';
import type { Home, Homes, HomesUse } from './homes';
import { type PacedRequests, refused } from './paced-requests';

/**
 * Milliseconds until RCC has told a call that has begun, until the PBX shows no more what it has ended, and until it will
 * not make any more what it has left unanswered.
 */
const settlingTime = { begun: 2_000, ended: 2_000, unanswered: 60_000 };
/** Milliseconds that a call waits until it is known whether any can be made; an API that is not ticked is silent. */
const answerTime = 500;
const impersonation = 'PbxImpersonation';

export interface AlienCallsUse extends Pick<HomesUse, 'people' | 'clock' | 'log'> {
    homes: Homes;
    requests: PacedRequests;
    /** The user is looked at again: what the PBX shows may mean something else by now. */
    look(record: PbxRecord): void;
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

    constructor(use: AlienCallsUse) {
        this.#use = use;
    }

    /**
     * Makes a call for the user, where this connection has made none, after those that an earlier one has made are ended.
     * @throws Withdrawn; SyncError PBX_REQUEST_REFUSED with the user's name, PBX_SILENT or what ended the session
     */
    async begin(home: Home, session: PbxSession, record: PbxRecord): Promise<void> {
        const { homes, clock } = this.#use;
        if (!(await within(clock, answerTime, homes.allowsCalls(home, session)))) {
            // As long as that is not answered, an entry stands for the call.
            home.takesCalls ??= false;
            throw new Withdrawn();
        }
        home.takesCalls = true;
        if (holdsCall(record, session)) return await this.#endFormer(session, record);
        const refusal = await this.#make(session, record).catch((thrown: unknown) => {
            const error = toSyncError(thrown);
            if (error.code === 'PBX_API_MISSING') return error.message;
            throw error;
        });
        homes.called(record, refusal);
        if (refusal !== undefined) throw refused('show on-the-phone', record.person, refusal);
        const [claim] = callOf(record)!.claims;
        if (claim) claim.handle = { ...(claim.handle as CallHandle), number: record.ownCall?.id };
    }

    /** @returns why the PBX refuses the call */
    async #make(session: PbxSession, record: PbxRecord): Promise<string | undefined> {
        this.#lookForLost(session, record);
        const api = await this.#act(session, record.person);
        if (typeof api !== 'object') return api;
        let isKept = false;
        try {
            await this.#endFormerBy(api.name, session, record);
            const refusal = await this.#add(session, record, api.name);
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
    async end(home: Home, session: PbxSession, record: PbxRecord): Promise<void> {
        // One of an earlier connection that we may no longer end has ended with that, or never will.
        if (!holdsCall(record, session) && !(await this.#use.homes.allowsCalls(home, session)))
            return this.#over(record, settlingTime.ended);
        const { ownCall: call } = record;
        if (!call || call.phase === 'ended') return;
        if (call.phase === 'beginning') this.#lookForLost(session, record);
        if (holdsCall(record, session)) await this.#endHeld(record, call.id!, call.place!);
        await this.#endFormer(session, record);
        this.#over(record, call.phase === 'beginning' ? settlingTime.unanswered : settlingTime.ended);
    }

    /** Ends those that are not the one which is held over this connection. */
    async #endFormer(session: PbxSession, record: PbxRecord): Promise<void> {
        if (formerCalls(record, session).length === 0) return;
        const api = await this.#act(session, record.person);
        if (typeof api !== 'object') throw refused('end the call', record.person, api);
        await this.#endFormerBy(api.name, session, record).finally(() => this.#close(session, api.name));
    }

    /** The user is gone, and the call with them. */
    forget(record: PbxRecord): void {
        this.#use.homes.called(record, undefined);
        const { place } = record.ownCall ?? {};
        record.ownCall = undefined;
        if (place) this.#close(place.session as PbxSession, place.api as PbxApiName);
    }

    /** Asks for the call itself. @returns why there is none */
    async #add(session: PbxSession, record: PbxRecord, api: PbxApiName): Promise<string | undefined> {
        beginCall(record, { session, api });
        const takeLate = (late: Frame): void => {
            if (failureOf(late) !== undefined) return;
            foundCall(record, numberOf(late) ?? 0);
            this.#found(record);
        };
        const added = await this.#use.requests.ask(session, api, 'AddAlienCall', {}, { takeLate });
        const id = numberOf(added);
        const refusal = failureOf(added) ?? (id === undefined ? 'the call has no number' : undefined);
        if (refusal === undefined) beganCall(record, id!, this.#settlesIn(record, settlingTime.begun));
        else refuseCall(record);
        this.#use.look(record);
        return refusal;
    }

    /** The PBX has made a call after all that was given up. */
    #found({ key, person, ownCall }: PbxRecord): void {
        const record = this.#use.people().recordOf(key, person);
        if (ownCall) record.ownCall = ownCall;
        const now = this.#use.clock.monotonic();
        const ends = Number.POSITIVE_INFINITY;
        const found: Claim<true> = { value: true, from: now, renew: ends, ends, certainty: 'sent', way: '' };
        const { spoken: by } = record;
        const state = callOf(record) ?? { claims: [], ...(by ? { desired: { by } } : {}) };
        record.parts.call = { ...state, claims: [...state.claims, found] } as PartState;
        this.#use.look(record);
    }

    /** A refusal of what the PBX shows no more means that it is gone. */
    async #endHeld(record: PbxRecord, id: number, place: CallPlace): Promise<void> {
        const [session, api] = [place.session as PbxSession, place.api as PbxApiName];
        let result: Frame;
        try {
            result = await this.#use.requests.ask(session, api, 'DelAlienCall', { id });
        } catch (thrown) {
            loseCall(record);
            this.#close(session, api);
            throw thrown;
        }
        const refusal = failureOf(result);
        if (refusal !== undefined && record.state?.list?.presence.onThePhone !== false)
            throw refused('end the call', record.person, refusal);
        endedCall(record, id);
        this.#close(session, api);
    }

    /** A call at a PBX where the user was homed before is ended there, by the API that has made it. */
    async #endFormerBy(api: PbxApiName, session: PbxSession, record: PbxRecord): Promise<void> {
        const { id: held, place } = record.ownCall ?? {};
        const former = place?.session as PbxSession | undefined;
        if (held !== undefined && place && former && former !== session && !former.end) {
            await this.#use.requests.ask(former, place.api as PbxApiName, 'DelAlienCall', { id: held });
            this.#close(former, place.api as PbxApiName);
            endedCall(record, held);
        }
        for (const id of formerCalls(record, session)) {
            await this.#use.requests.ask(session, api, 'DelAlienCall', { id });
            endedCall(record, id);
        }
    }

    /** An API that acts as the user, or why there is none. */
    async #act(session: PbxSession, { pbx }: PresenceUser): Promise<{ name: PbxApiName } | string> {
        const fields = { sip: pbx!.name, target: 'PbxApi' };
        const takeLate = (late: Frame): void => {
            const name = textOf(late.target);
            if (isInstance(name)) this.#close(session, name);
        };
        const made = await this.#use.requests.ask(session, impersonation, 'CreateApi', fields, { takeLate });
        const name = textOf(made.target);
        if (isInstance(name)) return { name };
        return failureOf(made) ?? 'the API has no name';
    }

    /** The API is not needed any more; its end is not waited for. */
    #close(session: PbxSession, api: PbxApiName): void {
        if (session.end) return;
        this.#use.requests.ask(session, impersonation, 'DeleteApi', { target: api }).catch(() => undefined);
    }

    /** A call whose number was lost together with the connection cannot be ended, where the PBX keeps it. */
    #lookForLost(session: PbxSession, { ownCall: call, state, person }: PbxRecord): void {
        if (call?.phase !== 'beginning' || call.isBeside || call.place?.session === session) return;
        if (!state?.list?.presence.onThePhone) return;
        this.#use.log(
            'warn',
            `${person.displayName} shows as on-the-phone in the PBX, perhaps in a call that we have asked for when the connection was lost: such a call cannot be ended from here`,
        );
    }

    /** What the PBX shows of the calls is told after their end, or before. */
    #over(record: PbxRecord, time: number): void {
        const isShown = time === settlingTime.unanswered || record.state?.list?.presence.onThePhone;
        if (isShown) endAllCalls(record, this.#settlesIn(record, time));
        else record.ownCall = undefined;
        this.#use.look(record);
    }

    /** The user is looked at again once so many ms have passed. */
    #settlesIn(record: PbxRecord, time: number): number {
        const settles = this.#use.clock.monotonic() + time;
        lookAt(record, settles, 'renewal');
        return settles;
    }
}

/** The PBX leaves empty values out, and 0 may be one. */
function numberOf({ id = 0 }: Frame): number | undefined {
    return typeof id === 'number' ? id : undefined;
}

function isInstance(name: string): name is PbxApiName {
    return name.startsWith('PbxApi.');
}
