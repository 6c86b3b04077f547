import { EventEmitter } from 'node:events';
import type { PresenceUser } from '../../presence/message';
import type { PbxPresence } from '../../presence/vocabulary';
import type { PresenceView } from './presence-view';

/** A user's presence has become another one. */
export interface PbxChange {
    user: PresenceUser;
    presence: PbxPresence;
    previous?: PbxPresence;
    /** The PBX does not tell the user's presence any more, so it counts as nothing. */
    unknown?: true;
    /** `snapshot` for the first state that is known of a user, or for one told again; `update` for a difference. */
    via: 'snapshot' | 'update';
    /** ISO time at which it was seen. */
    at: string;
}

/** What a node wants to be told, and when. */
export interface FollowOptions extends PresenceView {
    /** What is told after a gap in the connection: what has become another one, or the state of each user. */
    snapshot: 'differences' | 'all';
}

/** What most nodes want. */
export const defaultFollowing: Readonly<FollowOptions> = {
    lineState: 'automatic',
    calendar: false,
    snapshot: 'differences',
};

/** Tells one node what changes, from the moment it was made until {@link stop}. */
export class PresenceFollower extends EventEmitter<{ change: [PbxChange] }> {
    readonly options: Readonly<FollowOptions>;
    /** All states that are known now. */
    readonly snapshot: () => Iterable<PbxChange>;
    /** Nothing is told any more; may be called twice. */
    readonly stop: () => void;

    constructor(options: Readonly<FollowOptions>, snapshot: () => Iterable<PbxChange>, stop: () => void) {
        super();
        this.options = options;
        this.snapshot = snapshot;
        this.stop = stop;
    }
}
