import * as v from 'valibot';
import { SyncError } from '../errors/errors';
import { type ClearPresence, type PbxPresence, pbxActivities, type TeamsPresence, teamsActivities } from './vocabulary';

const clearWords = v.object({ clear: v.literal(true) });
const activityWord = v.object({ activity: v.string() });
const teamsPair = v.object({ availability: v.string(), activity: v.string() });
const pbxPresence = v.object({
    activity: v.string(),
    availability: v.optional(v.undefined()),
    note: v.fallback(v.string(), ''),
    onThePhone: v.fallback(v.boolean(), false),
    until: v.fallback(v.optional(v.string()), undefined),
});

/** True for `{ clear: true }`. */
export function isClear(payload: unknown): payload is ClearPresence {
    return v.is(clearWords, payload);
}

/** True for Teams words: an availability and an activity. */
export function isTeamsPresence(payload: unknown): payload is TeamsPresence {
    return v.is(teamsPair, payload);
}

/** True for PBX words: an activity without an availability. */
export function isPbxPresence(payload: unknown): payload is PbxPresence {
    return v.is(pbxPresence, payload);
}

/**
 * The payload as Teams words or `{ clear: true }`; a status message that is no text is left out.
 * @throws SyncError TEAMS_WORDS_EXPECTED for PBX words, PRESENCE_WORDS_MISSING for anything else.
 */
export function teamsWords(payload: unknown): TeamsPresence | ClearPresence {
    if (isClear(payload)) return payload;
    if (isTeamsPresence(payload)) {
        const { statusMessage, ...rest } = payload;
        return statusMessage === undefined || typeof statusMessage === 'string' ? payload : rest;
    }
    const value = activityOf(payload);
    if (pbxActivities.some(known => known === value))
        throw new SyncError('TEAMS_WORDS_EXPECTED', { value: `'${value}'` });
    throw new SyncError('PRESENCE_WORDS_MISSING', { expected: '{ availability, activity } or { clear: true }' });
}

/**
 * The payload as PBX words or `{ clear: true }`; a missing note is empty.
 * @throws SyncError PBX_WORDS_EXPECTED for Teams words, PRESENCE_WORDS_MISSING for anything else.
 */
export function pbxWords(payload: unknown): PbxPresence | ClearPresence {
    if (isClear(payload)) return payload;
    const value = activityOf(payload);
    if (isTeamsPresence(payload) || teamsActivities.some(known => known === value))
        throw new SyncError('PBX_WORDS_EXPECTED', { value: `'${value}'` });
    const words = v.safeParse(pbxPresence, payload);
    if (words.success) return words.output;
    throw new SyncError('PRESENCE_WORDS_MISSING', { expected: '{ activity, note } or { clear: true }' });
}

function activityOf(payload: unknown): string | undefined {
    return v.is(activityWord, payload) ? payload.activity : undefined;
}
