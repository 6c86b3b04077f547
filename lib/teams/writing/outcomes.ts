import { type Outcome, replacedByNewer } from '../../presence/message';
import { liveClaims, stopOf } from '../../presence/record';
import { type Rule, rules } from '../../presence/rules';
import type { TeamsRecord } from '../../presence/teams-record';
import { isHeld, pairText, type TeamsTarget } from '../../presence/teams-states';

export const nodeStopped: Outcome = { written: false, reason: 'The node was stopped' };

/** What is said of a statement that was never sent. */
const ends: Readonly<Record<string, Outcome>> = {
    replaced: replacedByNewer,
    stopped: nodeStopped,
    'set aside': { written: false, reason: 'Teams has refused every change of this user: tried again once a day' },
};

/** What became of a statement: how it ended, whether Teams has accepted something for it, and why not. */
export function outcomeOf(
    end: string,
    written: boolean,
    target: TeamsTarget,
    record: TeamsRecord,
    now: number,
): Outcome {
    const known = ends[end];
    if (known) return { ...known, written: written && end === 'replaced' };
    const stop = stopOf(record, now);
    if (stop) return { written: false, reason: `Not shown in Teams: ${rules[stop.rule].en}` };
    const rule = leftBy(target, record, now);
    if (record.spoken?.writer.dryRun) return { written: false, reason: `Dry run: ${dryReason(target, record, rule)}` };
    const refused = record.parts.statusMessage?.trouble?.error;
    const reason = reasonOf(written, target, rule);
    return { written, reason: refused ? `${reason}, but the status message is not: ${refused.message}` : reason };
}

/** Why what is wanted is not set. */
function leftBy(target: TeamsTarget, { parts }: TeamsRecord, now: number): Rule | undefined {
    if (!isHeld(target)) return parts.session?.rule;
    if (!target.session) return parts.preferred?.rule;
    return liveClaims(parts.session, now).length === 0 ? parts.session?.rule : undefined;
}

function dryReason(target: TeamsTarget, { parts }: TeamsRecord, rule: Rule | undefined): string {
    const pair = target.session ?? target.preferred;
    if (pair && rule) return `would be left as it is in Teams: ${rule}`;
    if (!Object.values(parts).some(state => state?.would)) return 'nothing would be written to Teams';
    if (!isHeld(target)) return 'would be taken back in Teams';
    return `would be set to ${pair ? pairText(pair) : 'the status message'} in Teams`;
}

function reasonOf(written: boolean, target: TeamsTarget, rule: Rule | undefined): string {
    if (!isHeld(target) && rule === 'its registration is gone') return `Left as it is in Teams: ${rule}`;
    if (!isHeld(target)) return written ? 'Taken back in Teams' : 'Nothing of ours to take back in Teams';
    const pair = target.session ?? target.preferred;
    const text = pair ? pairText(pair) : 'the status message';
    if (written) return `Set to ${text} in Teams`;
    return rule ? `Left as it is in Teams: ${rule}` : `Already set to ${text} in Teams`;
}
