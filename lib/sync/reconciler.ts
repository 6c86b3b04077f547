import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../errors/errors';
import type { PresenceUser } from '../presence/message';
import { isDone, nextStep, type Part, type Request, type Step } from '../presence/next-step';
import { accept, age, desire, hold, leaveOpen, newClaim, renewal, withdraw } from '../presence/part-changes';
import { noteChange, settled } from '../presence/quick-changes';
import {
    type Claim,
    type Decision,
    endClaims,
    forgottenAt,
    isInUse,
    liveClaims,
    lookAt,
    newRecord,
    type PartState,
    type PersonRecord,
    type Rule,
    type Statement,
    settling,
    type Urgency,
    type Volley,
    type Waiter,
    type Writer,
} from '../presence/record';
import { Withdrawn } from '../support/withdrawn';
import type { Clock } from '../time/clock';
import { DeadlineQueue } from '../time/deadline-queue';
import type { ClaimEntry } from './claim-store';
import type { Answer, Executor } from './executor';
import { Failures, isPassing } from './failures';
import { GatheredReads } from './gathered-reads';
import { Lanes } from './lanes';
import { type ClaimBook, isUnderstood, partOf, writeDown } from './logged-claims';
import { Pauses } from './pauses';

/** What a {@link Reconciler} works with. */
export interface ReconcilerOptions<R extends PersonRecord> {
    executor: Executor<R>;
    clock: Clock;
    random?: () => number;
    /** Where claims are written down before their requests leave. */
    book?: ClaimBook;
    /** Requests that may be on their way at once. */
    parallel: number;
    /** Decisions tell the texts of notes and status messages, too. */
    tellsTexts?: boolean;
}

/** What a {@link Reconciler} tells. Listeners must not throw. */
export interface ReconcilerEvents {
    /** Why people wait, worth telling; undefined once that is over. */
    trouble: [error: SyncError | undefined];
    /** A person is left alone for a day, since the side refuses everything while it serves others. */
    setAside: [record: PersonRecord, error: SyncError];
    /** Nothing is written for a person for some minutes, since our changes and others have answered each other. */
    resting: [record: PersonRecord];
    decision: [record: PersonRecord, decision: Decision];
}

/** Reads that can wait are made in steps of so many ms, so that many people share one. */
const gathering = 250;

/**
 * Keeps one side as its sources want it: one record for each person, one queue of deadlines for all, and of each person
 * one request on its way at most. Each time something comes in, or a deadline is reached, `nextStep` says what to do.
 *
 * What it keeps: counted from the moment a change is delivered, within the rate budget and one settling time (5 s with
 * both sides reachable; 10 s after an outage, a sleep, a step of the clock or a start), each system shows what its own
 * sources say combined with the mapped state of the other side's own sources, and nothing that no living source says. A
 * change is answered by at most one write per side (away and a call: two). Nothing loops. What the table of conflicts
 * calls not visible is excepted.
 */
export class Reconciler<R extends PersonRecord> extends EventEmitter<ReconcilerEvents> {
    /** The people of this side. */
    readonly records = new Map<string, R>();
    /** An earlier process may have set what no log tells: each new record begins in doubt. */
    knowsNothing = false;
    readonly #options: ReconcilerOptions<R>;
    readonly #clock: Clock;
    readonly #executor: Executor<R>;
    readonly #random: () => number;
    readonly #deadlines: DeadlineQueue;
    readonly #lanes: Lanes;
    readonly #pauses: Pauses;
    readonly #failures: Failures<R>;
    readonly #reads = new GatheredReads((keys, urgency) => this.#read(keys, urgency));
    /** What the book told and nobody understood, without its claims. */
    readonly #strange: ClaimEntry[] = [];
    #stopped = false;

    constructor(options: ReconcilerOptions<R>) {
        super();
        this.setMaxListeners(0);
        const { clock, executor, random = Math.random } = options;
        this.#options = options;
        this.#clock = clock;
        this.#executor = executor;
        this.#random = random;
        this.#pauses = new Pauses(clock, options.book);
        this.#failures = new Failures({
            ...{ executor, clock, random, records: this.records },
            touch: key => this.touch(key),
            touchAll: () => this.touchAll(),
            trouble: error => this.emit('trouble', error),
            setAside: (record, error) => this.emit('setAside', record, error),
        });
        this.#deadlines = new DeadlineQueue({
            clock,
            step: 100,
            onDue: keys => {
                for (const key of keys) this.touch(key);
            },
        });
        this.#lanes = new Lanes(options.parallel, key => this.#begin(key));
    }

    /** The record of a person, made where there is none. */
    recordOf(key: string, person: PresenceUser): R {
        const known = this.records.get(key);
        if (known) return known;
        const made = newRecord(key, person) as R;
        if (this.knowsNothing) made.doubt = { why: 'start', since: this.#clock.monotonic() };
        const pausedUntil = this.#pauses.endOf(key);
        if (pausedUntil > this.#clock.monotonic()) made.pausedUntil = pausedUntil;
        this.records.set(key, made);
        return made;
    }

    /**
     * Takes in what an earlier process has written down of these people.
     * @param find the person with this key; a person who is not known any more gets a record, too, so that what we
     *   hold is taken back
     * @returns whether it is everything that may show for us
     */
    async restore(find: (key: string) => PresenceUser): Promise<boolean> {
        const { book } = this.#options;
        if (!book) return false;
        await this.#pauses.restore();
        const now = this.#clock.monotonic();
        let isKnown = true;
        for (const part of this.#executor.parts) {
            const { name } = part;
            const { certainty, entries } = await (await book.store).load({
                side: book.side,
                system: book.system,
                part: name,
            });
            isKnown &&= certainty === 'known';
            for (const entry of entries) {
                const state = partOf(entry);
                if (!isUnderstood(state, part)) {
                    isKnown = false;
                    const { side, system, person } = entry;
                    this.#strange.push({ side, system, person, part: name, claims: [] });
                    continue;
                }
                const record = this.recordOf(entry.person, find(entry.person));
                if (record.parts[name]) continue;
                record.parts[name] = state;
                record.restoredAt = now;
                record.doubt ??= { why: 'start', since: now };
            }
        }
        this.touchAll();
        return isKnown;
    }

    /** To be called once the book holds everything that may show for us: the next process then knows it, too. */
    async settleBook(): Promise<void> {
        const { book } = this.#options;
        if (!book) return;
        const { side, system } = book;
        const store = await book.store;
        // What was written since has taken the place of what nobody understood.
        const isLeft = ({ person, part }: ClaimEntry): boolean => !this.records.get(person)?.parts[part];
        await store.append(this.#strange.splice(0).filter(isLeft));
        await Promise.all(this.#executor.parts.map(({ name }) => store.settle({ side, system, part: name })));
    }

    /**
     * Takes in what a source states: all its parts, and no other's.
     * @returns how it ended once nothing is to be sent for it any more
     * @throws SyncError a refusal; the statement stands nevertheless, and is tried again
     */
    state(record: R, by: Statement, values: Record<string, unknown>): Promise<{ end: string; written: boolean }> {
        if (this.#stopped) return Promise.resolve({ end: 'stopped', written: false });
        if (!this.#executor.isFollowed(record)) record.person = by.person;
        record.spoken = by;
        let isNew = false;
        for (const [name, value] of Object.entries(values)) isNew = this.#desire(record, name, value, by) || isNew;
        record.restoredAt = undefined;
        const isSettling = this.#settle(record, isNew, by.writer);
        // A request that is on its way reports to its own waiter when it is answered.
        if (record.asked !== record.sending?.asked) record.asked?.settle('replaced');
        return new Promise((resolve, reject) => {
            const asked: Waiter = {
                by,
                written: false,
                settle: end => {
                    if (record.asked === asked) record.asked = undefined;
                    if (end instanceof SyncError) reject(end);
                    else resolve({ end, written: asked.written });
                },
            };
            record.asked = asked;
            if (record.setAside && record.setAside.until > this.#clock.monotonic()) asked.settle('set aside');
            // What has not left yet may not be wanted any more; a first change goes, and the others gather behind it.
            if (isNew && !isSettling) record.sending?.abort.abort();
            this.touch(record.key);
        });
    }

    /** Something about the person has changed: what comes next is decided anew. */
    touch(key: string): void {
        const record = this.records.get(key);
        if (!record || this.#stopped) return;
        const now = this.#clock.monotonic();
        const step = this.#decided(record, now);
        for (const state of Object.values(record.parts))
            if (state?.trouble && isIdle(state, now)) this.#failures.forget(state);
        if (step.do === 'write' || step.do === 'clear') return this.#queue(key, 'edge');
        if (step.do === 'renew') return this.#queue(key, 'renewal');
        if (step.do === 'wait') this.#deadlines.set(key, step.until);
        else this.#deadlines.delete(key);
        if (step.do === 'read') this.#reads.put(key, step.urgency);
        this.#settleAsked(record, now);
        if (step.do !== 'nothing' || this.#executor.isFollowed(record)) return;
        if (!isInUse(record, now)) this.records.delete(key);
        else if (forgottenAt(record) > now) this.#deadlines.set(key, forgottenAt(record));
    }

    /** Decides anew for all people. O(people): for a new connection or a gap only. */
    touchAll(): void {
        for (const key of [...this.records.keys()]) this.touch(key);
    }

    /** All people have to wait, for this reason. */
    waits(error: SyncError): void {
        this.#failures.waits(error);
    }

    /** What has kept a person waiting may have passed: it is tried again at once. */
    tryAgain(record: R): void {
        for (const state of Object.values(record.parts)) if (state) this.#failures.forget(state);
        this.touch(record.key);
    }

    /**
     * What we hold is taken back, and nothing is written until then; what is wanted meanwhile is written afterwards.
     * @param until monotonic
     * @param records absent: all people, also those who come later
     */
    pause(until: number, records?: readonly R[]): void {
        this.#pauses.set(until, records?.map(keyOf));
        for (const record of records ?? [...this.records.values()]) {
            record.pausedUntil = this.#pauses.endOf(record.key);
            this.touch(record.key);
        }
    }

    /** A pause ends now, and so does a rest. @param records absent: all people */
    resume(records?: readonly R[]): void {
        this.#pauses.set(Number.NEGATIVE_INFINITY, records?.map(keyOf));
        for (const record of records ?? [...this.records.values()]) {
            record.pausedUntil = undefined;
            record.restsUntil = undefined;
            this.touch(record.key);
        }
    }

    /**
     * What is claimed and shown may be untrue: it is read and judged anew, then differences are written.
     * @param missed ms that may have passed without being counted
     */
    doubt(records: Iterable<R> = this.records.values(), missed = 0): void {
        const since = this.#clock.monotonic();
        this.passed(missed);
        for (const record of [...records]) {
            record.doubt = { why: record.doubt?.why ?? 'gap', since };
            record.setAside = undefined;
            record.readTrouble = undefined;
            record.look = undefined;
            for (const state of Object.values(record.parts)) {
                if (!state) continue;
                state.interruptedAt = since;
                for (const claim of state.claims) age(claim, missed);
            }
            this.tryAgain(record);
        }
    }

    /** So many ms have passed without being counted: pauses and rests end by the date. */
    passed(missed: number): void {
        if (missed <= 0) return;
        this.#pauses.passed(missed);
        for (const record of this.records.values()) {
            if (record.pausedUntil !== undefined) record.pausedUntil -= missed;
            if (record.restsUntil !== undefined) record.restsUntil -= missed;
        }
    }

    /** The person's own sources on this side say something else than before. */
    ownChanged(record: R): void {
        const { sending } = record;
        // What has not left yet would replace a newer choice in the same field.
        if (sending && this.#part(sending.part).isShared) sending.abort.abort();
        this.#changed(record, 'others');
    }

    /** What a read says of our claims is written down. */
    logClaims(record: R, part: string): void {
        void this.#write(record, part);
    }

    /** A choice by hand, or a loss, was concluded from a read. */
    decide(record: R, part: string, rule: Rule, from: string, to: string): void {
        this.logClaims(record, part);
        this.#tell(record, { part, from, to, rule, outcome: 'observed' });
    }

    /** Ends timers and waiting requests; what is claimed stays until its lease ends. May be called twice. */
    stop(): void {
        this.#stopped = true;
        this.#deadlines.stop();
        this.#lanes.stop();
        this.#reads.stop();
        this.#failures.stop();
        for (const record of this.records.values()) {
            record.sending?.abort.abort();
            if (record.asked !== record.sending?.asked) record.asked?.settle('stopped');
        }
    }

    /** @returns whether the value is another one than before */
    #desire(record: R, name: string, value: unknown, by: Statement): boolean {
        const known = record.parts[name];
        if (known && by.isSilence) this.#hold(record, known);
        const { isNew, endsYielding } = desire(record, this.#part(name), value, by);
        if (endsYielding) void this.#write(record, name);
        // The same statement again tries again what was refused; after a fault that passes by itself the pace of
        // retries stays.
        const state = record.parts[name];
        if (state && (isNew || (state.trouble && !state.trouble.error.retryable))) this.#failures.forget(state);
        return isNew;
    }

    #hold(record: R, state: PartState): void {
        hold(state, this.#executor.ownOf(record), this.#clock.monotonic());
    }

    /** @returns whether the change waits for others that may follow */
    #settle(record: R, isNew: boolean, { settle }: Writer): boolean {
        const now = this.#clock.monotonic();
        if (!settle) record.settle = undefined;
        else if (isNew) record.settle = settled(record.settle, now, settle);
        return (record.settle?.until ?? now) > now;
    }

    #changed(record: R, by: Volley['by']): void {
        if (!noteChange(record, by, this.#clock.monotonic())) return;
        this.emit('resting', record);
        this.touch(record.key);
    }

    /** The next step; what needs no request is done on the way. */
    #decided(record: R, now: number): Step {
        for (;;) {
            const step = nextStep(record, this.#executor.sideOf(record), now, this.#executor.parts);
            if (step.do === 'pretend') {
                this.#pretend(record, step);
                continue;
            }
            if (step.do !== 'yield' && step.do !== 'drop' && step.do !== 'hold') return step;
            const state = record.parts[step.part]!;
            const from = this.#shownBy(step.part, state);
            if (step.do === 'yield') state.yields = { since: now, rule: step.rule, value: state.desired?.value };
            if (step.do !== 'hold') {
                endClaims(state, now);
                void this.#write(record, step.part);
            } else this.#hold(record, state);
            // An outage that was in the way is none any more.
            if (state.trouble?.error.retryable) this.#failures.forget(state);
            if (state.rule === step.rule && step.do === 'hold') continue;
            state.rule = step.rule;
            const to = this.#textOf(step.part, state.desired?.value);
            this.#tell(record, { part: step.part, from, to, rule: step.rule, outcome: 'held' });
        }
    }

    /** A dry run tells what it would do. */
    #pretend(record: R, { part, value, rule }: Extract<Step, { do: 'pretend' }>): void {
        const state = record.parts[part]!;
        const from = state.would ? this.#textOf(part, state.would.value) : this.#shownBy(part, state);
        state.would = value === undefined ? {} : { value };
        state.rule = undefined;
        this.#tell(record, { part, from, to: this.#textOf(part, value), rule, outcome: 'dry run' });
    }

    #queue(key: string, lane: 'edge' | 'renewal'): void {
        this.#deadlines.delete(key);
        this.#lanes.put(key, lane);
    }

    #begin(key: string): Promise<void> | undefined {
        const record = this.records.get(key);
        if (!record || record.sending) return undefined;
        const step = this.#decided(record, this.#clock.monotonic());
        if (step.do === 'write' || step.do === 'clear' || step.do === 'renew') {
            if (this.#failures.mustWait(record.parts[step.part]!)) {
                this.touch(key);
                return undefined;
            }
            return this.#request(record, step).finally(() => this.touch(key));
        }
        this.touch(key);
        return undefined;
    }

    async #request(record: R, step: Request): Promise<void> {
        const state = record.parts[step.part]!;
        const abort = new AbortController();
        const { asked } = record;
        record.sending = { part: step.part, abort, ...(asked ? { asked } : {}) };
        const from = this.#shownBy(step.part, state);
        const claim = step.do === 'clear' ? undefined : this.#claim(record, step);
        try {
            if (claim) await this.#write(record, step.part);
            if (abort.signal.aborted) throw new Withdrawn();
            const answer = await this.#executor.perform(record, step, abort.signal);
            if (answer === 'left') {
                withdraw(state, claim);
                this.#leave(record, step, from);
            } else {
                if (asked) asked.written = true;
                this.#accepted(record, step, claim, answer);
                this.#journal(record, step, from, 'accepted');
            }
        } catch (thrown) {
            if (thrown instanceof Withdrawn) withdraw(state, claim);
            else this.#failed(record, step, claim, toSyncError(thrown), from);
        } finally {
            record.sending = undefined;
            if (asked && (record.asked !== asked || this.#stopped))
                asked.settle(asked.written ? 'done' : this.#stopped ? 'stopped' : 'replaced');
            await this.#write(record, step.part);
        }
    }

    #claim(record: R, step: Exclude<Request, { do: 'clear' }>): Claim<unknown> {
        const now = this.#clock.monotonic();
        const state = record.parts[step.part]!;
        const renewed = step.do === 'renew' ? renewal(state, now) : undefined;
        if (renewed) return renewed;
        const side = this.#executor.sideOf(record);
        return newClaim(record, this.#part(step.part), step.value, { side, now, share: this.#random() });
    }

    #accepted(record: R, step: Request, claim: Claim<unknown> | undefined, answer: Answer): void {
        const now = this.#clock.monotonic();
        const state = record.parts[step.part]!;
        accept(record, this.#part(step.part), step, claim, answer === 'absent', now);
        this.#failures.served(record, state);
        if (!claim) this.#hold(record, state);
        if (answer === 'accepted') record.writtenAt = now;
        if (answer === 'accepted' && step.do !== 'renew') this.#changed(record, 'us');
        if (step.do === 'renew') return;
        const shows = answer === 'absent' ? now : Math.ceil((now + settling) / gathering) * gathering;
        lookAt(record, shows, step.do === 'clear' ? 'renewal' : 'sweep');
    }

    /** Only the way that has set it could end or renew it, and is used no more: it may show until its lease ends. */
    #leave(record: R, step: Request, from: string): void {
        const state = record.parts[step.part]!;
        const now = this.#clock.monotonic();
        const { way } = step.do === 'clear' ? step.claim : state.claims[0]!;
        endClaims(state, now, each => each.way === way, '');
        state.rule = 'its registration is gone';
        this.#journal(record, { ...step, rule: state.rule }, from, 'held');
    }

    #failed(record: R, step: Request, claim: Claim<unknown> | undefined, error: SyncError, from: string): void {
        const state = record.parts[step.part]!;
        const treatment = this.#failures.failed(record, step.part, error);
        if (isPassing(treatment)) {
            // An outage is told once.
            if (record.lately.at(-1)?.outcome !== 'failed') this.#journal(record, step, from, 'failed', error.message);
            // Nothing has left.
            if (error.code === 'NODE_STOPPED') withdraw(state, claim);
            else leaveOpen(state, this.#part(step.part), claim, this.#clock.monotonic());
        } else {
            withdraw(state, claim);
            this.#hold(record, state);
            this.#journal(record, step, from, 'refused', error.message);
            if (!treatment.isCovered && !this.#part(step.part).isOptional) record.asked?.settle(error);
        }
        if (record.setAside && treatment.as !== 'side') record.asked?.settle('set aside');
    }

    #settleAsked(record: R, now: number): void {
        if (!record.asked || !isDone(record, this.#executor.sideOf(record), now, this.#executor.parts)) return;
        record.asked.settle('done');
    }

    async #read(keys: readonly string[], urgency: Urgency): Promise<void> {
        const records = keys.flatMap(key => this.records.get(key) ?? []);
        if (records.length === 0 || this.#stopped) return;
        const now = this.#clock.monotonic();
        for (const record of records) if (record.look && record.look.at <= now) record.look = undefined;
        try {
            await this.#executor.read(records, urgency);
        } catch (thrown) {
            // Others were read nevertheless.
            for (const record of records)
                if (record.readBegunAt < now) this.#failures.readFailed(record, toSyncError(thrown));
        }
        for (const key of keys) this.touch(key);
    }

    #journal(record: R, step: Request, from: string, outcome: Decision['outcome'], detail?: string): void {
        const to = step.do === 'clear' ? '' : this.#textOf(step.part, step.value);
        const asked = record.sending?.asked?.by.at;
        const latency = asked === undefined || step.do === 'renew' ? {} : { latency: this.#clock.monotonic() - asked };
        const more = detail === undefined ? latency : { ...latency, detail };
        this.#tell(record, { part: step.part, from, to, rule: step.rule, outcome, ...more });
    }

    #tell(record: R, told: Omit<Decision, 'at'>): void {
        const decision = { at: this.#clock.date(), ...told };
        // A renewal changes nothing, so it does not take the place of what has.
        if (decision.rule !== 'lease' || decision.outcome !== 'accepted')
            record.lately = [...record.lately.slice(-2), decision];
        this.emit('decision', record, decision);
    }

    #write(record: R, part: string): Promise<unknown> | undefined {
        const { book } = this.#options;
        return book && writeDown(book, record, part);
    }

    #part(name: string): Part {
        const part = this.#executor.parts.find(each => each.name === name);
        if (!part) throw new Error(`No part is called ${name}`);
        return part;
    }

    #shownBy(part: string, state: PartState): string {
        const [claim] = state.claims;
        return claim && claim.certainty !== 'ended' ? this.#textOf(part, claim.value) : '';
    }

    #textOf(part: string, value: unknown): string {
        return value === undefined ? '' : this.#part(part).text(value, this.#options.tellsTexts);
    }
}

function keyOf({ key }: PersonRecord): string {
    return key;
}

/** Nothing is wanted and nothing held, so that nothing is left to be tried again. */
function isIdle(state: PartState, now: number): boolean {
    return state.desired?.value === undefined && liveClaims(state, now).length === 0;
}
