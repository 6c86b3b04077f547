import { type Frame, textOf } from './frame';

/** What a PBX says of itself. A field that it has not told is absent. */
export interface PbxInfo {
    /** The PBX name, which the column `loc` of its users holds. */
    readonly pbx?: string;
    /** The system name: the domain of addresses without "@". */
    readonly domain?: string;
    readonly version?: string;
    readonly build?: string;
    /** The APIs that are ticked in the App object; told in the server role only. */
    readonly apis?: readonly string[];
}

/**
 * The content of PbxInfo (server role) or MonitorConfigInfo (client role); empty texts count as not told.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm
 */
export function pbxInfoOf(frame: Frame): PbxInfo {
    const apis = Array.isArray(frame.apis) ? frame.apis.filter(api => typeof api === 'string') : undefined;
    return {
        pbx: textOf(frame.pbx) || undefined,
        domain: textOf(frame.domain) || undefined,
        version: textOf(frame.version) || undefined,
        build: textOf(frame.build) || undefined,
        apis,
    };
}

/** Whether two PBX names are one; upper and lower case do not matter. */
export function isSamePbx(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}
