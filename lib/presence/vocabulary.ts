/**
 * The words of both systems. Each is an open set: a value that is not listed passes through unharmed
 * and is treated as unknown, never as available.
 */

/** Teams availability and activity, in Microsoft's spelling, and what comes with them. */
export interface TeamsPresence {
    availability: string;
    activity: string;
    statusMessage?: string;
    outOfOffice?: boolean;
    /** The automatic reply that goes with it, as plain text. */
    outOfOfficeMessage?: string;
    /** Where the user works now, in Graph's own words; absent where that is not told. */
    workLocation?: WorkLocation;
    /** The user's own setting that lasts beneath a call; only in messages to the Teams presence writer. */
    preferred?: TeamsPair;
}

/** @see https://learn.microsoft.com/graph/api/resources/userworklocation */
export interface WorkLocation {
    /** `office`, `remote` or `timeOff`. */
    workLocationType: string;
    /** `manual`, `scheduled` or `automatic`. */
    source?: string;
    /** Of the building or the desk. */
    placeId?: string;
}

/** An availability with the activity that explains it. */
export interface TeamsPair {
    availability: string;
    activity: string;
}

/** What a PBX user shows: the user's own setting (`""` is available) and whether they are in a call. */
export interface PbxPresence {
    activity: string;
    note: string;
    onThePhone: boolean;
    /** ISO time at which the setting ends, where a calendar tells it. */
    until?: string;
}

/** What a presence writer takes back: everything it has set for the user. */
export interface ClearPresence {
    clear: true;
}

/** @see https://learn.microsoft.com/graph/api/resources/presence */
export const teamsAvailabilities = [
    'Available',
    'AvailableIdle',
    'Away',
    'BeRightBack',
    'Busy',
    'BusyIdle',
    'DoNotDisturb',
    'Offline',
    'PresenceUnknown',
] as const;

/** @see https://learn.microsoft.com/graph/api/resources/presence */
export const teamsActivities = [
    'Available',
    'Away',
    'BeRightBack',
    'Busy',
    'DoNotDisturb',
    'Focusing',
    'InACall',
    'InAConferenceCall',
    'Inactive',
    'InAMeeting',
    'Offline',
    'OffWork',
    'OutOfOffice',
    'PresenceUnknown',
    'Presenting',
    'UrgentInterruptionsOnly',
] as const;

/**
 * Activities a PBX user can set (`""`, away, busy, dnd), those the closed connector adds (meeting), and the line
 * state that the PBX makes (on-the-phone).
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export const pbxActivities = ['', 'away', 'busy', 'dnd', 'meeting', 'on-the-phone'] as const;

/** The activity that the PBX shows while a user is in a call. */
export const onThePhone = 'on-the-phone';
