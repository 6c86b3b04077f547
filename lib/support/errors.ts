/**
 * How an error is to be treated.
 * - `outage`: the other side is away or overloaded; try again for ever, with back-off.
 * - `configuration`: an administrator must change something; trying again soon is useless.
 * - `input`: this one message cannot be served; the next may.
 */
export type ErrorKind = 'outage' | 'configuration' | 'input';

interface ErrorRow {
    kind: ErrorKind;
    /** The sentence an administrator reads; `{name}` is replaced by the parameter of that name. */
    sentence: string;
}

const table = {
    FIELD_MISSING: { kind: 'configuration', sentence: '{field} is missing' },
    FIELD_INVALID: { kind: 'configuration', sentence: '{field} is not valid: {why}' },
    UNEXPECTED: { kind: 'outage', sentence: 'Unexpected error: {detail}' },

    SIMULATOR_TWICE: { kind: 'configuration', sentence: 'Another presence-simulator node already runs the office' },
    SIMULATOR_WISH_UNKNOWN: { kind: 'input', sentence: 'msg.payload must be "start" or "stop"' },

    TEAMS_SUBSCRIBER_TWICE: {
        kind: 'configuration',
        sentence: 'Another teams-subscriber already uses this app registration: remove one of them',
    },
    TEAMS_RECEIVER_TWICE: {
        kind: 'configuration',
        sentence: 'Another teams-notification-receiver already serves this app registration: remove one of them',
    },
    TEAMS_PORT_REFUSED: { kind: 'configuration', sentence: 'Port {port} cannot be used: {why}' },
    TEAMS_NOTIFICATION_EXPECTED: {
        kind: 'input',
        sentence:
            'msg.payload holds no notification of Microsoft Graph: an object, text or buffer with "value" is expected',
    },
    TEAMS_NOTIFICATIONS_FULL: { kind: 'input', sentence: 'Too many notifications wait: send this one again later' },
    TEAMS_UNREACHABLE: { kind: 'outage', sentence: '{host} cannot be reached ({detail})' },
    TEAMS_TIMEOUT: { kind: 'outage', sentence: '{host} did not answer within {seconds} s' },
    TEAMS_THROTTLED: { kind: 'outage', sentence: 'Microsoft asks to slow down' },
    TEAMS_SERVICE_ERROR: { kind: 'outage', sentence: 'Microsoft reports a temporary fault ({detail})' },
    TEAMS_TOKEN_REFUSED: {
        kind: 'outage',
        sentence: 'Microsoft Graph does not accept a sign-in that has just been made: it is tried again ({detail})',
    },
    TEAMS_CLOUD_UNSUPPORTED: {
        kind: 'configuration',
        sentence: 'The China cloud has no presence API: this registration cannot be used',
    },
    TEAMS_TENANT_UNKNOWN: { kind: 'configuration', sentence: 'Tenant {tenant} does not exist ({code})' },
    TEAMS_TENANT_SHARED: {
        kind: 'configuration',
        sentence: 'Tenant must be the domain or the id of your own tenant, not one that all share ({code})',
    },
    TEAMS_CLOUD_WRONG: {
        kind: 'configuration',
        sentence: 'Tenant {tenant} lives in another cloud: choose the right one ({code})',
    },
    TEAMS_CLIENT_ID_UNKNOWN: {
        kind: 'configuration',
        sentence: 'Client id {clientId} is not known in tenant {tenant} ({code})',
    },
    TEAMS_APP_DISABLED: {
        kind: 'configuration',
        sentence: 'The app {clientId} is disabled: enable it under Enterprise applications > Properties ({code})',
    },
    TEAMS_SECRET_WRONG: {
        kind: 'configuration',
        sentence: 'Client secret is wrong: enter its value, not its id ({code})',
    },
    TEAMS_SECRET_EXPIRED: { kind: 'configuration', sentence: 'Client secret has expired: create a new one ({code})' },
    TEAMS_SECRET_MISSING: {
        kind: 'configuration',
        sentence: 'Client secret is missing, or "Allow public client flows" must be set to Yes ({code})',
    },
    TEAMS_SECRET_UNEXPECTED: {
        kind: 'configuration',
        sentence: 'The app registration takes no client secret: leave the field empty ({code})',
    },
    TEAMS_PUBLIC_CLIENT_REFUSED: {
        kind: 'configuration',
        sentence:
            'Sign-in with a device code needs "Allow public client flows" set to Yes under Authentication of the app registration ({code})',
    },
    TEAMS_CERTIFICATE_REFUSED: {
        kind: 'configuration',
        sentence:
            'The certificate does not belong to the app registration: upload its public part under Certificates & secrets ({code})',
    },
    TEAMS_CERTIFICATE_EXPIRED: {
        kind: 'configuration',
        sentence: 'The certificate is not valid at this time: make a new one and upload its public part ({code})',
    },
    TEAMS_CERTIFICATE_UNREADABLE: { kind: 'configuration', sentence: 'The certificate cannot be used: {why}' },
    TEAMS_CLOCK_WRONG: {
        kind: 'configuration',
        sentence: 'The clock of this computer differs from that of Microsoft: set it right ({code})',
    },
    TEAMS_ACCOUNT_NAME_MISSING: { kind: 'configuration', sentence: 'User name in row {row} is missing' },
    TEAMS_PASSWORD_MISSING: { kind: 'configuration', sentence: 'Password of {account} is missing' },
    TEAMS_PASSWORD_WRONG: { kind: 'configuration', sentence: 'Password of {account} is wrong ({code})' },
    TEAMS_PASSWORD_NONE: {
        kind: 'configuration',
        sentence:
            'Account {account} has no password in the directory: use an account of the cloud, or sign in with a device code ({code})',
    },
    TEAMS_ACCOUNT_UNKNOWN: {
        kind: 'configuration',
        sentence: 'Account {account} does not exist in this tenant ({code})',
    },
    TEAMS_ACCOUNT_LOCKED: {
        kind: 'configuration',
        sentence:
            'Account {account} is locked after wrong passwords, or signs in from an address that Microsoft blocks: unlock it or wait ({code})',
    },
    TEAMS_ACCOUNT_DISABLED: { kind: 'configuration', sentence: 'Account {account} is disabled ({code})' },
    TEAMS_ACCOUNT_UNASSIGNED: {
        kind: 'configuration',
        sentence:
            '{who} is not assigned to the app: add it under Enterprise applications > Users and groups, or set "Assignment required" to No ({code})',
    },
    TEAMS_PASSWORD_EXPIRED: {
        kind: 'configuration',
        sentence: 'Password of {account} has expired: set a new one that never expires ({code})',
    },
    TEAMS_MFA_REQUIRED: {
        kind: 'configuration',
        sentence:
            'Account {account} must sign in with a second factor: exclude it from MFA, or sign in with a device code ({code})',
    },
    TEAMS_POLICY_REFUSES: {
        kind: 'configuration',
        sentence: 'Conditional Access or security defaults keep {who} out: exclude it from that policy ({code})',
    },
    TEAMS_SIGN_IN_AGAIN: {
        kind: 'configuration',
        sentence: 'Account {account} must sign in again: press "Sign in" in its row ({code})',
    },
    TEAMS_SIGN_IN_MISSING: {
        kind: 'configuration',
        sentence: 'Account {account} has not signed in yet: press "Sign in" in its row',
    },
    SIGN_IN_NOT_KEPT: {
        kind: 'configuration',
        sentence: 'The sign-in cannot be kept: Node-RED may not write into its folder {folder} ({detail})',
    },
    TEAMS_PERMISSIONS_NEEDED: {
        kind: 'configuration',
        sentence: 'The app registration lacks {permissions}: grant it under API permissions, with admin consent',
    },
    TEAMS_DEVICE_CODE_EXPIRED: {
        kind: 'configuration',
        sentence: 'The code was not entered in time: ask for a new one ({code})',
    },
    TEAMS_DEVICE_CODE_DECLINED: { kind: 'configuration', sentence: 'The sign-in was declined ({code})' },
    TEAMS_DEVICE_CODE_CANCELLED: { kind: 'input', sentence: 'The sign-in was cancelled' },
    TEAMS_CONSENT_MISSING: {
        kind: 'configuration',
        sentence: 'Admin consent is missing: grant it under API permissions of the app registration ({code})',
    },
    TEAMS_SIGN_IN_REFUSED: { kind: 'configuration', sentence: 'Sign-in of {who} was refused: {detail}' },
    TEAMS_PERMISSION_MISSING: {
        kind: 'configuration',
        sentence: 'The app registration lacks a permission to {what} ({detail})',
    },
    TEAMS_SUBSCRIPTION_CONFLICT: {
        kind: 'outage',
        sentence: 'Account {account} already has a presence subscription that could not be removed yet',
    },
    TEAMS_SUBSCRIPTION_FOREIGN: {
        kind: 'configuration',
        sentence:
            'Account {account} already sends notifications to {url}: if another installation uses it, give each its own accounts; if that address was yours, its subscription ends within the hour',
    },
    TEAMS_CLOUD_WITHOUT_NOTIFICATIONS: {
        kind: 'configuration',
        sentence: 'Microsoft sends no notifications of presence in the clouds of the US government: choose polling',
    },
    TEAMS_SUBSCRIPTION_LIMIT: {
        kind: 'outage',
        sentence: 'Microsoft makes no further presence subscription for {account} yet: {detail}',
    },
    TEAMS_ENDPOINT_UNREACHABLE: {
        kind: 'outage',
        sentence: 'The notification address {url} does not answer Microsoft as it must: {detail}',
    },
    TEAMS_REQUEST_REFUSED: { kind: 'input', sentence: 'Microsoft refused to {what}: {detail}' },
    TEAMS_GROUP_UNKNOWN: {
        kind: 'configuration',
        sentence: 'The tenant has no group {group}: enter the name or the object id of one that exists',
    },
    TEAMS_GROUP_AMBIGUOUS: {
        kind: 'configuration',
        sentence: 'Several groups are called {group}: enter the object id of the one that is meant',
    },
    TEAMS_LIST_NOT_EXPECTED: {
        kind: 'input',
        sentence: 'This node takes no messages: choose a list from messages as the users to follow',
    },
    TEAMS_LIST_INVALID: {
        kind: 'input',
        sentence: 'msg.payload must be a list of addresses or object ids of users, such as ["anna@contoso.com"]',
    },
    TEAMS_LIST_ACTION_UNKNOWN: {
        kind: 'input',
        sentence: 'msg.action must be "replace", "add" or "remove" (or absent, for "replace"), not {action}',
    },
    TEAMS_NO_ROOM: {
        kind: 'input',
        sentence:
            'The accounts have room for {room} users only, and the app may not read presence itself: add an account, or grant the application permission Presence.Read.All. Until then changes are seen only every {seconds} s',
    },
    TEAMS_USER_NOT_SUBSCRIBED: {
        kind: 'input',
        sentence: 'Microsoft refuses to notify changes of some users. Theirs are seen only every {seconds} s',
    },
    TEAMS_ACCOUNT_LOST: {
        kind: 'input',
        sentence:
            'The account that covers them cannot be used, and the others have no room. Changes are seen only every {seconds} s',
    },
    TEAMS_PRESENCE_UNANSWERED: {
        kind: 'input',
        sentence:
            'Microsoft does not tell the presence of some users: check that they still exist and have a Teams licence',
    },
    TEAMS_USER_UNKNOWN: { kind: 'input', sentence: 'No Teams user has the address {user}' },
    TEAMS_PAIR_INVALID: {
        kind: 'input',
        sentence: 'Teams accepts no presence {availability}/{activity}',
    },
    TEAMS_WORDS_EXPECTED: {
        kind: 'input',
        sentence: '{value} is a PBX activity; put a presence-map before this node',
    },

    PBX_UNREACHABLE: { kind: 'outage', sentence: 'PBX {host} cannot be reached ({detail})' },
    PBX_NO_WEBSOCKET: {
        kind: 'outage',
        sentence: '{host} answers, but offers no App websocket there (HTTP {status}): check the address and the module',
    },
    PBX_CERTIFICATE_UNTRUSTED: {
        kind: 'configuration',
        sentence:
            'The certificate of PBX {host} is not trusted ({detail}): choose a TLS configuration with its CA, or pin its fingerprint',
    },
    PBX_CERTIFICATE_CHANGED: {
        kind: 'configuration',
        sentence:
            'PBX {host} has another certificate than the pinned one: its SHA-256 fingerprint is {found}, pinned is {expected}. If the PBX was given a new certificate, pin that one',
    },
    PBX_NAME_IS_DNS: {
        kind: 'configuration',
        sentence: 'PBX name must be the name alone, not a DNS name: enter {name} instead of {entered}',
    },
    PBX_NAME_MISMATCH: {
        kind: 'configuration',
        sentence: 'PBX {host} says that its PBX name is {found}, not {expected}: correct the PBX name',
    },
    PBX_NOT_CALLED: {
        kind: 'outage',
        sentence:
            'No PBX has called yet: in the App object {app}, enter the address of this node as URL and tick "Websocket"',
    },
    PBX_CALL_REFUSED: {
        kind: 'configuration',
        sentence:
            'A caller at {host} knows another password: enter the password of App object {app} here and in the PBX alike',
    },
    PBX_CALLER_UNKNOWN: {
        kind: 'configuration',
        sentence: 'The PBX at {host} calls as App object {found}, not {app}: correct the name of the App object',
    },
    PBX_CONNECTION_LOST: { kind: 'outage', sentence: 'Connection to PBX {host} was lost' },
    PBX_SILENT: { kind: 'outage', sentence: 'PBX {host} did not answer within {seconds} s' },
    PBX_LOGIN_REFUSED: {
        kind: 'configuration',
        sentence: 'PBX {host} refused the login: name or password of App object {app} is wrong',
    },
    PBX_API_MISSING: {
        kind: 'configuration',
        sentence: 'App object {app} may not use {api}: tick it in the App object of the PBX',
    },
    PBX_TABLE_REFUSED: { kind: 'configuration', sentence: 'The PBX does not give its user table: {detail}' },
    PBX_REQUEST_REFUSED: { kind: 'input', sentence: 'The PBX refused to {what} of {user}: {detail}' },
    PBX_OWN_ENTRY_REFUSED: {
        kind: 'configuration',
        sentence:
            'The PBX takes no presence beside the own one of the user: ours is set in its place, and the own one comes back afterwards',
    },
    PBX_CALLS_NOT_ALLOWED: {
        kind: 'configuration',
        sentence:
            'Calls in Teams show as busy, not as on-the-phone: that needs PbxImpersonation, to be ticked in the App object of the PBX',
    },
    PBX_CALL_NOT_SHOWN: {
        kind: 'configuration',
        sentence: 'Calls in Teams show as busy where the PBX refuses to show on-the-phone, first for {user}: {detail}',
    },
    PBX_USER_UNKNOWN: { kind: 'input', sentence: 'No PBX user has the address {user}' },
    PBX_USER_EXCLUDED: { kind: 'input', sentence: 'On the list of those who take no part: {user}' },
    PBX_USER_NOT_LISTED: { kind: 'input', sentence: 'Not on the list of those who take part: {user}' },
    PBX_USER_NOT_IN_GROUP: { kind: 'input', sentence: 'In none of the PBX groups {groups}: {user}' },
    PBX_USER_UNLICENSED: {
        kind: 'input',
        sentence: 'Without the licence {licence}, which PBX Manager assigns to a user or a Config Template: {user}',
    },
    PBX_USER_AMBIGUOUS: {
        kind: 'input',
        sentence:
            '{user} can be matched with more than one user ({others}) and so is with none: enter the right pair by hand',
    },
    PBX_SUBSCRIPTION_REFUSED: {
        kind: 'input',
        sentence: 'The PBX refuses to tell the presence of {user}: {detail}',
    },
    PBX_PRESENCE_HIDDEN: {
        kind: 'input',
        sentence:
            'The PBX does not show the presence of {user}: in PBX Manager, under Objects, open the user or the Config Template of the user, and under Visibility add an entry with the name {app} and the ticks Online, Presence, Presence note and On the phone',
    },
    PBX_HOME_AWAY: {
        kind: 'input',
        sentence: '{user} is homed at PBX {pbx}, which is not connected: the last state counts until it is',
    },
    PBX_WORDS_EXPECTED: {
        kind: 'input',
        sentence: '{value} is a Teams activity; put a presence-map before this node',
    },

    USER_MISSING: { kind: 'input', sentence: 'The message names no user: neither msg.user nor msg.topic is set' },
    NODE_STOPPED: { kind: 'input', sentence: 'The node was stopped before the message could be served' },
    PRESENCE_WORDS_MISSING: {
        kind: 'input',
        sentence: 'msg.payload holds no presence: expected {expected}',
    },
} as const satisfies Record<string, ErrorRow>;

/** Every code an error of ours can have. */
export type ErrorCode = keyof typeof table;

type Parameters = Record<string, string | number | undefined>;

/** The one error of the package: a code from the table, the sentence an administrator reads, and how to treat it. */
export class SyncError extends Error {
    readonly code: ErrorCode;
    readonly kind: ErrorKind;
    readonly parameters: Parameters;

    /** @param parameters fill the sentence's placeholders; never secrets. `cause` is kept for the debug log only. */
    constructor(code: ErrorCode, parameters: Parameters = {}, cause?: unknown) {
        super(fill(table[code].sentence, parameters), { cause });
        this.name = 'SyncError';
        this.code = code;
        this.kind = table[code].kind;
        this.parameters = parameters;
    }

    /** True for what passes by itself. */
    get retryable(): boolean {
        return this.kind === 'outage';
    }
}

/** Any thrown value as a {@link SyncError}; one that is already is returned as it is. */
export function toSyncError(thrown: unknown): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return new SyncError('UNEXPECTED', { detail }, thrown);
}

/** A sentence with its placeholders filled; a question mark for what is not known. */
export function fill(sentence: string, parameters: Parameters): string {
    return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? '?'));
}
