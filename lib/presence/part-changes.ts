import { isDeepStrictEqual } from 'node:util';
import type { Part, Request, Side } from './next-step';
import {
    type Claim,
    endClaims,
    endOf,
    liveClaims,
    type PartState,
    type PersonRecord,
    type Statement,
    unsure,
} from './record';

/**
 * Takes in what a source wants of one part; nothing, where it wants nothing of a part that nobody has spoken of.
 * @returns whether that is another value than before, and whether the choice by hand that stood above the last one is over
 */
export function desire(
    record: PersonRecord,
    part: Part,
    value: unknown,
    by: Statement,
): { isNew: boolean; endsYielding: boolean } {
    const known = record.parts[part.name];
    if (!known && value === undefined) return { isNew: false, endsYielding: false };
    const state: PartState = known ?? { claims: [] };
    record.parts[part.name] = state;
    const isSame = (one: unknown, other: unknown): boolean =>
        one === undefined || other === undefined ? one === other : part.same(one, other);
    const isNew = !state.desired || !isSame(state.desired.value, value);
    if (!by.isSilence && isNew && !isSame(state.stated, value))
        Object.assign(state, { since: by.at, before: by.own, stated: value, heldAt: undefined });
    // What was decided before the first source has spoken says nothing any more.
    if (!state.desired) state.rule = undefined;
    state.desired = value === undefined ? { by } : { value, by };
    if (!by.writer.dryRun) state.would = undefined;
    if (value === undefined && !by.isSilence) {
        state.hasBegun = undefined;
        state.setAgainFrom = undefined;
    }
    const endsYielding = state.yields !== undefined && !by.isSilence && !isSame(state.yields.value, value);
    if (endsYielding) state.yields = undefined;
    if (isNew) record.epoch += 1;
    return { isNew, endsYielding };
}

/**
 * It is held back, or taken back although it is wanted: what is chosen meanwhile is newer.
 * @param own what the person's own sources say now
 */
export function hold(state: PartState, own: unknown, now: number): void {
    if (state.stated === undefined || state.heldAt !== undefined) return;
    state.heldAt = now;
    state.before = own;
}

/**
 * What may be in force once the request to write this value has left.
 * @param share 0 to 1: how late within its time it is renewed
 */
export function newClaim(
    record: PersonRecord,
    part: Part,
    value: unknown,
    { side, now, share }: { side: Side; now: number; share: number },
): Claim<unknown> {
    const state = record.parts[part.name]!;
    const { way, lease } = (state.desired?.by ?? record.asked?.by)?.writer ?? { way: '', lease: 0 };
    const [last] = state.claims;
    // What was restored is set again for as long as it was set then.
    const length = lease || (last ? last.ends - last.from : Number.POSITIVE_INFINITY);
    const claim: Claim<unknown> = {
        value,
        from: now,
        renew: now + length * (0.6 + 0.1 * share),
        ends: now + length,
        certainty: 'sent',
        way: way || last?.way || '',
        ...part.claimOf?.(record, side, value),
    };
    endClaims(state, now, () => false);
    state.claims = [claim, ...state.claims];
    return claim;
}

/**
 * What is in force may last for another lease once the request to renew it has left.
 * @returns undefined where it is over by now, or its writer sets it for another time: a new claim takes its place
 */
export function renewal(state: PartState, now: number): Claim<unknown> | undefined {
    const [claim] = liveClaims(state, now);
    const lease = state.desired?.by.writer.lease;
    if (!claim || (lease && lease !== Math.round(claim.ends - claim.from))) return undefined;
    claim.renewed = now + claim.ends - claim.from;
    return claim;
}

/**
 * The side has done what was asked.
 * @param claim what was written or renewed
 * @param isAbsent there was nothing to be taken back
 */
export function accept(
    record: PersonRecord,
    part: Part,
    step: Request,
    claim: Claim<unknown> | undefined,
    isAbsent: boolean,
    now: number,
): void {
    const state = record.parts[part.name]!;
    // A field that all share has one value; else each way has its own.
    const way = part.isShared ? undefined : (step.do === 'clear' ? step.claim : claim)?.way;
    if (claim) {
        const { from, ends, renew } = claim;
        forgetTries(state, part, claim);
        Object.assign(claim, { certainty: 'confirmed', from: now, ends: now + ends - from, renew: now + renew - from });
        Object.assign(claim, { latest: undefined, renewed: undefined });
        endClaims(state, now, each => each !== claim, way);
        Object.assign(state, { hasBegun: true, before: undefined, heldAt: undefined });
    } else {
        const wasSuspected = liveClaims(state, now).every(({ certainty }) => certainty === 'suspected');
        // The answer to an earlier try may have been lost, which has ended what shows for a while.
        if (wasSuspected && isAbsent && !state.trouble) state.claims = [];
        else endClaims(state, now, each => way === undefined || each.way === way || each.ends === Infinity);
        // What shows without it is read before anything else is set.
        if (wasSuspected) record.doubt = { why: 'start', since: now };
    }
    state.isFoundOut = true;
    state.rule = undefined;
    record.epoch += 1;
}

/** The request has had no effect. */
export function withdraw(state: PartState, claim: Claim<unknown> | undefined): void {
    // It was only to be renewed.
    if (claim?.renewed !== undefined) claim.renewed = undefined;
    else state.claims = state.claims.filter(each => each !== claim);
}

/** It is not known whether the side has done what was asked. */
export function leaveOpen(state: PartState, part: Part, claim: Claim<unknown> | undefined, now: number): void {
    if (claim) {
        claim.latest = endOf(claim);
        claim.renewed = undefined;
        forgetTries(state, part, claim);
    } else for (const each of liveClaims(state, now)) unsure(each);
}

/** A try that had no answer, and meant the same, explains nothing that one which has left since does not. */
function forgetTries(state: PartState, part: Part, claim: Claim<unknown>): void {
    const isSameTry = (each: Claim<unknown>): boolean =>
        each.certainty === 'sent' &&
        each.way === claim.way &&
        isDeepStrictEqual(each.handle, claim.handle) &&
        part.same(each.value, claim.value);
    state.claims = state.claims.filter(each => each === claim || !isSameTry(each));
}

/** So many ms of its lease may have passed without being counted. `latest` keeps the end that holds if they have not. */
export function age(claim: Claim<unknown>, missed: number): void {
    if (missed <= 0 || claim.certainty === 'ended' || claim.ends === Number.POSITIVE_INFINITY) return;
    claim.latest = Math.max(claim.latest ?? claim.ends, claim.ends);
    claim.from -= missed;
    claim.renew -= missed;
    claim.ends -= missed;
}
