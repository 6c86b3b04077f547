import type { SyncError } from '../errors/errors';
import type { Question } from './explain';
import { liveClaims, type PersonRecord, stopOf } from './record';

/** A person on one side in one line: what shows there, what is ours, and what is out of the ordinary. */
export interface Glance {
    /** In words of the side; absent as long as it is not known. */
    shows?: string;
    /** Date since which it is known to, ms since the epoch. */
    since?: number;
    /** What shows is ours. */
    isOurs?: true;
    /** What may show for us, in words of the side, the strongest part first; absent for nothing. */
    holds?: string;
    /** A source wants something there, and nothing of ours shows. */
    differs?: true;
    /** Nothing of ours may show now. */
    stopped?: 'paused' | 'resting';
    /** Why the side does not take what is wanted. */
    refused?: SyncError;
    /** Date of the newest decision, ms since the epoch. */
    decidedAt?: number;
}

/** Pure, and cheap for the many of whom nothing is wanted: a list of ten thousand people asks it of each. */
export function glance(record: PersonRecord, { parts, shown, now }: Pick<Question, 'parts' | 'shown' | 'now'>): Glance {
    const seen: Glance = {};
    if (shown) seen.shows = shown.text;
    if (shown?.since !== undefined) seen.since = shown.since;
    if (shown?.part) seen.isOurs = true;
    const stop = stopOf(record, now);
    if (stop) seen.stopped = stop.rule;
    const last = record.lately.at(-1);
    if (last) seen.decidedAt = last.at;
    if (record.setAside && record.setAside.until > now) seen.refused = record.setAside.error;
    let holds = '';
    let isWanted = false;
    for (const part of parts) {
        const state = record.parts[part.name];
        if (!state) continue;
        const [claim] = liveClaims(state, now);
        if (claim) holds += (holds && ', ') + part.text(claim.value);
        const isEqual = state.rule === 'equal' || state.yields?.rule === 'equal';
        if (state.desired?.value !== undefined && !isEqual) isWanted = true;
        if (state.trouble && state.trouble.until > now) seen.refused ??= state.trouble.error;
    }
    if (holds) seen.holds = holds;
    if (isWanted && shown && !shown.part) seen.differs = true;
    return seen;
}
