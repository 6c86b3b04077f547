import { SyncError, toSyncError } from '../../errors/errors';
import { onThePhone } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { PresenceReader } from '../reading/presence-reader';
import { nothing, ourContact, type Setting, sameSetting, userContact } from '../reading/reduce-presence';
import type { PbxUser } from '../users/user-row';
import { plainNote } from './note';
import type { PacedRequests } from './paced-requests';
import type { PbxTarget } from './pbx-target';
import { readBack } from './read-back';
import type { WriteLedger } from './write-ledger';

/** Times that the list of a user is read back before our contact is taken to be accepted. */
const mostReadBacks = 3;
/** What every PBX takes. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/myApps.htm (SetOwnPresence) */
const commonActivities: readonly string[] = ['', 'away', 'busy', 'dnd'];

/** What {@link OwnEntries} works with. */
export interface OwnEntriesUse {
    requests: PacedRequests;
    ledger: WriteLedger;
    reader: Pick<PresenceReader, 'known' | 'presenceOf'>;
    clock: Clock;
    /** The PBX does not take this activity, and busy stands for it. */
    untaken(activity: string): void;
}

/**
 * Our entries in the presence lists of the users: under a contact of our own, so that the user's own entry survives, or
 * in its place where the PBX takes no such contact. Which of the two is found out with the first write.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm (SetPresence)
 */
export class OwnEntries {
    readonly #requests: PacedRequests;
    readonly #ledger: WriteLedger;
    readonly #reader: Pick<PresenceReader, 'known' | 'presenceOf'>;
    readonly #clock: Clock;
    readonly #tellUntaken: (activity: string) => void;
    /** Activities that the PBX does not take, by connection. */
    readonly #untaken = new WeakMap<PbxSession, Set<string>>();
    /** The write that is to show whether our contact is taken; the others wait for it. */
    #probe?: Promise<void>;
    #readBacks = 0;

    constructor({ requests, ledger, reader, clock, untaken }: OwnEntriesUse) {
        this.#requests = requests;
        this.#ledger = ledger;
        this.#reader = reader;
        this.#clock = clock;
        this.#tellUntaken = untaken;
    }

    /** There is a new connection, perhaps with a PBX that takes our contact by now. */
    probeAgain(): void {
        this.#ledger.probeAgain();
        this.#readBacks = 0;
    }

    /**
     * Shows a setting for the user, or busy where the PBX does not take the activity; sends nothing if it is there.
     * @param contact whether it goes to a contact of our own, if the PBX takes one
     * @returns what was written; `undefined` for nothing
     * @throws SyncError PBX_REQUEST_REFUSED with the user's name, PBX_SILENT or what ended the session
     */
    async show(
        session: PbxSession,
        user: PbxUser,
        wanted: Setting,
        contact: PbxTarget['contact'],
    ): Promise<Setting | undefined> {
        const untaken = this.#untaken.get(session) ?? new Set();
        const setting = untaken.has(wanted.activity) ? standInFor(wanted) : wanted;
        try {
            return await this.#show(session, user, setting, contact);
        } catch (thrown) {
            const isRefused = toSyncError(thrown).code === 'PBX_REQUEST_REFUSED';
            if (!isRefused || commonActivities.includes(setting.activity)) throw thrown;
        }
        const shown = await this.#show(session, user, standInFor(wanted), contact);
        this.#untaken.set(session, untaken.add(wanted.activity));
        this.#tellUntaken(wanted.activity);
        return shown;
    }

    /**
     * Takes back what we show for the user, also from before a crash; what the user has set is left alone.
     * @returns whether something was written
     * @throws SyncError as {@link show}
     */
    async takeBack(session: PbxSession, user: PbxUser): Promise<boolean> {
        const { guid } = user.pbx;
        while (this.#probe) await this.#probe;
        const write = this.#ledger.of(guid);
        const isHeld = write !== undefined && !(write.released && write.answered);
        const inPlace = isHeld && write.contact === userContact;
        if (inPlace) await this.#giveBack(session, user);
        else if (isHeld && this.#ledger.hasFallenBack) this.#ledger.over(guid);
        const isBeside = !this.#ledger.hasFallenBack && isHeld && !inPlace;
        const isLeft = isBeside || !sameSetting(this.#reader.known(guid)?.ours ?? nothing, nothing);
        if (isLeft) await this.#write(session, user, nothing, true, ourContact);
        return inPlace || isLeft;
    }

    /** The own setting takes our place again; where the PBX lets only the user set its activity, as a note. */
    async #giveBack(session: PbxSession, user: PbxUser): Promise<void> {
        const beneath = this.#beneath(user.pbx.guid);
        try {
            await this.#write(session, user, beneath, true, userContact);
        } catch (thrown) {
            const isRefused = toSyncError(thrown).code === 'PBX_REQUEST_REFUSED';
            if (!isRefused || commonActivities.includes(beneath.activity)) throw thrown;
            const note = beneath.note || beneath.activity;
            await this.#write(session, user, { activity: '', note }, true, userContact);
        }
    }

    /** True if the PBX no longer shows what we hold, or shows what we do not hold any more. Under `tel:` another value is the user's. */
    isLost(guid: string): boolean {
        const write = this.#ledger.of(guid);
        if (!write || write.released) return write?.answered === false;
        if (write.isDoubtful || write.contact === userContact) return false;
        return !sameSetting(this.#reader.known(guid)?.ours ?? nothing, write.wanted);
    }

    /**
     * Makes what we hold again if the PBX no longer shows it, and takes back what is left.
     * @returns what was written
     * @throws as {@link show}
     */
    async keep(session: PbxSession, user: PbxUser): Promise<Setting | undefined> {
        while (this.#probe) await this.#probe;
        const write = this.#ledger.of(user.pbx.guid);
        if (!write || !this.isLost(user.pbx.guid)) return undefined;
        if (write.released) await this.takeBack(session, user);
        else await this.#write(session, user, write.wanted, false);
        return write.wanted;
    }

    async #show(
        session: PbxSession,
        user: PbxUser,
        wanted: Setting,
        place: PbxTarget['contact'],
    ): Promise<Setting | undefined> {
        const { guid } = user.pbx;
        while (this.#probe) await this.#probe;
        const contact = place === 'tel' ? userContact : this.#ledger.contact;
        const write = this.#ledger.of(guid);
        const agrees = !write || (write.answered && sameSetting(write.wanted, wanted));
        const shownAt = write && !write.released ? write.contact : contact;
        if (agrees && sameSetting(this.#shown(guid, shownAt), wanted)) {
            if (write) this.#ledger.confirm(guid);
            else if (contact === ourContact) this.#ledger.adopt(guid, wanted);
            return undefined;
        }
        if (write && !write.released && write.contact !== contact) await this.takeBack(session, user);
        await this.#write(session, user, wanted, false, contact);
        return wanted;
    }

    /** What the PBX shows under a contact; our own word counts until the PBX has told a list. */
    #shown(guid: string, contact: string): Setting {
        const write = this.#ledger.of(guid);
        if (write?.answered && !write.seen && write.contact === contact) return write.wanted;
        const known = this.#reader.known(guid);
        return (contact === userContact ? known?.tel : known?.ours) ?? nothing;
    }

    /** What the user has set. */
    #beneath(guid: string): Setting {
        const { activity, note } = this.#reader.presenceOf(guid) ?? this.#ledger.of(guid)?.beneath ?? nothing;
        return { activity, note };
    }

    /** What the user has set may be overwritten, and has not been told yet. */
    #mustLearn(guid: string, contact: string): boolean {
        const isApart = contact === ourContact && !this.#ledger.isProbing;
        return !isApart && !this.#reader.known(guid) && !this.#ledger.of(guid);
    }

    async #learnBeneath(session: PbxSession, { pbx: { guid, name } }: PbxUser): Promise<Setting> {
        const entries = (await readBack(session, name, this.#clock)) ?? [];
        const tel = entries.find(entry => entry.contact === userContact && entry.activity !== onThePhone);
        return tel ? { activity: tel.activity, note: tel.note } : this.#beneath(guid);
    }

    async #write(
        session: PbxSession,
        user: PbxUser,
        value: Setting,
        released: boolean,
        contact = this.#ledger.contact,
    ): Promise<void> {
        const { guid } = user.pbx;
        const isLearnt = this.#mustLearn(guid, contact);
        const beneath = isLearnt ? await this.#learnBeneath(session, user) : this.#beneath(guid);
        const undo = this.#ledger.enter(guid, value, released, { contact, beneath });
        const refusal = await this.#send(session, user, contact, value);
        if (refusal !== undefined) {
            // What is to be taken back is so until that has succeeded.
            if (!released) undo();
            const what = 'set the presence';
            throw new SyncError('PBX_REQUEST_REFUSED', { what, user: user.displayName, detail: refusal });
        }
        this.#ledger.answered(guid);
    }

    /** Sends the write and returns why the PBX refuses it. */
    #send(session: PbxSession, user: PbxUser, contact: string, value: Setting): Promise<string | undefined> {
        const { guid } = user.pbx;
        if (contact === userContact || !this.#ledger.isProbing) return this.#request(session, guid, contact, value);
        const isSeen = this.#reader.known(guid) !== undefined && !sameSetting(value, nothing);
        const isProbe = isSeen && !this.#probe && this.#readBacks < mostReadBacks;
        const sending = this.#try(session, user, value, isProbe);
        if (isProbe) this.#probe = this.#endOf(sending);
        return sending;
    }

    async #endOf(sending: Promise<unknown>): Promise<void> {
        await sending.catch(() => undefined);
        this.#probe = undefined;
    }

    /** A PBX that takes no contact of our own, or takes it and does not keep it, is tried under `tel:`. */
    async #try(session: PbxSession, user: PbxUser, value: Setting, isProbe: boolean): Promise<string | undefined> {
        const { guid, name } = user.pbx;
        const first = await this.#request(session, guid, ourContact, value);
        // A PBX that has only been busy takes it the second time.
        const refusal = first === undefined ? first : await this.#request(session, guid, ourContact, value);
        if (refusal === undefined && (!isProbe || (await this.#isKept(session, name, value)))) return undefined;
        const other = await this.#request(session, guid, userContact, value);
        if (other !== undefined) return refusal ?? other;
        this.#ledger.moved(guid);
        this.#ledger.fallBack();
        return undefined;
    }

    /** Reads back whether the PBX shows what we wrote anywhere; true also where that cannot be told. */
    async #isKept(session: PbxSession, name: string, value: Setting): Promise<boolean> {
        if (!this.#ledger.isProbing) return true;
        this.#readBacks++;
        const entries = await readBack(session, name, this.#clock);
        // It may have been seen meanwhile, or the session may be over.
        if (!entries || !this.#ledger.isProbing || session.end) return true;
        return entries.some(entry => [ourContact, userContact].includes(entry.contact) && sameSetting(entry, value));
    }

    async #request(session: PbxSession, guid: string, contact: string, value: Setting): Promise<string | undefined> {
        const { activity, note } = value;
        try {
            const fields = { guid, contact, activity, note };
            return failureOf(await this.#requests.ask(session, 'PbxApi', 'SetPresence', fields));
        } catch (thrown) {
            if (thrown instanceof RangeError) return thrown.message;
            throw thrown;
        }
    }
}

/** The note says what the activity would. */
function standInFor({ activity, note }: Setting): Setting {
    return { activity: 'busy', note: note || plainNote(activity) };
}
