import { ItemsByKey } from '../support/items-by-key';
import type { PresenceUser } from './message';

/** By what a PBX user and a Teams user are found to be one person. */
export type MatchBy = 'address' | 'name-upn' | 'long-name' | 'number';

/** How PBX users are matched with Teams users. Upper and lower case make no difference anywhere. */
export interface MatchSettings {
    /**
     * - `address`: any address of the PBX user is the mail address, the user principal name or an alias of the Teams user.
     * - `name-upn`: the PBX name is the local part of the user principal name.
     * - `long-name`: the long name is the display name; spaces at the ends and repeated ones do not matter.
     * - `number`: the number is a business phone, see {@link MatchKeys}.
     */
    by: MatchBy;
    /** For `number`: what stands before an extension from outside, such as `+49 7031 73009`. */
    mainNumber?: string;
    /** Pairs entered by hand. A user in one of them is matched by nothing else. */
    pairs?: readonly MatchPair[];
}

/** One person on both sides. */
export interface MatchPair {
    /** PBX name, long name, address or GUID. */
    pbx: string;
    /** User principal name, mail address, alias or Entra object id. */
    teams: string;
}

/** Digits from which on a number counts as one of the public network, not as an extension. */
const shortestPublic = 7;

/**
 * Makes the keys by which users are found: a PBX user and a Teams user go together if they share one.
 *
 * Two public numbers, those of 7 digits or more, are the same if one ends with the other, as `+49 7031 7300911`,
 * `07031 7300911` and `7300911` do. A shorter one is an extension. With a main number it is completed by that, on both
 * sides; without, it is the same as an equal extension only: whose public number ends with it may be somebody else's.
 */
export class MatchKeys {
    readonly #by: MatchBy;
    readonly #mainNumber: string;
    /** Digits of the shortest number that can be the same as a public one. */
    readonly #shortest: number;
    /** The keys of the pairs entered by hand, by the names in them. */
    readonly #pairs = { pbx: new ItemsByKey<string>(), teams: new ItemsByKey<string>() };

    constructor({ by, mainNumber = '', pairs = [] }: MatchSettings) {
        this.#by = by;
        this.#mainNumber = digitsOf(mainNumber);
        this.#shortest = this.#mainNumber ? Math.min(shortestPublic, this.#mainNumber.length + 1) : shortestPublic;
        for (const [index, { pbx, teams }] of pairs.entries()) {
            // No other key begins like this.
            const key = `\0${index}`;
            this.#pairs.pbx.add(pbx.trim().toLowerCase(), key);
            this.#pairs.teams.add(teams.trim().toLowerCase(), key);
        }
    }

    ofPbx(user: PresenceUser): readonly string[] {
        const { addresses, pbx } = user;
        const inPairs = keysOfNames(this.#pairs.pbx, [pbx?.name, pbx?.longName, pbx?.guid, ...addresses]);
        if (inPairs.length > 0) return inPairs;
        switch (this.#by) {
            case 'address':
                return addresses;
            case 'name-upn':
                return present(pbx?.name.toLowerCase());
            case 'long-name':
                return present(plainName(pbx?.longName ?? ''));
            case 'number':
                return keysOfNumber(this.#completed(pbx?.number ?? ''));
        }
    }

    ofTeams(user: PresenceUser): readonly string[] {
        const { addresses, displayName, teams } = user;
        const inPairs = keysOfNames(this.#pairs.teams, [
            teams?.id,
            teams?.userPrincipalName,
            teams?.mail,
            ...addresses,
        ]);
        if (inPairs.length > 0) return inPairs;
        switch (this.#by) {
            case 'address':
                return addresses;
            case 'name-upn':
                return present(teams?.userPrincipalName.toLowerCase().split('@')[0]);
            case 'long-name':
                return present(plainName(displayName));
            case 'number':
                return (teams?.businessPhones ?? []).flatMap(phone => this.#keysOfPhone(this.#completed(phone)));
        }
    }

    /** Digits only; an extension with the main number in front where there is one. */
    #completed(number: string): string {
        const digits = number.replace(/\D/g, '');
        if (digits.length >= shortestPublic) return digitsOf(number);
        return digits && this.#mainNumber + digits;
    }

    #keysOfPhone(phone: string): string[] {
        if (phone.length < shortestPublic) return present(phone);
        return [phone, ...endings(phone, this.#shortest), asWholePhone(phone)];
    }
}

/** The keys of the pairs in which somebody with these names is. */
function keysOfNames(pairs: ItemsByKey<string>, names: readonly (string | null | undefined)[]): string[] {
    if (pairs.isEmpty) return [];
    return names.flatMap(name => (name ? [...pairs.get(name.toLowerCase())] : []));
}

/** Digits only: neither the "(0)" that is not dialled, nor the "00" or "0" in front that depends on where one calls from. */
function digitsOf(number: string): string {
    return number.replace(/\(0\)/g, '').replace(/\D/g, '').replace(/^0+/, '');
}

/** Itself, to be found among the endings of phones, and its own endings, to be found among whole phones. */
function keysOfNumber(number: string): string[] {
    return [...present(number), ...endings(number, shortestPublic).map(asWholePhone)];
}

/** What the digits end with, without the digits themselves, from `shortest` digits on. */
function endings(digits: string, shortest: number): string[] {
    return Array.from({ length: Math.max(0, digits.length - shortest) }, (_, index) => digits.slice(index + 1));
}

function asWholePhone(digits: string): string {
    return `=${digits}`;
}

function plainName(name: string): string {
    return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

function present(text: string | undefined): string[] {
    return text ? [text] : [];
}
