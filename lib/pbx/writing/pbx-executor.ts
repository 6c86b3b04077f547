import { SyncError } from '../../errors/errors';
import type { Request } from '../../presence/next-step';
import {
    type Entry,
    entriesOf,
    nothing,
    ourContact,
    type Setting,
    sameSetting,
    userContact,
} from '../../presence/pbx-list';
import {
    callOf,
    entryOf,
    handleOf,
    liftsDnd,
    mark,
    ownSetting,
    type PbxEntry,
    type PbxRecord,
    pbxParts,
    standIn,
} from '../../presence/pbx-record';
import { type Claim, endClaims, liveClaims } from '../../presence/record';
import { Withdrawn } from '../../support/withdrawn';
import type { Executor, Treatment } from '../../sync/executor';
import { type Clock, within } from '../../time/clock';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { AlienCalls, type AlienCallsUse } from './alien-calls';
import { type Home, Homes, type HomesUse } from './homes';
import { PacedRequests, refused } from './paced-requests';

/** Refusals after which what a PBX shows of a user who takes no part any more counts as gone with the user. */
const patience = 5;

/** Milliseconds that the PBX may take to tell the list. */
const readBackLimit = 2_000;
/** Times that the list of a user is read back before our contact is taken to be accepted. */
const mostReadBacks = 3;
/** What every PBX takes. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/myApps.htm (SetOwnPresence) */
const commonActivities: readonly string[] = ['', 'away', 'busy', 'dnd'];

type PbxExecutorOptions = HomesUse & Pick<AlienCallsUse, 'look'>;

/** Whose entry is written, and over which connection. */
interface EntryWrite {
    home: Home;
    session: PbxSession;
    record: PbxRecord;
}

/**
 * Does in the PBX what the rules say, where each user is homed. Entries of presence lists are written under a contact of
 * our own, so that the user's own entry survives, or in its place where the PBX takes no such contact. Which of the two is
 * found out with the first write.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm (SetPresence)
 */
export class PbxExecutor implements Executor<PbxRecord> {
    readonly parts = pbxParts;
    readonly homes: Homes;
    readonly requests: PacedRequests;
    readonly calls: AlienCalls;
    readonly #use: PbxExecutorOptions;

    constructor(options: PbxExecutorOptions) {
        this.#use = options;
        this.homes = new Homes(options);
        this.requests = new PacedRequests(options.clock, options.log);
        this.calls = new AlienCalls({ ...options, homes: this.homes, requests: this.requests });
    }

    sideOf(record: PbxRecord): Home {
        return this.homes.of(record);
    }

    isFollowed({ isMember }: PbxRecord): boolean {
        return isMember === true;
    }

    /** There the newest choice by hand is known by the place that it has taken. */
    ownOf(): undefined {
        return undefined;
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
                if (step.do === 'clear') await this.calls.end(home, session, record);
                else await this.calls.begin(home, session, record);
                return 'accepted';
            }
            const write = { home, session, record };
            if (step.do === 'clear') {
                const claims = liveClaims(entryOf(record), this.#use.clock.monotonic());
                return (await this.#takeBack(write, claims)) ? 'accepted' : 'absent';
            }
            await this.#show(write, signal);
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

    /**
     * Shows what the newest claim says, or busy where the PBX does not take the activity; the claim then says so.
     * @throws Withdrawn; SyncError PBX_REQUEST_REFUSED with the user's name, PBX_SILENT or what ended the session
     */
    async #show(write: EntryWrite, signal: AbortSignal): Promise<void> {
        const { home, record } = write;
        const [newest, ...others] = liveClaims(entryOf(record), this.#use.clock.monotonic());
        const claim = newest!;
        const { contact } = handleOf(claim);
        const elsewhere = others.filter(other => handleOf(other).contact !== contact);
        if (elsewhere.length > 0) {
            await this.#takeBack(write, elsewhere);
            // The write may still have to wait for that of another one.
            endClaims(entryOf(record)!, this.#use.clock.monotonic(), each => elsewhere.includes(each));
        }
        if (contact === userContact || !home.takesContact) await this.#learn(write, claim);
        const { activity } = claim.value;
        const isCommon = commonActivities.includes(activity);
        const refusal = await this.#write(write, claim, signal);
        if (refusal === undefined) {
            if (!isCommon && home.untaken.size === 0) this.homes.note('PBX_ACTIVITY_UNTAKEN', false);
            return;
        }
        if (isCommon) throw refused('set the presence', record.person, refusal);
        claim.value = { ...claim.value, ...standIn(claim.value) };
        const second = await this.#write(write, claim, signal);
        if (second !== undefined) throw refused('set the presence', record.person, refusal);
        home.untaken.add(activity);
        this.homes.refused(home);
        this.homes.note('PBX_ACTIVITY_UNTAKEN', true, { activity });
    }

    /**
     * Takes back what these claims say; what the user has set is left alone, or takes our place again.
     * @returns whether something was sent
     * @throws SyncError as {@link perform}
     */
    async #takeBack(write: EntryWrite, claims: readonly Claim<PbxEntry>[]): Promise<boolean> {
        const { home, record } = write;
        const isInPlace = claims.some(claim => handleOf(claim).contact === userContact);
        const isApart = claims.some(claim => handleOf(claim).contact === ourContact);
        const isShown = !sameSetting(record.state?.list?.ours ?? nothing, nothing);
        if (isInPlace) await this.#giveBack(write, claims);
        const isOurs = (isApart && home.takesContact !== false) || isShown;
        const refusal = isOurs ? await this.#request(write, ourContact, nothing) : undefined;
        if (refusal !== undefined) throw refused('set the presence', record.person, refusal);
        return isInPlace || isOurs;
    }

    /** The own setting takes our place again; where the PBX lets only the user set its activity, as a note. */
    async #giveBack(write: EntryWrite, claims: readonly Claim<PbxEntry>[]): Promise<void> {
        const setting = ownSetting(write.record);
        const send = async (back: Setting): Promise<string | undefined> => {
            for (const claim of claims) mark(claim, { back });
            return await this.#request(write, userContact, back);
        };
        let refusal = await send(setting);
        if (refusal !== undefined && !commonActivities.includes(setting.activity))
            refusal = await send({ activity: '', note: setting.note || setting.activity });
        if (refusal !== undefined) throw refused('set the presence', write.record.person, refusal);
    }

    /** What the user has set may be overwritten, and has not been told yet. */
    async #learn({ session, record }: EntryWrite, claim: Claim<PbxEntry>): Promise<void> {
        const isOther = entryOf(record)!.claims.some(({ value }) => !sameSetting(value, claim.value));
        if (record.state?.list || isOther) return;
        const entries = (await readBack(session, record.person.pbx!.name, this.#use.clock)) ?? [];
        const tel = entries.find(each => each.contact === userContact && each.activity !== 'on-the-phone');
        // A try whose answer was lost may have put ours there.
        if (tel && !sameSetting(tel, claim.value)) claim.replaced = { activity: tel.activity, note: tel.note };
    }

    /** Sends the write and returns why the PBX refuses it. */
    async #write(write: EntryWrite, claim: Claim<PbxEntry>, signal: AbortSignal): Promise<string | undefined> {
        const { home, record } = write;
        const { contact } = handleOf(claim);
        if (contact === userContact || home.takesContact)
            return await this.#request(write, contact, claim.value, signal);
        if (home.probing !== undefined) throw new Withdrawn();
        if (!record.state?.list || home.readBacks >= mostReadBacks) return await this.#try(write, claim, signal);
        home.probing = record.key;
        return await this.#try(write, claim, signal).finally(() => this.homes.probed(home, record.key));
    }

    /** A PBX that takes no contact of our own, or takes it and does not keep it, is tried under `tel:`. */
    async #try(write: EntryWrite, claim: Claim<PbxEntry>, signal: AbortSignal): Promise<string | undefined> {
        const { home } = write;
        const { value } = claim;
        claim.seen = undefined;
        const first = await this.#request(write, ourContact, value, signal);
        // A PBX that has only been busy takes it the second time.
        const refusal = first === undefined ? first : await this.#request(write, ourContact, value);
        if (refusal === undefined) {
            const isLost = await this.#isLost(write, value);
            // Another write may have found out meanwhile that it is nowhere.
            if (!isLost && (home.takesContact !== false || handleOf(claim).contact === userContact)) {
                if (claim.seen && home.takesContact === undefined) this.#landed(write, claim);
                return undefined;
            }
        }
        const isMeant = !liftsDnd(write.record, value);
        // It may be the activity that is refused, which says nothing of the contact.
        if (!isMeant && refusal !== undefined && !commonActivities.includes(value.activity)) return refusal;
        const other = isMeant ? await this.#request(write, userContact, value) : undefined;
        if (other !== undefined) return refusal ?? other;
        if (isMeant) mark(claim, { contact: userContact });
        home.takesContact = false;
        this.homes.refused(home);
        this.homes.contactKnown(home);
        if (!isMeant) throw new Withdrawn();
        return undefined;
    }

    /** A frame has shown it under `tel:` before the answer came. */
    #landed({ home }: EntryWrite, claim: Claim<PbxEntry>): void {
        mark(claim, { contact: userContact });
        home.takesContact = false;
        this.homes.contactKnown(home);
    }

    /** Reads back whether the PBX shows what we wrote; false also where that cannot be told. */
    async #isLost({ home, session, record }: EntryWrite, value: Setting): Promise<boolean> {
        if (home.probing !== record.key || home.takesContact !== undefined) return false;
        home.readBacks += 1;
        const entries = await readBack(session, record.person.pbx!.name, this.#use.clock);
        // It may have been seen meanwhile, or the session may be over.
        if (!entries || home.takesContact !== undefined || session.end) return false;
        return !entries.some(entry => [ourContact, userContact].includes(entry.contact) && sameSetting(entry, value));
    }

    async #request(
        { session, record }: EntryWrite,
        contact: string,
        { activity, note }: Setting,
        signal?: AbortSignal,
    ): Promise<string | undefined> {
        try {
            const fields = { guid: record.key, contact, activity, note };
            return failureOf(await this.requests.ask(session, 'PbxApi', 'SetPresence', fields, { signal }));
        } catch (thrown) {
            if (thrown instanceof RangeError) return thrown.message;
            throw thrown;
        }
    }
}

/**
 * A user's presence list as it is now. There is no request for it, so a further subscription is made and ended.
 * @param sip name of the user
 * @returns undefined where the PBX does not tell it; never rejects
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
async function readBack(session: PbxSession, sip: string, clock: Clock): Promise<Entry[] | undefined> {
    const src = session.newSource();
    const told = new Promise<Entry[] | undefined>((resolve, reject) => {
        session.mux.listen(src, ({ mt, presence }) => mt === 'PresenceUpdate' && resolve(entriesOf(presence)));
        session
            .request('PbxApi', 'SubscribePresence', { sip }, src)
            .then(result => failureOf(result) !== undefined && resolve(undefined), reject);
    });
    const entries = await within(clock, readBackLimit, told).catch(() => undefined);
    session.mux.unlisten(src);
    session.request('PbxApi', 'UnsubscribePresence', { sip }, src).catch(() => undefined);
    return entries;
}
