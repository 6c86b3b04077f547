import type { ApiConnection } from './api-connection';
import { type Api, notSimulated } from './frame';
import type { Installation } from './installation';
import { PbxAdminApi, type PbxAdminContext } from './pbx-admin-api';
import { PbxApi } from './pbx-api';
import { PbxImpersonation } from './pbx-impersonation';
import { PbxTableUsers } from './pbx-table-users';
import { Rcc } from './rcc';
import type { UnallowedSubscriptions } from './unallowed-subscriptions';
import type { Viewer } from './visibility';

/** The PBX whose APIs are used. */
export interface ApiPlace {
    readonly installation: Installation;
    readonly pbxName: string;
    /** The App object as somebody who looks at users. */
    readonly viewer: Viewer;
    readonly unallowed: UnallowedSubscriptions;
    readonly counters: { writes: number };
    readonly admin: Omit<PbxAdminContext, 'installation' | 'unallowed'>;
}

/** What a PBX has and the simulator has not. @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm (PBX APIs) */
const notSimulatedApis: readonly string[] = ['Services', 'PbxSignal', 'EpSignal', 'Messages'];

/** Makes an API for one connection; undefined for one that no PBX has. */
export function openApi(place: ApiPlace, name: string, connection: ApiConnection): Api | undefined {
    const { installation, pbxName, unallowed, counters } = place;
    const { send, user } = connection;
    const written = () => {
        counters.writes++;
    };
    const presence = { installation, pbxName, unallowed, connection, written };
    const viewer = user ? installation.viewerOf(user) : place.viewer;
    switch (name) {
        case 'PbxTableUsers':
            return new PbxTableUsers(installation, send);
        case 'PbxApi':
            return new PbxApi({ ...presence, viewer, name, actsAs: user?.guid });
        case 'PbxImpersonation':
            return new PbxImpersonation(presence);
        case 'RCC':
            return new Rcc({ installation, pbxName, groups: viewer.groups, only: user?.guid }, send);
        case 'PbxAdminApi':
            return new PbxAdminApi({ installation, unallowed, ...place.admin }, send);
        default:
            if (!notSimulatedApis.includes(name)) return undefined;
            return { handle: frame => send(notSimulated(frame)), close: () => {} };
    }
}
