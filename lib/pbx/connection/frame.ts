import { comparable } from '../../presence/foreign-text';
import { parseJson } from '../../support/parse-json';

/**
 * One message of the App websocket. `src` is chosen by the side that asks; it comes back in the result and each later
 * indication of that subscription.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export interface Frame {
    mt: string;
    api?: string;
    src?: string;
    [field: string]: unknown;
}

/** The longest message in bytes of UTF-8 that the PBX takes. @see https://sdk.innovaphone.com/14r1/doc/javascript/PbxApi.htm */
export const longestFrame = 65_535;

/** A received text as a frame; `undefined` for whatever is none. */
export function parseFrame(text: string): Frame | undefined {
    const value = parseJson(text);
    if (!isObject(value) || typeof value.mt !== 'string') return undefined;
    return { ...value, mt: value.mt, api: optionalText(value.api), src: optionalText(value.src) };
}

/** A plain JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a text, otherwise `""`: the PBX leaves empty fields out. */
export function textOf(value: unknown): string {
    return typeof value === 'string' ? value : '';
}

/** The longest name of anything, in characters. */
const longestWord = 1_000;

/** A name as the PBX tells it; `""` for what is none, or too long to be sent back in a request. */
export function wordOf(value: unknown): string {
    const word = textOf(value).trim();
    return word.length > longestWord ? '' : word;
}

/**
 * What a result says about its failure; `undefined` for a success, also where that has both fields, with nothing in them.
 * There is no other error envelope.
 */
export function failureOf({ error, errorText }: Frame): string | undefined {
    if (error !== undefined && !error) return undefined;
    return textOf(errorText) || textOf(error) || (error ? `error ${JSON.stringify(error)}` : undefined);
}

function optionalText(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}

/** What a PBX says of itself. A field that it has not told is absent. */
export interface PbxInfo {
    /** The PBX name, which the column `loc` of its users holds. */
    readonly pbx?: string;
    /** The system name: the domain of addresses without "@". */
    readonly domain?: string;
    readonly version?: string;
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
        pbx: wordOf(frame.pbx) || undefined,
        domain: wordOf(frame.domain) || undefined,
        version: wordOf(frame.version) || undefined,
        apis,
    };
}

/** Whether two names in the PBX are one; upper and lower case and the form of Unicode do not matter. */
export function isSameName(one: string, other: string): boolean {
    return one === other || comparable(one) === comparable(other);
}
