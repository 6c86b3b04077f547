import type { Tests } from '../support/existing-tests';
import { days, inBothRoles, type UnconfirmedFact } from './unconfirmed';

const system = 'lib/pbx/pbx-system.test.ts';
const unfollowed = 'lib/pbx/reading/unfollowed-users.test.ts';
const lineStates = 'lib/pbx/reading/line-states.test.ts';
const slaves = 'lib/pbx/reading/slaves.test.ts';
const table = 'lib/pbx/users/user-table.test.ts';
const participation = 'lib/pbx/users/participation.test.ts';
const undocumented = 'lib/pbx/undocumented.test.ts';
const silence = 'Where the documentation of the PBX is silent';
const again = 'The user table after a reconnect';

function named(...titles: string[]): Tests {
    return inBothRoles(unfollowed, 'Users whose presence the PBX does not tell', ...titles);
}

function overOwnSetting(lineState: string): Tests {
    const title = `shows a call over the own setting and the same setting after it (line state ${lineState})`;
    return inBothRoles(system, 'A PBX system', title);
}

function namedWhere(subscription: string): Tests {
    return named(
        `are named at once where PbxAdminApi is ticked (subscription ${subscription})`,
        `are named after a while where it is not (subscription ${subscription})`,
    );
}

function rings(lineStateFrom: string): Tests {
    const title = `a call that rings is a line state from the moment at which the PBX shows it (${lineStateFrom})`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function slavesCall(isShown: boolean): Tests {
    const title = `the call of a slave's user is told once, by the slave (the master shows it: ${isShown})`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function knownBefore(existing: string, ...updates: string[]): Tests {
    const titles = updates.map(
        each => `is known of calls that were there before us (existing calls ${existing}, ${each})`,
    );
    return inBothRoles(lineStates, 'The line state', ...titles);
}

function read(title: string): Tests {
    return { [table]: [`The user table is read ${title}`] };
}

/** What is not confirmed of users and of what they show. */
export const readingFacts: readonly UnconfirmedFact[] = [
    {
        fact: 'Whether the line state is an entry of its own or takes the place of the own setting',
        behaviour: 'lineState',
        handling: 'It is found out by seeing both; until then a setting that disappears with a call goes on beneath it',
        answers: { separate: overOwnSetting('separate'), 'replaces-tel': overOwnSetting('replaces-tel') },
    },
    {
        fact: 'Whether a ringing call is a line state',
        behaviour: 'lineStateFrom',
        handling: 'What the presence shows is told as it shows it; calls of RCC count from ringing on, as documented',
        answers: { 'every-call': rings('every-call'), 'answered-calls': rings('answered-calls') },
    },
    {
        fact: 'What a subscription leads to that the visibility does not allow',
        behaviour: 'unallowedSubscription',
        handling: 'Whoever is not heard of within 5 seconds is named, or at once where PbxAdminApi says so',
        answers: { silent: namedWhere('silent'), down: namedWhere('down') },
    },
    {
        fact: 'Whether a PBX shows the line state of users of another PBX of the system',
        behaviour: 'remoteLineState',
        handling: 'Each user is followed where they are homed, and nowhere else',
        answers: {
            false: {
                ...slavesCall(false),
                ...inBothRoles(
                    slaves,
                    'A system of master and slave',
                    'is followed at both, each user at the PBX where they are homed',
                ),
            },
            true: slavesCall(true),
        },
    },
    {
        fact: 'How many subscriptions and requests a PBX takes',
        line: 'most subscriptions and throttles',
        handling:
            'A bounded window, a rate that can be set, and another attempt for whoever was refused or not answered',
        answers: {
            'as many as there are': read('with more requests at once as long as the PBX answers, 64 at most'),
            'fewer, and it says so': named(
                'are named with what the PBX says where it refuses the subscription',
                'are asked for again where the PBX has refused, ever more seldom',
            ),
            'fewer, and it is silent': named(
                'are named where the PBX leaves a subscription unanswered, until it tells something',
            ),
        },
    },
    {
        fact: 'Whether Initialize tells the calls that exist already, or only counts them',
        behaviour: 'rccExistingCalls',
        handling: 'Calls that were counted are taken for those that are told later',
        answers: {
            true: knownBefore('told', 'state in updates', 'state not in updates'),
            false: knownBefore('counted', 'state in updates', 'state not in updates'),
        },
    },
    {
        fact: 'Whether CallUpdate has a state',
        behaviour: 'rccUpdateState',
        handling: 'A call counts from its first to its last message, whatever its state',
        answers: {
            true: knownBefore('told', 'state in updates'),
            false: knownBefore('told', 'state not in updates'),
        },
    },
    {
        fact: 'Which messages of a replication carry update sequence numbers',
        behaviour: 'usn',
        handling: 'None are needed: the whole table is read after a reconnect',
        answers: {
            absent: { [table]: [`${again} reads all of it, and tells the differences (numbers: absent)`] },
            rows: { [table]: [`${again} reads all of it, and tells the differences (numbers: rows)`] },
            everywhere: { [table]: [`${again} reads all of it, and tells the differences (numbers: everywhere)`] },
        },
    },
    {
        fact: 'Whether one who goes on from a number is told who was removed meanwhile',
        behaviour: 'removedMeanwhile',
        handling: 'We go on from no number: the whole table is read',
        answers: {
            told: {
                [table]: [`${again} finds who was removed meanwhile (those who go on from a number: told)`],
            },
            lost: {
                [table]: [`${again} finds who was removed meanwhile (those who go on from a number: lost)`],
            },
        },
    },
    {
        fact: 'Whether several ReplicateNext may be on their way',
        behaviour: 'replicateNext',
        handling: 'One at first, more as long as all are answered, half as many where a row may be lost',
        answers: {
            'in-order': read('with more requests at once as long as the PBX answers, 64 at most'),
            reversed: read('in full when answers come in reverse'),
            'one-at-a-time': read('in full when only one of several requests is answered'),
        },
    },
    {
        fact: 'Whether rows come once',
        behaviour: 'repeatedRows',
        handling: 'A row that comes twice to one who asks singly is a habit of the PBX',
        answers: {
            true: read('in full and no more slowly when every row comes twice'),
            false: read('with more requests at once as long as the PBX answers, 64 at most'),
        },
    },
    {
        fact: 'Whether the column `grps` holds the groups that come from a Config Template',
        behaviour: 'templateGroupsInRows',
        handling: 'Where it does not, whoever has a template and no group is left out with what to do about it',
        answers: {
            true: { [participation]: ['Who takes part members by their Config Template, where the table tells that'] },
            false: {
                [participation]: [
                    'Who takes part members by their Config Template, where the table does not tell that, are told what to do',
                ],
            },
        },
    },
    {
        fact: 'What ReplicateNext beyond the end of the table leads to',
        behaviour: 'beyondEnd',
        handling: 'What stays unanswered at the end of a table that is complete is known from then on',
        answers: days('beyondEnd', 'answered', 'silent'),
    },
    {
        fact: 'Which `src` changes of the user table carry',
        behaviour: 'pushSource',
        handling: 'A change counts for whatever replication runs, whatever its `src`',
        answers: days('pushSource', 'of-start', 'of-next', 'absent'),
    },
    {
        fact: 'Whether a connection can have two replications of the user table',
        behaviour: 'replications',
        handling: 'The table is read anew by one that begins after the other, and changes of either count',
        answers: days('replications', 'several', 'one'),
    },
    {
        fact: 'Whether the end of the user table is a result without columns or with none in them',
        behaviour: 'tableEnd',
        handling: 'Both are the end',
        answers: days('tableEnd', 'without-columns', 'empty-columns'),
    },
    {
        fact: 'Whether a result of what has gone well has the fields of an error, with nothing in them',
        behaviour: 'success',
        handling: 'An error of 0 is none, whatever its text',
        answers: days('success', 'bare', 'error-0'),
    },
    {
        fact: 'Whether empty and false values are left out',
        behaviour: 'emptyValues',
        handling: 'All forms mean the same',
        answers: days('emptyValues', 'as-recorded', 'left-out', 'present'),
    },
    {
        fact: 'What the status of an entry says',
        behaviour: 'telStatus',
        handling: 'An entry holds whether or not the phone is registered',
        answers: days('telStatus', 'open', 'closed'),
    },
    {
        fact: 'Which contact the entry of a calendar has',
        behaviour: 'calendarContact',
        handling: 'Both names that the documentation has are read',
        answers: days('calendarContact', 'calendar:', 'cal:'),
    },
    {
        fact: 'What a subscription is told when the right is taken',
        behaviour: 'rightTaken',
        handling: 'Either that or MonitorUnallowed names the user',
        answers: days('rightTaken', 'down', 'silent'),
    },
    {
        fact: 'Whether MonitorUnallowed tells what was there before',
        behaviour: 'unallowedExisting',
        handling: 'It is asked for before the first subscription; whoever is not heard of is named in any case',
        answers: days('unallowedExisting', 'told', 'only-new'),
    },
    {
        fact: 'What the subscription of an unknown user leads to',
        behaviour: 'unknownUser',
        handling: 'Whoever is refused or not heard of is named',
        answers: days('unknownUser', 'error', 'silent'),
    },
    {
        fact: 'Whether UserInfo of RCC counts calls, and when',
        behaviour: 'rccCounts',
        handling: 'Counts are used where there are any; calls that are told count in any case',
        answers: days('rccCounts', 'absent', 'at-start', 'with-calls'),
    },
    {
        fact: 'How RCC tells the end of a call',
        behaviour: 'callEnd',
        handling: 'Each of the three ends it, once',
        answers: days('callEnd', 'CallDel', 'CallUpdate', 'CallDelete'),
    },
];
