import { SyncError, toSyncError } from '../../errors/errors';
import { holdsCall } from '../../presence/pbx-call';
import { type CallHandle, callOf, entryOf, type PbxRecord, pbxParts } from '../../presence/pbx-record';
import { liveClaims } from '../../presence/record';
import { Withdrawn } from '../../support/withdrawn';
import type { Executor, Request, Treatment } from '../../sync/executor';
import type { Clock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { AlienCalls } from './alien-calls';
import { EntryRequests } from './entry-requests';
import type { Home } from './home';
import { Impersonation } from './impersonation';
import type { PacedRequests } from './paced-requests';
import type { WriteNotes } from './write-notes';

/** Refusals after which what a PBX shows of a user who takes no part any more counts as gone with the user. */
const patience = 5;

/** What a {@link PbxExecutor} works with. */
export interface PbxExecutorOptions {
    homeOf(record: PbxRecord): Home;
    requests: PacedRequests;
    notes: WriteNotes;
    clock: Clock;
    log: Log;
    /** A user is looked at again: what is known may mean something else by now. */
    look(record: PbxRecord): void;
    /** A line state of the user means something else than before. */
    callChanged(record: PbxRecord): void;
    /** The PBX has made a call after all that was given up. */
    callFound(record: PbxRecord): void;
    /** It is known now whether calls can be made over this connection. */
    callsKnown(session: PbxSession, areAllowed: boolean): void;
    /** The PBX keeps no entry of our own: what was written under our contact is gone. */
    landed(home: Home): void;
    /** Those who have waited for the contact to be found out need not any more. */
    probed(home: Home): void;
}

/**
 * Does in the PBX what the rules say, where each user is homed.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PbxExecutor implements Executor<PbxRecord> {
    readonly parts = pbxParts;
    readonly #use: PbxExecutorOptions;
    readonly #entries: EntryRequests;
    readonly #calls: AlienCalls;
    readonly #impersonation: Impersonation;

    constructor(options: PbxExecutorOptions) {
        this.#use = options;
        const { clock, notes, callChanged, callFound, callsKnown } = options;
        const untaken = (activity: string): void => notes.add('PBX_ACTIVITY_UNTAKEN', { activity });
        this.#entries = new EntryRequests({ ...options, untaken });
        this.#calls = new AlienCalls({ ...options, changed: callChanged, found: callFound });
        this.#impersonation = new Impersonation(clock, callsKnown);
    }

    sideOf(record: PbxRecord): Home {
        return this.#use.homeOf(record);
    }

    isFollowed({ isMember }: PbxRecord): boolean {
        return isMember === true;
    }

    exists({ isMember }: PbxRecord): boolean {
        return isMember === true;
    }

    async perform(record: PbxRecord, step: Request, signal: AbortSignal): Promise<'accepted' | 'absent'> {
        const home = this.sideOf(record);
        const { session } = home;
        if (!session) throw new Withdrawn();
        try {
            if (step.part === 'call') {
                if (step.do === 'clear') return await this.#endCall(session, record);
                return await this.#makeCall(home, session, record);
            }
            if (step.do === 'clear') return await this.#takeBack(home, session, record);
            await this.#entries.show(home, session, record, signal);
            return 'accepted';
        } catch (thrown) {
            const isRefused = thrown instanceof SyncError && thrown.code === 'PBX_REQUEST_REFUSED';
            const failures = record.parts[step.part]?.trouble?.failures ?? 0;
            // A user who is gone from the PBX is refused, too.
            if (isRefused && step.do === 'clear' && !record.isMember && failures >= patience) return 'absent';
            throw thrown;
        }
    }

    /** What a PBX shows it tells by itself, so this is only a second look at what is known. */
    async read(records: readonly PbxRecord[]): Promise<void> {
        for (const record of records) this.#use.look(record);
    }

    treat(error: SyncError, record: PbxRecord): Treatment {
        const { code, kind } = error;
        const isCall = record.sending?.part === 'call';
        const isCovered = isCall && callOf(record)?.desired?.value === true;
        if (code === 'PBX_SILENT') return { as: 'person' };
        if (kind === 'outage') return { as: 'side' };
        if (kind === 'configuration' && !isCall) return { as: 'administrator' };
        return { as: 'refused', ...(isCovered ? { isCovered } : {}) };
    }

    /** The user takes no part any more, and nothing of ours is left. */
    forget(record: PbxRecord): void {
        this.#use.notes.called(record, undefined);
        this.#calls.forget(record);
    }

    async #takeBack(home: Home, session: PbxSession, record: PbxRecord): Promise<'accepted' | 'absent'> {
        const claims = liveClaims(entryOf(record), this.#use.clock.monotonic());
        return (await this.#entries.takeBack(home, session, record, claims)) ? 'accepted' : 'absent';
    }

    async #makeCall(home: Home, session: PbxSession, record: PbxRecord): Promise<'accepted'> {
        if (!(await this.#impersonation.allows(session))) {
            // As long as that is not answered, an entry stands for the call.
            home.takesCalls ??= false;
            throw new Withdrawn();
        }
        home.takesCalls = true;
        if (holdsCall(record, session)) {
            await this.#calls.endFormer(session, record);
            return 'accepted';
        }
        const refusal = await this.#calls.begin(session, record).catch((thrown: unknown) => {
            const error = toSyncError(thrown);
            if (error.code === 'PBX_API_MISSING') return error.message;
            throw error;
        });
        this.#use.notes.called(record, refusal);
        if (refusal === undefined) {
            const [claim] = callOf(record)!.claims;
            if (claim) claim.handle = { ...(claim.handle as CallHandle), number: record.ownCall?.id };
            return 'accepted';
        }
        const { displayName: user } = record.person;
        throw new SyncError('PBX_REQUEST_REFUSED', { what: 'show on-the-phone', user, detail: refusal });
    }

    /** A call of an earlier connection that we may no longer end has ended with that, or never will. */
    async #endCall(session: PbxSession, record: PbxRecord): Promise<'accepted'> {
        if (holdsCall(record, session) || (await this.#impersonation.answer(session)))
            await this.#calls.end(session, record);
        else this.#calls.giveUp(record);
        return 'accepted';
    }
}
