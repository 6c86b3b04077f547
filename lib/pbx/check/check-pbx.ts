import { SyncError, toSyncError } from '../../errors/errors';
import { type CheckLine, type CheckReport, failedLine, lineMaker, reportOf } from '../../support/check-report';
import { type Clock, systemClock } from '../../time/clock';
import { dial } from '../connection/dial';
import { isSamePbx } from '../connection/frame';
import { checkPbxName, hostOf, webSocketUrl } from '../connection/pbx-address';
import type { PbxLinkState, PbxLinks } from '../connection/pbx-links';
import { PbxSession } from '../connection/pbx-session';
import type { PbxSettings } from '../connection/pbx-settings';
import { PbxSocket } from '../connection/pbx-socket';
import type { ParticipationSettings } from '../users/participation';
import { checkApis, type OptionalApi } from './check-apis';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';
import { checkUsers, firstUser, type RunningSystem, readUsers } from './check-users';
import { lookAtCertificate, type SeenCertificate } from './look-at-certificate';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);
const always = ['PbxApi', 'PbxTableUsers'] as const;
/** Of the time that a PBX has for an answer, a third is enough to find an API silent while pings are answered. */
const looks = 3;

/** What a check may make use of. */
export interface CheckOptions {
    clock?: Clock;
    /** Default: all users take part. */
    participation?: ParticipationSettings;
    /** In the server role a check can only look at what runs: no PBX can be made to call. */
    running?: RunningSystem;
}

interface Check {
    settings: PbxSettings;
    wanted: readonly OptionalApi[];
    participation: ParticipationSettings;
    clock: Clock;
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
        const check = { settings, wanted, participation, clock };
        if (settings.role === 'server') return reportOf(await checkRunning(check, running));
        const [master = '', ...slaves] = settings.addresses;
        const ofSlaves = { ...check, settings: { ...settings, pbxName: undefined } };
        const checked = await Promise.all([
            checkAddress(check, master),
            ...slaves.map(address => checkAddress(ofSlaves, address, true)),
        ]);
        return reportOf(checked.flat());
    } catch (thrown) {
        return reportOf([failedLine('settings', toSyncError(thrown))]);
    }
}

async function checkAddress(check: Check, address: string, isSlave = false): Promise<Line[]> {
    const { settings, clock } = check;
    const host = hostOf(address);
    const socket = new PbxSocket({ host, clock, log: () => undefined });
    const lines: Line[] = [];
    try {
        await socket.open(() => dial(address, settings));
        lines.push(line('connection', true, 'CHECK_PBX_REACHED', { host }));
        lines.push(certificateLine(host, await seen(address, settings, clock), true));
        lines.push(...(await checkSession(await loggedIn(socket, settings, clock), check, isSlave)));
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
    const code = isTrusted ? 'CHECK_PBX_CERTIFICATE' : 'CHECK_PBX_FINGERPRINT';
    return line('certificate', isTrusted || 'warning', code, { host, ...certificate });
}

async function loggedIn(socket: PbxSocket, settings: PbxSettings, clock: Clock): Promise<PbxSession> {
    const session = new PbxSession({ socket, app: settings.appName, clock, looks });
    await session.login(settings.password);
    session.identify();
    return session;
}

/** What can be asked of a PBX that has let us in. Users are the master's to tell. */
async function checkSession(session: PbxSession, check: Check, isSlave: boolean): Promise<Line[]> {
    const { settings, wanted, participation, clock } = check;
    const { appName: app, domain } = settings;
    // Impersonation is tried for a user, and these must be read first.
    const acting = wanted.filter(api => api === 'PbxImpersonation');
    const others = wanted.filter(api => api !== 'PbxImpersonation');
    const early = checkApis(session, app, others);
    const users = isSlave ? [] : await readUsers(session, domain, clock).catch(toSyncError);
    const [first] = users instanceof SyncError ? [] : users;
    const user = isSlave ? await firstUser(session).catch(() => undefined) : first?.pbx.name;
    const late = checkApis(session, app, [...always, ...acting], user);
    const apis = [...(await late), ...(await early)];
    const lines = [line('login', true, 'CHECK_PBX_LOGGED_IN', { app }), nameLine(session, settings), ...apis];
    const isReadable = apis.every(({ ok }) => ok !== false);
    if (isSlave || !isReadable) return lines;
    return [...lines, ...(await checkUsers(session, users, { app, participation, clock }))];
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

/** Each PBX that calls us, as it is now. */
async function checkRunning(check: Check, running: RunningSystem | undefined): Promise<Line[]> {
    const { appName: app } = check.settings;
    if (!running) return [line('connection', 'warning', 'CHECK_PBX_WAITING', { app })];
    const { links, participants, others } = running;
    const lines = (await Promise.all(links.states().map(state => runningLines(links, state, check)))).flat();
    if (!links.master) return lines;
    return [...lines, ...(await checkUsers(links.master, [...participants, ...others], { app, ...check }, running))];
}

async function runningLines(
    links: PbxLinks,
    { name, role, state }: PbxLinkState,
    { settings, wanted }: Check,
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
