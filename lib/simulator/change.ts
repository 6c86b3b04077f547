import {
    onThePhone,
    pbxActivities,
    type TeamsPair,
    teamsActivities,
    teamsAvailabilities,
} from '../presence/vocabulary';
import { OfficeError } from './office-error';

/** A call that begins or ends. */
export interface CallChange {
    call: 'start' | 'end';
}

/** What a person does at the phone: a setting of their own (`""` is available), or a call. */
export type PbxChange = { activity: string; note?: string } | CallChange;

/** What a person's Teams client says, or a call in it. */
export type TeamsChange = TeamsPair | CallChange;

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
    const fields = toFields(value, '"availability" and "activity", or "call"');
    if ('call' in fields) return toCall(fields, ['availability', 'activity']);
    const availability = toWord('availability', fields.availability, teamsAvailabilities);
    const activity = toWord('activity', fields.activity, teamsActivities);
    const possible = teamsPairs[availability];
    if (possible.includes(activity)) return { availability, activity };
    throw wrong(
        `Teams never shows activity "${activity}" with availability "${availability}"; possible are ${quoted(possible)}`,
    );
}

function toFields(value: unknown, expected: string): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    throw wrong(`A change must be an object with ${expected}`);
}

function toCall(fields: Fields, excluded: string[]): CallChange {
    const other = excluded.find(name => name in fields);
    if (other) throw wrong(`Give either call or ${other}, not both`);
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
