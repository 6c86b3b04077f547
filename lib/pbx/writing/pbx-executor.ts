import { SyncError, toSyncError } from '../../errors/errors';
import { holdsCall } from '../../presence/pbx-call';
import { type CallHandle, callOf, entryOf, type PbxRecord, pbxParts } from '../../presence/pbx-record';
import { liveClaims } from '../../presence/record';
import { Withdrawn } from '../../support/withdrawn';
import type { Executor, Request, Treatment } from '../../sync/executor';
import { within } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { AlienCalls } from './alien-calls';
import { EntryRequests, type EntryRequestsUse } from './entry-requests';
import type { Home } from './homes';

/** Refusals after which what a PBX shows of a user who takes no part any more counts as gone with the user. */
const patience = 5;
/** Milliseconds that a call waits until it is known whether any can be made; an API that is not ticked is silent. */
const answerTime = 500;

interface PbxExecutorOptions extends EntryRequestsUse {
    calls: AlienCalls;
    /** A user is looked at again: what is known may mean something else by now. */
    look(record: PbxRecord): void;
}

/**
 * Does in the PBX what the rules say, where each user is homed.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PbxExecutor implements Executor<PbxRecord> {
    readonly parts = pbxParts;
    readonly #use: PbxExecutorOptions;
    readonly #entries: EntryRequests;

    constructor(options: PbxExecutorOptions) {
        this.#use = options;
        this.#entries = new EntryRequests(options);
    }

    sideOf(record: PbxRecord): Home {
        return this.#use.homes.of(record);
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
            const write = { home, session, record };
            if (step.do === 'clear') {
                const claims = liveClaims(entryOf(record), this.#use.clock.monotonic());
                return (await this.#entries.takeBack(write, claims)) ? 'accepted' : 'absent';
            }
            await this.#entries.show(write, signal);
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
        this.#use.calls.forget(record);
    }

    async #makeCall(home: Home, session: PbxSession, record: PbxRecord): Promise<'accepted'> {
        const { homes, clock } = this.#use;
        if (!(await within(clock, answerTime, homes.allowsCalls(session)))) {
            // As long as that is not answered, an entry stands for the call.
            home.takesCalls ??= false;
            throw new Withdrawn();
        }
        home.takesCalls = true;
        if (holdsCall(record, session)) {
            await this.#use.calls.endFormer(session, record);
            return 'accepted';
        }
        const refusal = await this.#use.calls.begin(session, record).catch((thrown: unknown) => {
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
        if (holdsCall(record, session) || (await this.#use.homes.allowsCalls(session)))
            await this.#use.calls.end(session, record);
        else this.#use.calls.giveUp(record);
        return 'accepted';
    }
}
