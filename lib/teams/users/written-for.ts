import type { PresenceUser } from '../../presence/message';
import { teamsIdOf } from '../../presence/user-matching';

/** For which PBX user each Teams user was written to: when that is another one, what the Teams user shows must end. */
export class WrittenFor {
    readonly #teamsUsers = new Map<string, PresenceUser>();
    /** By Entra object id, the PBX user of the last write. */
    readonly #guids = new Map<string, string>();

    /**
     * Notes the Teams user of a PBX user now; undefined for none.
     * @param who of a message
     * @returns who the same PBX user was before, unless that is the same or has become another PBX user
     */
    note(who: PresenceUser | string, now: PresenceUser | undefined): PresenceUser | undefined {
        const guid = typeof who === 'object' && who.pbx?.guid;
        if (!guid) return undefined;
        const former = this.#teamsUsers.get(guid);
        if (now) {
            this.#teamsUsers.set(guid, now);
            this.#guids.set(teamsIdOf(now), guid);
        } else this.#teamsUsers.delete(guid);
        if (!former || (now && teamsIdOf(now) === teamsIdOf(former))) return undefined;
        if (this.#guids.get(teamsIdOf(former)) !== guid) return undefined;
        this.#guids.delete(teamsIdOf(former));
        return former;
    }
}
