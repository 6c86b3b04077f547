import { EventEmitter } from 'node:events';
import { SyncError } from '../../errors/errors';
import { judgeTeams, withoutOurMessage } from '../../presence/judge-teams';
import { type PresenceUser, teamsIdOf } from '../../presence/message';
import { liveClaims, lookAt, trustedFrom } from '../../presence/record';
import { suspect } from '../../presence/teams-claims';
import { type HiddenReason, sessionOf, type TeamsRecord, type TeamsSide } from '../../presence/teams-record';
import { hiddenReason } from '../../presence/teams-shown';
import { isSamePair } from '../../presence/teams-states';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Reconciler } from '../../sync/reconciler';
import type { Clock } from '../../time/clock';
import { presenceLimit } from '../connection/graph-access';
import type { Sender } from '../connection/graph-client';
import { bulksOf, type StampedPresence } from '../connection/read-presence';
import { type Books, conclude, noteFate, noteHidden } from './conclude';
import { PresenceSource } from './presence-source';
import { gathered, ReadPace } from './read-pace';
import { cleanPresence, isInCall, isSamePresence, sharedPair, withExtrasOf } from './shown-presence';

/** How a change became known: what a notification has set off is one, also where it took a read to be sure. */
export type Via = 'notification' | 'poll' | 'snapshot';

/** What a user shows in Teams has changed, our own writes aside. */
export interface PresenceChange {
    userId: string;
    presence: TeamsPresence;
    previous?: TeamsPresence;
    via: Via;
    /** ISO time. */
    at: string;
}

/** Reads up to 650 users; the result may lack some. */
export type ReadPresences = (ids: readonly string[], priority: Priority) => Promise<Map<string, StampedPresence>>;

/** Follows some users, and can read them while it is started. */
export interface ReaderClient {
    /** By Entra object id. */
    readonly users: ReadonlyMap<string, unknown>;
    /** Undefined while it cannot read. */
    readonly read: ReadPresences | undefined;
    /** Of the budget that its reads are taken from. */
    readonly pace: ReadPace;
}

interface Events {
    change: [PresenceChange];
    /** Teams has accepted something and does not show it. */
    hidden: [record: TeamsRecord, reason: HiddenReason];
}

/** What may pass by itself is looked at a second time after this many ms. */
const secondLook = 2_000;
/** Reads that show an older stamp than was seen are believed after this long, in ms: stamps may have begun anew. */
const stampsHold = 2 * 60_000;

/** What is told of a user when nothing is known any more. */
export const unknownPresence: TeamsPresence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

/**
 * Takes in what Teams shows of people, and tells what their own sources say.
 * Only differences are told, and none that our own writes explain. Where it cannot be told whether a state is our own
 * echo or real, the person is read again.
 */
export class PresenceReader extends EventEmitter<Events> {
    readonly #people: Reconciler<TeamsRecord>;
    readonly #books: Books;
    readonly #clock: Clock;
    readonly #clients = new Set<ReaderClient>();
    /** In whose names any user can be read, the newest first. */
    readonly #graphs: Sender[] = [];
    #source: PresenceSource | undefined;
    #notifications = 0;
    /** Reads in the name of whoever can send. */
    readonly #anyName: ReaderClient;

    constructor(options: { people: Reconciler<TeamsRecord>; side: TeamsSide; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#people = options.people;
        this.#books = options;
        this.#clock = options.clock;
        this.#anyName = {
            users: new Map(),
            read: async (ids, priority) => (await this.#source?.read(ids, priority)) ?? new Map(),
            pace: new ReadPace(options.clock, presenceLimit),
        };
    }

    add(client: ReaderClient): void {
        this.#clients.add(client);
    }

    remove(client: ReaderClient): void {
        this.#clients.delete(client);
        this.forget([...this.#people.records.keys()]);
    }

    /** Users whom no client follows can be read in this name; returns what ends that. */
    use(graph: Sender): () => void {
        this.#graphs.unshift(graph);
        this.#renewSource();
        return () => {
            this.#graphs.splice(this.#graphs.indexOf(graph), 1);
            this.#renewSource();
        };
    }

    #renewSource(): void {
        const accounts = this.#graphs;
        this.#source =
            accounts.length > 0 ? new PresenceSource({ app: undefined, accounts, clock: this.#clock }) : undefined;
    }

    /** The presence of these users is of interest; what is known of them is kept. */
    observeFrom(users: Iterable<PresenceUser>): void {
        for (const user of users) {
            const record = this.#people.recordOf(teamsIdOf(user), user);
            record.isFollowed = true;
            record.person = user;
        }
    }

    /** Forgets those of these users who are not followed any more. */
    forget(userIds: Iterable<string>): void {
        for (const id of userIds) {
            const record = this.#people.records.get(id);
            if (!record || [...this.#clients].some(({ users }) => users.has(id))) continue;
            record.isFollowed = undefined;
            record.told = undefined;
            record.look = undefined;
            record.awaited = undefined;
            record.isNotified = undefined;
            this.#people.touch(id);
        }
    }

    /** What was told last of a user. */
    toldOf(userId: string): TeamsPresence | undefined {
        return this.#people.records.get(userId)?.told;
    }

    /**
     * Reads these users and tells the differences, bulk by bulk as the answers come.
     * @returns ids of users who show something else than before, whether that was told or was our own doing
     * @throws SyncError what made one of the bulks fail; the others are taken in nevertheless
     */
    async read(client: ReaderClient, userIds: readonly string[], via: 'snapshot' | 'poll'): Promise<string[]> {
        const bulks = bulksOf(userIds.filter(id => client.users.has(id)));
        return await allOf(bulks.map(bulk => this.#readBulk(client, bulk, via, 'sweep')));
    }

    /** Reads these users, each by a client that follows the user, or else in any name. @throws SyncError */
    async readAgain(userIds: readonly string[], priority: Priority): Promise<void> {
        const byClient = new Map<ReaderClient, string[]>();
        for (const id of userIds) {
            const client = this.#clientOf(id);
            if (!client) continue;
            const ids = byClient.get(client);
            if (ids) ids.push(id);
            else byClient.set(client, [id]);
        }
        const reads = [...byClient].flatMap(([client, ids]) =>
            bulksOf(ids).map(bulk => this.#readBulk(client, bulk, 'poll', priority)),
        );
        await allOf(reads);
        // Where nothing can read now, it is tried again soon.
        if (userIds.some(id => !this.#clientOf(id))) throw new SyncError('NODE_STOPPED');
    }

    /** Who can read a user. */
    #clientOf(userId: string): ReaderClient | undefined {
        for (const client of this.#clients) if (client.read && client.users.has(userId)) return client;
        return this.#source && this.#anyName;
    }

    /** Takes in what Teams shows for a user, as a notification tells it; one that is older than what is known is not. */
    observe(userId: string, shown: TeamsPresence, via: Via, sequenceNumber?: string): void {
        const record = this.#people.records.get(userId);
        if (!record) return;
        if (sequenceNumber && record.sequence !== undefined && sequenceNumber <= record.sequence) return;
        this.#stamp(record, sequenceNumber);
        record.notified = ++this.#notifications;
        if (record.awaited) record.awaited = undefined;
        // What a read has shown does not hold any more.
        if (record.shown && !isSamePair(record.shown, shown)) record.readIn = -1;
        this.#show(record, shown);
        // Many may have waited for us, and only the last one holds: the read that is due anyway tells it.
        if (record.doubt && this.#clientOf(userId)) {
            record.awaited = sharedPair(shown);
            return this.verify(userId);
        }
        // Teams flips between the two in the middle of a call.
        const isFlip = isInCall(record.told) && shown.activity === 'InAMeeting';
        if (isFlip && this.#clientOf(userId)) {
            record.awaited = sharedPair(shown);
            this.#lookAt(record, this.#clock.monotonic() + secondLook, via);
        } else this.#take(record, shown, via, sequenceNumber === undefined ? 'undated' : 'dated');
    }

    /** Something may have changed for a user, which anyone can say: the user is read, with others in one request. */
    hint(userId: string): void {
        const record = this.#people.records.get(userId);
        const client = this.#clientOf(userId);
        if (!record || !client) return;
        const isDue = record.look !== undefined && record.look.urgency !== 'sweep';
        if (isDue) record.isNotified = true;
        else this.#lookAt(record, Math.max(client.pace.hint(), trustedFrom(record)), 'notification');
    }

    /** Reads the user again as soon as the answer can be trusted; many users share one read. */
    verify(userId: string): void {
        const record = this.#people.records.get(userId);
        if (!record || !this.#clientOf(userId)) return;
        const from = Math.max(this.#clock.monotonic() + 1, trustedFrom(record));
        this.#lookAt(record, gathered(from));
    }

    #lookAt(record: TeamsRecord, at: number, via?: Via): void {
        if (via === 'notification') record.isNotified = true;
        // A change that waits for it now goes before what can wait.
        lookAt(record, at, at > this.#clock.monotonic() ? 'renewal' : 'edge');
        this.#people.touch(record.key);
    }

    /** @param from monotonic time at which the read was sent that shows it; for a notification whether it has a stamp */
    #take(record: TeamsRecord, seen: TeamsPresence, via: Via, from: number | 'dated' | 'undated'): void {
        const now = this.#clock.monotonic();
        const begun = typeof from === 'number' ? from : undefined;
        const shown = withoutOurMessage(record, seen, now);
        const verdict = judgeTeams(record, shown, begun, this.#books.side, now);
        const { doubt } = record;
        if (doubt && begun !== undefined && begun >= doubt.since && !verdict.suspect && !verdict.isOpen)
            record.doubt = undefined;
        if (verdict.lookAt !== undefined) {
            if (this.#clientOf(record.key)) this.#lookAt(record, gathered(verdict.lookAt), via);
            return;
        }
        if (from === 'undated' && this.#mayBeLate(record, verdict.own)) {
            record.awaited = sharedPair(seen);
            const at = this.#clientOf(record.key)!.pace.news();
            this.#lookAt(record, Math.max(at, trustedFrom(record)), via);
            return;
        }
        // A try whose answer was lost has perhaps never shown, and is above nothing. Looked at before what is concluded.
        const isBeside = liveClaims(sessionOf(record), now).some(({ certainty }) => certainty !== 'sent');
        const isOwnChange =
            record.own && verdict.own && verdict.own !== 'hidden' && !isSamePair(record.own, verdict.own);
        if (begun !== undefined) {
            const hidden = conclude(record, shown, verdict, begun, now, this.#books);
            if (hidden) this.emit('hidden', record, hidden);
        }
        if (verdict.suspect) suspect(record, verdict.suspect, shown, now, this.#books.side);
        const own = typeof verdict.own === 'object' ? verdict.own : undefined;
        const isAbove = own !== undefined && isBeside;
        // 'Available' that showed before our session, and still does, is what an answer says that came too early.
        const isEarly = own?.availability === 'Available' && record.own !== undefined && isSamePair(record.own, own);
        if (isAbove && !isEarly) record.isAbove = true;
        else if (verdict.own && record.isAbove && !isAbove) record.isAbove = undefined;
        if (verdict.own === 'hidden') {
            record.own = undefined;
            this.#tell(record, unknownPresence, via);
        } else if (verdict.own) {
            if (!record.own || isOwnChange) record.own = sharedPair(verdict.own);
            this.#tell(record, verdict.own, via);
        } else if (record.isReplaced) {
            this.#tell(record, unknownPresence, via);
        } else if (record.own && !record.told) {
            // Ours hides what a person's own sources say, who was followed before: what was known then still holds.
            this.#tell(record, { ...shown, ...record.own }, via);
        }
        if (record.isReplaced) record.isReplaced = undefined;
        if (verdict.isFound) record.isFound = true;
        else if (isOwnChange) record.isFound = undefined;
        if (isOwnChange || verdict.chosen) this.#people.ownChanged(record);
        this.#people.touch(record.key);
    }

    /**
     * A notification without a stamp may be from before the last read: Microsoft tries for hours, and who stands between
     * can hold it back as long as they like. What contradicts a read is read first.
     * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
     */
    #mayBeLate(record: TeamsRecord, own: TeamsPresence | 'hidden' | undefined): boolean {
        const isNews = own === 'hidden' || (own && !(record.own && isSamePair(record.own, own)));
        return isNews === true && record.readAt > Number.NEGATIVE_INFINITY && this.#clientOf(record.key) !== undefined;
    }

    #tell(record: TeamsRecord, shown: TeamsPresence, via: Via): void {
        if (!record.isFollowed) return;
        const previous = record.told;
        // A notification carries no status message: what was read last still holds.
        const whole = via === 'notification' ? withExtrasOf(previous, shown) : shown;
        const isNotified = record.isNotified === true;
        if (isNotified) record.isNotified = undefined;
        if (previous && isSamePresence(previous, whole)) return;
        const presence = cleanPresence(whole);
        record.told = presence;
        const at = new Date(this.#clock.date()).toISOString();
        const through = isNotified && via === 'poll' ? 'notification' : via;
        this.emit('change', { userId: record.key, presence, previous, via: through, at });
    }

    async #readBulk(
        client: ReaderClient,
        ids: readonly string[],
        via: 'snapshot' | 'poll',
        priority: Priority,
    ): Promise<string[]> {
        const begun = this.#clock.monotonic();
        const notified = this.#notifications;
        const records = ids.map(id => this.#people.records.get(id));
        const epochs = records.map(record => record?.epoch);
        const presences = await client.read?.(ids, priority);
        const different: string[] = [];
        // The client may have been stopped meanwhile.
        if (!presences || !client.read) return different;
        for (const [index, id] of ids.entries()) {
            const record = records[index];
            if (!record) continue;
            const shown = presences.get(id);
            // A notification on its way while we read: the answer may be from before or after it.
            const isOvertaken = (record.notified ?? 0) > notified;
            if (shown && isOvertaken) this.verify(id);
            else if (shown && this.#isOutdated(record, shown.sequenceNumber)) {
                record.look = { at: this.#clock.monotonic() + secondLook, urgency: 'edge' };
                this.#people.touch(id);
            } else {
                record.readIn = epochs[index]!;
                if (this.#takeRead(record, shown, via, begun)) different.push(id);
            }
        }
        return different;
    }

    /** @returns true if the user showed something else before */
    #takeRead(
        record: TeamsRecord,
        shown: StampedPresence | undefined,
        via: 'snapshot' | 'poll',
        begun: number,
    ): boolean {
        record.readBegunAt = begun;
        record.readAt = this.#clock.monotonic();
        if (record.readTrouble) record.readTrouble = undefined;
        if (!shown) {
            record.doubt = undefined;
            const hidden = noteHidden(record, hiddenReason(record, shown, record.readAt), begun);
            if (hidden) this.emit('hidden', record, hidden);
            noteFate(record, 'none', record.readAt, this.#books);
            const { awaited } = record;
            record.awaited = undefined;
            // Nothing contradicts what the notification has told, and no other read comes for it.
            if (awaited) this.#take(record, awaited, 'notification', 'dated');
            this.#people.touch(record.key);
            return false;
        }
        const before = record.shown;
        const { awaited, sequence } = record;
        if (awaited) record.awaited = undefined;
        // What answers may not know yet what the notification has told.
        if (awaited && !isSamePair(awaited, shown) && shown.sequenceNumber === sequence)
            this.#lookAt(record, record.readAt + secondLook, 'notification');
        this.#stamp(record, shown.sequenceNumber);
        this.#show(record, shown);
        if (shown.statusMessage === undefined) record.message = undefined;
        else record.message = shown.statusMessage;
        this.#take(record, shown, via, begun);
        return before !== undefined && !isSamePair(before, record.shown);
    }

    #show(record: TeamsRecord, shown: TeamsPresence): void {
        if (record.shown && isSamePair(record.shown, shown)) return;
        record.shownSince = this.#clock.date();
        record.shown = sharedPair(shown);
    }

    #stamp(record: TeamsRecord, sequenceNumber: string | undefined): void {
        if (sequenceNumber === undefined || sequenceNumber === record.sequence) return;
        record.sequence = sequenceNumber;
        record.sequencedAt = this.#clock.monotonic();
    }

    /** True for the answer of a server that does not know yet what another has told us. */
    #isOutdated({ sequence, sequencedAt = 0 }: TeamsRecord, sequenceNumber: string | undefined): boolean {
        if (sequence === undefined || sequenceNumber === undefined || sequenceNumber >= sequence) return false;
        return this.#clock.monotonic() - sequencedAt < stampsHold;
    }
}

/** What these reads have found; fails once all of them have ended, if one has failed. */
async function allOf(reads: Promise<string[]>[]): Promise<string[]> {
    await Promise.allSettled(reads);
    return (await Promise.all(reads)).flat();
}
