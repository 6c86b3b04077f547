import { comparable } from './foreign-text';
import type { ClearPresence, PbxPresence, TeamsPresence } from './vocabulary';

/** A Teams user as Microsoft Graph names one: `id` is the Entra object id. */
export interface TeamsIdentity {
    id: string;
    userPrincipalName: string;
    mail: string | null;
    /** Business phones as they are entered there; absent where there are none. */
    businessPhones?: readonly string[];
}

/** A PBX user as the user table names one: `name` is the h323/sip name, `node` the node in the numbering plan. */
export interface PbxIdentity {
    guid: string;
    name: string;
    longName: string;
    displayName: string;
    number: string;
    node: string;
    /** PBX name of the PBX where the user is homed, as far as the user table tells it. */
    loc?: string;
    /** Groups of which the user is a member; absent where there are none. */
    groups?: readonly string[];
    /** Config Template of the user; absent where there is none. */
    template?: string;
    /** True for a user whom the PBX hides from its directories; absent otherwise. */
    hidden?: true;
}

/** One person, known on one side or on both. */
export interface PresenceUser {
    /** Mail, UPN and aliases, lower case. */
    addresses: string[];
    displayName: string;
    teams?: TeamsIdentity;
    pbx?: PbxIdentity;
}

/** Where a presence message comes from. */
export interface PresenceOrigin {
    source: 'teams' | 'pbx';
    via: 'notification' | 'poll' | 'snapshot' | 'update';
    /** ISO time at which the change was seen. */
    at: string;
    /** True where the source does not know what holds, so that the payload stands for nothing. */
    unknown?: true;
    previous?: TeamsPresence | PbxPresence;
}

/** What became of a message at a presence writer; `reason` is a sentence for people. */
export interface Outcome {
    written: boolean;
    reason: string;
}

/** Only the newest statement of a user counts. */
export const replacedByNewer: Outcome = { written: false, reason: 'Replaced by a newer change' };

/** The one message of the whole package; plain JSON, so that it can cross MQTT or a file and come back. */
export interface PresenceMessage {
    topic: string;
    user: PresenceUser;
    payload: TeamsPresence | PbxPresence | ClearPresence;
    presence: PresenceOrigin;
    outcome?: Outcome;
}

/** One person from what both sides know of them; the display name of `first` is kept. */
export function mergeUsers(first: PresenceUser, second: PresenceUser): PresenceUser {
    return {
        ...second,
        ...first,
        addresses: [...new Set([...first.addresses, ...second.addresses])],
    };
}

/** The topic of a person's messages: the mail address, else the PBX name or the Teams id. */
export function topicOf(user: PresenceUser): string {
    const mail = (user.teams?.mail && comparable(user.teams.mail)) || user.addresses[0];
    return mail ?? user.pbx?.name ?? user.teams?.id ?? '';
}

/** The Entra object id; empty for a person who is not known in Teams. */
export function teamsIdOf(user: PresenceUser): string {
    return user.teams?.id ?? '';
}

/** A person in words, for an error; a text is the address of one. */
export function nameOf(who: PresenceUser | string): string {
    return typeof who === 'object' ? (who.addresses[0] ?? who.displayName) : who;
}
