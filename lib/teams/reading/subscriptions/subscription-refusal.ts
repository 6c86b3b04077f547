import { SyncError } from '../../../errors/errors';
import { GraphRefusal } from '../../connection/graph-error';

/** What a create was about, for its error. */
interface Attempt {
    /** User name of the communication user. */
    account: string;
    /** The address for notifications. */
    url: string;
}

/** A quota, as opposed to a missing permission. @see https://learn.microsoft.com/graph/change-notifications-overview */
const quota = /\b(limit|quota|maximum|exceed(s|ed)?)\b/i;
const handshake = /validation/i;
const expiry = /expiration/i;
const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/**
 * True if an older subscription of the account stands in the way: Graph answers 409, or 403 with the limit in words,
 * the latter also for hours after the older one is gone.
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions#response
 * @see https://techcommunity.microsoft.com/discussions/teamsdeveloper/cannot-create-new-subscription-to-resource/4194946
 */
export function isTaken(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal)) return false;
    return error.status === 409 || (error.status === 403 && quota.test(detailOf(error)));
}

/** True if a subscription is no longer there, or cannot be renewed in place. */
export function isBeyondRenewal(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal) || isAboutExpiry(error)) return false;
    return [400, 403, 404, 405, 410, 501].includes(error.status);
}

/** True if Graph does not take the end that was asked for, as where the clocks differ. */
export function isAboutExpiry(error: GraphRefusal): boolean {
    return error.status === 400 && expiry.test(detailOf(error));
}

/**
 * True if a create may have failed because of one of its users: Graph then answers 500, and names the guilty or does
 * not. @see https://github.com/microsoftgraph/msgraph-beta-sdk-dotnet/issues/352
 */
export function mayBlameUsers(error: unknown): error is GraphRefusal {
    if (!(error instanceof GraphRefusal)) return false;
    return [400, 404, 500].includes(error.status) && !isHandshake(error) && !isAboutExpiry(error);
}

/** The users whom the error names; its text is short, so they may not be all. */
export function namedIn(error: unknown, userIds: readonly string[]): string[] {
    if (!mayBlameUsers(error)) return [];
    const named = new Set(detailOf(error).toLowerCase().match(guid));
    return userIds.filter(userId => named.has(userId.toLowerCase()));
}

/** The error of a create or a renewal in the words of an administrator. */
export function explained(error: unknown, { account, url }: Attempt): unknown {
    if (!(error instanceof GraphRefusal)) return error;
    const detail = detailOf(error);
    if (isAboutExpiry(error)) return new SyncError('TEAMS_CLOCK_WRONG', { code: error.graphCode || detail }, error);
    if (error.status === 409) return new SyncError('TEAMS_SUBSCRIPTION_CONFLICT', { account }, error);
    if (isTaken(error)) return new SyncError('TEAMS_SUBSCRIPTION_LIMIT', { account, detail }, error);
    if (isHandshake(error)) return new SyncError('TEAMS_ENDPOINT_UNREACHABLE', { url, detail }, error);
    return error;
}

/** Host and path of an address for notifications, without what may be secret. */
export function addressOf(url: string): string {
    if (!URL.canParse(url)) return '?';
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
}

function isHandshake(error: GraphRefusal): boolean {
    return error.status === 400 && (handshake.test(error.graphCode) || handshake.test(detailOf(error)));
}

function detailOf(error: GraphRefusal): string {
    return String(error.parameters.detail);
}
