import { toSyncError } from '../../errors/errors';
import { type CheckLine, failedLine, lineMaker } from '../../support/check-report';
import { failureOf, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';

/** What the settings make use of, beyond PbxApi and PbxTableUsers, which are always needed. */
export type OptionalApi = 'PbxAdminApi' | 'PbxImpersonation' | 'RCC';

type Line = CheckLine<PbxCheckCode>;
type Probe = (session: PbxSession, user?: string) => Promise<boolean>;
type CheckedApi = 'PbxApi' | 'PbxTableUsers' | OptionalApi;

const line = lineMaker(pbxCheckSentences);

/** How each API is tried, what its tick in the App object is called, and what is said when that is not set. */
const apis: Record<CheckedApi, { tick: string; missing: PbxCheckCode; probe: Probe }> = {
    PbxApi: { tick: 'PbxApi', missing: 'CHECK_PBX_API_NEEDED', probe: tellsPresence },
    PbxTableUsers: {
        ...{ tick: 'TableUsers', missing: 'CHECK_PBX_API_NEEDED' },
        probe: session => succeeds(session, 'PbxTableUsers', 'ReplicateStart', { columns: { guid: {} } }),
    },
    PbxAdminApi: {
        ...{ tick: 'Admin', missing: 'CHECK_PBX_ADMIN_MISSING' },
        probe: session => succeeds(session, 'PbxAdminApi', 'MonitorConfig', { stop: true }),
    },
    PbxImpersonation: { tick: 'Impersonation', missing: 'CHECK_PBX_IMPERSONATION_MISSING', probe: canImpersonate },
    RCC: {
        ...{ tick: 'RCC', missing: 'CHECK_PBX_RCC_MISSING' },
        probe: session => succeeds(session, 'RCC', 'Initialize', { limit: 1 }),
    },
};

/**
 * Finds out whether the App object may use an API, by requests that change nothing where the PBX has not told.
 * @param user name (h323) of any user, whose presence is asked for and on whose behalf impersonation is tried
 */
export async function checkApi(session: PbxSession, app: string, api: CheckedApi, user?: string): Promise<Line> {
    const { tick, missing, probe } = apis[api];
    const id = `api:${api}`;
    const isNeeded = missing === 'CHECK_PBX_API_NEEDED';
    const ticked = line(id, true, 'CHECK_PBX_API_TICKED', { api });
    const unticked = line(id, isNeeded ? false : 'warning', missing, { api, app, tick });
    try {
        return (session.may(api) ?? (await probe(session, user))) ? ticked : unticked;
    } catch (thrown) {
        const error = toSyncError(thrown);
        // One that talks, but has not come to its answer.
        if (session.may(api)) return ticked;
        return error.code === 'PBX_API_MISSING' ? unticked : failedLine(id, error);
    }
}

async function succeeds(
    session: PbxSession,
    api: CheckedApi,
    mt: string,
    fields: Record<string, unknown>,
): Promise<boolean> {
    return !failureOf(await session.request(api, mt, fields));
}

/** Where no user is known, an answer of any kind is all there can be. */
async function tellsPresence(session: PbxSession, user?: string): Promise<boolean> {
    const result = await session.tryPresence(user ?? session.app);
    return user === undefined || !failureOf(result);
}

/**
 * Impersonation is asked to delete what does not exist, for acting as a user depends on that user. Whether that
 * succeeds where the API is ticked is not documented, so after an error it is tried for a user.
 */
async function canImpersonate(session: PbxSession, sip?: string): Promise<boolean> {
    if (await succeeds(session, 'PbxImpersonation', 'DeleteApi', { target: '' })) return true;
    if (sip === undefined) return false;
    const made = await session.request('PbxImpersonation', 'CreateApi', { sip, target: 'PbxApi' });
    if (failureOf(made)) return false;
    return succeeds(session, 'PbxImpersonation', 'DeleteApi', { target: textOf(made.target) });
}
