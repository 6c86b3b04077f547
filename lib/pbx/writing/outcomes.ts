import type { Outcome } from '../../presence/message';

export const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };
export const alreadyShown: Outcome = { written: false, reason: 'Already shown in the PBX' };
export const nothingHeld: Outcome = { written: false, reason: 'Nothing to take back' };
export const stopped: Outcome = { written: false, reason: 'The connection to the PBX was closed' };
export const takenBack: Outcome = { written: true, reason: 'Taken back in the PBX' };

/** @param activity `""` is available */
export function shownAs(activity: string): Outcome {
    return { written: true, reason: `Shown in the PBX as ${activity || 'available'}` };
}
