// What is wrong with what is entered about a PBX, as the key of a sentence; undefined where all is well.

import { isVariable, partsOf, urlOf } from './values.js';

/** A user of the PBX and one of Teams that belong together though their addresses differ. */
export interface Pair {
    pbx: string;
    teams: string;
}

const host = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:(?<port>\d{1,5}))?$/i;
const ipAddress = /^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:.]*\]?)$/i;

/** Of an address that is not blank. */
export function wrongAddress(address: string): string | undefined {
    if (isVariable(address)) return undefined;
    if (/^wss?:\/\//i.test(address)) return urlOf(address)?.hostname && !address.includes('@') ? undefined : 'address';
    if (address.includes('://')) return 'scheme';
    const match = host.exec(address);
    if (!match) return 'address';
    const port = Number(match.groups?.port ?? 443);
    return port >= 1 && port <= 65535 ? undefined : 'port';
}

/** Of the URL of the App object. */
export function wrongAppUrl(url: string): string | undefined {
    const parsed = /^https?:\/\//i.test(url) ? urlOf(url) : undefined;
    if (!parsed) return 'app-url';
    return /^\/[^/].*\/[^/]+$/.test(parsed.pathname) ? undefined : 'app-url-path';
}

/** Of the name of the PBX, with the form that it should have. */
export function wrongPbxName(name: string): string | [string, Record<string, unknown>] | undefined {
    if (name.includes('://') || ipAddress.test(name)) return 'pbx-name';
    const [alone] = name.split('.');
    return alone === name ? undefined : ['pbx-name-dns', { entered: name, name: alone }];
}

/** The hex digits of a SHA-256 fingerprint, however they are written. */
export function digitsOf(fingerprint: string): string {
    return fingerprint.replace(/[\s:]/g, '').toLowerCase();
}

export function areFingerprints(value: unknown): boolean {
    return partsOf(value).every(pin => /^[0-9a-f]{64}$/.test(digitsOf(pin)));
}

/** Of one side of a pair among all pairs of the list. */
export function wrongInPair(pair: Pair, side: keyof Pair, pairs: readonly Pair[]): string | undefined {
    const other = side === 'pbx' ? 'teams' : 'pbx';
    if (!pair[side]) return pair[other] ? 'pair' : undefined;
    const same = pairs.filter(each => each[side].toLowerCase() === pair[side].toLowerCase());
    return same.length > 1 ? 'pair-twice' : undefined;
}
