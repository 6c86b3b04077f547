import { type PresenceUser, teamsIdOf } from '../../presence/message';
import type { TeamsPair } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { PresenceRequest } from '../connection/gathered-requests';

/**
 * One of Graph's presence actions for a user, in the name of the app (Presence.ReadWrite.All).
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export interface PresenceAction {
    name: string;
    body: object;
}

/**
 * What makes a part show this value.
 * @param clientId names our session: Graph takes no other
 * @param lease ms after which it ends; @param date ms since the epoch
 * @see https://learn.microsoft.com/graph/api/presence-setpresence
 * @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence
 */
export function settingOf(part: string, value: unknown, clientId: string, lease: number, date: number): PresenceAction {
    if (part === 'statusMessage') return messageAction(value as string, new Date(date + lease));
    // In whole minutes, as Graph wants it.
    const shown = { ...(value as TeamsPair), expirationDuration: `PT${Math.round(lease / 60_000)}M` };
    if (part === 'preferred') return { name: 'setUserPreferredPresence', body: shown };
    return { name: 'setPresence', body: { sessionId: clientId, ...shown } };
}

/**
 * What takes a part back.
 * @see https://learn.microsoft.com/graph/api/presence-clearpresence
 * @see https://learn.microsoft.com/graph/api/presence-clearuserpreferredpresence
 */
export function clearingOf(part: string, clientId: string): PresenceAction {
    if (part === 'statusMessage') return messageAction('');
    if (part === 'preferred') return { name: 'clearUserPreferredPresence', body: {} };
    return { name: 'clearPresence', body: { sessionId: clientId } };
}

/** An empty text takes the message away. @see https://learn.microsoft.com/graph/api/presence-setstatusmessage */
function messageAction(content: string, ends?: Date): PresenceAction {
    const dateTime = ends?.toISOString().replace('Z', '');
    const expiry = dateTime ? { expiryDateTime: { dateTime, timeZone: 'UTC' } } : {};
    return {
        name: 'setStatusMessage',
        body: { statusMessage: { message: { content, contentType: 'text' }, ...expiry } },
    };
}

export function requestOf(user: PresenceUser, { name, body }: PresenceAction, priority: Priority): PresenceRequest {
    return {
        what: `change the presence of ${user.displayName}`,
        method: 'POST',
        path: `/users/${encodeURIComponent(teamsIdOf(user))}/presence/${name}`,
        body,
        priority,
        // Of an end that is sent twice the second finds nothing, which would say that there was no session of ours.
        repeatable: name !== 'clearPresence',
    };
}
