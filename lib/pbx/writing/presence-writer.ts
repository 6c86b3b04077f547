import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Outcome, PresenceUser } from '../../presence/message';
import type { Clock, Timer } from '../../support/clock';
import { type ErrorCode, SyncError, toSyncError } from '../../support/errors';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import type { PresenceReader } from '../reading/presence-reader';
import type { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { HeldStore } from './held';
import { HeldRecords } from './held-records';
import { replacedByNewer } from './outcomes';
import { OwnPresence } from './own-presence';
import { PacedRequests } from './paced-requests';
import { defaultChoice, emptyTarget, targetOf, type Wish, type WriteChoice } from './pbx-target';
import type { Job } from './waiting-jobs';
import type { WriteLedger } from './write-ledger';
import { WriteQueue } from './write-queue';

/** What is held from before a restart is taken back if nobody has said anything of the user for this many ms. */
const grace = 5 * 60_000;
/** This process; a redeploy does not end it. */
const thisRun = randomUUID();

/** How presence is written to one system. */
export interface WriteSettings {
    /** Where our entries go: to a contact of our own, if the PBX takes one, or in the place of the user's own entry. */
    contact: 'own' | 'tel';
    /** Requests per second to all PBXs of the system together, 1 to 1,000. */
    rate: number;
}

/** What is written where nobody says otherwise. */
export const defaultWriteSettings: Readonly<WriteSettings> = { contact: 'own', rate: 100 };

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
    /** Users who have left while their PBX was not connected, and for whom we hold something; by GUID. */
    readonly #leaving = new Map<string, PbxUser>();
    readonly #notes = new Map<ErrorCode, SyncError>();
    #graceTimer?: Timer;

    constructor(options: PresenceWriterOptions) {
        super();
        this.setMaxListeners(0);
        this.#use = options;
        const { directory, ledger, reader, clock, log, run = thisRun } = options;
        this.#queue = new WriteQueue({
            directory,
            homeOf: user => this.#homeOf(user),
            work: (session, user, job) => this.#work(session, user, job),
        });
        this.#requests = new PacedRequests(defaultWriteSettings.rate, clock);
        this.#records = new HeldRecords(ledger, run);
        this.#presence = new OwnPresence({
            ...{ requests: this.#requests, ledger, reader, clock, log },
            asked: (session, isAllowed) => this.#asked(session, isAllowed),
            refused: (user, detail) => this.#note('PBX_CALL_NOT_SHOWN', { user: user.displayName, detail }),
        });
        ledger.on('landed', () => {
            this.#note('PBX_OWN_ENTRY_REFUSED');
            for (const guid of ledger.held()) this.keep(guid);
        });
    }

    /** What the PBX does not do as it was asked to, and what is done instead; each once. */
    get notes(): SyncError[] {
        return [...this.#notes.values()];
    }

    /** May be called at any time; what is written already stays where it is until it changes. */
    configure({ contact, rate }: Partial<WriteSettings>): void {
        if (contact) this.#use.ledger.choose(contact);
        if (rate) this.#requests.rate = rate;
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
     * when it is certain that nothing needs to be sent.
     * @throws SyncError PBX_USER_UNKNOWN, PBX_REQUEST_REFUSED or PBX_SILENT
     */
    set(user: PresenceUser, wish: Wish, { owner, ...choice }: WriteOptions = {}): Promise<Outcome> {
        const name = this.#use.directory.find(user)?.displayName ?? user.displayName;
        const about = { name, now: this.#use.clock.now() };
        return this.#put(user, targetOf(wish, { ...defaultChoice, ...choice }, about), { owner });
    }

    /**
     * Takes back what we show for the user, also from before a crash; what the user has set is left alone.
     * @throws SyncError as {@link set}
     */
    clear(user: PresenceUser, { owner }: Pick<WriteOptions, 'owner'> = {}): Promise<Outcome> {
        return this.#put(user, emptyTarget, { owner });
    }

    /**
     * Takes back what we hold, all of it or what was written last for one owner; what waits is not written any more.
     * Resolves when everything is done that can be done now; the rest is done when its PBX is connected again. Never
     * rejects.
     */
    async clearAll(owner?: string): Promise<void> {
        const isMeant = (its: string | undefined) => owner === undefined || its === owner;
        this.#queue.drop(job => isMeant(job.owner), replacedByNewer);
        const guids = new Set([...this.#use.ledger.held(), ...this.#queue.running.keys()]);
        const users = [...guids]
            .filter(guid => isMeant(this.#records.ownerOf(guid)))
            .flatMap(guid => this.#use.directory.find(guid) ?? []);
        const [now, later] = [users.filter(user => this.#homeOf(user)), users.filter(user => !this.#homeOf(user))];
        await this.#requests.hurry(() =>
            Promise.allSettled(now.map(user => this.#put(user, emptyTarget, { owner, lasting: false }))),
        );
        const left = now.filter(({ pbx }) => this.#use.ledger.holds(pbx.guid));
        for (const user of [...later, ...left]) {
            this.#use.ledger.doubt(user.pbx.guid);
            this.#put(user, emptyTarget, { owner }).catch(this.#warn);
        }
    }

    /** A connection is ready: its users are known and what they show has been told. What waits for it is written. */
    online(session: PbxSession): void {
        this.#online.add(session);
        this.resume();
        const hasDoubts = this.#use.ledger.held().some(guid => this.#use.ledger.isDoubtful(guid));
        if (hasDoubts) this.#graceTimer ??= this.#use.clock.after(grace, () => this.#endDoubts());
    }

    /** It is known of more users where they are homed: what waits for them is written. */
    resume(): void {
        this.#queue.resume();
        for (const user of [...this.#leaving.values()]) this.#takeLeave(user);
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
        this.#use.clock.cancel(this.#graceTimer);
        this.#graceTimer = undefined;
        this.#presence.stop();
    }

    /** Makes what we hold for the user again if the PBX no longer shows it. */
    keep(guid: string): void {
        const user = this.#use.directory.find(guid);
        if (!user || !this.#presence.isLost(guid, this.#homeOf(user))) return;
        const owner = this.#records.ownerOf(guid);
        const done = { resolve: () => undefined, reject: this.#warn };
        this.#queue.putBack(guid, { user, target: 'keep', lasting: true, owner, ...done });
    }

    /** The user takes no part any more, or is gone from the PBX: what we hold is taken back, if that can be done. */
    forget(user: PbxUser): void {
        const { guid } = user.pbx;
        this.#records.own(guid, undefined);
        if (!this.#use.ledger.holds(guid)) return this.#presence.forget(guid);
        this.#leaving.set(guid, user);
        this.#takeLeave(user);
    }

    #put(
        user: PresenceUser,
        target: Job['target'],
        { owner, lasting = true }: { owner?: string; lasting?: boolean },
    ): Promise<Outcome> {
        return new Promise((resolve, reject) => {
            this.#queue.put({ user, target, owner, lasting, resolve, reject });
        });
    }

    #work(session: PbxSession, user: PbxUser, { target, owner }: Job): Promise<Outcome> {
        if (target === 'keep') return this.#presence.keep(session, user);
        this.#records.own(user.pbx.guid, owner);
        return this.#presence.change(session, user, target);
    }

    #takeLeave(user: PbxUser): void {
        const { guid } = user.pbx;
        const session = this.#homeOf(user);
        if (!session) return;
        this.#leaving.delete(guid);
        const isBack = () => this.#use.directory.find(guid) !== undefined;
        if (isBack()) return;
        const forget = () => isBack() || this.#presence.forget(guid);
        // Who is gone from the PBX is refused.
        this.#presence.change(session, user, emptyTarget).then(forget, forget);
    }

    #homeOf(user: PbxUser): PbxSession | undefined {
        const session = this.#use.links.home(user.pbx.loc);
        return session && !session.end && this.#online.has(session) ? session : undefined;
    }

    /** Entries that stood for calls as long as nobody knew whether calls can be made. */
    #asked(session: PbxSession, isAllowed: boolean): void {
        if (!isAllowed) return this.#note('PBX_CALLS_NOT_ALLOWED');
        if (this.#notes.delete('PBX_CALLS_NOT_ALLOWED')) this.emit('notes');
        for (const guid of this.#presence.callers) {
            const user = this.#use.directory.find(guid);
            if (user && this.#homeOf(user) === session) this.keep(guid);
        }
    }

    /** Nobody has spoken of these users since the restart. */
    #endDoubts(): void {
        const { ledger, directory } = this.#use;
        for (const guid of ledger.held().filter(held => ledger.isDoubtful(held))) {
            const user = directory.find(guid);
            if (user) this.#put(user, emptyTarget, {}).catch(this.#warn);
            else this.#presence.forget(guid);
        }
    }

    #note(code: ErrorCode, parameters: Record<string, string> = {}): void {
        if (this.#notes.has(code)) return;
        const note = new SyncError(code, parameters);
        this.#notes.set(code, note);
        this.#use.log('info', note.message);
        this.emit('notes');
    }

    readonly #warn = (thrown: unknown): void => this.#use.log('warn', toSyncError(thrown).message);
}
