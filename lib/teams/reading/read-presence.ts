import type { Presence } from '@microsoft/microsoft-graph-types';
import type { TeamsPresence } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Sender } from '../graph/first-that-works';

/** Ids that one bulk read takes. @see https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid */
export const longestBulk = 650;

/**
 * Reads the presence of users in bulk. Graph promises neither the order nor that every id is answered, so the result
 * is keyed by id and may lack some.
 */
export async function readPresences(
    graph: Sender,
    ids: readonly string[],
    priority: Priority,
): Promise<Map<string, TeamsPresence>> {
    const presences = new Map<string, TeamsPresence>();
    for (let start = 0; start < ids.length; start += longestBulk) {
        const answer = await graph.send<{ value: Presence[] }>({
            what: 'read the presence of users',
            method: 'POST',
            path: '/communications/getPresencesByUserId',
            body: { ids: ids.slice(start, start + longestBulk) },
            priority,
        });
        for (const presence of answer.value) {
            if (presence.id) presences.set(presence.id, presenceOf(presence));
        }
    }
    return presences;
}

/** Graph's presence in our words; every field but two is optional, since clouds differ. */
export function presenceOf(presence: Presence): TeamsPresence {
    const statusMessage = presence.statusMessage?.message?.content?.trim();
    return {
        availability: presence.availability ?? 'PresenceUnknown',
        activity: presence.activity ?? presence.availability ?? 'PresenceUnknown',
        ...(statusMessage ? { statusMessage } : {}),
        ...(presence.outOfOfficeSettings?.isOutOfOffice ? { outOfOffice: true } : {}),
    };
}
