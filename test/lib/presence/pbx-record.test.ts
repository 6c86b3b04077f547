import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SyncError } from '../../../lib/errors/errors';
import type { PresenceUser } from '../../../lib/presence/message';
import { nextStep, type Step } from '../../../lib/presence/next-step';
import { type Entry, nothing, ourContact, type Setting, userContact } from '../../../lib/presence/pbx-list';
import {
    callOf,
    conclude,
    entryOf,
    judgePbx,
    type PbxEntry,
    type PbxRecord,
    type PbxSide,
    pbxParts,
} from '../../../lib/presence/pbx-record';
import {
    type Claim,
    endClaims,
    liveClaims,
    newRecord,
    type PartState,
    type Statement,
} from '../../../lib/presence/record';

const busy: Setting = { activity: 'busy', note: '' };
const away: Setting = { activity: 'away', note: 'Lunch' };
const person: PresenceUser = {
    addresses: [],
    displayName: 'Anna',
    pbx: { guid: 'a', name: 'anna', longName: '', displayName: 'Anna', number: '', node: '' },
};
const writer = { node: 'out', way: 'out', lease: Number.POSITIVE_INFINITY };
const by: Statement = { source: 'teams', writer, person, at: 0 };

function sideOf(known: Partial<PbxSide> = {}): PbxSide {
    return {
        heldOffUntil: Number.NEGATIVE_INFINITY,
        served: 0,
        servedAt: 0,
        sourcesKnownBy: 0,
        untaken: new Set(),
        ...known,
    };
}

describe('What a presence list says of an entry of ours', () => {
    let record: PbxRecord;
    let side: PbxSide;
    let now: number;

    beforeEach(() => {
        record = Object.assign(newRecord('a', person), { isMember: true } as const);
        side = sideOf();
        now = 0;
        list();
    });

    const entries = (tel: Setting, ours: Setting = nothing): Entry[] =>
        [
            { contact: ourContact, ...ours },
            { contact: userContact, ...tel },
        ].filter(({ activity }) => activity);

    function list(tel: Setting = nothing, ours?: Setting, isFirst = false): Setting {
        record.state = conclude(record, judgePbx(record, entries(tel, ours), isFirst, side, now), side, now);
        const { activity, note } = record.state.list!.presence;
        return { activity, note };
    }

    /** As if it had been written and accepted. */
    function write(value: Setting, contact: 'own' | 'tel' = 'own'): void {
        const entry: PbxEntry = { ...value, contact };
        const state: PartState<PbxEntry> = { claims: [], ...entryOf(record), desired: { value: entry, by } };
        record.parts.entry = state as PartState;
        const claim = claimOf('entry', entry);
        endClaims(state, now);
        state.claims = [{ ...claim, certainty: 'confirmed' } as Claim<PbxEntry>, ...state.claims];
    }

    function takeBack(back: Setting): void {
        const state = entryOf(record)!;
        for (const claim of state.claims) claim.handle = { ...(claim.handle as object), back };
        state.desired = { by };
        endClaims(state, now);
    }

    function claimOf(name: string, value: unknown): Claim<unknown> {
        const part = pbxParts.find(each => each.name === name)!;
        const ends = Number.POSITIVE_INFINITY;
        const claim = { value, from: now, renew: ends, ends, certainty: 'sent' as const, way: 'out' };
        return { ...claim, ...part.claimOf?.(record, side, value) };
    }

    const held = () => liveClaims(entryOf(record), now).map(({ value: { activity } }) => activity);

    it('finds out that the PBX takes our contact, and knows then that the rest is of the user', () => {
        write(busy);
        assert.deepEqual(list(nothing, busy), nothing);
        assert.equal(side.takesContact, true);
        assert.deepEqual(list(busy), busy);
    });

    it('finds out that a write has landed on the entry of the user', () => {
        write(busy);
        assert.deepEqual(list(busy), nothing);
        assert.equal(side.takesContact, false);
        assert.deepEqual(held(), ['busy']);
        assert.deepEqual(list(busy), nothing);
    });

    it('leaves alone what the user has chosen in its place, until something else is wanted', () => {
        side.takesContact = false;
        write(busy);
        list(busy);
        assert.deepEqual(list(away), away);
        assert.deepEqual(held(), []);
        assert.equal(nextStep(record, side, now, pbxParts).do, 'hold');
        entryOf(record)!.rule = 'chosen in the PBX';
        assert.equal(nextStep(record, side, now, pbxParts).do, 'nothing');
    });

    it('explains earlier values that come late, and each only once', () => {
        side.takesContact = false;
        write(busy);
        write(away);
        assert.deepEqual(list(busy), nothing);
        assert.deepEqual(list(away), nothing);
        assert.deepEqual(list(busy), busy);
    });

    it('takes a value that was ours for that of the user once the end of ours was shown (O6)', () => {
        for (const contact of ['own', 'tel'] as const) {
            record = Object.assign(newRecord('a', person), { isMember: true } as const);
            side = sideOf(contact === 'tel' ? {} : { takesContact: false });
            list();
            write(busy, contact);
            list(busy);
            takeBack(nothing);
            assert.deepEqual(list(busy), nothing);
            assert.deepEqual(list(nothing), nothing);
            assert.deepEqual(list(busy), busy);
        }
    });

    it('takes a value that was ours before another one for that of the user (O6)', () => {
        write(busy, 'tel');
        list(busy);
        write(away, 'tel');
        list(away);
        assert.deepEqual(list(busy), busy);
        assert.deepEqual(held(), []);
    });

    it('explains nothing long after its end, even where that was never shown', () => {
        write(busy, 'tel');
        list(busy);
        takeBack(away);
        now = 100_000;
        list(nothing);
        assert.deepEqual(list(busy), busy);
    });

    it('does not take a list from before the write for its end', () => {
        side.takesContact = true;
        write(busy);
        entryOf(record)!.claims[0]!.certainty = 'sent';
        list(nothing, nothing, true);
        assert.deepEqual(held(), ['busy']);
    });

    it('finds out after a gap that the PBX has lost it', () => {
        write(busy);
        list(nothing, busy);
        list(nothing, nothing, true);
        assert.deepEqual(held(), []);
        assert.equal(nextStep(record, side, now, pbxParts).do, 'write');
    });

    it('explains nothing of a write that was refused', () => {
        write(busy, 'tel');
        entryOf(record)!.claims = [];
        assert.deepEqual(list(busy), busy);
    });
});

const settings = fc.constantFrom<Setting>(
    busy,
    away,
    { activity: 'meeting', note: '' },
    { activity: 'dnd', note: 'x' },
);
const contacts = fc.constantFrom('own' as const, 'tel' as const);
const wants = fc.record({
    entry: fc.option(fc.tuple(settings, contacts, fc.option(settings)), { nil: undefined }),
    call: fc.boolean(),
    hasSpoken: fc.boolean(),
});
const claims = fc.record({
    setting: settings,
    contact: fc.constantFrom(ourContact, userContact),
    certainty: fc.constantFrom<Claim<unknown>['certainty']>('sent', 'confirmed', 'restored', 'ended'),
});
const known = fc.record({
    takesContact: fc.option(fc.boolean(), { nil: undefined }),
    takesCalls: fc.option(fc.boolean(), { nil: undefined }),
    isUntaken: fc.boolean(),
    probing: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
});
const people = fc.record({
    isMember: fc.boolean(),
    wants,
    entries: fc.array(claims, { maxLength: 3 }),
    calls: fc.array(claims, { maxLength: 2 }),
    hasOwnCall: fc.boolean(),
    tel: fc.option(settings),
    refused: fc.constantFrom('', 'entry', 'call'),
});

type Known = typeof known extends fc.Arbitrary<infer T> ? T : never;
type Person = typeof people extends fc.Arbitrary<infer T> ? T : never;

function worldOf(about: Person, { isUntaken, ...rest }: Known): [PbxRecord, PbxSide] {
    const untaken = new Set(isUntaken ? ['meeting'] : []);
    const side = sideOf({ untaken });
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) Object.assign(side, { [name]: value });
    const record: PbxRecord = newRecord('a', person);
    if (about.isMember) record.isMember = true;
    const tel = about.tel ?? nothing;
    const presence = { ...tel, onThePhone: about.hasOwnCall };
    record.state = { list: { presence, tel, besideCalls: false }, isEcho: false, at: 0 };
    if (about.hasOwnCall)
        record.ownCall = { former: [], told: [], phase: 'ended', isOpen: false, isBeside: false, settles: 2_000 };
    const ends = Number.POSITIVE_INFINITY;
    const base = { from: 0, renew: ends, way: 'out' };
    const endOf = (certainty: string) => ({ ends: certainty === 'ended' ? 0 : ends });
    const entry: PartState<PbxEntry> = {
        claims: about.entries.map(({ setting, contact, certainty }) => {
            const place = contact === userContact ? ('tel' as const) : ('own' as const);
            return {
                ...base,
                ...endOf(certainty),
                certainty,
                value: { ...setting, contact: place },
                handle: { contact },
            };
        }),
    };
    const call: PartState<true> = {
        claims: about.calls.map(({ certainty }) => ({ ...base, ...endOf(certainty), certainty, value: true as const })),
    };
    if (about.wants.hasSpoken) {
        record.spoken = by;
        const wanted = about.wants.entry;
        const instead = wanted?.[2];
        const value = wanted && { ...wanted[0], contact: wanted[1], ...(instead ? { instead } : {}) };
        entry.desired = value ? { by, value } : { by };
        call.desired = about.wants.call ? { by, value: true } : { by };
    } else record.restoredAt = 0;
    record.parts = { entry: entry as PartState, call: call as PartState };
    const refused = record.parts[about.refused];
    if (refused) refused.trouble = { error: new SyncError('PBX_REQUEST_REFUSED'), failures: 1, until: 1_000 };
    return [record, side];
}

/** What becomes of the record when a step is taken and accepted. */
function apply(record: PbxRecord, side: PbxSide, step: Step, now: number): void {
    if (!('part' in step)) return;
    const state = record.parts[step.part]!;
    if (step.do === 'write') {
        const ends = Number.POSITIVE_INFINITY;
        const part = pbxParts.find(({ name }) => name === step.part)!;
        const more = part.claimOf?.(record, side, step.value);
        endClaims(state, now);
        const claim = { value: step.value, from: now, renew: ends, ends, certainty: 'confirmed' as const, way: 'out' };
        state.claims = [{ ...claim, ...more }, ...state.claims];
    } else if (step.do === 'hold') state.rule = step.rule;
    else endClaims(state, now);
    if (step.do === 'yield') state.yields = { since: now, rule: step.rule, value: state.desired?.value };
    if (step.do !== 'write' && step.do !== 'clear') return;
    delete state.rule;
    delete state.trouble;
}

describe('The next step for a PBX user', () => {
    it('is one, the same for the same record, and only what is wanted is written, and what is claimed cleared', () => {
        fc.assert(
            fc.property(people, known, (about, facts) => {
                const [record, side] = worldOf(about, facts);
                const step = nextStep(record, side, 0, pbxParts);
                assert.deepEqual(nextStep(...worldOf(about, facts), 0, pbxParts), step);
                assert.deepEqual(record, worldOf(about, facts)[0]);
                if (step.do === 'write' || step.do === 'clear') assert.notEqual(step.part, about.refused);
                if (step.do === 'write') assert.notEqual(record.parts[step.part]?.desired?.value, undefined);
                if (step.do === 'clear') assert.ok(liveClaims(record.parts[step.part], 0).includes(step.claim));
            }),
            { numRuns: 2_000 },
        );
    });

    it('leads to rest: what is wanted shows then, and nothing else of ours', () => {
        fc.assert(
            fc.property(people, known, (about, facts) => {
                const [record, side] = worldOf(about, facts);
                let now = 0;
                let steps = 0;
                for (;;) {
                    const step = nextStep(record, side, now, pbxParts);
                    if (step.do === 'nothing') break;
                    assert.ok(++steps < 20, `still ${JSON.stringify(step)} after ${steps} steps`);
                    if (step.do !== 'wait') apply(record, side, step, now);
                    else {
                        now = step.until;
                        delete record.ownCall;
                    }
                }
                if (side.probing === 'b') return;
                const isKept = record.isMember && about.wants.hasSpoken;
                const call = liveClaims(callOf(record), now);
                assert.equal(call.length > 0, isKept === true && about.wants.call && side.takesCalls !== false);
                const [entry, ...others] = liveClaims(entryOf(record), now);
                assert.deepEqual(others, []);
                if (!isKept) assert.equal(entry, undefined);
            }),
            { numRuns: 2_000 },
        );
    });
});
