/** An app registration of the simulated tenant, consented as it stands. */
export interface Registration {
    clientId: string;
    /** Absent: the registration has no secret. */
    clientSecret?: string;
    /** "Allow public client flows": a password sign-in needs no secret. */
    publicClient: boolean;
    /** Application permissions with admin consent, such as `Presence.ReadWrite.All`. */
    roles: string[];
    /** Delegated permissions with admin consent, such as `Presence.Read.All`. */
    scopes: string[];
}

/** A user of the tenant who can sign in with a password. */
export interface Account {
    /** The user principal name. */
    username: string;
    password: string;
}
