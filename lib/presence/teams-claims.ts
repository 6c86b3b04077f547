import { liveClaims } from './record';
import { appearOffline, isChoice, sessionOf, type TeamsRecord, type TeamsSide } from './teams-record';
import type { TeamsPair } from './vocabulary';

/** The registration that has set this is used again, so what it has left can be taken back. */
export function takeUp(record: TeamsRecord, way: string, now: number): void {
    const state = sessionOf(record);
    if (!state || liveClaims(state, now).length > 0) return;
    for (const claim of state.claims) if (claim.way === way && claim.ends > now) claim.certainty = 'sent';
}

/** Our own pair is in the field now, or nothing: what was chosen by hand there before is gone. */
export function replaceChoice(record: TeamsRecord): void {
    const { own } = record;
    if (!own || (own.activity !== appearOffline && !isChoice(own))) return;
    record.own = undefined;
    record.isReplaced = true;
}

/** Holds what may be ours until it is known: no log tells whether it is. */
export function suspect(
    record: TeamsRecord,
    part: 'session' | 'preferred',
    shown: TeamsPair,
    now: number,
    side: TeamsSide,
): void {
    const { spoken } = record;
    const state = record.parts[part] ?? { claims: [], ...(spoken ? { desired: { by: spoken } } : {}) };
    record.parts[part] = state;
    const { availability, activity } = shown;
    const never = Number.POSITIVE_INFINITY;
    const ends = part === 'session' ? never : now + (spoken?.writer.lease ?? 0);
    state.claims = [
        { value: { availability, activity }, from: now, renew: never, ends, certainty: 'suspected', way: side.way },
    ];
    record.doubt = undefined;
}
