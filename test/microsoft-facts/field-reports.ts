import type { Fact } from './fact';

const docs = 'microsoftgraph/microsoft-graph-docs';
const contrib = 'microsoftgraph/microsoft-graph-docs-contrib';
const community = 'https://techcommunity.microsoft.com';

const record = 'lib/presence/teams-record.test.ts';
const endpoint = 'lib/teams/reading/notifications/notification-endpoint.test.ts';
const reader = 'lib/teams/reading/presence-reader.test.ts';
const subscriber = 'lib/teams/reading/presence-follower.test.ts';
const fleet = 'lib/teams/reading/subscriptions/subscription-fleet.test.ts';
const subscription = 'lib/teams/reading/subscriptions/presence-subscription.test.ts';
const writer = 'lib/teams/writing/presence-writer.test.ts';
const choices = 'lib/teams/writing/writer-choices.test.ts';
const readBack = 'lib/teams/writing/read-back.test.ts';

/** What others have met with presence and subscriptions, and what we do about it. */
export const fieldReports: readonly Fact[] = [
    {
        line: 'silent subscription',
        fact: 'Valid and renewed, but silent for days - a watchdog for each subscription, and a sweep whatever it says',
        source: 'MicrosoftDocs/msteams-docs#11452',
        tests: {
            'lib/teams/reading/silence-watchdog.test.ts': [
                'SilenceWatchdog finds the account whose notification stays out, and no other',
                'SilenceWatchdog gives a notification the time that Microsoft names',
            ],
            [subscriber]: [
                'PresenceFollower delivers automatically by polling once notifications stay out, makes the subscription anew, and comes back',
                'PresenceFollower delivers automatically without polling by an app that may not read: a silent subscription is made anew',
            ],
        },
    },
    {
        line: 'single notifications lost',
        fact: 'One or two notifications a day are missing, and nothing says so - the sweep finds what they would have told',
        source: 'MicrosoftDocs/msteams-docs#11558',
        tests: { [subscriber]: ['PresenceFollower heals what notifications have lost, within five minutes'] },
    },
    {
        line: 'long outages of notifications',
        fact: 'No change notifications for more than a day - polling instead, shown in the status',
        source: `${docs}#6476`,
        tests: {
            [subscriber]: [
                'PresenceFollower delivers automatically by polling once notifications stay out, makes the subscription anew, and comes back',
            ],
            'nodes/teams-notification-receiver.test.ts': [
                'receiving from Teams teams-subscriber polls while there is no receiver, unless it was told to wait',
            ],
        },
    },
    {
        line: 'second subscription',
        fact: 'An account has one presence subscription, a second is refused with 409 - what is left from before is deleted',
        source: `${contrib}#2219`,
        tests: {
            [subscription]: [
                'PresenceSubscription when another one stands in the way deletes one that is left from before: there can be only one',
                'PresenceSubscription when another one stands in the way finds and deletes its own, if it could not be deleted by its id',
                'PresenceSubscription when another one stands in the way names the account when it lasts, and goes on trying',
            ],
            [fleet]: [
                'SubscriptionFleet at start replaces what a crash left behind, of 128 accounts too, without being throttled',
            ],
            [subscriber]: ['PresenceFollower follows with one subscription where two rows are the same account'],
        },
    },
    {
        line: 'deleted user in a subscription',
        fact: 'A create with a deleted user fails with 500, with or without naming the user - left out by name, or searched for by halves',
        source: 'microsoftgraph/msgraph-beta-sdk-dotnet#352',
        tests: {
            [subscription]: [
                'PresenceSubscription when Graph refuses users leaves out those that the error names, at once',
                'PresenceSubscription when Graph refuses users finds whom the error does not name, and covers half of the others meanwhile',
                'PresenceSubscription when Graph refuses users accuses nobody in an outage',
            ],
            'lib/teams/reading/subscriptions/search-refused-users.test.ts': [
                'RefusedUsersSearch finds several, wherever they are',
            ],
            [fleet]: [
                'SubscriptionFleet when Microsoft refuses a user survives the deletion of a covered user',
                'SubscriptionFleet when Microsoft refuses a user finds the user in every cohort although no error names one',
                'SubscriptionFleet when Microsoft refuses a user tries the user again a day later',
            ],
        },
    },
    {
        line: 'deleted user in a subscription',
        fact: 'Right after a delete, creates fail for a while - tried again with back-off, without an alarm',
        source: 'microsoftgraph/msgraph-beta-sdk-dotnet#352',
        tests: {
            [subscription]: [409, 500].map(
                status =>
                    `PresenceSubscription when another one stands in the way is patient with ${status} right after the delete, without alarming anybody`,
            ),
        },
    },
    {
        line: 'reauthorization storm',
        fact: 'Short subscriptions are told to be reauthorized every 15 minutes - not within 10 minutes of a renewal',
        source: `${contrib}#2166`,
        tests: {
            [subscription]: [
                'PresenceSubscription renews when Microsoft asks for it, but not within ten minutes of the last time',
            ],
        },
    },
    {
        line: 'phantom quota',
        fact: 'For hours PATCH says 404 and POST says 403, limit reached - back-off, and polling meanwhile',
        source: `${community}/discussions/teamsdeveloper/cannot-create-new-subscription-to-resource/4194946`,
        tests: {
            [subscription]: [
                'PresenceSubscription when another one stands in the way waits out a quota that is none: PATCH says 404, POST says 403',
            ],
            [subscriber]: [
                'PresenceFollower delivers automatically by polling while Microsoft names a quota that is none',
            ],
        },
    },
    {
        line: 'status set by hand',
        fact: 'A status that the user has set never yields to the session of an app - respected, or by choice taken away',
        source: 'microsoftgraph/msgraph-sdk-dotnet#1188',
        tests: {
            [choices]: [
                'PresenceWriter, by choice, with a status set by hand respects it',
                'PresenceWriter, by choice, with a status set by hand overrides it when a call begins, and never when it is renewed or ends',
            ],
            [readBack]: ['What was written is read back and named where a status chosen by hand hides it'],
        },
    },
    {
        line: 'Available fades',
        fact: 'A session that is Available fades after 5 minutes, however long it was to last - never held as a session',
        source: 'https://learn.microsoft.com/answers/questions/1462160',
        tests: {
            'lib/presence/teams-states.test.ts': [
                'states of Teams never holds Available as a session: Teams would let it fade',
            ],
        },
    },
    {
        line: 'accepted but not visible',
        fact: 'Status 200, but nothing shows - read back, with the reason in words; written in the name of the app alone',
        source: 'microsoftgraph/microsoft-graph-explorer-v4#2837',
        tests: {
            [readBack]: [
                'What was written is read back once, of many users together, and nothing is said of what shows',
                'What was written is read back and named where a status chosen by hand hides it',
                'What was written is read back and named where DoNotDisturb/DoNotDisturb hides it',
                'What was written is read back and named where Teams knows nothing of a user with 0 Teams plans',
            ],
            'nodes/writers.test.ts': [
                'a presence writer with an open office passes the message on with what has become of it, once Teams has answered',
            ],
        },
    },
    {
        line: 'out of office',
        fact: 'Out of office does not show in the activity - it has a flag of its own',
        source: `${docs}#9179`,
        tests: {
            'lib/teams/connection/read-presence.test.ts': [
                'a presence of Graph is out of office by a flag of its own, whatever the activity is',
            ],
        },
    },
    {
        line: 'meeting in the middle of a call',
        fact: 'InACall flips to InAMeeting in the middle of a call - looked at twice before it is told',
        source: 'isaacrlevin/presencelight#114',
        tests: {
            [reader]: [
                'PresenceReader in the middle of a call tells nothing of a meeting that shows for a moment',
                'PresenceReader in the middle of a call tells of a meeting that still shows after two seconds, and of anything else at once',
            ],
        },
    },
    {
        line: 'address instead of id',
        fact: 'With an address in place of the id presence is unknown - users are found in the directory first',
        source: `${community}/t5/teams-developer/not-able-to-fetch-the-status-of-user-from-teams-using-graph/m-p/3987552`,
        tests: {
            'lib/teams/users/directory-reader.test.ts': [
                'DirectoryReader with answers of its own finds a user by id, by any address and in any case',
            ],
            'lib/teams/users/scope.test.ts': [
                'A scope of a list follows addresses and ids in any case, and tells whom a new list concerns',
            ],
            [writer]: [
                'Writing presence sets and takes back a call with one write each, and restores what Teams showed before',
            ],
        },
    },
    {
        line: 'feedback loop',
        fact: 'What an app writes comes back as a change, and nothing says whose it is - our own writes are known',
        source: `${community}/t5/microsoft-365-developer-platform/idb-p/Microsoft365DeveloperPlatform/page/11`,
        tests: {
            [record]: [
                'The record of a person in Teams says whose state shows: our own, and nothing of what is beneath it',
                'The record of a person in Teams says whose state shows: either where two writes of ours can be in force',
                'The record of a person in Teams says whose state shows: for 90 seconds after its end a state of ours is looked at again, then it is the user’s',
            ],
            [reader]: [
                'PresenceReader knows our own writes and is silent about what we hold',
                'PresenceReader knows our own writes and tells nothing at all of a call of ours and its end',
                'PresenceReader knows our own writes and reads the user again for a notification that comes half a minute late, or is real',
                'PresenceReader knows our own writes and does not lose a real call that begins right after ours was taken back',
            ],
            [subscriber]: [
                'PresenceFollower beside the writer hears nothing of a call of the PBX, its renewals and its end',
            ],
        },
    },
    {
        line: 'no app-only reading',
        fact: 'Reading in the name of the app alone was refused with 403 before the end of 2023',
        source: `${community}/idea/2276109`,
        none: 'The permission has been there since December 2023.',
    },
    {
        line: 'best practice',
        fact: 'Everything is read at start, whenever a subscription was made, and after any gap',
        source: 'https://learn.microsoft.com/graph/change-notifications-lifecycle-events',
        tests: {
            [subscriber]: [
                'PresenceFollower reads everybody, subscribes, and tells changes as they come',
                'PresenceFollower heals after an outage, with everything that was missed',
                'PresenceFollower heals after an outage of reading alone, of more users than one read takes',
                'PresenceFollower heals at once when it is told of a gap: everything anew',
            ],
            [fleet]: [
                'SubscriptionFleet at start makes all subscriptions at once, each user in exactly one, and tells who must be read',
                'SubscriptionFleet when notifications may have been missed verifies all subscriptions, makes anew those that are lost, and tells whom to read',
            ],
            [subscription]: [
                'PresenceSubscription renews after a short outage the one that still stands, and tells of the gap',
            ],
        },
    },
    {
        line: 'best practice',
        fact: 'States are put in order by their sequence number where they have one',
        source: 'https://learn.microsoft.com/graph/api/resources/presence',
        tests: {
            [reader]: [
                'PresenceReader keeps the order of notifications: a duplicate or an older one tells nothing',
                'PresenceReader keeps the order and reads again what a server answers that is behind',
            ],
        },
    },
    {
        line: 'best practice',
        fact: 'A subscription is renewed at about 60 % of its life',
        source: 'https://learn.microsoft.com/graph/api/subscription-update',
        tests: {
            [subscription]: [55, 60, 65].map(
                share => `PresenceSubscription renews by PATCH at ${share} % of its lifetime`,
            ),
        },
    },
    {
        line: 'best practice',
        fact: 'A notification is queued, then answered with 202, then worked on; 503 only where it was not queued',
        source: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks',
        tests: {
            [endpoint]: [
                'notification endpoint says 202 before the work is done',
                'notification endpoint asks for a repetition, with 503, only while there is no room',
            ],
        },
    },
    {
        line: 'best practice',
        fact: 'One budget for all presence calls of the process',
        source: 'https://learn.microsoft.com/graph/throttling-limits',
        tests: {
            'lib/teams/teams-systems.test.ts': [
                'the rate budget of an app registration in a tenant is one, whichever nodes hold the registration and however often they are deployed',
            ],
        },
    },
    {
        line: 'best practice',
        fact: 'All sessions of ours are cleared at an orderly stop; after a crash they end by themselves',
        source: 'https://learn.microsoft.com/graph/api/presence-setpresence',
        tests: {
            [writer]: ['Writing presence ends by taking back everything, also what is on its way'],
            'lib/teams/writing/restart.test.ts': ['What is held in Teams survives a restart no longer than its lease'],
        },
    },
    {
        line: 'best practice',
        fact: 'What is held is kept across a restart, and nothing else',
        source: 'https://learn.microsoft.com/graph/api/presence-clearpresence',
        tests: {
            'lib/teams/writing/restart.test.ts': [
                'What is held in Teams survives a restart as ours: it is no state of the user',
                'What is held in Teams survives a restart and is taken back if its source says so',
                'What is held in Teams survives a restart without a trace of what was taken back',
            ],
        },
    },
];
