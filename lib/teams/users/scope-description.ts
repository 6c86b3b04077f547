import type { PresenceUser } from '../../presence/message';
import type { Clock } from '../../time/clock';
import type { DirectoryReader } from './directory-reader';
import { GroupScope } from './group-scope';
import { ListScope } from './list-scope';
import { PbxScope, type PbxUsers } from './pbx-scope';
import { Scope } from './scope';

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

/** All users of the tenant; no guests, and no accounts that may not sign in, such as rooms and shared mailboxes. */
class AllScope extends Scope {
    protected override begin(): void {
        this.setState({ phase: 'online' });
    }

    protected override end(): void {}

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.directory.isMember(user.teams!.id) ? user : undefined;
    }
}

/** The scope of this description. @throws SyncError FIELD_MISSING without a group */
export function scopeOf(description: ScopeDescription, use: { directory: DirectoryReader; clock: Clock }): Scope {
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
