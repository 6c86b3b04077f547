import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import type { UserMatches } from '../../presence/user-matches';
import { GroupScope } from './group-scope';
import { introduce } from './introduction';
import { Scope, type ScopeOptions } from './scope';

/** Who is to be followed. */
export type ScopeDescription = {
    /** Only users with one of these service plans; none: whatever their plans. */
    plans?: readonly string[];
} & (
    | { kind: 'all' }
    /** Object id or display name. */
    | { kind: 'group'; group: string }
    /** Addresses or object ids. */
    | { kind: 'list'; entries: readonly string[] }
    | { kind: 'pbx'; pbx: PbxUsers }
);

/** The scope of this description. @throws SyncError FIELD_MISSING without a group */
export function scopeOf(description: ScopeDescription, use: Omit<ScopeOptions, 'plans'>): Scope {
    const options = { ...use, plans: description.plans };
    switch (description.kind) {
        case 'all':
            return new AllScope(options);
        case 'group':
            return new GroupScope({ ...options, group: description.group });
        case 'list': {
            const scope = new ListScope(options);
            scope.change('replace', description.entries);
            return scope;
        }
        case 'pbx':
            return new PbxScope({ ...options, pbx: description.pbx });
    }
}

/** All users of the tenant; no guests, and no accounts that may not sign in, such as rooms and shared mailboxes. */
class AllScope extends Scope {
    protected override begin(): void {
        this.setState({ phase: 'online' });
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.directory.isMember(user.teams!.id) ? user : undefined;
    }
}

/** What a new list does to the one there is. */
export const listActions = ['replace', 'add', 'remove'] as const;
export type ListAction = (typeof listActions)[number];

/**
 * The users whose address or id is in a list that comes from outside. A user whom the directory does not know is told
 * by name, and followed as soon as it does.
 */
export class ListScope extends Scope {
    readonly #entries = new Set<string>();

    /** The list as it is, lower case: it can be kept and given again. */
    get entries(): string[] {
        return [...this.#entries];
    }

    /** @param list addresses (mail, principal name, alias) or Entra object ids, in any case */
    change(action: ListAction, list: readonly string[]): void {
        const named = new Set(list.map(comparable).filter(Boolean));
        const affected: string[] = [];
        const put = (entry: string, isWanted: boolean): void => {
            if (this.#entries.has(entry) === isWanted) return;
            if (isWanted) this.#entries.add(entry);
            else this.#entries.delete(entry);
            const id = this.directory.find(entry)?.teams?.id;
            if (id) affected.push(id);
        };
        if (action === 'replace') for (const entry of this.entries) if (!named.has(entry)) put(entry, false);
        for (const entry of named) put(entry, action !== 'remove');
        if (action !== 'remove') this.#tellUnknown(named);
        this.reconsider(affected);
    }

    protected override begin(): void {
        const onLoaded = (): void => this.#tellUnknown(this.#entries);
        this.directory.on('loaded', onLoaded);
        this.ends.push(() => this.directory.off('loaded', onLoaded));
        onLoaded();
        this.setState({ phase: 'online' });
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        const isListed = this.#entries.has(user.teams!.id) || user.addresses.some(one => this.#entries.has(one));
        return isListed ? user : undefined;
    }

    #tellUnknown(entries: Iterable<string>): void {
        if (!this.directory.loaded) return;
        for (const entry of entries) if (!this.directory.find(entry)) this.tell(entry, 'unknown');
    }
}

/** The users of a PBX, as this side sees them. */
export interface PbxUsers {
    /** Which of them is which Teams user; it is told the users of the tenant. */
    matches: UserMatches;
    /** True once the PBX has told its users. */
    loaded(): boolean;
    /** The person for a Teams user whom the PBX knows. */
    select(user: PresenceUser): PresenceUser | undefined;
    /** Calls back when the PBX has told its users, or other users; returns the function that ends it. */
    onChange(changed: () => void): () => void;
}

/** The users whom a PBX knows. */
export class PbxScope extends Scope {
    readonly #pbx: PbxUsers;

    constructor(options: ScopeOptions & { pbx: PbxUsers }) {
        super(options);
        this.#pbx = options.pbx;
    }

    protected override begin(): void {
        this.setState({ phase: 'connecting' });
        const { matches } = this.#pbx;
        const onChange = (): void => {
            if (!this.#pbx.loaded()) return;
            this.setState({ phase: 'online' });
            this.reconsider(undefined);
        };
        const end = (): unknown => matches.off('change', onChange);
        this.ends.push(end, introduce(this.directory, matches), this.#pbx.onChange(onChange));
        matches.on('change', onChange);
        onChange();
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.#pbx.select(user);
    }
}
