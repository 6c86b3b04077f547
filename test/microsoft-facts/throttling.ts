import type { Fact } from './fact';

const limits = 'https://learn.microsoft.com/graph/throttling-limits';
const throttling = 'https://learn.microsoft.com/graph/throttling';
const batching = 'https://learn.microsoft.com/graph/json-batching';

const budget = 'lib/support/rate-budget.test.ts';
const client = 'lib/teams/connection/graph-client.test.ts';
const gathered = 'lib/teams/connection/gathered-requests.test.ts';
const subscription = 'lib/teams/reading/subscriptions/presence-subscription.test.ts';

/** How Graph throttles, and how it takes batches. */
export const throttlingFacts: readonly Fact[] = [
    {
        line: 'all tenants together',
        fact: '130,000 requests in 10 s of one app in all tenants',
        source: limits,
        none: 'A registration serves one tenant and stays far below: the budget for presence allows 1,500 in 30 s.',
    },
    {
        line: 'presence',
        fact: '1,500 requests in 30 s of an app in a tenant on the pages of the calls - one window that never holds more',
        source: 'https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid',
        tests: {
            'lib/teams/connection/graph-access.test.ts': ['presence calls keep to 1500 in 30 s where nothing is set'],
            [budget]: [
                'RateBudget keeps to 1500 in any 30000 ms with latencies up to 0.3 periods',
                'RateBudget counts a request until one period after its answer, not after its departure',
            ],
            'lib/teams/writing/writer-load.test.ts': [
                'PresenceWriter under load drains a burst of two windows of changes by the beginning of the second, without a 429',
            ],
        },
    },
    {
        line: 'presence',
        fact: 'The limit is of the app in the tenant, whoever calls - one budget for all accounts and all nodes',
        source: limits,
        tests: {
            'lib/teams/connection/graph-access.test.ts': [
                'presence calls of the app and of its accounts share one budget',
            ],
            'lib/teams/teams-systems.test.ts': [
                'the rate budget of an app registration in a tenant is one, whichever nodes hold the registration and however often they are deployed',
                'the rate budget of an app registration in a tenant is its own for another registration and for another tenant',
            ],
        },
    },
    {
        line: 'presence',
        fact: '10,000 in 30 s in the table of limits, and rows of it do change - the number can be set',
        source: limits,
        tests: {
            'lib/teams/connection/graph-access.test.ts': ['presence calls keep to 800 in 30 s where 800 is set'],
            'lib/teams/teams-systems.test.ts': [
                'the rate budget of an app registration in a tenant is 1,500 unless another number is set',
            ],
        },
    },
    {
        line: 'subscriptions',
        fact: '25 lists of subscriptions in 20 s - nobody lists without need, and 128 accounts take turns',
        source: `${limits}#microsoft-graph-subscription-resource-limits`,
        tests: {
            'lib/teams/reading/subscriptions/subscription-fleet.test.ts': [
                'SubscriptionFleet at start replaces what a crash left behind, of 128 accounts too, without being throttled',
            ],
            [subscription]: [
                'PresenceSubscription asks for nothing but the one create, as long as nothing stands in its way',
            ],
        },
    },
    {
        line: 'subscriptions',
        fact: '500 writes, 500 reads by id and 1,000 reauthorizations in 20 s',
        source: `${limits}#microsoft-graph-subscription-resource-limits`,
        none: 'The 128 accounts at most make one subscription each, and a renewal every half hour: there is nothing to hold back.',
    },
    {
        line: 'throttled without Retry-After',
        fact: 'Some resources throttle without saying for how long - back-off',
        source: limits,
        tests: {
            [client]: ['Graph repeats with back-off where it is not told how long to wait'],
            [gathered]: [
                'Gathered requests wait for each other when all were throttled, also where Graph names no time',
            ],
            'lib/teams/reading/presence-follower.test.ts': [
                'PresenceFollower heals without a flood when Microsoft asks to slow down',
            ],
        },
    },
    {
        line: 'throttled with Retry-After',
        fact: '429 says how many seconds to wait, and so may 500, 502, 503 and 504 - wait them',
        source: throttling,
        tests: {
            [client]: [
                ...[429, 500, 502, 503, 504].map(
                    status => `Graph repeats what met a ${status}, and waits as it is asked to`,
                ),
                'Graph hands a long wait on to its caller',
                'Graph reads Retry-After as seconds and as a date',
            ],
            [subscription]: ['PresenceSubscription waits as long as Microsoft asks for'],
            'lib/teams/users/directory-reader.test.ts': [
                'DirectoryReader with answers of its own waits as long as the service asks',
            ],
        },
    },
    {
        line: 'throttled with Retry-After',
        fact: 'Requests count while an app is throttled - none of its presence calls goes out meanwhile',
        source: throttling,
        tests: {
            [client]: ['Graph holds all presence calls off while Graph asks for it, and no other'],
            [gathered]: ['Gathered requests wait for each other when all were throttled, where Graph names a time'],
            [budget]: ['RateBudget lets nobody through while the service asks to hold off, and everybody afterwards'],
        },
    },
    {
        line: 'throttled with Retry-After',
        fact: 'Directory calls tell of their share of the limit in x-ms-throttle headers',
        source: limits,
        none: 'All users are read once, 999 to a page, and then only changes every five minutes; a 429 is waited out.',
    },
    {
        line: 'batches',
        fact: 'At most 20 requests, with ids that differ and relative addresses, and a type for each body',
        source: batching,
        tests: {
            [gathered]: [
                'Gathered requests go together, 20 in one round trip, when they come together; each is charged',
            ],
        },
    },
    {
        line: 'batches',
        fact: 'Each request is charged for itself',
        source: `${throttling}#throttling-and-batching`,
        tests: {
            [gathered]: [
                'Gathered requests go together, 20 in one round trip, when they come together; each is charged',
            ],
            'lib/teams/writing/writer-load.test.ts': [
                'PresenceWriter under load drains a burst of two windows of changes by the beginning of the second, without a 429',
            ],
        },
    },
    {
        line: 'batches',
        fact: 'The batch succeeds although all its requests fail, and nobody repeats them - each has an outcome of its own',
        source: batching,
        tests: {
            [gathered]: ['Gathered requests succeed and fail each for itself'],
            'lib/teams/writing/presence-writer.test.ts': [
                'PresenceWriter in an outage does not let one user who fails hold up the others',
            ],
        },
    },
    {
        line: 'batches',
        fact: 'Answers come in any order, their bodies may be absent, and headers are theirs - told apart by id',
        source: batching,
        tests: {
            [gathered]: [
                'Gathered requests are told apart by id, whatever the order of the answers, and miss none silently',
            ],
        },
    },
    {
        line: 'batches',
        fact: 'A request that is throttled has its own Retry-After - it waits, and the others go on',
        source: `${throttling}#throttling-and-batching`,
        tests: {
            [gathered]: [
                'Gathered requests say how long the one that was throttled shall wait, and let the others go on',
                'Gathered requests of a single user that is throttled without a time hold nobody up',
            ],
        },
    },
    {
        line: 'batches',
        fact: 'Dependents of a request that failed answer 424',
        source: batching,
        tests: { [gathered]: ['Gathered requests succeed and fail each for itself'] },
    },
];
