import type { Claim, PartState, PersonRecord } from '../presence/record';
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
    await (await store).append([yields ? { ...entry, yields: { value: yields.value, since: yields.since } } : entry]);
}

/** The part as an entry of an earlier process tells it. What was sent and not confirmed may be in force or not. */
export function partOf({ claims, yields, side }: ClaimEntry): PartState {
    return {
        claims: claims.map(restoredClaim),
        ...(yields ? { yields: { ...yields, rule: side === 'teams' ? 'chosen in Teams' : 'chosen in the PBX' } } : {}),
    };
}

function loggedClaim({ value, from, ends, latest, certainty, way, handle, replaced }: Claim<unknown>): LoggedClaim {
    const last = Math.max(ends, latest ?? ends);
    return {
        value,
        sure: certainty === 'sent' || certainty === 'ended' ? certainty : 'confirmed',
        from,
        ...(last < Number.POSITIVE_INFINITY ? { ends: last } : {}),
        handle: { way, ...(handle === undefined ? {} : { handle }) },
        ...(replaced === undefined ? {} : { replaced }),
    };
}

function restoredClaim({
    value,
    sure,
    from,
    ends = Number.POSITIVE_INFINITY,
    handle,
    replaced,
}: LoggedClaim): Claim<unknown> {
    const known = (handle ?? {}) as { way?: string; handle?: unknown };
    const certainty = sure === 'confirmed' ? 'restored' : sure;
    return {
        value,
        from,
        ends,
        // Early: how much of the lease is left depends on the date, which may have been set between the two processes.
        renew: sure === 'ended' ? Number.POSITIVE_INFINITY : from + (ends - from) * 0.6,
        certainty,
        way: known.way ?? '',
        ...(known.handle === undefined ? {} : { handle: known.handle }),
        ...(replaced === undefined ? {} : { replaced }),
    };
}
