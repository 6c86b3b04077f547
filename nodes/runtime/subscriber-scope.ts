import type { Node } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import { mergeUsers } from '../../lib/presence/message';
import type { PbxUsers } from '../../lib/teams/users/pbx-scope';
import type { ScopeDescription } from '../../lib/teams/users/scope-description';
import { entered } from './entered';
import { type FollowingFields, plansOf, scopeKind } from './subscriber-settings';
import { keptList } from './user-list';

/**
 * Who is to be followed, as the dialog of a subscriber says it.
 * @throws SyncError that names the field that is missing or wrong
 */
export async function describedScope(
    node: Node,
    config: FollowingFields,
    pbx: { system(): Promise<PbxSystem> } | undefined,
): Promise<ScopeDescription> {
    const plans = plansOf(config);
    const kind = scopeKind(config);
    switch (kind) {
        case 'all':
            return { kind, plans };
        case 'group':
            return { kind, plans, group: entered(config.group) };
        case 'list':
            return { kind, plans, entries: await keptList(node) };
        case 'pbx':
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            return { kind, plans, pbx: usersOf(await pbx.system()) };
    }
}

function usersOf(system: PbxSystem): PbxUsers {
    return {
        matches: system.directory.matches,
        loaded: () => system.directory.loaded,
        select: user => {
            const known = system.directory.find(user);
            return known && mergeUsers(user, known);
        },
        onChange: changed => {
            system.on('users', changed);
            return () => void system.off('users', changed);
        },
    };
}
