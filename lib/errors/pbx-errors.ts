import type { ErrorRow } from './error-row';

/** What can go wrong with a PBX, and what an administrator reads of it. */
export const pbxErrors = {
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
    PBX_APP_TWICE: {
        kind: 'configuration',
        sentence:
            'PBX {pbx} calls as App object {used} and as App object {other}, and only {used} is used: clear the tick "Websocket" of the other one, or give it another URL',
    },
    PBX_CONNECTION_LOST: { kind: 'outage', sentence: 'Connection to PBX {host} was lost' },
    PBX_SILENT: { kind: 'outage', sentence: 'PBX {host} did not answer within {seconds} s' },
    PBX_NOT_READING: {
        kind: 'outage',
        sentence: 'PBX {host} takes no more messages: the connection was given up',
    },
    PBX_LOGIN_REFUSED: {
        kind: 'configuration',
        sentence: 'PBX {host} refused the login: name or password of App object {app} is wrong',
    },
    PBX_API_MISSING: {
        kind: 'configuration',
        sentence: 'App object {app} may not use {api}: tick it in the App object of the PBX',
    },
    PBX_TABLE_REFUSED: { kind: 'configuration', sentence: 'The PBX does not give its user table: {detail}' },
    PBX_TABLE_LOSSY: {
        kind: 'outage',
        sentence: 'PBX {host} has not given its user table without gaps: it is read again, more slowly',
    },
    PBX_REQUEST_REFUSED: { kind: 'input', sentence: 'The PBX refused to {what} of {user}: {detail}' },
    PBX_OWN_ENTRY_REFUSED: {
        kind: 'configuration',
        sentence:
            'The PBX takes no presence beside the own one of the user: ours is set in its place, and the own one comes back afterwards',
    },
    PBX_ACTIVITY_UNTAKEN: {
        kind: 'configuration',
        sentence: 'The PBX does not take the activity {activity}: busy is set, with a note that says {activity}',
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
    PBX_USER_UNKNOWN: { kind: 'input', sentence: 'No PBX user with the address {user} takes part' },
    PBX_USER_NAMELESS: {
        kind: 'input',
        sentence:
            'Without a Name in the PBX, by which it tells and takes presence; enter one under PBX > Objects: {user}',
    },
    PBX_USER_EXCLUDED: { kind: 'input', sentence: 'On the list of those who take no part: {user}' },
    PBX_USER_NOT_LISTED: { kind: 'input', sentence: 'Not on the list of those who take part: {user}' },
    PBX_USER_NOT_IN_GROUP: { kind: 'input', sentence: 'In none of the PBX groups {groups}: {user}' },
    PBX_USER_NOT_IN_GROUP_ITSELF: {
        kind: 'input',
        sentence:
            'In none of the PBX groups {groups}, as far as the PBX says, which may keep back groups of a Config Template: if one of them is meant, add the user to the group, or to the list of those who always take part: {user}',
    },
    PBX_USER_UNLICENSED: {
        kind: 'input',
        sentence: 'Without the licence {licence}, of their own or from their Config Template: {user}',
    },
    PBX_USER_LICENCE_UNKNOWN: {
        kind: 'input',
        sentence:
            'The PBX could not yet say ({detail}) whether the licence {licence} is held; it is asked again soon: {user}',
    },
    PBX_USER_AMBIGUOUS: {
        kind: 'input',
        sentence:
            '{user} can be matched with more than one user ({others}) and so is with none: enter the right pair by hand in the PBX connection',
    },
    PBX_SUBSCRIPTION_REFUSED: {
        kind: 'input',
        sentence: 'The PBX refuses to tell the presence of {user}: {detail}',
    },
    PBX_PRESENCE_HIDDEN: {
        kind: 'input',
        sentence:
            'The PBX does not show the presence of {user}: PBX > Objects > Config Template or user > Visibility > add {app} with Online, Presence, Presence note and On the phone',
    },
    PBX_HOME_AWAY: {
        kind: 'input',
        sentence:
            '{user} is homed at PBX {pbx}, which is not connected, or lacks the tick PbxAdminApi by which it tells its name: until it is, the last state counts for a quarter of an hour',
    },
    PBX_NAME_UNCHECKED: {
        kind: 'configuration',
        sentence:
            'PBX {host} does not say whether it is {expected}: to check the PBX name, tick PbxAdminApi in App object {app}',
    },
    PBX_HOMES_UNCLEAR: {
        kind: 'configuration',
        sentence:
            'Users are homed at {homes}, and PBX {host} does not say which of them it is, so all are looked for there: enter the PBX name, or tick PbxAdminApi in App object {app}',
    },
    PBX_WORDS_EXPECTED: {
        kind: 'input',
        sentence: '{value} is a Teams activity; put a presence-map before this node',
    },
} as const satisfies Record<string, ErrorRow>;
