import { type CheckLine, type CheckReport, failedLine, lineMaker, reportOf } from '../../support/check-report';
import { type Clock, systemClock } from '../../support/clock';
import { SyncError, toSyncError } from '../../support/errors';
import { dial } from '../connection/dial';
import { hostOf, webSocketUrl } from '../connection/pbx-address';
import { isSamePbx } from '../connection/pbx-info';
import type { PbxLinkState, PbxLinks } from '../connection/pbx-links';
import { checkPbxName } from '../connection/pbx-name';
import { PbxSession } from '../connection/pbx-session';
import type { PbxSettings } from '../connection/pbx-settings';
import { PbxSocket } from '../connection/pbx-socket';
import { UserDirectory } from '../users/user-directory';
import { UserTable } from '../users/user-table';
import { checkApis, type OptionalApi } from './check-apis';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';
import { findHidden } from './find-hidden';
import { firstUser } from './first-user';
import { lookAtCertificate, type SeenCertificate } from './look-at-certificate';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);
const always = ['PbxApi', 'PbxTableUsers'] as const;
/** Names that a sentence has room for. */
const mostNames = 5;
/** Of the time that a PBX has for an answer, a third is enough to find an API silent while pings are answered. */
const looks = 3;

/** The system as it runs. */
export interface RunningSystem {
    links: PbxLinks;
    users: number;
    /** Names of users whose presence may not be seen. */
    hidden: readonly string[];
}

/** What a check may make use of. */
export interface CheckOptions {
    clock?: Clock;
    /** In the server role a check can only look at what runs: nobody can be made to call. */
    running?: RunningSystem;
}

/**
 * Looks at everything that is needed to work with a system: each PBX is called as the settings say (or, where it calls
 * us, looked at in the running system). Never rejects: what fails is a line. The ids of a slave's lines end with its host.
 * Takes some seconds more where an API is not ticked, since a PBX may just not answer then.
 */
export async function checkPbx(
    settings: PbxSettings,
    wanted: readonly OptionalApi[],
    { clock = systemClock, running }: CheckOptions = {},
): Promise<CheckReport<PbxCheckCode>> {
    try {
        checkPbxName(settings.pbxName ?? '');
        if (settings.role === 'server') return reportOf(await checkRunning(settings, wanted, running));
        const [master = '', ...slaves] = settings.addresses;
        const checked = await Promise.all([
            checkAddress(settings, master, wanted, clock),
            ...slaves.map(address => checkAddress({ ...settings, pbxName: undefined }, address, wanted, clock, true)),
        ]);
        return reportOf(checked.flat());
    } catch (thrown) {
        return reportOf([failedLine('settings', toSyncError(thrown))]);
    }
}

/** Calls one PBX. */
async function checkAddress(
    settings: PbxSettings,
    address: string,
    wanted: readonly OptionalApi[],
    clock: Clock,
    isSlave = false,
): Promise<Line[]> {
    const host = hostOf(address);
    const socket = new PbxSocket({ host, clock, log: () => undefined });
    const lines: Line[] = [];
    try {
        await socket.open(() => dial(address, settings));
        lines.push(line('connection', true, 'CHECK_PBX_REACHED', { host }));
        lines.push(certificateLine(host, await seen(address, settings, clock), true));
        lines.push(...(await checkSession(await loggedIn(socket, settings, clock), settings, wanted, clock, isSlave)));
    } catch (thrown) {
        lines.push(failedLine(lines.length === 0 ? 'connection' : 'login', toSyncError(thrown)));
        if (lines.length === 1) {
            const found = await seen(address, settings, clock).catch(() => undefined);
            if (found) lines.push(certificateLine(host, found, false));
        }
    } finally {
        await socket.close();
    }
    return ofSlave(lines, isSlave ? host : undefined);
}

async function seen(address: string, settings: PbxSettings, clock: Clock): Promise<SeenCertificate | undefined> {
    return lookAtCertificate(webSocketUrl(address, settings.module), settings.servername, clock);
}

function certificateLine(host: string, certificate: SeenCertificate | undefined, isTrusted: boolean): Line {
    if (!certificate) return line('certificate', 'warning', 'CHECK_PBX_NO_TLS', { host });
    const parameters = { host, ...certificate };
    return isTrusted
        ? line('certificate', true, 'CHECK_PBX_CERTIFICATE', parameters)
        : line('certificate', 'warning', 'CHECK_PBX_FINGERPRINT', parameters);
}

async function loggedIn(socket: PbxSocket, settings: PbxSettings, clock: Clock): Promise<PbxSession> {
    const session = new PbxSession({ socket, app: settings.appName, clock, looks });
    socket.on('frame', frame => session.receive(frame));
    await session.login(settings.password);
    session.identify();
    return session;
}

/** What can be asked of a PBX that has let us in. Users are the master's to tell. */
async function checkSession(
    session: PbxSession,
    settings: PbxSettings,
    wanted: readonly OptionalApi[],
    clock: Clock,
    isSlave: boolean,
): Promise<Line[]> {
    const { appName: app } = settings;
    const login = line('login', true, 'CHECK_PBX_LOGGED_IN', { app });
    const early = checkApis(
        session,
        app,
        wanted.filter(api => api !== 'PbxImpersonation'),
    );
    const names = await (isSlave ? firstUser(session) : userNames(session, settings, clock)).catch(toSyncError);
    const user = names instanceof SyncError ? undefined : names[0];
    const late = checkApis(session, app, [...always, ...wanted.filter(api => api === 'PbxImpersonation')], user);
    const apis = [...(await late), ...(await early)];
    const lines = [login, nameLine(session, settings), ...apis];
    const isReadable = apis.every(({ ok }) => ok !== false);
    return isSlave || !isReadable ? lines : [...lines, ...(await userLines(session, names, app, clock))];
}

/** Asked for last of all, when the answer to MonitorConfig has come. */
function nameLine({ host, info: { pbx, domain, version } }: PbxSession, { pbxName }: PbxSettings): Line {
    if (!pbx) return line('name', 'warning', 'CHECK_PBX_NAME_UNKNOWN');
    if (pbxName && !isSamePbx(pbx, pbxName)) {
        return failedLine('name', new SyncError('PBX_NAME_MISMATCH', { host, found: pbx, expected: pbxName }));
    }
    return version
        ? line('name', true, 'CHECK_PBX_NAME_AND_VERSION', { pbx, domain, version })
        : line('name', true, 'CHECK_PBX_NAME', { pbx, domain });
}

/** Everybody, whoever takes part. */
async function userNames(session: PbxSession, { domain }: PbxSettings, clock: Clock): Promise<string[]> {
    const directory = new UserDirectory();
    const nothing = () => undefined;
    const table = new UserTable({ directory, domain, clock, changed: nothing, leftOut: nothing });
    session.on('indication', frame => table.indication(frame));
    try {
        await table.read(session);
    } finally {
        table.end();
    }
    return Array.from(directory.all(), ({ pbx }) => pbx.name);
}

async function userLines(session: PbxSession, names: string[] | SyncError, app: string, clock: Clock): Promise<Line[]> {
    if (names instanceof SyncError) return [failedLine('users', names)];
    try {
        return countLines(names.length, await findHidden(session, names, clock), app);
    } catch (thrown) {
        return [countLine(names.length), failedLine('visibility', toSyncError(thrown))];
    }
}

function countLines(all: number, hidden: readonly string[], app: string): Line[] {
    if (all === 0) return [countLine(all)];
    const names = hidden.slice(0, mostNames).join(', ') + (hidden.length > mostNames ? ', …' : '');
    const visibility =
        hidden.length === 0
            ? line('visibility', true, 'CHECK_PBX_ALL_VISIBLE', { count: all })
            : line('visibility', 'warning', 'CHECK_PBX_NOT_VISIBLE', { count: hidden.length, all, names, app });
    return [countLine(all), visibility];
}

function countLine(count: number): Line {
    return count === 0
        ? line('users', 'warning', 'CHECK_PBX_NO_USERS')
        : line('users', true, 'CHECK_PBX_USERS', { count });
}

/** Each PBX that calls us, as it is now. */
async function checkRunning(
    settings: PbxSettings,
    wanted: readonly OptionalApi[],
    running: RunningSystem | undefined,
): Promise<Line[]> {
    const { appName: app } = settings;
    if (!running) return [line('connection', 'warning', 'CHECK_PBX_WAITING', { app })];
    const { links, users, hidden } = running;
    const lines = await Promise.all(links.states().map(state => runningLines(links, state, settings, wanted)));
    return [...lines.flat(), ...(links.master ? countLines(users, hidden, app) : [])];
}

async function runningLines(
    links: PbxLinks,
    { name, role, state }: PbxLinkState,
    settings: PbxSettings,
    wanted: readonly OptionalApi[],
): Promise<Line[]> {
    const { appName: app } = settings;
    const isSlave = role === 'slave';
    const session = isSlave ? links.home(name) : links.master;
    const lines = session
        ? [
              line('login', true, 'CHECK_PBX_LOGGED_IN', { app }),
              nameLine(session, isSlave ? { ...settings, pbxName: undefined } : settings),
              ...(await checkApis(session, app, [...always, ...wanted])),
          ]
        : [
              'error' in state
                  ? failedLine('connection', state.error)
                  : line('connection', 'warning', 'CHECK_PBX_WAITING', { app }),
          ];
    return ofSlave(lines, isSlave ? name : undefined);
}

/** The lines of a slave are told apart by what it is called. */
function ofSlave(lines: Line[], slave: string | undefined): Line[] {
    return slave === undefined ? lines : lines.map(each => ({ ...each, id: `${each.id}:${slave}` }));
}
