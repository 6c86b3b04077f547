import { type ErrorCode, SyncError } from '../../errors/errors';
import { longestSubscription } from './subscriptions/cohorts';
import type { UncoveredUser } from './subscriptions/subscription-fleet';

/** Why users are only read in the sweep, and what is said of it; one whose subscription is being made is not told. */
export const codes: readonly (readonly [UncoveredUser['reason'], ErrorCode])[] = [
    ['no-room', 'TEAMS_NO_ROOM'],
    ['refused', 'TEAMS_USER_NOT_SUBSCRIBED'],
    ['account-failed', 'TEAMS_ACCOUNT_LOST'],
];

/** Tells each person once for each reason. */
export class LeftOutNotices {
    readonly #told = new Map<ErrorCode, Set<string>>();

    /** The users for whom this reason has not been told yet. */
    fresh(code: ErrorCode, userIds: readonly string[]): string[] {
        const told = this.#told.get(code) ?? new Set();
        this.#told.set(code, told);
        const fresh = userIds.filter(id => !told.has(id));
        for (const id of fresh) told.add(id);
        return fresh;
    }

    forget(userIds: readonly string[]): void {
        for (const told of this.#told.values()) for (const id of userIds) told.delete(id);
    }
}

/**
 * The reason as an administrator reads it.
 * @param accounts number of communication users; @param sweep ms after which these users are read at the latest
 */
export function reasonOf(code: ErrorCode, accounts: number, sweep: number): SyncError {
    return new SyncError(code, { room: accounts * longestSubscription, seconds: sweep / 1000 });
}
