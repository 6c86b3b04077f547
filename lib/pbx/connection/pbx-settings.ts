/** How to reach one innovaphone system and log in to it as an App object. */
export interface PbxSettings {
    /**
     * `wss://<host>/PBX0/APPS/websocket`; `ws://` where the PBX is reached without TLS.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
     */
    url: string;
    /** Name (h323/sip) of the App object. */
    appName: string;
    /** Password of the App object. */
    password: string;
    /** System name of the PBX; completes addresses without "@" and those of users with "h323-email". */
    domain?: string;
    /** PEM certificates that this connection trusts in addition to the usual ones. */
    ca?: string | string[];
    /** The name that the PBX certificate carries, where it is not the host of the address. */
    servername?: string;
}

/** A line for the log of whoever uses the library; never holds a secret. */
export type Log = (level: 'debug' | 'info' | 'warn', text: string) => void;

/** Host and port of the settings' address as error sentences name it; the whole text where it is no address. */
export function hostOf(settings: PbxSettings): string {
    return URL.canParse(settings.url) ? new URL(settings.url).host : settings.url;
}
