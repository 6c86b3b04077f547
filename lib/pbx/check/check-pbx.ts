import * as tls from 'node:tls';
import { SyncError, toSyncError } from '../../errors/errors';
import { type CheckLine, type CheckReport, failedLine, lineMaker, reportOf } from '../../support/check-report';
import { type Clock, systemClock, within } from '../../time/clock';
import { dial, tlsTarget } from '../connection/dial';
import { isSamePbx } from '../connection/frame';
import { checkPbxName, hostOf, webSocketUrl } from '../connection/pbx-address';
import type { PbxLinkState } from '../connection/pbx-links';
import { PbxSession } from '../connection/pbx-session';
import type { PbxSettings } from '../connection/pbx-settings';
import { PbxSocket } from '../connection/pbx-socket';
import type { ParticipationSettings } from '../users/participation';
import type { PbxUser } from '../users/user-row';
import { checkApi, type OptionalApi } from './check-apis';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';
import { checkUsers, type RunningSystem, readUsers } from './check-users';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);
const always = ['PbxApi', 'PbxTableUsers'] as const;
/** Of the time that a PBX has for an answer, a third is enough to find an API silent while pings are answered. */
const looks = 3;
/** Milliseconds that the PBX has to show its certificate. */
const handshakeLimit = 10_000;

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
    running?: RunningSystem | undefined;
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
                ? runningStates(running).map(state => checkRunning(check, state))
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
        lines.push(certificateLine(host, await seenCertificate(address, settings, clock), true));
        lines.push(...(await checkSession(await loggedIn(socket, settings, clock), check, isSlave)));
    } catch (thrown) {
        lines.push(failedLine(lines.length === 0 ? 'connection' : 'login', toSyncError(thrown)));
        if (lines.length === 1) {
            const found = await seenCertificate(address, settings, clock).catch(() => undefined);
            if (found) lines.push(certificateLine(host, found, false));
        }
    } finally {
        await socket.close();
    }
    return ofSlave(lines, isSlave ? host : undefined);
}

/** What an administrator compares before trusting a certificate. */
interface SeenCertificate {
    subject: string;
    /** ISO date of its last day. */
    date: string;
    /** SHA-256, pairs of upper-case hex digits with colons between. */
    fingerprint: string;
}

/**
 * Reads the certificate of a PBX, trusted or not, and hangs up without having sent anything.
 * @returns `undefined` when there is no TLS, or no answer
 */
async function seenCertificate(
    address: string,
    settings: PbxSettings,
    clock: Clock,
): Promise<SeenCertificate | undefined> {
    const url = webSocketUrl(address, settings.module);
    if (url.protocol !== 'wss:') return undefined;
    const socket = tls.connect({ ...tlsTarget(url, settings.servername), rejectUnauthorized: false });
    const seen = new Promise<SeenCertificate | undefined>(resolve => {
        socket.once('error', () => resolve(undefined));
        socket.once('close', () => resolve(undefined));
        socket.once('secureConnect', () => resolve(contentOf(socket)));
    });
    const found = await within(clock, handshakeLimit, seen);
    socket.destroy();
    return found;
}

function contentOf(socket: tls.TLSSocket): SeenCertificate | undefined {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) return undefined;
    return {
        subject: certificate.subject?.split('\n').at(-1) ?? '-',
        date: new Date(certificate.validTo).toISOString().slice(0, 10),
        fingerprint: certificate.fingerprint256,
    };
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
    if (expected && !isSamePbx(pbx, expected))
        return failedLine('name', new SyncError('PBX_NAME_MISMATCH', { host, found: pbx, expected }));
    return version
        ? line('name', true, 'CHECK_PBX_NAME_AND_VERSION', { pbx, domain, version })
        : line('name', true, 'CHECK_PBX_NAME', { pbx, domain });
}

/** The PBXs that call us, or the one that has not yet. */
function runningStates(running: RunningSystem | undefined): PbxLinkState[] {
    return running?.links.states() ?? [{ name: '', role: 'master', state: { phase: 'connecting' } }];
}

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
