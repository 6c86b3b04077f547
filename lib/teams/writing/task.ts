import type { SyncError } from '../../errors/errors';
import type { Outcome, PresenceUser } from '../../presence/message';
import type { TeamsTarget } from '../../presence/teams-states';

/** One wish on its way. */
export interface Task {
    user: PresenceUser;
    /** `renew` sets again what is held, `leftover` ends a session from before this process. */
    target: TeamsTarget | 'renew' | 'leftover';
    settle?: { resolve: (outcome: Outcome) => void; reject: (error: SyncError) => void };
    /** How often it has failed and is tried again. */
    failures: number;
}
