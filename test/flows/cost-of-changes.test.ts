import assert from 'node:assert/strict';
import { type Cost, type OfficeControl, type Shown, shownBy } from '../support/office-control';
import { mails } from '../support/people';
import { startTryIt, type TryIt } from '../support/try-it';

const [mail] = mails;

const available = 'Available/Available';
const onTeams = 'busy (On a Teams call)';
const dnd = 'DoNotDisturb/DoNotDisturb';

const nothing: Cost = { presenceWrites: 0, pbxWrites: 0, notificationsSent: 0 };
const oneInTeams: Cost = { presenceWrites: 1, pbxWrites: 0, notificationsSent: 1 };
const oneInThePbx: Cost = { presenceWrites: 0, pbxWrites: 1, notificationsSent: 1 };
const onlyNotified: Cost = { ...nothing, notificationsSent: 1 };

type Change = (office: OfficeControl) => Promise<unknown>;

/** One change of a user, what both sides show once all is quiet, and what it has cost until then. */
type Step = [what: string, change: Change, pbx: string, teams: string, cost: Cost, onThePhone?: boolean];

const pbx =
    (activity: string, note = ''): Change =>
    office =>
        office.pbx(mail, { activity, note });
const teams =
    (pair: string): Change =>
    office =>
        office.teams(mail, pair);
const call =
    (side: 'pbx' | 'teams', change: 'start' | 'end'): Change =>
    office =>
        office[side](mail, { call: change });

/** Each begins where the one before it ended. */
const sequences: Record<string, Step[]> = {
    'from the PBX': [
        ['dnd', pbx('dnd'), 'dnd', dnd, oneInTeams],
        ['dnd once more', pbx('dnd'), 'dnd', dnd, nothing],
        ['only a note', pbx('dnd', 'Until three'), 'dnd (Until three)', dnd, nothing],
        ['busy with a note', pbx('busy', 'Accounts'), 'busy (Accounts)', 'Busy/Busy', oneInTeams],
        ['meeting, which is busy in Teams too', pbx('meeting'), 'meeting', 'Busy/Busy', nothing],
        ['away', pbx('away'), 'away', 'Away/Away', oneInTeams],
        [
            'a word that the table does not name: what was set is taken back',
            pbx('lunch'),
            'lunch',
            available,
            oneInTeams,
        ],
        ['available again', pbx(''), '', available, nothing],
        ['a call', call('pbx', 'start'), '', 'Busy/InACall', oneInTeams, true],
        ['dnd during a call', pbx('dnd'), 'dnd', dnd, oneInTeams, true],
        ['the end of the call beneath dnd', call('pbx', 'end'), 'dnd', dnd, { ...oneInTeams, notificationsSent: 0 }],
        ['a call beneath dnd', call('pbx', 'start'), 'dnd', dnd, { ...oneInTeams, notificationsSent: 0 }, true],
        ['available again during the call', pbx(''), '', 'Busy/InACall', oneInTeams, true],
        ['the end of the call', call('pbx', 'end'), '', available, oneInTeams],
    ],
    'from Teams': [
        ['DoNotDisturb', teams(dnd), 'dnd', dnd, oneInThePbx],
        ['DoNotDisturb once more', teams(dnd), 'dnd', dnd, nothing],
        ['Focusing, which is dnd too', teams('DoNotDisturb/Focusing'), 'dnd', 'DoNotDisturb/Focusing', onlyNotified],
        ['Presenting', teams('DoNotDisturb/Presenting'), onTeams, 'DoNotDisturb/Presenting', oneInThePbx],
        ['Busy', teams('Busy/Busy'), 'busy', 'Busy/Busy', oneInThePbx],
        ['a meeting', teams('Busy/InAMeeting'), 'meeting', 'Busy/InAMeeting', oneInThePbx],
        ['a conference call', teams('Busy/InAConferenceCall'), onTeams, 'Busy/InAConferenceCall', oneInThePbx],
        ['Away', teams('Away/Away'), 'away', 'Away/Away', oneInThePbx],
        [
            'BeRightBack, which is away too',
            teams('BeRightBack/BeRightBack'),
            'away',
            'BeRightBack/BeRightBack',
            onlyNotified,
        ],
        ['signing out', teams('Offline/Offline'), '', 'Offline/Offline', oneInThePbx],
        ['Available again', teams(available), '', available, onlyNotified],
        ['a call', call('teams', 'start'), onTeams, 'Busy/InACall', oneInThePbx],
        ['the end of the call', call('teams', 'end'), '', available, oneInThePbx],
    ],
    // What the other side has said stays beneath what this side says, and shows again afterwards.
    'one on top of the other': [
        ['Away in Teams', teams('Away/Away'), 'away', 'Away/Away', oneInThePbx],
        ['then a PBX call', call('pbx', 'start'), 'away', 'Busy/InACall', oneInTeams, true],
        ['and its end', call('pbx', 'end'), 'away', 'Away/Away', oneInTeams],
        ['then busy in the PBX', pbx('busy'), 'busy', 'Busy/Busy', oneInTeams],
        ['and available in the PBX', pbx(''), 'away', 'Away/Away', oneInTeams],
        ['a Teams call', call('teams', 'start'), onTeams, 'Busy/InACall', oneInThePbx],
        ['then dnd in the PBX', pbx('dnd'), 'dnd', dnd, oneInTeams],
        ['and available in the PBX again', pbx(''), onTeams, 'Busy/InACall', oneInTeams],
        ['the end of the Teams call', call('teams', 'end'), 'away', 'Away/Away', oneInThePbx],
        ['Available in Teams', teams(available), '', available, oneInThePbx],
    ],
};

describe('one change of a user costs one write on the other side and none on the same', function () {
    this.timeout(180_000);
    const measured = new Map<Step, { shown: Shown; cost: Cost }>();
    const offices: TryIt[] = [];

    // Each sequence has a Node-RED of its own, so that the counters count nothing else, and all run at the same time.
    before(() => Promise.all(Object.values(sequences).map(measure)));

    after(() => Promise.all(offices.map(({ nodeRed }) => nodeRed.dispose())));

    async function measure(steps: Step[]): Promise<void> {
        const tryIt = await startTryIt();
        offices.push(tryIt);
        const { office } = tryIt;
        await office.quiet();
        for (const step of steps) {
            const [, change] = step;
            const cost = await office.costOf(() => change(office));
            measured.set(step, { cost, shown: shownBy(await office.person(mail)) });
        }
    }

    for (const [title, steps] of Object.entries(sequences)) {
        describe(title, () => {
            for (const step of steps) {
                const [what, , pbx, teams, cost, onThePhone = false] = step;
                it(what, () => assert.deepEqual(measured.get(step), { cost, shown: { pbx, onThePhone, teams } }));
            }
        });
    }
});
