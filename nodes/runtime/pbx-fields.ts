import { SyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import type { ParticipationSettings } from '../../lib/pbx/users/participation';
import type { MatchBy, MatchPair, MatchSettings } from '../../lib/presence/match-keys';
import { entered } from './entered';

/** What the dialog of a PBX connection saves. Flows of old have less of it. */
export interface PbxFields {
    system?: string;
    /** `client`, also where it is absent: Node-RED calls the PBX. `server`: the PBX calls Node-RED. */
    role?: string;
    address?: string;
    module?: string;
    /** Addresses. */
    slaves?: unknown;
    tls?: string;
    /** SHA-256, several with commas between. */
    fingerprint?: string;
    /** URL of the App object, for the role `server`. */
    appUrl?: string;
    /** `node-red`, also where it is absent, or `own-port`. */
    listen?: string;
    port?: number | string;
    serverTls?: string;
    appName?: string;
    pbxName?: string;
    domain?: string;
    match?: string;
    mainNumber?: string;
    /** `{ pbx, teams }` each. */
    pairs?: unknown;
    participation?: string;
    /** Separated by commas. */
    groups?: string;
    licence?: string;
    /** One user per line. */
    include?: string;
    exclude?: string;
}

/** Where PBXs call, in the role `server`. */
export interface CallPlace {
    /** Path of the websocket: that of the App object's URL without its last component. */
    folder: string;
    /** Last component of the URL. */
    app: string;
    listen: 'node-red' | 'own-port';
    /** For `own-port`. */
    port: number;
}

const matches: readonly string[] = ['address', 'name-upn', 'long-name', 'number'] satisfies MatchBy[];
const participations: readonly string[] = [
    'all',
    'group',
    'licence',
    'listed',
] satisfies ParticipationSettings['who'][];

/**
 * Where the PBX calls according to the URL of its App object.
 * @throws SyncError FIELD_MISSING, FIELD_INVALID
 * @see https://github.com/innovaphone/websocketphp8, makeWebSocketUri: the websocket is at the URL without its last component
 */
export function callPlace({ appUrl, listen, port }: PbxFields): CallPlace {
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
    const text = entered(appUrl);
    if (!text) throw new SyncError('FIELD_MISSING', { field: 'URL of the App object' });
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol)) throw invalid('it must begin with http:// or https://');
    const [, folder, app] = /^(\/[^/].*)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!folder || !app) throw invalid('it needs a path of two parts, such as /pbx/presence-sync');
    const ownPort = entered(listen) === 'own-port';
    return {
        folder: decoded(folder),
        app: decoded(app),
        listen: ownPort ? 'own-port' : 'node-red',
        port: ownPort ? portOf(port) : 0,
    };
}

/** The further addresses, without blank ones. */
export function slavesOf({ slaves }: PbxFields): string[] {
    return Array.isArray(slaves) ? slaves.map(entered).filter(Boolean) : [];
}

/** The pinned certificates; none: whatever is trusted. */
export function fingerprintsOf({ fingerprint }: PbxFields): string[] {
    return listOf(fingerprint, /[,;]/);
}

/** Who of the PBX takes part. @throws SyncError FIELD_MISSING, FIELD_INVALID */
export function participationOf(fields: PbxFields): ParticipationSettings {
    const who = entered(fields.participation) || 'all';
    if (!participations.includes(who))
        throw new SyncError('FIELD_INVALID', { field: 'The choice who takes part', why: 'it is none of the choices' });
    const groups = listOf(fields.groups, /[,;\n]/);
    const licence = entered(fields.licence);
    const include = listOf(fields.include, /[,;\n]/);
    if (who === 'group' && groups.length === 0) throw new SyncError('FIELD_MISSING', { field: 'Group' });
    if (who === 'licence' && !licence) throw new SyncError('FIELD_MISSING', { field: 'Licence' });
    if (who === 'listed' && include.length === 0) throw new SyncError('FIELD_MISSING', { field: 'The list of users' });
    return {
        who: who as ParticipationSettings['who'],
        groups,
        licence,
        include,
        exclude: listOf(fields.exclude, /[,;\n]/),
    };
}

/** How users of both sides are matched. @throws SyncError FIELD_INVALID */
export function matchingOf(fields: PbxFields): MatchSettings {
    const by = entered(fields.match) || 'address';
    if (!matches.includes(by))
        throw new SyncError('FIELD_INVALID', { field: 'The choice how users match', why: 'it is none of the choices' });
    const pairs = Array.isArray(fields.pairs) ? fields.pairs.map(pairOf) : [];
    return {
        by: by as MatchBy,
        mainNumber: entered(fields.mainNumber),
        pairs: pairs.filter(({ pbx, teams }) => pbx && teams),
    };
}

function pairOf(value: unknown): MatchPair {
    const { pbx, teams } = Object(value) as Record<string, unknown>;
    return { pbx: entered(pbx), teams: entered(teams) };
}

function listOf(text: unknown, separator: RegExp): string[] {
    return entered(text).split(separator).map(entered).filter(Boolean);
}

function portOf(value: unknown): number {
    const port = Number(entered(value));
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
    throw new SyncError('FIELD_INVALID', { field: 'Port', why: 'it must be 1 to 65535' });
}

function decoded(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        return path;
    }
}
