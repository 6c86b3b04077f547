import * as v from 'valibot';
import type { Part } from '../presence/next-step';
import type { Claim, PartState, PersonRecord } from '../presence/record';
import { type Rule, rules } from '../presence/rules';
import type { ClaimEntry, ClaimPart, ClaimStore, LoggedClaim } from './claim-store';

/** Where the claims of one side's people are written down. */
export interface ClaimBook {
    /** It may still have to be opened. */
    store: ClaimStore | Promise<ClaimStore>;
    side: ClaimPart['side'];
    system: string;
}

/** Writes down what may show for one part of a person; to be awaited before the request leaves that makes it so. */
export async function writeDown({ store, side, system }: ClaimBook, record: PersonRecord, part: string): Promise<void> {
    const state = record.parts[part];
    if (!state) return;
    const claims = state.claims.filter(({ certainty }) => certainty !== 'suspected').map(loggedClaim);
    const { yields } = state;
    const entry: ClaimEntry = { side, system, part, person: record.key, claims };
    await (await store).append([yields ? { ...entry, yields: { ...yields } } : entry]);
}

/** The part as an entry of an earlier process tells it. What was sent and not confirmed may be in force or not. */
export function partOf({ claims, yields, side }: ClaimEntry): PartState {
    return {
        claims: claims.map(restoredClaim),
        ...(claims.some(({ sure }) => sure !== 'ended') ? { hasBegun: true } : {}),
        ...(yields ? { yields: { ...yields, rule: ruleOf(yields.rule, side) } } : {}),
    };
}

/** True for an entry that this version understands: another one may have written it. */
export function isUnderstood({ claims, yields }: PartState, { stored: { value, claim = v.unknown() } }: Part): boolean {
    const isKnown = (each: Claim<unknown>): boolean =>
        v.is(value, each.value) && v.is(claim, each) && typeof each.way === 'string';
    return claims.every(isKnown) && (!yields || v.is(value, yields.value));
}

/** Earlier versions have not written it down, and later ones may know others. */
function ruleOf(name: string | undefined, side: ClaimPart['side']): Rule {
    if (name !== undefined && Object.hasOwn(rules, name)) return name as Rule;
    return side === 'teams' ? 'chosen in Teams' : 'chosen in the PBX';
}

function loggedClaim({ value, from, ends, certainty, way, handle, replaced }: Claim<unknown>): LoggedClaim {
    return {
        value,
        sure: certainty === 'sent' || certainty === 'ended' ? certainty : 'confirmed',
        from,
        ...(ends < Number.POSITIVE_INFINITY ? { ends } : {}),
        handle: { way, ...(handle === undefined ? {} : { handle }) },
        ...(replaced === undefined ? {} : { replaced }),
    };
}

function restoredClaim({
    value,
    sure,
    from,
    ends = Number.POSITIVE_INFINITY,
    latest,
    handle,
    replaced,
}: LoggedClaim): Claim<unknown> {
    const known = (handle ?? {}) as { way?: string; handle?: unknown };
    const certainty = sure === 'confirmed' ? 'restored' : sure;
    const lease = ends - from;
    // By its date it was over before this process began: it may still show, but nothing keeps it alive.
    const isOver = sure === 'ended' || (latest !== undefined && ends + lease <= latest);
    return {
        value,
        from,
        ends,
        ...(latest === undefined ? {} : { latest }),
        // Early: how much of the lease is left depends on the date, which may have been set between the two processes.
        renew: isOver ? Number.POSITIVE_INFINITY : from + lease * 0.6,
        certainty,
        isFormer: true,
        way: known.way ?? '',
        ...(known.handle === undefined ? {} : { handle: known.handle }),
        ...(replaced === undefined ? {} : { replaced }),
    };
}
