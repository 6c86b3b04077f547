import type { Outcome } from '../../presence/message';
import { callOf, entryOf, type PbxRecord } from '../../presence/pbx-record';
import { liveClaims, stopOf } from '../../presence/record';
import { type Rule, rules } from '../../presence/rules';
import { onThePhone } from '../../presence/vocabulary';

/** Only the newest statement of a user counts. */
export const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };
export const stopped: Outcome = { written: false, reason: 'The connection to the PBX was closed' };

/** What became of a statement: how it ended, and whether the PBX has accepted something for it. */
export function outcomeOf(end: string, written: boolean, record: PbxRecord, now: number): Outcome {
    if (end === 'replaced') return { ...replacedByNewer, written };
    if (end === 'stopped') return stopped;
    const stop = stopOf(record, now);
    if (stop) return { written: false, reason: `Not shown in the PBX: ${rules[stop.rule].en}` };
    if (record.spoken?.writer.dryRun) return { written: false, reason: `Dry run: ${dryReason(record, now)}` };
    const [call] = liveClaims(callOf(record), now);
    const [entry] = liveClaims(entryOf(record), now);
    const activity = call ? onThePhone : entry && (entry.value.activity || 'available');
    if (written) return { written, reason: activity ? `Shown in the PBX as ${activity}` : 'Taken back in the PBX' };
    const rule = leftBy(record, now);
    if (rule && rule !== 'equal') return { written, reason: `Left as it is in the PBX: ${rule}` };
    return { written, reason: activity || rule ? 'Already shown in the PBX' : 'Nothing to take back' };
}

/** Why what is wanted is not shown. */
function leftBy(record: PbxRecord, now: number): Rule | undefined {
    const state = entryOf(record);
    if (!state?.desired?.value || liveClaims(state, now).length > 0) return undefined;
    return state.yields?.rule ?? state.rule;
}

function dryReason(record: PbxRecord, now: number): string {
    const [call, entry] = [callOf(record), entryOf(record)];
    const rule = leftBy(record, now);
    if (rule) return `would be left as it is in the PBX: ${rule}`;
    if (!call?.would && !entry?.would) return 'nothing would be written to the PBX';
    if (call?.would?.value) return `would be shown in the PBX as ${onThePhone}`;
    const { value } = entry?.would ?? {};
    return value ? `would be shown in the PBX as ${value.activity || 'available'}` : 'would be taken back in the PBX';
}
