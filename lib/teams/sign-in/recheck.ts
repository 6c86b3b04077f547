import type { SyncError } from '../../support/errors';

/** Errors of one account's sign-in: trying often would keep the account locked. */
const signIn = /^TEAMS_(PASSWORD|ACCOUNT|MFA|SIGN_IN)_/;

/** How long to wait, in ms, before what an administrator must change is looked at again, in case it was changed. */
export function recheckAfter(error: SyncError): number {
    return signIn.test(error.code) ? 15 * 60_000 : 60_000;
}
