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
    return {
        availability: toWord('availability', fields.availability, teamsAvailabilities),
        activity: toWord('activity', fields.activity, teamsActivities),
    };
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

function toWord(field: string, value: unknown, words: readonly string[]): string {
    if (typeof value === 'string' && words.includes(value)) return value;
    throw wrong(`${field} must be one of ${quoted(words)}`);
}

function quoted(words: readonly string[]): string {
    return words.map(word => `"${word}"`).join(', ');
}

function wrong(sentence: string): OfficeError {
    return new OfficeError('value-wrong', sentence);
}
