import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import {
    endClaims,
    isTrusted,
    liveClaims,
    lookAt,
    type PartState,
    type Rule,
    trustedFrom,
} from '../../presence/record';
import {
    type HiddenReason,
    hiddenReason,
    judgeTeams,
    preferredOf,
    sessionOf,
    suspect,
    type TeamsRecord,
    type TeamsSide,
    type TeamsWriter,
    type Verdict,
    withoutOurMessage,
} from '../../presence/teams-record';
import { isSamePair, pairText } from '../../presence/teams-states';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Reconciler } from '../../sync/reconciler';
import type { Clock } from '../../time/clock';
import { bulksOf, type StampedPresence } from './read-presence';
import { cleanPresence, isInCall, isSamePresence, sharedPair, withExtrasOf } from './shown-presence';

/** A user's presence in Teams has changed, our own writes aside. */
export interface TeamsChange {
    user: PresenceUser;
    presence: TeamsPresence;
    previous?: TeamsPresence;
    via: 'notification' | 'poll' | 'snapshot';
    /** ISO time. */
    at: string;
}

/** Reads up to 650 users; the result may lack some. */
export type ReadPresences = (ids: readonly string[], priority: Priority) => Promise<Map<string, StampedPresence>>;

interface Events {
    change: [TeamsChange];
    /** Teams has accepted something and does not show it. */
    hidden: [record: TeamsRecord, reason: HiddenReason];
}

/** Hints come in swarms: their users are read together, in steps of this many ms. */
const hintGathering = 1_000;
/** Other reads that can wait are made in steps of this many ms. */
const gathering = 250;
/** What may pass by itself is looked at a second time after this many ms. */
const secondLook = 2_000;
/** Reads that show an older stamp than was seen are believed after this long, in ms: stamps may have begun anew. */
const stampsHold = 2 * 60_000;

const unknown: TeamsPresence = { availability: 'PresenceUnknown', activity: 'PresenceUnknown' };

/**
 * Takes in what Teams shows of people, tells what their own sources say, and concludes what has become of what we set.
 * Only differences are told, and none that our own writes explain. Where it cannot be told whether a state is our own
 * echo or real, the person is read again.
 */
export class PresenceReader extends EventEmitter<Events> {
    readonly #people: Reconciler<TeamsRecord>;
    readonly #side: TeamsSide;
    readonly #clock: Clock;
    #size = 0;
    #notifications = 0;
    #read: ReadPresences | undefined;

    constructor(options: { people: Reconciler<TeamsRecord>; side: TeamsSide; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.#people = options.people;
        this.#side = options.side;
        this.#clock = options.clock;
    }

    start(read: ReadPresences): void {
        this.#read = read;
    }

    stop(): void {
        this.#read = undefined;
    }

    /**
     * Follows these users too; of one who is followed already, the newer name is taken and what is known is kept. Who is
     * another user in the PBX than before has it taken back there, and told anew.
     */
    follow(users: Iterable<PresenceUser>): void {
        const moved: [TeamsRecord, TeamsPresence][] = [];
        for (const user of users) {
            const id = user.teams?.id;
            if (!id) continue;
            const record = this.#people.recordOf(id, user);
            if (!record.isFollowed) this.#size += 1;
            record.isFollowed = true;
            const { told } = record;
            if (told && isMove(record.person, user)) {
                this.#tell(record, unknown, 'poll');
                moved.push([record, told]);
            }
            record.person = user;
        }
        // Last: two may have changed places.
        for (const [record, presence] of moved) this.#tell(record, presence, 'poll');
    }

    /** Follows these users no longer; what was told of them is taken back. */
    unfollow(userIds: Iterable<string>): void {
        for (const id of userIds) {
            const record = this.#people.records.get(id);
            if (!record?.isFollowed) continue;
            if (record.told) this.#tell(record, unknown, 'poll');
            delete record.isFollowed;
            delete record.told;
            delete record.look;
            this.#size -= 1;
            this.#people.touch(id);
        }
    }

    /** What was told last of everybody: for those who begin to listen later. */
    *snapshot(): Iterable<TeamsChange> {
        const at = new Date(this.#clock.date()).toISOString();
        for (const { person, told } of this.#people.records.values()) {
            if (told) yield { user: person, presence: told, via: 'snapshot', at };
        }
    }

    /** How many users are followed. */
    get size(): number {
        return this.#size;
    }

    /** Ids of everybody who is followed. */
    *ids(): Iterable<string> {
        for (const [id, { isFollowed }] of this.#people.records) if (isFollowed) yield id;
    }

    isFollowed(userId: string): boolean {
        return this.#people.records.get(userId)?.isFollowed === true;
    }

    /** The followed person, by Entra object id. */
    userOf(userId: string): PresenceUser | undefined {
        const record = this.#people.records.get(userId);
        return record?.isFollowed ? record.person : undefined;
    }

    /** What was told last of a user. */
    toldOf(userId: string): TeamsPresence | undefined {
        return this.#people.records.get(userId)?.told;
    }

    /** Reads everybody: at start and after every gap. */
    async readAll(via: 'snapshot' | 'poll'): Promise<void> {
        await this.readSome([...this.#people.records.keys()], via);
    }

    /**
     * Reads these users and tells the differences, bulk by bulk as the answers come.
     * @returns those who show something else than before, whether that was told or was our own doing
     * @throws SyncError what made one of the bulks fail; the others are taken in nevertheless
     */
    async readSome(
        userIds: readonly string[],
        via: 'snapshot' | 'poll',
        priority: Priority = 'sweep',
    ): Promise<string[]> {
        const bulks = bulksOf(userIds.filter(id => this.#people.records.has(id)));
        const results = await Promise.allSettled(bulks.map(bulk => this.#readAndObserve(bulk, via, priority)));
        const failed = results.find(result => result.status === 'rejected');
        if (failed) throw failed.reason;
        return results.flatMap(result => (result.status === 'fulfilled' ? result.value : []));
    }

    /** Takes in what Teams shows for a user, as a notification tells it; one that is older than what is known is not. */
    observe(userId: string, shown: TeamsPresence, via: TeamsChange['via'], sequenceNumber?: string): void {
        const record = this.#people.records.get(userId);
        if (!record) return;
        if (sequenceNumber && record.sequence !== undefined && sequenceNumber <= record.sequence) return;
        this.#stamp(record, sequenceNumber);
        record.notified = ++this.#notifications;
        this.#show(record, shown);
        // Teams flips between the two in the middle of a call.
        const isFlip = isInCall(record.told) && shown.activity === 'InAMeeting';
        if (isFlip && this.#read) this.#lookAt(record, this.#clock.monotonic() + secondLook, via);
        else this.#take(record, shown, via, undefined);
    }

    /** Something has changed for a user, but it is not known what: the user is read, together with others. */
    hint(userId: string): void {
        this.#verify(userId, hintGathering, 'notification');
    }

    /** Reads the user again as soon as the answer can be trusted; many users share one read. */
    verify(userId: string): void {
        this.#verify(userId, gathering);
    }

    #verify(userId: string, step: number, via?: TeamsChange['via']): void {
        const record = this.#people.records.get(userId);
        if (!record || !this.#read) return;
        const from = Math.max(this.#clock.monotonic() + 1, trustedFrom(record));
        this.#lookAt(record, Math.ceil(from / step) * step, via);
    }

    #lookAt(record: TeamsRecord, at: number, via?: TeamsChange['via']): void {
        if (via === 'notification') record.isNotified = true;
        lookAt(record, at, 'renewal');
        this.#people.touch(record.key);
    }

    /** @param begun monotonic time at which the read was sent that shows it; none for a notification */
    #take(record: TeamsRecord, seen: TeamsPresence, via: TeamsChange['via'], begun: number | undefined): void {
        const now = this.#clock.monotonic();
        const shown = withoutOurMessage(record, seen, now);
        const verdict = judgeTeams(record, shown, begun, this.#side, now);
        if (begun !== undefined && begun >= (record.doubt?.since ?? begun) && !verdict.suspect) delete record.doubt;
        if (verdict.lookAt !== undefined) {
            if (this.#read) this.#lookAt(record, Math.ceil(verdict.lookAt / gathering) * gathering, via);
            return;
        }
        const isOwnChange =
            record.own && verdict.own && verdict.own !== 'hidden' && !isSamePair(record.own, verdict.own);
        if (begun !== undefined) this.#conclude(record, shown, verdict, begun, now);
        if (verdict.suspect) suspect(record, shown, now, this.#side);
        if (verdict.own === 'hidden') {
            delete record.own;
            this.#tell(record, unknown, via);
        } else if (verdict.own) {
            record.own = sharedPair(verdict.own);
            this.#tell(record, verdict.own, via);
        }
        if (isOwnChange || verdict.chosen) this.#people.ownChanged(record);
        this.#people.touch(record.key);
    }

    /** What has become of what we hold, as a read shows it. */
    #conclude(record: TeamsRecord, shown: TeamsPresence, verdict: Verdict, begun: number, now: number): void {
        this.#noteHidden(record, verdict.shows.length > 0 ? undefined : hiddenReason(record, shown, now), begun);
        for (const part of verdict.shows) {
            const state = record.parts[part]!;
            for (const claim of liveClaims(state, now)) claim.seen = true;
            delete state.isSetAgain;
        }
        const text = pairText(shown);
        if (verdict.chosen) {
            const state = preferredOf(record)!;
            const leads = (state.desired?.by.writer as TeamsWriter | undefined)?.leads === true;
            if (state.desired?.value && !leads)
                state.yields = { since: now, rule: 'chosen in Teams', value: state.desired.value };
            this.#lose(record, 'preferred', leads ? 'the PBX leads' : 'chosen in Teams', text, now);
        }
        const state = sessionOf(record);
        if (verdict.missing && state && !state.isSetAgain) {
            state.isSetAgain = true;
            this.#lose(record, 'session', 'missing', text, now);
        }
        this.#noteForgetting(record, verdict, now);
    }

    #noteHidden(record: TeamsRecord, reason: HiddenReason | undefined, begun: number): void {
        if (reason && !isTrusted(record, begun)) return;
        if (reason && reason !== record.hidden) this.emit('hidden', record, reason);
        if (reason) record.hidden = reason;
        else delete record.hidden;
    }

    #lose(record: TeamsRecord, part: 'session' | 'preferred', rule: Rule, shown: string, now: number): void {
        const state = record.parts[part] as PartState;
        const from = liveClaims(state, now).map(({ value }) => pairText(value as TeamsPresence));
        endClaims(state, now);
        this.#people.decide(record, part, rule, from.join(), shown);
    }

    /** Where many are lost in one sweep the tenant has forgotten: those are no choices, and all is set again. */
    #noteForgetting(record: TeamsRecord, { chosen, missing, shows }: Verdict, now: number): void {
        const forgotten = this.#side.losses.note(
            record.key,
            chosen || missing ? 'lost' : shows.length > 0 ? 'kept' : 'none',
            now,
        );
        for (const key of forgotten) {
            const each = this.#people.records.get(key);
            const state = each && preferredOf(each);
            if (!each || state?.yields?.rule !== 'chosen in Teams') continue;
            delete state.yields;
            this.#people.decide(each, 'preferred', 'the tenant forgot', '', '');
            this.#people.touch(key);
        }
    }

    #tell(record: TeamsRecord, shown: TeamsPresence, via: TeamsChange['via']): void {
        if (!record.isFollowed) return;
        const previous = record.told;
        // A notification carries no status message: what was read last still holds.
        const presence = cleanPresence(via === 'notification' ? withExtrasOf(previous, shown) : shown);
        const isNotified = record.isNotified === true;
        delete record.isNotified;
        if (previous && isSamePresence(previous, presence)) return;
        record.told = presence;
        const at = new Date(this.#clock.date()).toISOString();
        const through = isNotified && via === 'poll' ? 'notification' : via;
        this.emit('change', { user: record.person, presence, previous, via: through, at });
    }

    async #readAndObserve(ids: readonly string[], via: 'snapshot' | 'poll', priority: Priority): Promise<string[]> {
        if (!this.#read) return [];
        const begun = this.#clock.monotonic();
        const notified = this.#notifications;
        const epochs = ids.map(id => this.#people.records.get(id)?.epoch ?? 0);
        const presences = await this.#read(ids, priority);
        const different: string[] = [];
        if (!this.#read) return different;
        for (const [index, id] of ids.entries()) {
            const record = this.#people.records.get(id);
            const shown = presences.get(id);
            if (!record) continue;
            // A notification on its way while we read: the answer may be from before or after it.
            const isOvertaken = (record.notified ?? 0) > notified;
            if (shown && isOvertaken) this.verify(id);
            else if (shown && this.#isOutdated(record, shown.sequenceNumber))
                this.#lookAt(record, this.#clock.monotonic() + secondLook);
            else {
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
        delete record.readTrouble;
        if (!shown) {
            delete record.doubt;
            this.#noteHidden(record, hiddenReason(record, shown, record.readAt), begun);
            this.#people.touch(record.key);
            return false;
        }
        const before = record.shown;
        this.#stamp(record, shown.sequenceNumber);
        this.#show(record, shown);
        if (shown.statusMessage === undefined) delete record.message;
        else record.message = shown.statusMessage;
        this.#take(record, shown, via, begun);
        return before !== undefined && !isSamePair(before, record.shown);
    }

    #show(record: TeamsRecord, shown: TeamsPresence): void {
        if (!record.shown || !isSamePair(record.shown, shown)) record.shownSince = this.#clock.date();
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

/** True for a Teams user who was one PBX user and is another one now. */
function isMove({ pbx: from }: PresenceUser, { pbx: to }: PresenceUser): boolean {
    return from !== undefined && to !== undefined && from.guid !== to.guid;
}
