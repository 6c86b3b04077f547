import { digitsOf } from '../random';
import type { Behaviour } from './behaviour';

/** What the PBX says of its App object when it logs in to the app's service. */
export interface LoginInfo {
    /** Name of the App object. */
    appobj: string;
    /** Its display name. */
    appdn: string;
    /** Its URL. */
    appurl: string;
    /** The PBX name. */
    pbx: string;
    /** Its long name. */
    cn: string;
    unlicensed: true;
    /** Other apps that may use this one. */
    apps: { name: string; dn: string }[];
}

/** The GUID of an App object. */
export function appGuid(name: string): string {
    return digitsOf(`App object ${name}`, 32);
}

/**
 * The JSON text of `info`, which goes into the login and into its digest as it is.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm, Info
 */
export function loginInfoText(info: LoginInfo, form: Behaviour['loginInfo']): string {
    return form === 'plain' ? JSON.stringify(info) : oddText(info);
}

/** The same content as a parser sees it, and a text that no serialiser writes. */
function oddText({ appobj, appdn, appurl, pbx, cn, apps }: LoginInfo): string {
    const [object, name, url, place, longName] = [appobj, appdn, appurl, pbx, cn].map(each => JSON.stringify(each));
    const rows = apps.map(app => `{ "dn":${escaped(JSON.stringify(app.dn))},"name":${JSON.stringify(app.name)} }`);
    return `{ "unlicensed" : true,"apps":[${rows.join(' ,')}],
\t"cn":${escaped(longName!)}, "\\u0070bx":${place},"appurl":${url!.replaceAll('/', '\\/')},"appdn":${name},"appobj":${object}}`;
}

/** Every character outside ASCII as `\u` and four digits. */
function escaped(json: string): string {
    return json.replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
