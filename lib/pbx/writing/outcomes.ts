import type { Outcome } from '../../presence/message';
import { callOf, entryOf, type PbxRecord } from '../../presence/pbx-record';
import { liveClaims } from '../../presence/record';
import { onThePhone } from '../../presence/vocabulary';

/** Only the newest statement of a user counts. */
export const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };
export const stopped: Outcome = { written: false, reason: 'The connection to the PBX was closed' };

/** What is said of a statement that was never sent. */
const ends: Readonly<Record<string, Outcome>> = { replaced: replacedByNewer, stopped };

/** What became of a statement: how it ended, and whether the PBX has accepted something for it. */
export function outcomeOf(end: string, written: boolean, record: PbxRecord, now: number): Outcome {
    const known = ends[end];
    if (known) return { ...known, written: written && end === 'replaced' };
    const [call] = liveClaims(callOf(record), now);
    const [entry] = liveClaims(entryOf(record), now);
    const activity = call ? onThePhone : entry && (entry.value.activity || 'available');
    if (written) return { written, reason: activity ? `Shown in the PBX as ${activity}` : 'Taken back in the PBX' };
    const rule = entryOf(record)?.yields?.rule;
    if (rule && rule !== 'equal') return { written, reason: `Left as it is in the PBX: ${rule}` };
    return { written, reason: activity || rule ? 'Already shown in the PBX' : 'Nothing to take back' };
}
