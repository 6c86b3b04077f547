import { SyncError } from '../errors/errors';
import { type ClearPresence, type PbxPresence, pbxActivities, type TeamsPresence, teamsActivities } from './vocabulary';

/** True for `{ clear: true }`. */
export function isClear(payload: unknown): payload is ClearPresence {
    return isObject(payload) && payload.clear === true;
}

/** True for Teams words: an availability and an activity. */
export function isTeamsPresence(payload: unknown): payload is TeamsPresence {
    return isObject(payload) && isText(payload.availability) && isText(payload.activity);
}

/** True for PBX words: an activity without an availability. */
export function isPbxPresence(payload: unknown): payload is PbxPresence {
    return isObject(payload) && isText(payload.activity) && payload.availability === undefined;
}

/**
 * The payload as Teams words or `{ clear: true }`; a status message that is no text is left out.
 * @throws SyncError TEAMS_WORDS_EXPECTED for PBX words, PRESENCE_WORDS_MISSING for anything else.
 */
export function teamsWords(payload: unknown): TeamsPresence | ClearPresence {
    if (isClear(payload)) return payload;
    if (isTeamsPresence(payload)) {
        const { statusMessage, ...rest } = payload;
        return statusMessage === undefined || isText(statusMessage) ? payload : rest;
    }
    const value = activityOf(payload);
    if (value !== undefined) {
        if (pbxActivities.some(known => known === value))
            throw new SyncError('TEAMS_WORDS_EXPECTED', { value: `'${value}'` });
    }
    throw new SyncError('PRESENCE_WORDS_MISSING', { expected: '{ availability, activity } or { clear: true }' });
}

/**
 * The payload as PBX words or `{ clear: true }`; a missing note is empty.
 * @throws SyncError PBX_WORDS_EXPECTED for Teams words, PRESENCE_WORDS_MISSING for anything else.
 */
export function pbxWords(payload: unknown): PbxPresence | ClearPresence {
    if (isClear(payload)) return payload;
    const value = activityOf(payload);
    const teams = isTeamsPresence(payload) || (value !== undefined && teamsActivities.some(known => known === value));
    if (teams) throw new SyncError('PBX_WORDS_EXPECTED', { value: `'${value}'` });
    if (!isPbxPresence(payload))
        throw new SyncError('PRESENCE_WORDS_MISSING', { expected: '{ activity, note } or { clear: true }' });
    return {
        activity: payload.activity,
        note: isText(payload.note) ? payload.note : '',
        onThePhone: payload.onThePhone === true,
        ...(isText(payload.until) && { until: payload.until }),
    };
}

function activityOf(payload: unknown): string | undefined {
    return isObject(payload) && isText(payload.activity) ? payload.activity : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
    return typeof value === 'string';
}
