import type { Outcome, PresenceUser } from '../../presence/message';
import { onThePhone, type PbxPresence } from '../../presence/vocabulary';
import { SyncError, toSyncError } from '../../support/errors';
import { KeyedQueue } from '../../support/keyed-queue';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import { nothing, ourContact, type Setting, sameSetting, userContact } from '../reading/reduce-presence';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { WriteLedger } from './write-ledger';

/** Users who may have a write on its way at once. */
const parallelWrites = 32;
/** What stands for a call where the flow gives no note: the PBX makes `on-the-phone` itself and takes it from nobody. */
const callNote = 'On a Teams call';

const replaced: Outcome = { written: false, reason: 'Replaced by a newer change' };
const alreadyShown: Outcome = { written: false, reason: 'Already shown in the PBX' };
const nothingHeld: Outcome = { written: false, reason: 'Nothing to take back' };
const closed: Outcome = { written: false, reason: 'The connection to the PBX was closed' };

interface Job {
    user: PresenceUser;
    /** `clear` takes back what we hold, `keep` makes it again where it is gone. */
    wish: Setting | 'clear' | 'keep';
    /** False for a job that makes no sense after this connection. */
    lasting: boolean;
    resolve: (outcome: Outcome) => void;
    reject: (error: SyncError) => void;
}

/**
 * Sets presence in the PBX. Only the newest wish per user counts, and without a connection it waits for one.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PresenceWriter {
    readonly #directory: UserDirectory;
    readonly #reader: PresenceReader;
    readonly #ledger: WriteLedger;
    readonly #log: Log;
    readonly #queue = new KeyedQueue<Job>((guid, job) => this.#run(guid, job), parallelWrites);
    /** Wishes for users who cannot be named before the user table has been read; by address. */
    readonly #early = new Map<string, Job>();
    #session?: PbxSession;
    #stopped = false;

    constructor(options: { directory: UserDirectory; reader: PresenceReader; ledger: WriteLedger; log: Log }) {
        this.#directory = options.directory;
        this.#reader = options.reader;
        this.#ledger = options.ledger;
        this.#log = options.log;
        this.#queue.pause();
    }

    /**
     * Shows the presence beside the user's own setting; `on-the-phone` becomes `busy`, and nothing at all is the same as
     * {@link clear}. Resolves when the PBX has answered or when it is certain that nothing needs to be sent.
     * @throws SyncError PBX_USER_UNKNOWN, PBX_REQUEST_REFUSED or PBX_SILENT
     */
    set(user: PresenceUser, presence: Pick<PbxPresence, 'activity' | 'note'>): Promise<Outcome> {
        const { activity, note } = presence;
        const wish = activity === onThePhone ? { activity: 'busy', note: note || callNote } : { activity, note };
        return this.#put(user, sameSetting(wish, nothing) ? 'clear' : wish);
    }

    /**
     * Takes back what we show for the user, also from before a crash; what the user has set is left alone.
     * @throws SyncError as {@link set}
     */
    clear(user: PresenceUser): Promise<Outcome> {
        return this.#put(user, 'clear');
    }

    /** Takes back everything that can still be taken back over this connection; never rejects. */
    async clearAll(): Promise<void> {
        this.#dropWaiting(replaced);
        const users = this.#ledger.held().map(guid => this.#directory.find(guid));
        if (!this.#session) return this.#ledger.clear();
        await Promise.allSettled(users.map(user => user && this.#put(user, 'clear', false)));
    }

    /** A connection is online: what waits is written. */
    online(session: PbxSession): void {
        this.#session = session;
        const early = [...this.#early.values()];
        this.#early.clear();
        for (const job of early) this.#enqueue(job);
        for (const guid of this.#ledger.held()) if (!this.#reader.known(guid)) this.keep(guid);
        this.#queue.resume();
    }

    /** The connection is over; what is on its way is written again over the next one. */
    lost(): void {
        this.#session = undefined;
        this.#queue.pause();
    }

    /** Wishes are taken from now on, and wait for a connection. */
    start(): void {
        this.#stopped = false;
    }

    /** What waits will not be written any more. */
    stop(): void {
        this.#stopped = true;
        this.#dropWaiting(closed);
    }

    /** Makes what we hold for the user again if the PBX no longer shows it; after a reconnect. */
    keep(guid: string): void {
        const user = this.#directory.find(guid);
        if (!user || !this.#ledger.of(guid) || !this.#isLost(guid)) return;
        const reject = (error: SyncError) => this.#log('warn', error.message);
        this.#putBack(guid, { user, wish: 'keep', lasting: false, resolve: () => undefined, reject });
    }

    #put(user: PresenceUser, wish: Job['wish'], lasting = true): Promise<Outcome> {
        return new Promise((resolve, reject) => this.#enqueue({ user, wish, lasting, resolve, reject }));
    }

    #enqueue(job: Job): void {
        if (this.#stopped) return job.resolve(closed);
        const guid = this.#directory.find(job.user)?.pbx.guid;
        if (guid !== undefined) return this.#queue.put(guid, job)?.resolve(replaced);
        if (this.#directory.loaded) return job.reject(unknownUser(job.user));
        const key = job.user.pbx?.guid ?? job.user.addresses[0] ?? job.user.displayName;
        this.#early.get(key)?.resolve(replaced);
        this.#early.set(key, job);
    }

    /** Adds the job unless a newer one waits. */
    #putBack(guid: string, job: Job): void {
        if (!this.#queue.putBack(guid, job)) job.resolve(replaced);
    }

    async #run(guid: string, job: Job): Promise<void> {
        const session = this.#session;
        if (!session) return this.#interrupted(guid, job);
        try {
            const user = this.#directory.find(guid);
            if (!user) throw unknownUser(job.user);
            job.resolve(await this.#work(session, user, job.wish));
        } catch (thrown) {
            if (session.end) this.#interrupted(guid, job);
            else job.reject(toSyncError(thrown));
        }
    }

    #interrupted(guid: string, job: Job): void {
        this.#queue.pause();
        if (this.#stopped || !job.lasting) job.resolve(closed);
        else this.#putBack(guid, job);
    }

    async #work(session: PbxSession, user: PbxUser, wish: Job['wish']): Promise<Outcome> {
        const { guid } = user.pbx;
        if (wish === 'clear') return this.#takeBack(session, user);
        if (wish !== 'keep') return this.#show(session, user, wish);
        const write = this.#ledger.of(guid);
        if (!write || write.released || !this.#isLost(guid)) return alreadyShown;
        return this.#write(session, user, write.wanted, false);
    }

    async #show(session: PbxSession, user: PbxUser, wanted: Setting): Promise<Outcome> {
        const { guid } = user.pbx;
        const write = this.#ledger.of(guid);
        const agrees = !write || (write.answered && sameSetting(write.wanted, wanted));
        if (!agrees || !sameSetting(this.#shown(guid), wanted)) return this.#write(session, user, wanted, false);
        if (!write && this.#ledger.contact === ourContact) this.#ledger.adopt(guid, wanted);
        return alreadyShown;
    }

    async #takeBack(session: PbxSession, user: PbxUser): Promise<Outcome> {
        const { guid } = user.pbx;
        const write = this.#ledger.of(guid);
        const isHeld = write !== undefined && !(write.released && write.answered);
        if (this.#ledger.contact === userContact) {
            const { activity, note } = this.#reader.presenceOf(guid) ?? nothing;
            return isHeld ? this.#write(session, user, { activity, note }, true) : nothingHeld;
        }
        if (!isHeld && sameSetting(this.#shown(guid), nothing)) return nothingHeld;
        return this.#write(session, user, nothing, true);
    }

    /** What the PBX shows under the contact that we use; our own word counts until the PBX has told a list. */
    #shown(guid: string): Setting {
        const write = this.#ledger.of(guid);
        if (write?.answered && !write.seen) return write.wanted;
        const known = this.#reader.known(guid);
        return (this.#ledger.contact === userContact ? known?.tel : known?.ours) ?? nothing;
    }

    /** What we hold under our own contact and the PBX no longer shows. Under `tel:` another value is the user's. */
    #isLost(guid: string): boolean {
        const write = this.#ledger.of(guid);
        if (!write || write.released || this.#ledger.contact === userContact) return false;
        return !sameSetting(this.#reader.known(guid)?.ours ?? nothing, write.wanted);
    }

    async #write(session: PbxSession, user: PbxUser, value: Setting, released: boolean): Promise<Outcome> {
        const { guid } = user.pbx;
        const undo = this.#ledger.enter(guid, value, released);
        const refusal = await this.#request(session, guid, value);
        if (refusal !== undefined) {
            undo();
            throw new SyncError('PBX_REQUEST_REFUSED', {
                what: 'set the presence',
                user: user.displayName,
                detail: refusal,
            });
        }
        this.#ledger.answered(guid);
        return { written: true, reason: released ? 'Taken back in the PBX' : `Shown in the PBX as ${nameOf(value)}` };
    }

    /** Sends SetPresence and returns why the PBX refuses it. A PBX that takes no contact of our own is tried under `tel:`. */
    async #request(session: PbxSession, guid: string, value: Setting): Promise<string | undefined> {
        const { contact, isProbing } = this.#ledger;
        const refusal = await this.#setPresence(session, guid, contact, value);
        if (refusal === undefined || !isProbing || contact === userContact) return refusal;
        if ((await this.#setPresence(session, guid, userContact, value)) !== undefined) return refusal;
        this.#ledger.fallBack();
        return undefined;
    }

    async #setPresence(
        session: PbxSession,
        guid: string,
        contact: string,
        value: Setting,
    ): Promise<string | undefined> {
        const { activity, note } = value;
        try {
            return failureOf(await session.request('PbxApi', 'SetPresence', { guid, contact, activity, note }));
        } catch (thrown) {
            if (thrown instanceof RangeError) return thrown.message;
            throw thrown;
        }
    }

    #dropWaiting(outcome: Outcome): void {
        for (const job of [...this.#queue.drain(), ...this.#early.values()]) job.resolve(outcome);
        this.#early.clear();
    }
}

function unknownUser(user: PresenceUser): SyncError {
    return new SyncError('PBX_USER_UNKNOWN', { user: user.addresses[0] ?? user.pbx?.name ?? user.displayName });
}

function nameOf({ activity }: Setting): string {
    return activity || 'available';
}
