import type { Person } from '../person';
import type { VisibilityEntry } from './visibility';

/** What a config template gives to the users who have it. */
export interface Template {
    groups?: readonly string[];
    /** As on the licences page: `App(innovaphone-microsoft365)`. */
    licences?: readonly string[];
    allows?: readonly VisibilityEntry[];
}

/** What the PBX knows about a user beyond the person; everything has a default. */
export interface UserOptions extends Template {
    /**
     * How the PBX holds the mail address: in full, as "user name and system name are the address", or as a local part
     * to which the system name belongs. Default `full`.
     */
    address?: 'full' | 'h323-email' | 'local-part';
    /** Default: the person's name. */
    displayName?: string;
    /** Node in the numbering plan. Default `root`. */
    node?: string;
    /** Name of the PBX where the user is registered. Default: this PBX. */
    loc?: string;
    /** Hidden from directories. Default false. */
    hide?: boolean;
    /** Name of the config template. Default none. */
    config?: string;
    /** Kind of an object that is no user: `waiting`, `vm`, `trunk`, ... Default `""`, a user. */
    pseudo?: string;
    /** Whether the user may access the App object, and so is among the users that RCC tells it. Default true. */
    rcc?: boolean;
}

/** A user object. */
export interface PbxUser {
    guid: string;
    /** User name, without a domain. */
    h323: string;
    longName: string;
    displayName: string;
    number: string;
    node: string;
    loc: string;
    hide: boolean;
    config: string;
    /** What the config template gives; empty where there is none. */
    template: Template;
    pseudo: string;
    rcc: boolean;
    /** The user's own groups, licences and visibility, without the template's. */
    groups: readonly string[];
    licences: readonly string[];
    allows: readonly VisibilityEntry[];
    /** Addresses; one without "@" belongs to the system name. */
    emails: string[];
    /** The user name is the local part of the address. */
    h323Email: boolean;
}

const noTemplate: Template = {};

/** Makes the user object of a person; the local part of the address is the user name. */
export function pbxUser(
    person: Person,
    pbxName: string,
    options: UserOptions = {},
    template: Template = noTemplate,
): PbxUser {
    const h323 = person.mail.split('@')[0]!;
    const emails = { full: [person.mail], 'h323-email': [], 'local-part': [h323] };
    const { displayName = person.name, node = 'root', loc = pbxName, hide = false, config = '' } = options;
    const { pseudo = '', rcc = true, groups = [], licences = [], allows = [] } = options;
    return {
        guid: person.guid,
        h323,
        longName: person.name,
        displayName,
        number: person.number,
        ...{ node, loc, hide, config, template, pseudo, rcc, groups, licences, allows },
        emails: emails[options.address ?? 'full'],
        h323Email: options.address === 'h323-email',
    };
}

/** The user's address as the presence monitor tells it. */
export function addressOf(user: PbxUser, systemName: string): string {
    return user.emails[0] ?? (user.h323Email ? `${user.h323}@${systemName}` : '');
}

/** The user's groups, those of the template among them. */
export function groupsOf(user: PbxUser): string[] {
    return [...new Set([...user.groups, ...(user.template.groups ?? [])])];
}

/** Whether the user holds the licence, of their own or from the template. */
export function hasLicence(user: PbxUser, licence: string): boolean {
    return user.licences.includes(licence) || (user.template.licences ?? []).includes(licence);
}
