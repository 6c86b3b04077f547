import { toSyncError } from '../../errors/errors';
import type { Outcome } from '../../presence/message';
import { onThePhone } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import { nothing, type Setting, sameSetting, userContact } from '../reading/reduce-presence';
import type { PbxUser } from '../users/user-row';
import { AlienCalls } from './alien-calls';
import { Impersonation } from './impersonation';
import { alreadyShown, nothingHeld, shownAs, takenBack } from './outcomes';
import { OwnEntries } from './own-entries';
import type { PacedRequests } from './paced-requests';
import { defaultChoice, type PbxTarget, targetOf } from './pbx-target';
import type { WriteLedger } from './write-ledger';

/** What {@link OwnPresence} works with. */
export interface OwnPresenceUse {
    requests: PacedRequests;
    ledger: WriteLedger;
    reader: Pick<PresenceReader, 'known' | 'presenceOf'>;
    clock: Clock;
    log: Log;
    /** It is known now whether calls can be made over this connection. */
    asked(session: PbxSession, isAllowed: boolean): void;
    /** The PBX may be asked for calls and refuses one; `undefined`: it makes it. */
    called(user: PbxUser, refusal: string | undefined): void;
    /** The PBX does not take this activity, and busy stands for it. */
    untaken(activity: string): void;
    /** There is something of ours in the PBX that nobody wants. */
    left(guid: string): void;
}

/** What we hold for a user, an entry and perhaps an alien call, brought to a target with as few requests as it takes. */
export class OwnPresence {
    readonly #use: OwnPresenceUse;
    readonly #entries: OwnEntries;
    readonly #calls: AlienCalls;
    readonly #impersonation: Impersonation;
    /** Targets with a call, by GUID: what was asked for, even where an entry stands for the call. */
    readonly #callTargets = new Map<string, PbxTarget>();

    constructor(use: OwnPresenceUse) {
        this.#use = use;
        this.#entries = new OwnEntries(use);
        this.#calls = new AlienCalls({ ...use, calls: use.ledger.calls });
        this.#impersonation = new Impersonation(use.clock, (session, isAllowed) => use.asked(session, isAllowed));
    }

    /** GUIDs of the users who are to have a call. */
    get callers(): string[] {
        return [...this.#callTargets.keys()];
    }

    /** There is a new connection, over which the PBX may do what it has not done so far. */
    probeAgain(): void {
        this.#entries.probeAgain();
    }

    /**
     * Makes us hold exactly the target. What comes is made before what goes ends, so that nothing is shown in between;
     * only what takes the place of the user's setting waits for the end of a call.
     * @throws SyncError PBX_REQUEST_REFUSED with the user's name, PBX_SILENT or what ended the session
     */
    async change(session: PbxSession, user: PbxUser, target: PbxTarget): Promise<Outcome> {
        const { guid } = user.pbx;
        const { calls } = this.#use.ledger;
        if (target.call) this.#callTargets.set(guid, target);
        else this.#callTargets.delete(guid);
        // Whatever fails from here on: a call that nobody wants is not made again, and ended as soon as that can be done.
        if (target.call) calls.want(guid);
        else calls.release(guid);
        const began = target.call && !this.#calls.holds(guid, session) && (await this.#begin(session, user));
        const isCall = target.call && this.#calls.holds(guid, session);
        const entry = target.call && !isCall ? target.instead : target.entry;
        let wrote: Setting | undefined;
        let ended = false;
        const write = async (): Promise<void> => {
            wrote = await this.#write(session, user, entry, target.contact);
        };
        const end = async (): Promise<void> => {
            ended = !target.call && (await this.#end(session, user));
        };
        if (!this.#hidesUsers(guid, target)) await inTurn(write, end);
        else await inTurn(() => end().then(() => calls.over(guid)), write);
        const isHeld = isCall || !sameSetting(entry, nothing);
        if (!began && !wrote && !ended) return isHeld ? alreadyShown : nothingHeld;
        return isHeld ? shownAs(isCall ? onThePhone : (wrote ?? entry).activity) : takenBack;
    }

    /**
     * True if the PBX may no longer show what we hold, or show what we do not hold any more.
     * @param session the one of the user's PBX now
     */
    isLost(guid: string, session: PbxSession | undefined): boolean {
        if (this.#entries.isLost(guid) || this.#use.ledger.calls.isLeft(guid)) return true;
        return this.#callTargetOf(guid) !== undefined && !(session && this.#calls.holds(guid, session));
    }

    /** Makes what is lost again, and takes back what is left. @throws SyncError as {@link change} */
    async keep(session: PbxSession, user: PbxUser): Promise<Outcome> {
        const { guid } = user.pbx;
        const target = this.#callTargetOf(guid);
        if (target) {
            const outcome = await this.change(session, user, target);
            if (this.#calls.holds(guid, session)) await this.#calls.endFormer(session, user);
            return outcome;
        }
        const value = await this.#entries.keep(session, user);
        const ended = this.#use.ledger.calls.isLeft(guid) && (await this.#end(session, user));
        if (value && !sameSetting(value, nothing)) return shownAs(value.activity);
        return value || ended ? takenBack : alreadyShown;
    }

    /** The user is gone. */
    forget(guid: string): void {
        this.#callTargets.delete(guid);
        this.#calls.forget(guid);
        this.#use.ledger.forget(guid);
    }

    stop(): void {
        this.#impersonation.stop();
        this.#calls.stop();
    }

    /**
     * In the place of the user's setting we write only what gives way to it in the end. A PBX may show our call in that
     * place, too, and tells what the user has set meanwhile only after its end.
     */
    #hidesUsers(guid: string, { call, contact }: PbxTarget): boolean {
        const { ledger } = this.#use;
        const isInPlace = contact === 'tel' || ledger.hasFallenBack || ledger.of(guid)?.contact === userContact;
        return !call && isInPlace && ledger.calls.has(guid);
    }

    /** A call that an earlier system has made in this process goes on. */
    #callTargetOf(guid: string): PbxTarget | undefined {
        if (this.#callTargets.has(guid)) return this.#callTargets.get(guid);
        const { calls } = this.#use.ledger;
        const call = calls.of(guid);
        if (!call?.isWanted || call.isDoubtful || !calls.has(guid)) return undefined;
        const wish = { activity: onThePhone, note: '' };
        const target = targetOf(wish, { ...defaultChoice, call: 'alien' }, { name: '', now: this.#use.clock.date() });
        const write = this.#use.ledger.of(guid);
        if (!write || write.released) return target;
        return { ...target, entry: write.wanted, contact: write.contact === userContact ? 'tel' : 'own' };
    }

    /** @returns what was written */
    async #write(
        session: PbxSession,
        user: PbxUser,
        entry: Setting,
        contact: PbxTarget['contact'],
    ): Promise<Setting | undefined> {
        if (!sameSetting(entry, nothing)) return this.#entries.show(session, user, entry, contact);
        return (await this.#entries.takeBack(session, user)) ? nothing : undefined;
    }

    async #begin(session: PbxSession, user: PbxUser): Promise<boolean> {
        if (!(await this.#impersonation.allows(session))) return false;
        try {
            const refusal = await this.#calls.begin(session, user);
            this.#use.called(user, refusal);
            return refusal === undefined;
        } catch (thrown) {
            const error = toSyncError(thrown);
            if (error.code !== 'PBX_API_MISSING') throw error;
            this.#use.called(user, error.message);
            return false;
        }
    }

    /** A call of an earlier connection that we may no longer end has ended with that, or never will. */
    async #end(session: PbxSession, user: PbxUser): Promise<boolean> {
        const { guid } = user.pbx;
        if (!this.#use.ledger.calls.has(guid)) return false;
        const mayEnd = this.#calls.holds(guid, session) || (await this.#impersonation.answer(session));
        if (mayEnd) await this.#calls.end(session, user);
        else this.#calls.giveUp(guid);
        return true;
    }
}

/** The second is done also where the first fails. */
async function inTurn(first: () => Promise<void>, second: () => Promise<void>): Promise<void> {
    try {
        await first();
    } finally {
        await second();
    }
}
