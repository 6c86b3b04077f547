import { SyncError } from '../../errors/errors';
import { type PresenceUser, teamsIdOf } from '../../presence/message';
import type { UserMatches } from '../../presence/user-matches';
import type { DirectoryReader } from './directory-reader';
import type { UserDifference } from './user-directory';

interface Introduction {
    uses: number;
    end(): void;
}

/** Which directories have been introduced to a PBX: both directions may do so, with one registration or with two of the same tenant. */
const introductions = new WeakMap<UserMatches, Map<DirectoryReader, Introduction>>();

/**
 * Tells a PBX the users of the tenant, from now on: only so can be seen that one fits two people. Returns the
 * function that ends it.
 */
export function introduce(teams: DirectoryReader, matches: UserMatches): () => void {
    const known = introductions.get(matches) ?? new Map<DirectoryReader, Introduction>();
    introductions.set(matches, known);
    const introduction = known.get(teams) ?? begin(teams, matches, known);
    known.set(teams, introduction);
    introduction.uses++;
    let isOver = false;
    return () => {
        if (isOver) return;
        isOver = true;
        introduction.uses--;
        if (introduction.uses > 0) return;
        known.delete(teams);
        introduction.end();
    };
}

/** True for a person whom only the PBX has named: its matching says which Teams user that is. */
export function isOfPbx(who: PresenceUser | string): who is PresenceUser {
    return typeof who === 'object' && Boolean(who.pbx?.guid) && !who.teams?.id;
}

/**
 * Who of the tenant is meant: as the PBX matches its users, where one is asked; else by Teams id or address.
 * @param who of a message
 * @throws SyncError PBX_USER_AMBIGUOUS
 */
export function teamsUserOf(
    who: PresenceUser | string,
    teams: DirectoryReader,
    matches: UserMatches | undefined,
): PresenceUser | undefined {
    if (!matches || !isOfPbx(who)) return teams.users.find(who);
    const ambiguity = matches.ambiguityOf(who);
    if (!ambiguity) return matches.teamsOf(who);
    const { user, candidates } = ambiguity;
    const others = candidates.map(({ displayName }) => displayName).join(', ');
    throw new SyncError('PBX_USER_AMBIGUOUS', { user: user.displayName, others });
}

function begin(
    teams: DirectoryReader,
    matches: UserMatches,
    known: ReadonlyMap<DirectoryReader, Introduction>,
): Introduction {
    const put = (users: Iterable<PresenceUser>): void => {
        // Guests and accounts that may not sign in are matched by hand only.
        for (const user of users) matches.putTeams(user, teams.users.isMember(teamsIdOf(user)));
    };
    const remove = (users: Iterable<PresenceUser>): void => {
        for (const user of users) {
            const id = teamsIdOf(user);
            const others = [...known.keys()].filter(directory => directory !== teams);
            const other = others.find(({ users }) => users.byId(id));
            if (other) matches.putTeams(other.users.byId(id)!, other.users.isMember(id));
            else matches.removeTeams(id);
        }
    };
    const onLoaded = (): void => put(teams.users.all());
    const onChange = ({ added, changed, removed }: UserDifference): void => {
        remove(removed);
        put([...added, ...changed]);
    };
    onLoaded();
    teams.on('loaded', onLoaded).on('change', onChange);
    const end = (): void => {
        teams.off('loaded', onLoaded).off('change', onChange);
        remove(teams.users.all());
    };
    return { uses: 0, end };
}
