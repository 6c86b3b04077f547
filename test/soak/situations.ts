import type { Shown } from '../support/office-control';

/** What a person does on both sides. */
export interface Own {
    /** The activity that is set at the phone; "" is available. */
    setting: '' | 'dnd' | 'away' | 'busy';
    pbxCall: boolean;
    /** `Availability/Activity` of the Teams client. */
    client: string;
    teamsCall: boolean;
}

/** Something that people do, and what all others must then see of them. */
export interface Situation {
    name: string;
    /** How often it is chosen, compared with the others. */
    weight: number;
    own: Own;
    /** What is left out is not visible: see the table of conflicts. */
    shows: Shown;
}

const signedIn = 'Available/Available';
const inACall = 'Busy/InACall';
const dnd = 'DoNotDisturb/DoNotDisturb';
const nothing: Own = { setting: '', pbxCall: false, client: signedIn, teamsCall: false };

/** What the PBX shows of a person in a Teams call. */
export const teamsCallInPbx = 'busy (On a Teams call)';

export const idle: Situation = {
    name: 'nothing',
    weight: 40,
    own: nothing,
    shows: { pbx: '', onThePhone: false, teams: signedIn },
};

export const pbxCall: Situation = {
    name: 'PBX call',
    weight: 16,
    own: { ...nothing, pbxCall: true },
    shows: { pbx: '', onThePhone: true, teams: inACall },
};

/** Each says by itself what shows: nothing here is worked out from anything that the product knows. */
export const situations: readonly Situation[] = [
    idle,
    pbxCall,
    {
        name: 'dnd in the PBX',
        weight: 6,
        own: { ...nothing, setting: 'dnd' },
        shows: { pbx: 'dnd', onThePhone: false, teams: dnd },
    },
    {
        name: 'away in the PBX',
        weight: 4,
        own: { ...nothing, setting: 'away' },
        shows: { pbx: 'away', onThePhone: false, teams: 'Away/Away' },
    },
    {
        name: 'busy in the PBX',
        weight: 4,
        own: { ...nothing, setting: 'busy' },
        shows: { pbx: 'busy', onThePhone: false, teams: 'Busy/Busy' },
    },
    {
        name: 'PBX call over dnd',
        weight: 4,
        own: { ...nothing, setting: 'dnd', pbxCall: true },
        shows: { pbx: 'dnd', onThePhone: true, teams: dnd },
    },
    {
        name: 'PBX call over away',
        weight: 4,
        own: { ...nothing, setting: 'away', pbxCall: true },
        shows: { pbx: 'away', onThePhone: true, teams: inACall },
    },
    {
        name: 'Teams call',
        weight: 10,
        own: { ...nothing, teamsCall: true },
        shows: { pbx: teamsCallInPbx, onThePhone: false, teams: inACall },
    },
    {
        name: 'dnd in Teams',
        weight: 6,
        own: { ...nothing, client: dnd },
        shows: { pbx: 'dnd', onThePhone: false, teams: dnd },
    },
    {
        name: 'meeting in Teams',
        weight: 4,
        own: { ...nothing, client: 'Busy/InAMeeting' },
        shows: { pbx: 'meeting', onThePhone: false, teams: 'Busy/InAMeeting' },
    },
    {
        name: 'calls on both sides',
        weight: 2,
        own: { ...nothing, pbxCall: true, teamsCall: true },
        shows: { onThePhone: true, teams: inACall },
    },
];
