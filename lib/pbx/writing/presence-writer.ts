import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type SyncError, toSyncError } from '../../errors/errors';
import type { Outcome, PresenceUser } from '../../presence/message';
import type { Clock } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import { Doubts } from './doubts';
import type { HeldStore } from './held';
import { HeldRecords } from './held-records';
import { nothingHeld, replacedByNewer } from './outcomes';
import { OwnPresence } from './own-presence';
import { PacedRequests } from './paced-requests';
import { defaultChoice, emptyTarget, type PbxTarget, targetOf, type Wish, type WriteChoice } from './pbx-target';
import type { Job } from './waiting-jobs';
import type { WriteLedger } from './write-ledger';
import { WriteNotes } from './write-notes';
import { WriteQueue } from './write-queue';

/** This process; a redeploy does not end it. */
const thisRun = randomUUID();

/** How a wish is to be shown, and for whom it is written. */
export interface WriteOptions extends Partial<WriteChoice> {
    /** What is written for one owner can be taken back alone, see {@link PresenceWriter.clearAll}. */
    owner?: string;
}

/** What a {@link PresenceWriter} works with. */
export interface PresenceWriterOptions {
    links: Pick<PbxLinks, 'home'>;
    directory: UserDirectory;
    reader: PresenceReader;
    ledger: WriteLedger;
    clock: Clock;
    log: Log;
    /** What tells this process from one before a restart. */
    run?: string;
}

/**
 * Sets presence in the PBX where each user is homed. Only the newest wish per user counts; without a connection it waits
 * for one, and who is homed elsewhere does not wait with it. Emits `notes` when {@link notes} are others.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export class PresenceWriter extends EventEmitter<{ notes: [] }> {
    readonly #use: PresenceWriterOptions;
    readonly #requests: PacedRequests;
    readonly #records: HeldRecords;
    readonly #presence: OwnPresence;
    readonly #queue: WriteQueue;
    /** Connections that are ready to be written to. */
    readonly #online = new Set<PbxSession>();
    readonly #doubts: Doubts;
    readonly #notes: WriteNotes;

    constructor(options: PresenceWriterOptions) {
        super();
        this.setMaxListeners(0);
        this.#use = options;
        const { directory, ledger, reader, clock, log, run = thisRun } = options;
        this.#records = new HeldRecords({ ledger, run, find: guid => directory.find(guid) });
        this.#queue = new WriteQueue({
            ...{ directory, clock },
            userOf: guid => this.#records.userOf(guid),
            homeOf: user => this.#homeOf(user),
            work: (session, user, job) => this.#work(session, user, job),
            done: guid => this.#lookForLeaver(guid),
            isLeft: guid => this.#isLeft(guid),
            keep: guid => this.keep(guid),
            givenUp: (guid, error) => this.#givenUp(guid, error),
            silent: this.#warn,
        });
        this.#notes = new WriteNotes(log, () => this.emit('notes'));
        this.#requests = new PacedRequests(clock, log);
        this.#doubts = new Doubts({
            ...{ directory, reader, ledger, clock },
            over: guid => {
                // Somebody speaks of the user now.
                if (!this.#queue.hasWish(guid)) this.#takeBack(guid, {}).catch(this.#warn);
            },
        });
        this.#presence = new OwnPresence({
            ...{ requests: this.#requests, ledger, reader, clock, log },
            asked: (session, isAllowed) => this.#asked(session, isAllowed),
            called: (user, refusal) => this.#notes.called(user, refusal),
            untaken: activity => this.#notes.add('PBX_ACTIVITY_UNTAKEN', { activity }),
            left: guid => this.keep(guid),
        });
        ledger.on('landed', () => {
            this.#notes.add('PBX_OWN_ENTRY_REFUSED');
            for (const guid of ledger.held()) this.keep(guid);
        });
        ledger.on('accepted', () => this.#notes.drop('PBX_OWN_ENTRY_REFUSED'));
    }

    /** What the PBX does not do as it was asked to, and what is done instead; each once. */
    get notes(): SyncError[] {
        return this.#notes.all;
    }

    /**
     * May be called at any time, for each owner.
     * @param settings.rate requests per second to all PBXs of the system together, 1 to 1,000; of several rates the lowest
     *   counts; absent: the owner limits nothing any more
     */
    configure({ rate }: { rate?: number }, owner = ''): void {
        this.#doubts.isWriting ||= rate !== undefined;
        this.#requests.limit(owner, rate);
    }

    /**
     * Goes on with what an earlier system held, and keeps records for a later one; to be called before {@link start}.
     * From before a redeploy it is held on. From before a restart it may no longer apply: it stays, and is taken back if
     * nobody speaks of the user within some minutes of the first connection. Rejects as {@link HeldStore.load}.
     */
    adopt(store: HeldStore): Promise<void> {
        return this.#records.open(store);
    }

    /**
     * Shows the presence for the user; nothing at all is the same as {@link clear}. Resolves when the PBX has answered or
     * when it is certain that nothing needs to be sent; a PBX that is silent is asked until it answers.
     * @throws SyncError PBX_USER_UNKNOWN or PBX_REQUEST_REFUSED
     */
    set(user: PresenceUser, wish: Wish, { owner, ...choice }: WriteOptions = {}): Promise<Outcome> {
        const name = this.#use.directory.find(user)?.displayName ?? user.displayName;
        const about = { name, now: this.#use.clock.date() };
        return this.#put(user, targetOf(wish, { ...defaultChoice, ...choice }, about), owner);
    }

    /**
     * Takes back what we show for the user, also from before a crash; what the user has set is left alone.
     * @throws SyncError as {@link set}
     */
    clear(user: PresenceUser, { owner }: Pick<WriteOptions, 'owner'> = {}): Promise<Outcome> {
        return this.#put(user, emptyTarget, owner);
    }

    /**
     * Takes back what we hold, all of it or what was written last for one owner; what waits is not written any more.
     * Resolves when everything is done that can be done now; the rest is done when its PBX is connected again. Never
     * rejects.
     */
    async clearAll(owner?: string): Promise<void> {
        const { ledger } = this.#use;
        const isMeant = (its: string | undefined) => owner === undefined || its === owner;
        this.#queue.drop(job => isMeant(job.owner), replacedByNewer);
        const unclaimed = owner === undefined ? this.#doubts.unclaimed : [];
        const guids = [...new Set([...ledger.held(), ...unclaimed, ...this.#queue.running.keys()])];
        // Whoever waits is somebody else's, and newer.
        const isOpen = (guid: string) => isMeant(this.#records.ownerOf(guid)) && !this.#queue.isWaiting(guid);
        const meant = guids.filter(isOpen);
        const now = meant.filter(guid => this.#sessionOf(guid));
        await this.#requests.hurry(() =>
            Promise.allSettled(now.map(guid => this.#takeBack(guid, { owner, lasting: false }))),
        );
        for (const guid of meant.filter(each => ledger.holds(each) && isOpen(each))) {
            ledger.doubt(guid);
            this.#takeBack(guid, { owner }).catch(this.#warn);
        }
    }

    /** A connection is ready: its users are known and what they show has been told. What waits for it is written. */
    online(session: PbxSession): void {
        this.#online.add(session);
        this.#presence.probeAgain();
        this.resume();
    }

    /** It is known of more users where they are homed: what waits for them is written. */
    resume(): void {
        this.#queue.resume();
        for (const guid of this.#use.ledger.held()) this.keep(guid);
    }

    /** The connection is over; what is on its way is written again over the next one. */
    lost(session: PbxSession): void {
        this.#online.delete(session);
    }

    /** Wishes are taken from now on, and wait for a connection. */
    start(): void {
        this.#queue.start();
    }

    /** What waits will not be written any more; what is held stays. May be called twice. */
    stop(): void {
        this.#queue.stop();
        this.#doubts.stop();
        this.#presence.stop();
    }

    /**
     * Makes what we hold for the user again if the PBX no longer shows it, and takes back what is left, all of it from
     * who takes no part any more.
     */
    keep(guid: string): void {
        const user = this.#records.userOf(guid);
        if (!user || !this.#use.directory.loaded) return;
        this.#doubts.look(guid);
        if (!this.#isLeft(guid)) return;
        const owner = this.#records.ownerOf(guid);
        // What is refused is tried again, and told when it is given up.
        const done = { resolve: () => undefined, reject: () => undefined };
        this.#queue.putBack(guid, { user, target: 'keep', lasting: true, owner, ...done });
    }

    /** The user takes no part any more, or is gone from the PBX: what we hold is taken back, if that can be done. */
    forget(user: PbxUser): void {
        this.#records.remember(user);
        this.#lookForLeaver(user.pbx.guid);
    }

    #put(user: PresenceUser, target: PbxTarget, owner: string | undefined): Promise<Outcome> {
        this.#doubts.isWriting = true;
        return new Promise((resolve, reject) => {
            this.#queue.put({ user, target, owner, lasting: true, resolve, reject });
        });
    }

    #takeBack(guid: string, { owner, lasting = true }: { owner?: string; lasting?: boolean }): Promise<Outcome> {
        const user = this.#records.userOf(guid);
        if (!user) return Promise.resolve(nothingHeld);
        return new Promise((resolve, reject) => {
            this.#queue.putFor(guid, { user, target: emptyTarget, owner, lasting, resolve, reject });
        });
    }

    async #work(session: PbxSession, user: PbxUser, { target, owner }: Job): Promise<Outcome> {
        const { guid } = user.pbx;
        if (target !== 'keep') {
            const former = this.#records.ownerOf(guid);
            this.#records.own(guid, owner);
            return this.#presence.change(session, user, target).catch(thrown => {
                // What is shown is still that of whoever asked for it.
                this.#records.own(guid, former);
                throw thrown;
            });
        }
        if (this.#takesPart(guid)) return this.#presence.keep(session, user);
        const outcome = await this.#presence.change(session, user, emptyTarget);
        if (!this.#takesPart(guid)) this.#forget(guid);
        return outcome;
    }

    /** What we hold for who takes no part any more is taken back. */
    #lookForLeaver(guid: string): void {
        if (this.#takesPart(guid)) return;
        if (this.#use.ledger.holds(guid)) this.keep(guid);
        // A job that is on its way looks here again when it is over.
        else if (!this.#queue.running.has(guid)) this.#forget(guid);
    }

    #forget(guid: string): void {
        const user = this.#records.userOf(guid);
        if (user) this.#notes.called(user, undefined);
        this.#presence.forget(guid);
        this.#records.forget(guid);
        this.#doubts.forget(guid);
    }

    #takesPart(guid: string): boolean {
        return this.#use.directory.find(guid) !== undefined;
    }

    /** What the PBX shows is not what we hold. */
    #isLeft(guid: string): boolean {
        if (!this.#takesPart(guid)) return this.#use.ledger.holds(guid);
        return this.#presence.isLost(guid, this.#sessionOf(guid));
    }

    /** Who is gone from the PBX is refused, too. */
    #givenUp(guid: string, error: SyncError): void {
        if (!this.#takesPart(guid)) this.#forget(guid);
        this.#warn(error);
    }

    #sessionOf(guid: string): PbxSession | undefined {
        const user = this.#records.userOf(guid);
        return user && this.#homeOf(user);
    }

    #homeOf(user: PbxUser): PbxSession | undefined {
        const session = this.#use.links.home(user.pbx.loc);
        return session && !session.end && this.#online.has(session) ? session : undefined;
    }

    /** Entries that stood for calls as long as nobody knew whether calls can be made. */
    #asked(session: PbxSession, isAllowed: boolean): void {
        if (!isAllowed) return this.#notes.add('PBX_CALLS_NOT_ALLOWED');
        this.#notes.drop('PBX_CALLS_NOT_ALLOWED');
        for (const guid of this.#presence.callers) if (this.#sessionOf(guid) === session) this.keep(guid);
    }

    readonly #warn = (thrown: unknown): void => this.#use.log('warn', toSyncError(thrown).message);
}
