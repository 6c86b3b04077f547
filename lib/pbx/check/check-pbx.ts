import type { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { SyncError, toSyncError } from '../../errors/errors';
import { type CheckLine, type CheckReport, failedLine, lineMaker, reportOf } from '../../support/check-report';
import { type Clock, systemClock, within } from '../../time/clock';
import { dial, pinsOf, tlsOptions, tlsTarget } from '../connection/dial';
import { failureOf, isSameName, textOf } from '../connection/frame';
import { checkPbxName, hostOf, webSocketUrl } from '../connection/pbx-address';
import type { PbxLinkState } from '../connection/pbx-links';
import { PbxSession } from '../connection/pbx-session';
import type { PbxSettings } from '../connection/pbx-settings';
import { PbxSocket } from '../connection/pbx-socket';
import type { ParticipationSettings } from '../users/participation';
import type { PbxUser } from '../users/user-row';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';
import { checkUsers, type RunningSystem, readUsers } from './check-users';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);
const always = ['PbxApi', 'PbxTableUsers'] as const;
/** Of the time that a PBX has for an answer, a third is enough to find an API silent while pings are answered. */
const looks = 3;
/** Milliseconds that the PBX has to show its certificate. */
const handshakeLimit = 10_000;

/** What the settings make use of, beyond PbxApi and PbxTableUsers, which are always needed. */
export type OptionalApi = 'PbxAdminApi' | 'PbxImpersonation' | 'RCC';

type Probe = (session: PbxSession, user?: string) => Promise<boolean>;
type CheckedApi = 'PbxApi' | 'PbxTableUsers' | OptionalApi;

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

/** What a check may make use of. */
export interface CheckOptions {
    clock?: Clock;
    /** Default: all users take part. */
    participation?: ParticipationSettings;
    /** In the server role a check can only look at what runs: no PBX can be made to call. */
    running?: RunningSystem;
}

interface Check extends Required<Omit<CheckOptions, 'running'>>, Pick<CheckOptions, 'running'> {
    settings: PbxSettings;
    wanted: readonly OptionalApi[];
}

/**
 * Looks at everything that is needed to work with a system: each PBX is called as the settings say (or, where it calls
 * us, looked at in the running system). Never rejects: what fails is a line. The ids of a slave's lines end with its host.
 * Takes some seconds more where an API is not ticked, since a PBX may just not answer then.
 */
export async function checkPbx(
    settings: PbxSettings,
    wanted: readonly OptionalApi[],
    { clock = systemClock, participation = { who: 'all' }, running }: CheckOptions = {},
): Promise<CheckReport<PbxCheckCode>> {
    try {
        checkPbxName(settings.pbxName ?? '');
        const check = { settings, wanted, participation, clock, running };
        const checked =
            settings.role === 'server'
                ? (running?.links.states() ?? [notCalled]).map(state => checkRunning(check, state))
                : settings.addresses.map((address, index) => checkAddress(check, address, index > 0));
        return reportOf((await Promise.all(checked)).flat());
    } catch (thrown) {
        return reportOf([failedLine('settings', toSyncError(thrown))]);
    }
}

async function checkAddress(check: Check, address: string, isSlave: boolean): Promise<Line[]> {
    const { settings, clock } = check;
    const host = hostOf(address);
    const socket = new PbxSocket({ host, clock, log: () => undefined });
    const lines: Line[] = [];
    try {
        await socket.open(() => dial(address, settings));
        lines.push(line('connection', true, 'CHECK_PBX_REACHED', { host }));
        lines.push(certificateLine(host, await seenCertificate(address, check)));
        const session = new PbxSession({ socket, app: settings.appName, clock, looks });
        await session.login(settings.password);
        session.identify();
        lines.push(...(await checkSession(session, check, isSlave)));
    } catch (thrown) {
        lines.push(failedLine(lines.length === 0 ? 'connection' : 'login', toSyncError(thrown)));
        if (lines.length === 1) {
            const found = await seenCertificate(address, check).catch(() => undefined);
            if (found) lines.push(certificateLine(host, found));
        }
    } finally {
        await socket.close();
    }
    return ofSlave(lines, isSlave ? host : undefined);
}

/** A certificate, and whether the settings trust it. */
interface SeenCertificate {
    certificate: X509Certificate;
    isTrusted: boolean;
}

/**
 * Reads the certificate of a PBX, trusted or not, and hangs up without having sent anything.
 * @returns `undefined` when there is no TLS, or no answer
 */
async function seenCertificate(address: string, { settings, clock }: Check): Promise<SeenCertificate | undefined> {
    const url = webSocketUrl(address, settings.module);
    if (url.protocol !== 'wss:') return undefined;
    const [options, pins] = [tlsOptions(settings), pinsOf(settings)];
    const target = tlsTarget(url, settings.servername);
    const socket = tls.connect({ ...options, ...target, rejectUnauthorized: false });
    const seen = new Promise<SeenCertificate | undefined>(resolve => {
        socket.once('error', () => resolve(undefined));
        socket.once('close', () => resolve(undefined));
        socket.once('secureConnect', () => {
            const certificate = socket.getPeerX509Certificate();
            const isTrusted = pins.length > 0 ? pins.includes(certificate?.fingerprint256 ?? '') : socket.authorized;
            resolve(certificate && { certificate, isTrusted });
        });
    });
    const found = await within(clock, handshakeLimit, seen);
    socket.destroy();
    return found;
}

/** What an administrator compares before trusting a certificate. */
function certificateLine(host: string, seen: SeenCertificate | undefined): Line {
    if (!seen) return line('certificate', 'warning', 'CHECK_PBX_NO_TLS', { host });
    const { certificate, isTrusted } = seen;
    const code = isTrusted ? 'CHECK_PBX_CERTIFICATE' : 'CHECK_PBX_FINGERPRINT';
    const subject = certificate.subject?.split('\n').at(-1) ?? '-';
    const date = new Date(certificate.validTo).toISOString().slice(0, 10);
    return line('certificate', isTrusted || 'warning', code, {
        ...{ host, subject, date, fingerprint: certificate.fingerprint256 },
    });
}

/** Milliseconds that the users of a slave may take. */
const slaveTime = 5_000;

/** What can be asked of a PBX that has let us in. Users are the master's to tell. */
async function checkSession(session: PbxSession, check: Check, isSlave: boolean): Promise<Line[]> {
    const { settings, wanted, clock, running } = check;
    const { appName: app, domain } = settings;
    // Impersonation is tried for a user, and these must be read first.
    const acting = wanted.filter(api => api === 'PbxImpersonation');
    const others = wanted.filter(api => api !== 'PbxImpersonation');
    const early = Promise.all(others.map(api => checkApi(session, app, api)));
    const users = running
        ? [...running.participants, ...running.others]
        : await (isSlave ? usersOfSlave(session, clock) : readUsers(session, domain, clock)).catch(toSyncError);
    const [first] = users instanceof SyncError ? [] : users;
    const late = [...always, ...acting].map(api => checkApi(session, app, api, first?.pbx.name));
    const apis = [...(await Promise.all(late)), ...(await early)];
    const name = nameLine(session, isSlave ? undefined : settings.pbxName);
    const lines = [line('login', true, 'CHECK_PBX_LOGGED_IN', { app }), name, ...apis];
    const isReadable = apis.every(({ ok }) => ok !== false);
    if (isSlave || !isReadable) return lines;
    return [...lines, ...(await checkUsers(session, users, { app, ...check }))];
}

/** One of them is enough to try impersonation: nobody waits long for a large table. */
async function usersOfSlave(session: PbxSession, clock: Clock): Promise<PbxUser[]> {
    return (await within(clock, slaveTime, readUsers(session, undefined, clock))) ?? [];
}

/** Asked for last of all, when the answer to MonitorConfig has come. */
function nameLine({ host, info: { pbx, domain, version } }: PbxSession, expected: string | undefined): Line {
    if (!pbx) return line('name', 'warning', 'CHECK_PBX_NAME_UNKNOWN');
    if (expected && !isSameName(pbx, expected))
        return failedLine('name', new SyncError('PBX_NAME_MISMATCH', { host, found: pbx, expected }));
    return version
        ? line('name', true, 'CHECK_PBX_NAME_AND_VERSION', { pbx, domain, version })
        : line('name', true, 'CHECK_PBX_NAME', { pbx, domain });
}

/** The PBX that is to call us, where no system runs. */
const notCalled: PbxLinkState = { name: '', role: 'master', state: { phase: 'connecting' } };

/** A PBX that calls us, as it is now. */
async function checkRunning(check: Check, { name, role, state }: PbxLinkState): Promise<Line[]> {
    const { appName: app } = check.settings;
    const isSlave = role === 'slave';
    const links = check.running?.links;
    const session = isSlave ? links?.home(name) : links?.master;
    const waiting = () =>
        'error' in state
            ? failedLine('connection', state.error)
            : line('connection', 'warning', 'CHECK_PBX_WAITING', { app });
    return ofSlave(session ? await checkSession(session, check, isSlave) : [waiting()], isSlave ? name : undefined);
}

/** The lines of a slave are told apart by what it is called. */
function ofSlave(lines: Line[], slave: string | undefined): Line[] {
    return slave === undefined ? lines : lines.map(each => ({ ...each, id: `${each.id}:${slave}` }));
}

/**
 * Finds out whether the App object may use an API, by requests that change nothing where the PBX has not told.
 * @param user name (h323) of any user, whose presence is asked for and on whose behalf impersonation is tried
 */
async function checkApi(session: PbxSession, app: string, api: CheckedApi, user?: string): Promise<Line> {
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
