/** What somebody may see of a user. @see https://wiki.innovaphone.com/index.php?title=Reference13r1:PBX/Objects/Visibility */
export interface Rights {
    /** Finds the user in searches. */
    visible: boolean;
    /** Sees whether the user's clients are online: the entry `im:`. */
    online: boolean;
    /** Sees the presence at all. */
    presence: boolean;
    /** Sees the notes. */
    note: boolean;
    /** Sees `on-the-phone`. */
    otf: boolean;
}

/** One line of a user's or a template's list; a flag that is left out is not granted. */
export interface VisibilityEntry extends Partial<Rights> {
    /** A user or App name, a group with `grp`, `@domain`, or `@` for everybody. */
    name: string;
    grp?: boolean;
}

/** The user who is looked at. */
export interface Viewed {
    h323: string;
    allows: readonly VisibilityEntry[];
    template: { allows?: readonly VisibilityEntry[] };
}

/** Whoever looks: a user or an App object. */
export interface Viewer {
    name: string;
    groups: readonly string[];
}

/** Every right there is. */
export const allRights: Readonly<Rights> = { visible: true, online: true, presence: true, note: true, otf: true };

/** No right at all. */
export const noRights: Readonly<Rights> = { visible: false, online: false, presence: false, note: false, otf: false };

const flags = Object.keys(allRights) as (keyof Rights)[];

/**
 * The rights of `viewer`: everybody sees themselves; else an entry that names the viewer counts alone, the user's own
 * before the template's; else what the viewer's groups are granted adds up; else the entries for everybody.
 *
 * @param otherwise the rights where no entry fits
 */
export function rightsOf(viewer: Viewer, user: Viewed, systemName: string, otherwise: Readonly<Rights>): Rights {
    if (viewer.name === user.h323) return { ...allRights };
    const entries = [...user.allows, ...(user.template.allows ?? [])];
    const named = entries.find(({ name, grp }) => !grp && name === viewer.name);
    if (named) return sum([named]);
    const byGroup = entries.filter(({ name, grp }) => grp && viewer.groups.includes(name));
    if (byGroup.length > 0) return sum(byGroup);
    const forAll = entries.filter(({ name, grp }) => !grp && (name === '@' || name === `@${systemName}`));
    return forAll.length > 0 ? sum(forAll) : { ...otherwise };
}

function sum(entries: readonly VisibilityEntry[]): Rights {
    const granted = flags.map(flag => [flag, entries.some(entry => entry[flag] === true)]);
    return Object.fromEntries(granted) as unknown as Rights;
}
