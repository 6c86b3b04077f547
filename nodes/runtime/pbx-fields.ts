import * as v from 'valibot';
import { SyncError } from '../../lib/errors/errors';
import type { Reason } from '../../lib/errors/phrases';
import type { ParticipationSettings } from '../../lib/pbx/users/participation';
import type { MatchSettings } from '../../lib/presence/match-keys';
import { decoded } from '../../lib/support/web-server';
import { entered } from './entered';
import { choice, list, missing, named, port, readFields, required, rows, text } from './fields';

type Choice = 'system' | 'role' | 'listen' | 'match' | 'participation';
type Connecting = 'address' | 'module' | 'tls' | 'fingerprint' | 'appUrl' | 'serverTls' | 'appName' | 'pbxName';
type Users = 'domain' | 'mainNumber' | 'groups' | 'licence' | 'include' | 'exclude';

/** What the dialog of a PBX connection saves. Flows of old have less of it. */
export interface PbxFields extends Partial<Record<Choice | Connecting | Users, string>> {
    port?: number | string;
    /** Addresses. */
    slaves?: unknown;
    /** `{ pbx, teams }` each. */
    pairs?: unknown;
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

const users = list(/[,;\n]/);
const participating = {
    participation: choice('The choice who takes part', ['all', 'group', 'licence', 'listed']),
    groups: users,
    licence: text,
    include: users,
    exclude: users,
};
/** What must not be blank, by the choice who takes part. */
const asked = {
    all: {},
    group: { groups: v.pipe(users, named('Group'), v.nonEmpty(missing)) },
    licence: { licence: required('Licence') },
    listed: { include: v.pipe(users, named('The list of users'), v.nonEmpty(missing)) },
};
const matching = {
    match: choice('The choice how users match', ['address', 'name-upn', 'long-name', 'number']),
    mainNumber: text,
    pairs: v.pipe(
        rows(v.fallback(v.object({ pbx: text, teams: text }), { pbx: '', teams: '' })),
        v.filterItems(({ pbx, teams }) => pbx !== '' && teams !== ''),
    ),
};

/**
 * Where the PBX calls according to the URL of its App object.
 * @throws SyncError FIELD_MISSING, FIELD_INVALID
 * @see https://github.com/innovaphone/websocketphp8, makeWebSocketUri: the websocket is at the URL without its last component
 */
export function callPlace(config: PbxFields): CallPlace {
    const invalid = (why: Reason) => new SyncError('FIELD_INVALID', { field: 'URL of the App object', why });
    const { appUrl } = readFields({ appUrl: required('URL of the App object') }, config);
    const url = URL.canParse(appUrl) ? new URL(appUrl) : undefined;
    if (!url || !['http:', 'https:'].includes(url.protocol)) throw invalid('it must begin with http:// or https://');
    const [, folder, app] = /^(\/[^/].*)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!folder || !app) throw invalid('it needs a path of two parts, such as /pbx/presence-sync');
    const ownPort = entered(config.listen) === 'own-port';
    return {
        folder: decoded(folder),
        app: decoded(app),
        listen: ownPort ? 'own-port' : 'node-red',
        port: ownPort ? readFields({ port }, config).port : 0,
    };
}

/** Who of the PBX takes part. @throws SyncError FIELD_MISSING, FIELD_INVALID */
export function participationOf(config: PbxFields): ParticipationSettings {
    const { participation: who, ...entries } = readFields(participating, config);
    readFields(asked[who], config);
    return { who, ...entries };
}

/** How users of both sides are matched. @throws SyncError FIELD_INVALID */
export function matchingOf(config: PbxFields): MatchSettings {
    const { match: by, ...others } = readFields(matching, config);
    return { by, ...others };
}
