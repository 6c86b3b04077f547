import { failureOf, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';

const api = 'PbxTableUsers';

/**
 * The name (h323) of the first user in the table, for trying out what needs one; `undefined` where there is none.
 * @throws SyncError what {@link PbxSession.request} throws
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export async function firstUser(session: PbxSession): Promise<string | undefined> {
    const src = session.newSource();
    const started = await session.request(api, 'ReplicateStart', { columns: { guid: {}, h323: {} } }, src);
    if (failureOf(started)) return undefined;
    const { columns } = await session.request(api, 'ReplicateNext', {}, src);
    return (isObject(columns) && textOf(columns.h323)) || undefined;
}
