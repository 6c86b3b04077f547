import type { Node } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import { mergeUsers } from '../../lib/presence/user-matching';
import type { TeamsTenant } from '../../lib/teams/teams-tenant';
import { AllScope } from '../../lib/teams/users/all-scope';
import type { DirectoryReader } from '../../lib/teams/users/directory-reader';
import { GroupScope } from '../../lib/teams/users/group-scope';
import { ListScope } from '../../lib/teams/users/list-scope';
import { PbxScope, type PbxUsers } from '../../lib/teams/users/pbx-scope';
import type { Scope } from '../../lib/teams/users/scope';
import type { PbxConnection } from '../pbx-connection';
import { entered } from './entered';
import { introduce } from './introductions';
import { type FollowingFields, plansOf, scopeKind } from './subscriber-settings';
import { keptList } from './user-list';

/**
 * The scope that the dialog of a subscriber describes.
 * @throws SyncError that names the field that is missing or wrong
 */
export async function scopeOf(
    node: Node,
    config: FollowingFields,
    tenant: TeamsTenant,
    pbx: PbxConnection | undefined,
): Promise<Scope> {
    const { directory, clock } = tenant;
    const options = { directory, plans: plansOf(config) };
    switch (scopeKind(config)) {
        case 'all':
            return new AllScope(options);
        case 'group':
            return new GroupScope({ ...options, clock, group: entered(config.group) });
        case 'list': {
            const scope = new ListScope(options);
            scope.change('replace', await keptList(node));
            return scope;
        }
        case 'pbx':
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            return new PbxScope({ ...options, pbx: usersOf(await pbx.system(), directory) });
    }
}

function usersOf(system: PbxSystem, teams: DirectoryReader): PbxUsers {
    return {
        loaded: () => system.directory.loaded,
        select: user => {
            const known = system.directory.find(user);
            return known && mergeUsers(user, known);
        },
        onChange: changed => {
            const { matches } = system.directory;
            const part = introduce(teams, matches);
            system.on('users', changed);
            matches.on('ambiguous', changed);
            return () => {
                system.off('users', changed);
                matches.off('ambiguous', changed);
                part();
            };
        },
    };
}
