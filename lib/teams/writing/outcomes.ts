import type { Outcome } from '../../presence/message';
import { isHeld, pairText, type TeamsTarget } from '../../presence/teams-states';
import type { Change } from './leased-presence';

/** Only the newest wish of a user counts. */
export const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };

/** The node ended before the wish was served. */
export const stopped: Outcome = { written: false, reason: 'The node was stopped' };

/** The user is in quarantine. */
export const leftAlone: Outcome = {
    written: false,
    reason: 'Teams has refused every change of this user: tried again once a day',
};

/** The outcome of a change that Teams has answered, or that was none. */
export function outcomeOf({ written, messageRefused }: Change, target: TeamsTarget): Outcome {
    const { reason } = withoutMessage(written, target);
    return {
        written,
        reason: messageRefused ? `${reason}, but the status message is not: ${messageRefused.message}` : reason,
    };
}

function withoutMessage(written: boolean, target: TeamsTarget): Outcome {
    if (!isHeld(target)) {
        return { written, reason: written ? 'Taken back in Teams' : 'Nothing of ours to take back in Teams' };
    }
    const pair = target.session ?? target.preferred;
    const text = pair ? pairText(pair) : 'the status message';
    return { written, reason: written ? `Set to ${text} in Teams` : `Already set to ${text} in Teams` };
}
