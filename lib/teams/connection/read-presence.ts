import type { Presence } from '@microsoft/microsoft-graph-types';
import { readableText } from '../../presence/foreign-text';
import { type TeamsPresence, teamsActivities, teamsAvailabilities, type WorkLocation } from '../../presence/vocabulary';
import type { Priority } from '../../support/rate-budget';
import type { Sender } from './graph-client';

/** Ids that one bulk read takes. @see https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid */
export const longestBulk = 650;

/**
 * A presence with the version that Graph has stamped on it, where it does: stamps of a user sort as text, the newer is
 * the greater. @see https://learn.microsoft.com/graph/api/resources/presence
 */
export interface StampedPresence extends TeamsPresence {
    sequenceNumber?: string;
}

/** The ids in portions that one bulk read takes. */
export function bulksOf(ids: readonly string[]): string[][] {
    const bulks: string[][] = [];
    for (let start = 0; start < ids.length; start += longestBulk) bulks.push(ids.slice(start, start + longestBulk));
    return bulks;
}

/**
 * Reads the presence of up to 650 users. Graph promises neither the order nor that every id is answered, so the result
 * is keyed by id and may lack some.
 * @throws GraphRefusal when Graph refuses, SyncError when it cannot be reached.
 */
export async function readPresences(
    graph: Sender,
    ids: readonly string[],
    priority: Priority,
): Promise<Map<string, StampedPresence>> {
    const answer = await graph.send<{ value?: (ReadPresence | null)[] } | undefined>({
        what: 'read the presence of users',
        method: 'POST',
        path: '/communications/getPresencesByUserId',
        body: { ids },
        priority,
        repeatable: true,
    });
    const presences = new Map<string, StampedPresence>();
    for (const presence of answer?.value ?? []) {
        const { id, sequenceNumber } = presence ?? {};
        if (presence && id)
            presences.set(id, { ...presenceOf(presence), ...(sequenceNumber ? { sequenceNumber } : {}) });
    }
    return presences;
}

/** Microsoft's spelling of each word, by the word in lower case. */
const spelling = new Map(
    [...teamsAvailabilities, ...teamsActivities].map(word => [word.toLowerCase(), word as string]),
);

/**
 * Graph's presence in our words. Every field but two is optional, since clouds differ; the documentation writes words
 * as `inACall` that Graph answers as `InACall`, so either is taken.
 */
export function presenceOf(presence: ReadPresence): TeamsPresence {
    const { content, contentType } = presence.statusMessage?.message ?? {};
    const statusMessage =
        typeof content === 'string' && readableText(content, String(contentType).toLowerCase() === 'html');
    const availability = wordOf(presence.availability) ?? 'PresenceUnknown';
    return {
        availability,
        activity: wordOf(presence.activity) ?? availability,
        ...(statusMessage ? { statusMessage } : {}),
        ...outOfOfficeOf(presence),
        ...workLocationOf(presence),
    };
}

/** The library's types do not know the location yet. */
type ReadPresence = Presence & { workLocation?: { [Name in keyof WorkLocation]?: string | null } | null };

function outOfOfficeOf({ outOfOfficeSettings }: ReadPresence): Pick<TeamsPresence, `outOfOffice${'' | 'Message'}`> {
    if (!outOfOfficeSettings?.isOutOfOffice) return {};
    const { message } = outOfOfficeSettings;
    const outOfOfficeMessage = typeof message === 'string' && readableText(message);
    return { outOfOffice: true, ...(outOfOfficeMessage ? { outOfOfficeMessage } : {}) };
}

/** Nothing where the user has not said where they are. */
function workLocationOf({ workLocation }: ReadPresence): Pick<TeamsPresence, 'workLocation'> {
    const { workLocationType, source, placeId } = workLocation ?? {};
    if (!workLocationType || workLocationType === 'unspecified') return {};
    return { workLocation: { workLocationType, ...(source ? { source } : {}), ...(placeId ? { placeId } : {}) } };
}

function wordOf(word: unknown): string | undefined {
    return typeof word === 'string' && word ? (spelling.get(word.toLowerCase()) ?? word) : undefined;
}
