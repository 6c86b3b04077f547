import {
    onThePhone,
    pbxActivities,
    type TeamsPair,
    teamsActivities,
    teamsAvailabilities,
} from '../presence/vocabulary';
import { OfficeError } from './office-error';
import { type WorkLocation, workLocationSources, workLocationTypes } from './tenant/user-presence';

/** A call that begins or ends. */
export interface CallChange {
    call: 'start' | 'end';
}

/** What a person does at the phone: a setting of their own (`""` is available), or a call. */
export type PbxChange = { activity: string; note?: string } | CallChange;

/** The automatic reply of the mailbox; null ends it. */
export interface OutOfOfficeChange {
    outOfOffice: string | null;
}

/** Where the person works; null takes it back. */
export interface WorkLocationChange {
    workLocation: WorkLocation | null;
}

/** What a person's Teams client says, a call in it, or what Teams takes from the calendar. */
export type TeamsChange = TeamsPair | CallChange | OutOfOfficeChange | WorkLocationChange;

type Fields = Record<string, unknown>;

/**
 * The activities that go with an availability in a Teams client.
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
const teamsPairs: Record<(typeof teamsAvailabilities)[number], (typeof teamsActivities)[number][]> = {
    Available: ['Available', 'OutOfOffice'],
    AvailableIdle: ['Available', 'Inactive'],
    Away: ['Away', 'Inactive', 'OffWork', 'OutOfOffice'],
    BeRightBack: ['BeRightBack'],
    Busy: ['Busy', 'InACall', 'InAConferenceCall', 'InAMeeting', 'OutOfOffice'],
    BusyIdle: ['Busy', 'InACall', 'InAConferenceCall', 'InAMeeting', 'Inactive'],
    DoNotDisturb: ['DoNotDisturb', 'Focusing', 'Presenting', 'UrgentInterruptionsOnly'],
    Offline: ['Offline', 'OffWork', 'OutOfOffice'],
    PresenceUnknown: ['PresenceUnknown'],
};

/** `value` as a change of the PBX side; throws an {@link OfficeError} that names the field. */
export function toPbxChange(value: unknown): PbxChange {
    const fields = toFields(value, '"activity" (and "note") or "call"');
    if ('call' in fields) return toCall(fields, ['activity', 'note']);
    const { activity, note = '' } = fields;
    const allowed = quoted(pbxActivities.filter(word => word !== onThePhone));
    if (typeof activity !== 'string') throw wrong(`activity must be one of ${allowed} or a text of your own`);
    if (activity === onThePhone) throw wrong('activity cannot be "on-the-phone": use "call": "start" instead');
    if (typeof note !== 'string') throw wrong('note must be a text');
    return { activity, note };
}

/** `value` as a change of the Teams side; throws an {@link OfficeError} that names the field. */
export function toTeamsChange(value: unknown): TeamsChange {
    const fields = toFields(value, '"availability" and "activity", or "call", "outOfOffice", "workLocation"');
    const pair = ['availability', 'activity'];
    if ('call' in fields) return toCall(fields, [...pair, 'outOfOffice', 'workLocation']);
    if ('outOfOffice' in fields) return toOutOfOffice(fields, [...pair, 'workLocation']);
    if ('workLocation' in fields) return toWorkLocation(fields, pair);
    const availability = toWord('availability', fields.availability, teamsAvailabilities);
    const activity = toWord('activity', fields.activity, teamsActivities);
    const possible = teamsPairs[availability];
    if (possible.includes(activity)) return { availability, activity };
    throw wrong(
        `Teams never shows activity "${activity}" with availability "${availability}"; possible are ${quoted(possible)}`,
    );
}

function toFields(value: unknown, expected: string, name = 'A change'): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    throw wrong(`${name} must be an object with ${expected}`);
}

function toOutOfOffice(fields: Fields, excluded: string[]): OutOfOfficeChange {
    refuseOthers(fields, 'outOfOffice', excluded);
    const { outOfOffice } = fields;
    if (outOfOffice === null || typeof outOfOffice === 'string') return { outOfOffice };
    throw wrong('outOfOffice must be the text of the reply, or null');
}

function toWorkLocation(fields: Fields, excluded: string[]): WorkLocationChange {
    refuseOthers(fields, 'workLocation', excluded);
    if (fields.workLocation === null) return { workLocation: null };
    const location = toFields(fields.workLocation, '"workLocationType" (and "source", "placeId")', 'workLocation');
    const workLocationType = toWord('workLocationType', location.workLocationType, workLocationTypes);
    const source = toWord('source', location.source ?? 'manual', workLocationSources);
    const { placeId = null } = location;
    if (placeId !== null && typeof placeId !== 'string') throw wrong('placeId must be a text');
    return { workLocation: { workLocationType, source, placeId } };
}

function refuseOthers(fields: Fields, name: string, excluded: string[]): void {
    const other = excluded.find(each => each in fields);
    if (other) throw wrong(`Give either ${name} or ${other}, not both`);
}

function toCall(fields: Fields, excluded: string[]): CallChange {
    refuseOthers(fields, 'call', excluded);
    if (fields.call === 'start' || fields.call === 'end') return { call: fields.call };
    throw wrong('call must be "start" or "end"');
}

function toWord<Word extends string>(field: string, value: unknown, words: readonly Word[]): Word {
    const word = words.find(known => known === value);
    if (word !== undefined) return word;
    throw wrong(`${field} must be one of ${quoted(words)}`);
}

function quoted(words: readonly string[]): string {
    return words.map(word => `"${word}"`).join(', ');
}

function wrong(sentence: string): OfficeError {
    return new OfficeError('value-wrong', sentence);
}
