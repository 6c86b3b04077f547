import { toSyncError } from '../../errors/errors';
import { type CheckLine, failedLine, lineMaker } from '../../support/check-report';
import { failureOf, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';

/** What the settings make use of, beyond PbxApi and PbxTableUsers, which are always needed. */
export type OptionalApi = 'PbxAdminApi' | 'PbxImpersonation' | 'RCC';

type Line = CheckLine<PbxCheckCode>;
type CheckedApi = 'PbxApi' | 'PbxTableUsers' | OptionalApi;

const line = lineMaker(pbxCheckSentences);

/** The ticks of the App object, and what is said when one is not set. */
const ticks: Record<CheckedApi, { tick: string; missing: PbxCheckCode }> = {
    PbxApi: { tick: 'PbxApi', missing: 'CHECK_PBX_API_NEEDED' },
    PbxTableUsers: { tick: 'TableUsers', missing: 'CHECK_PBX_API_NEEDED' },
    PbxAdminApi: { tick: 'Admin', missing: 'CHECK_PBX_ADMIN_MISSING' },
    PbxImpersonation: { tick: 'Impersonation', missing: 'CHECK_PBX_IMPERSONATION_MISSING' },
    RCC: { tick: 'RCC', missing: 'CHECK_PBX_RCC_MISSING' },
};

/**
 * Finds out whether the App object may use APIs, by requests that change nothing where the PBX has not told.
 * @param user name (h323) of any user, whose presence is asked for and on whose behalf impersonation is tried
 */
export function checkApis(
    session: PbxSession,
    app: string,
    apis: readonly CheckedApi[],
    user?: string,
): Promise<Line[]> {
    return Promise.all(apis.map(api => checkApi(session, app, api, user)));
}

async function checkApi(session: PbxSession, app: string, api: CheckedApi, user?: string): Promise<Line> {
    try {
        const mayUse = session.may(api) ?? (await probes[api](session, user));
        return mayUse ? tickedLine(api) : missingLine(app, api);
    } catch (thrown) {
        const error = toSyncError(thrown);
        // One that talks, but has not come to its answer.
        if (session.may(api)) return tickedLine(api);
        return error.code === 'PBX_API_MISSING' ? missingLine(app, api) : failedLine(`api:${api}`, error);
    }
}

function tickedLine(api: CheckedApi): Line {
    return line(`api:${api}`, true, 'CHECK_PBX_API_TICKED', { api });
}

function missingLine(app: string, api: CheckedApi): Line {
    const { tick, missing } = ticks[api];
    const isNeeded = missing === 'CHECK_PBX_API_NEEDED';
    return line(`api:${api}`, isNeeded ? false : 'warning', missing, { api, app, tick });
}

const probes: Record<CheckedApi, (session: PbxSession, user?: string) => Promise<boolean>> = {
    PbxApi: (session, user) => tellsPresence(session, user),
    PbxTableUsers: session => succeeds(session, 'PbxTableUsers', 'ReplicateStart', { columns: { guid: {} } }),
    PbxAdminApi: session => succeeds(session, 'PbxAdminApi', 'MonitorConfig', { stop: true }),
    PbxImpersonation: (session, user) => canImpersonate(session, user),
    RCC: session => succeeds(session, 'RCC', 'Initialize', { limit: 1 }),
};

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
