/** How to reach one innovaphone system, a master PBX and perhaps slaves, and who we are to it. */
export interface PbxSettings {
    /** `client`: we call each PBX. `server`: each PBX calls us, for the App object's URL points here. */
    role: 'client' | 'server';
    /**
     * Client role: where the PBXs are reached, the master first. Each is a host, a host and port, or the complete
     * address of the App websocket; see `webSocketUrl`. Empty in the server role.
     */
    addresses: readonly string[];
    /** Client role: the module of the PBX in addresses that are not complete. Default `PBX0`. */
    module?: string;
    /**
     * The master's PBX name, alone. What the PBX says of itself is compared with it; it need not be known in the client
     * role. In the server role it tells which of those that call is the master.
     */
    pbxName?: string;
    /** Name (h323/sip) of the App object. */
    appName: string;
    /** Server role: last part of the App object's URL. Default: the name of the App object. */
    urlName?: string;
    password: string;
    /** System name of the PBX; completes addresses without "@" and those of users with "h323-email". */
    domain?: string;
    /** PEM certificates that these connections trust in addition to the usual ones. */
    ca?: string | string[];
    /** The name that the PBX certificate carries, where it is not the host of the address. */
    servername?: string;
    /**
     * SHA-256 fingerprints in hex, with or without colons, of the certificates that the PBXs have. Where there are any,
     * exactly these certificates are trusted, and neither their authority nor their name matters.
     */
    fingerprint?: string | readonly string[];
}

/** A line for the log of the node; never holds a secret. */
export type Log = (level: 'debug' | 'info' | 'warn', text: string) => void;
