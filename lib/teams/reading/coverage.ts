import { type ErrorCode, SyncError } from '../../errors/errors';
import { longestSubscription } from './subscriptions/cohorts';
import type { SubscriptionFleet, UncoveredReason } from './subscriptions/subscription-fleet';

/** How each user's changes arrive. */
export interface Coverage {
    /** Users that are polled. */
    polled: ReadonlySet<string>;
    /** Users that are only read in the sweep, by what would have to change for more. */
    leftOut: ReadonlyMap<ErrorCode, string[]>;
    /** Users whose subscription is being made. */
    pending: number;
}

const codes: Record<Exclude<UncoveredReason, 'pending'>, ErrorCode> = {
    'no-room': 'TEAMS_NO_ROOM',
    refused: 'TEAMS_USER_NOT_SUBSCRIBED',
    'account-failed': 'TEAMS_ACCOUNT_LOST',
};

/** Everybody is polled. */
export function pollingOnly(userIds: Iterable<string>): Coverage {
    return { polled: new Set(userIds), leftOut: new Map(), pending: 0 };
}

/**
 * Whoever has no working subscription is polled, where polling is possible.
 * @param options.isSilent whether a user's subscription is believed to be silent
 */
export function coverageOf(options: {
    userIds: Iterable<string>;
    fleet: Pick<SubscriptionFleet, 'uncovered'>;
    mayPoll: boolean;
    isSilent: ((userId: string) => boolean) | undefined;
}): Coverage {
    const polled = new Set<string>();
    const leftOut = new Map<ErrorCode, string[]>();
    let pending = 0;
    for (const { userId, reason } of options.fleet.uncovered()) {
        if (reason === 'pending') pending += 1;
        if (options.mayPoll) polled.add(userId);
        else if (reason !== 'pending') listIn(leftOut, codes[reason]).push(userId);
    }
    if (options.isSilent && options.mayPoll) {
        for (const id of options.userIds) if (options.isSilent(id)) polled.add(id);
    }
    return { polled, leftOut, pending };
}

function listIn(lists: Map<ErrorCode, string[]>, code: ErrorCode): string[] {
    const list = lists.get(code) ?? [];
    lists.set(code, list);
    return list;
}

/** Tells each person once for each reason. */
export class LeftOutNotices {
    readonly #told = new Map<ErrorCode, Set<string>>();

    /** Those of the users for whom this reason has not been told yet. */
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
