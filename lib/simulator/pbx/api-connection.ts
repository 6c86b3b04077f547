import type { Send } from './frame';
import type { PbxUser } from './pbx-user';

/** A logged-in connection as the APIs see it that it uses. */
export interface ApiConnection {
    readonly send: Send;
    /** Who has logged in; absent for the App object itself. */
    readonly user?: PbxUser;
    /** The number of its last alien call, where they are counted for each connection. */
    lastAlienCall: number;
}
