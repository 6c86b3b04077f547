import { SyncError } from '../../errors/errors';
import type { LicenceAnswer } from './licence-holders';
import type { PbxUser } from './user-row';

/** Who of the users of the PBX takes part. Upper and lower case make no difference anywhere. */
export interface ParticipationSettings {
    /**
     * `all`: all users. `group`: members of one of {@link groups}. `licence`: holders of {@link licence}. `listed`:
     * only the users in {@link include}.
     */
    who: 'all' | 'group' | 'licence' | 'listed';
    /** Names of groups of the PBX, for `group`. */
    groups?: readonly string[];
    /** Name of an App licence, for `licence`; both `App(innovaphone-microsoft365)` and the name in brackets will do. */
    licence?: string;
    /** Users who take part whatever {@link who} says: PBX names, long names, addresses or GUIDs. */
    include?: readonly string[];
    /** Users who never take part, not even if they are in {@link include}; written as there. */
    exclude?: readonly string[];
}

/** Decides who takes part. {@link LicenceHolders} find out who holds a licence. */
export class Participation {
    /** The licence that decides, as the PBX names it; `undefined` where none does. */
    readonly licence: string | undefined;
    readonly #who: ParticipationSettings['who'];
    readonly #groups: ReadonlySet<string>;
    readonly #groupNames: string;
    readonly #include: ReadonlySet<string>;
    readonly #exclude: ReadonlySet<string>;

    constructor(settings: ParticipationSettings = { who: 'all' }) {
        const { who, groups = [], licence = '', include = [], exclude = [] } = settings;
        this.#who = who;
        this.licence = who === 'licence' ? licenceName(licence) : undefined;
        this.#groups = entriesOf(groups);
        this.#groupNames = groups.map(name => name.trim()).join(', ');
        this.#include = entriesOf(include);
        this.#exclude = entriesOf(exclude);
    }

    /** Whether it depends on the licence alone if this user takes part. */
    asksLicence(user: PbxUser): boolean {
        if (this.licence === undefined || !user.pbx.name) return false;
        return !isListed(this.#exclude, user) && !isListed(this.#include, user);
    }

    /**
     * Why the user takes no part, as an administrator reads it; `undefined` for a user who does.
     * @param answer whether the user holds {@link licence}; counts for those of {@link asksLicence} only
     */
    reasonAgainst(user: PbxUser, answer: LicenceAnswer): SyncError | undefined {
        const name = user.displayName;
        if (isListed(this.#exclude, user)) return new SyncError('PBX_USER_EXCLUDED', { user: name });
        if (!user.pbx.name) return new SyncError('PBX_USER_NAMELESS', { user: name });
        if (this.#who === 'all' || isListed(this.#include, user)) return undefined;
        if (this.#who === 'listed') return new SyncError('PBX_USER_NOT_LISTED', { user: name });
        if (this.#who === 'group') return this.#isMember(user) ? undefined : this.#notInGroup(user);
        if (answer === true) return undefined;
        const licence = this.licence ?? '';
        if (answer === false) return new SyncError('PBX_USER_UNLICENSED', { user: name, licence });
        return new SyncError('PBX_USER_LICENCE_UNKNOWN', { user: name, licence, detail: answer });
    }

    /** The entries of both lists that none of these users goes by. */
    unknownEntries(users: Iterable<PbxUser>): string[] {
        const unknown = new Set([...this.#include, ...this.#exclude]);
        if (unknown.size === 0) return [];
        for (const user of users) for (const name of namesOf(user)) unknown.delete(name);
        return [...unknown];
    }

    #isMember({ pbx }: PbxUser): boolean {
        return pbx.groups?.some(group => this.#groups.has(group.toLowerCase())) ?? false;
    }

    /**
     * Whether the table tells groups that come from the Config Template is not documented. There is no request for those of
     * a template, only GetObject for each of its users; so who has a template is told what else there is to do.
     */
    #notInGroup({ displayName, pbx }: PbxUser): SyncError {
        const parameters = { user: displayName, groups: this.#groupNames };
        return new SyncError(pbx.template ? 'PBX_USER_NOT_IN_GROUP_ITSELF' : 'PBX_USER_NOT_IN_GROUP', parameters);
    }
}

/** The licences page of the PBX writes `App(name)`. @see https://sdk.innovaphone.com/14r1/doc/licensing.htm */
function licenceName(licence: string): string {
    const name = licence.trim();
    return /^App\(.*\)$/i.test(name) ? name : `App(${name})`;
}

function entriesOf(list: readonly string[]): ReadonlySet<string> {
    return new Set(list.map(entry => entry.trim().toLowerCase()).filter(Boolean));
}

function isListed(list: ReadonlySet<string>, user: PbxUser): boolean {
    return list.size > 0 && namesOf(user).some(name => list.has(name));
}

function namesOf({ addresses, pbx }: PbxUser): string[] {
    return [pbx.name, pbx.longName, pbx.guid].map(text => text.toLowerCase()).concat(addresses);
}
