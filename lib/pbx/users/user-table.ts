import { SyncError } from '../../support/errors';
import { type Frame, failureOf, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type DirectoryChange, isChange, type UserDirectory } from './user-directory';
import { type PbxUser, userColumns, userOf } from './user-row';

const api = 'PbxTableUsers';

/**
 * Replicates the user table of the PBX into a directory.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxTableUsers.htm
 */
export class UserTable {
    readonly #directory: UserDirectory;
    readonly #domain: string | undefined;
    readonly #changed: (change: DirectoryChange) => void;
    /** What has been read so far; the directory keeps what it knows until the table is complete. */
    #reading?: Map<string, PbxUser>;
    #src?: string;

    /** @param changed called for each later change of the directory, not for {@link read} */
    constructor(directory: UserDirectory, domain: string | undefined, changed: (change: DirectoryChange) => void) {
        this.#directory = directory;
        this.#domain = domain;
        this.#changed = changed;
    }

    /**
     * Reads the whole table, one row per request, and leaves the replication running.
     * @throws SyncError PBX_API_MISSING, PBX_SILENT or what ended the session
     */
    async read(session: PbxSession): Promise<DirectoryChange> {
        const users = new Map<string, PbxUser>();
        const src = session.newSource();
        this.#reading = users;
        this.#src = src;
        const columns = Object.fromEntries(userColumns.map(name => [name, name === 'guid' ? {} : { update: true }]));
        refuseFailure(await session.request(api, 'ReplicateStart', { add: true, del: true, columns }, src));
        for (;;) {
            const row = await session.request(api, 'ReplicateNext', {}, src);
            refuseFailure(row);
            if (!isObject(row.columns)) break;
            const user = userOf(row.columns, this.#domain);
            if (user) users.set(user.pbx.guid, user);
        }
        this.#reading = undefined;
        return this.#directory.replaceAll(users);
    }

    /** Takes a ReplicateAdd, ReplicateUpdate or ReplicateDel. An Add may be a duplicate, an Update of a user unknown so far. */
    indication(frame: Frame): void {
        if (frame.src !== undefined && frame.src !== this.#src) return;
        if (frame.mt === 'ReplicateDel') return this.#remove(frame.columns);
        if (frame.mt !== 'ReplicateAdd' && frame.mt !== 'ReplicateUpdate') return;
        const user = userOf(frame.columns, this.#domain);
        if (!user) return;
        if (this.#reading) this.#reading.set(user.pbx.guid, user);
        else this.#tell(this.#directory.put(user));
    }

    #remove(columns: unknown): void {
        const guid = isObject(columns) ? textOf(columns.guid) : '';
        if (this.#reading) this.#reading.delete(guid);
        else this.#tell(this.#directory.remove(guid));
    }

    #tell(change: DirectoryChange): void {
        if (isChange(change)) this.#changed(change);
    }
}

function refuseFailure(result: Frame): void {
    const detail = failureOf(result);
    if (detail) throw new SyncError('PBX_TABLE_REFUSED', { detail });
}
