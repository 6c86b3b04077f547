import type { ErrorRow } from './error-row';

/** What can go wrong with Microsoft, and what an administrator reads of it. */
export const teamsErrors = {
    TEAMS_SUBSCRIBER_TWICE: {
        kind: 'configuration',
        sentence: 'Another teams-subscriber already uses this app registration: remove one of them',
    },
    TEAMS_RECEIVER_TWICE: {
        kind: 'configuration',
        sentence: 'Another teams-notification-receiver already serves this app registration: remove one of them',
    },
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
} as const satisfies Record<string, ErrorRow>;
