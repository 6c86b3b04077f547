import type { SyncError } from '../../../errors/errors';
import type { RetrySchedule } from '../../../time/retry-schedule';
import { SignInError } from './sign-in-error';

const minute = 60_000;

/**
 * How long to wait, in ms, before what an administrator must change is looked at again, in case it was changed. A
 * sign-in waits longest: trying often would keep an account locked.
 */
export function recheckAfter(error: SyncError): number {
    if (!(error instanceof SignInError)) return minute;
    if (error.retryAfter !== undefined) return error.retryAfter;
    // Nothing is asked of Microsoft until somebody has signed in at the dialog.
    if (error.code === 'TEAMS_SIGN_IN_AGAIN' || error.code === 'TEAMS_SIGN_IN_MISSING') return minute;
    return 15 * minute;
}

/** Milliseconds to wait after any error: what Microsoft asks for, else back-off for an outage and a re-check otherwise. */
export function attemptAfter(error: SyncError, schedule: RetrySchedule): number {
    if (error.kind !== 'outage') return recheckAfter(error);
    const asked = (error as { retryAfter?: number }).retryAfter ?? 0;
    return Math.max(asked, schedule.next());
}
