import { setTimeout as delay } from 'node:timers/promises';
import type { OfficeControl, Shown } from '../support/office-control';

/** Something that happens to one person, who is available on both sides before and afterwards. */
interface Scenario {
    what: string;
    run: (office: OfficeControl, mail: string) => Promise<void>;
}

const onTeams = 'busy (On a Teams call)';
const inACall = 'Busy/InACall';
const dnd = 'DoNotDisturb/DoNotDisturb';
const teamsAvailable = 'Available/Available';
const available: Required<Shown> = { pbx: '', onThePhone: false, teams: teamsAvailable };

/** Twenty changes within a second, one after the other. */
async function twenty(change: (number: number) => Promise<unknown>): Promise<void> {
    for (let number = 0; number < 20; number++) {
        await change(number);
        await delay(40);
    }
}

/** Ends everything on both sides at the same moment, and waits until nothing shows any more. */
async function back(office: OfficeControl, mail: string): Promise<void> {
    await Promise.all([
        office.pbx(mail, { call: 'end' }),
        office.pbx(mail, { activity: '' }),
        office.teams(mail, { call: 'end' }),
        office.teams(mail, teamsAvailable),
    ]);
    await office.shows({ [mail]: available });
    await office.keeps({ [mail]: available });
}

/** A person who changes both systems at the same moment. */
function conflict(pbx: string, teams: string, shown: string): Scenario {
    return {
        what: `one person sets ${pbx} in the PBX and ${teams} in Teams at the same moment`,
        run: async (office, mail) => {
            await Promise.all([office.pbx(mail, { activity: pbx }), office.teams(mail, teams)]);
            await office.shows({ [mail]: { teams: shown } });
            await office.keeps({ [mail]: { onThePhone: false, teams: shown } });
            await back(office, mail);
        },
    };
}

/** Everything that may come together in one person's day. */
export const scenarios: Scenario[] = [
    {
        what: "a user's own PBX entry with its note stays beneath a Teams call",
        run: async (office, mail) => {
            await office.pbx(mail, { activity: '', note: 'Room 4' });
            await office.teams(mail, { call: 'start' });
            await office.shows({ [mail]: { pbx: onTeams, teams: inACall } });
            await office.teams(mail, { call: 'end' });
            await office.shows({ [mail]: { pbx: ' (Room 4)', teams: teamsAvailable } });
            await office.keeps({ [mail]: { pbx: ' (Room 4)', teams: teamsAvailable } });
            await back(office, mail);
        },
    },
    {
        what: 'a dnd of the PBX stays beneath a PBX call',
        run: async (office, mail) => {
            await office.pbx(mail, { activity: 'dnd' });
            await office.shows({ [mail]: { pbx: 'dnd', teams: dnd } });
            await office.pbx(mail, { call: 'start' });
            await office.keeps({ [mail]: { pbx: 'dnd', onThePhone: true, teams: dnd } });
            await office.pbx(mail, { call: 'end' });
            await office.keeps({ [mail]: { pbx: 'dnd', onThePhone: false, teams: dnd } });
            await back(office, mail);
        },
    },
    {
        what: 'a dnd is set and taken back during a PBX call',
        run: async (office, mail) => {
            await office.pbx(mail, { call: 'start' });
            await office.shows({ [mail]: { teams: inACall } });
            await office.pbx(mail, { activity: 'dnd' });
            await office.shows({ [mail]: { pbx: 'dnd', teams: dnd } });
            await office.pbx(mail, { activity: '' });
            await office.shows({ [mail]: { pbx: '', onThePhone: true, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a dnd of Teams stays beneath a Teams call',
        run: async (office, mail) => {
            await office.teams(mail, dnd);
            await office.shows({ [mail]: { pbx: 'dnd', teams: dnd } });
            await office.teams(mail, { call: 'start' });
            await office.shows({ [mail]: { pbx: onTeams, teams: inACall } });
            await office.teams(mail, { call: 'end' });
            await office.shows({ [mail]: { pbx: 'dnd', teams: dnd } });
            await back(office, mail);
        },
    },
    {
        what: 'a Teams call begins right after a PBX call',
        run: async (office, mail) => {
            await office.pbx(mail, { call: 'start' });
            await office.shows({ [mail]: { teams: inACall } });
            await office.pbx(mail, { call: 'end' });
            await office.teams(mail, { call: 'start' });
            await office.shows({ [mail]: { pbx: onTeams, onThePhone: false, teams: inACall } });
            await office.keeps({ [mail]: { pbx: onTeams, onThePhone: false, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a Teams call begins during a PBX call and outlasts it',
        run: async (office, mail) => {
            await office.pbx(mail, { call: 'start' });
            await office.shows({ [mail]: { teams: inACall } });
            await office.teams(mail, { call: 'start' });
            await office.pbx(mail, { call: 'end' });
            await office.shows({ [mail]: { pbx: onTeams, onThePhone: false, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a PBX call over a word that the table does not name',
        run: async (office, mail) => {
            await office.pbx(mail, { activity: 'Lunch' });
            await office.pbx(mail, { call: 'start' });
            await office.shows({ [mail]: { onThePhone: true, teams: inACall } });
            await office.pbx(mail, { call: 'end' });
            await office.shows({ [mail]: { pbx: 'Lunch', onThePhone: false, teams: teamsAvailable } });
            await back(office, mail);
        },
    },
    {
        what: 'a PBX call outlasts a Teams call',
        run: async (office, mail) => {
            await office.teams(mail, { call: 'start' });
            await office.shows({ [mail]: { pbx: onTeams } });
            await office.pbx(mail, { call: 'start' });
            await office.teams(mail, { call: 'end' });
            await office.shows({ [mail]: { onThePhone: true, teams: inACall } });
            await office.keeps({ [mail]: { onThePhone: true, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a call begins on both systems at the same moment',
        run: async (office, mail) => {
            await Promise.all([office.pbx(mail, { call: 'start' }), office.teams(mail, { call: 'start' })]);
            await office.shows({ [mail]: { onThePhone: true, teams: inACall } });
            await office.keeps({ [mail]: { onThePhone: true, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a PBX call and a setting in the PBX come at the same moment',
        run: async (office, mail) => {
            await Promise.all([office.pbx(mail, { call: 'start' }), office.pbx(mail, { activity: 'away' })]);
            await office.shows({ [mail]: { pbx: 'away', onThePhone: true, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'a Teams call and a setting in the PBX come at the same moment',
        run: async (office, mail) => {
            await Promise.all([office.teams(mail, { call: 'start' }), office.pbx(mail, { activity: 'dnd' })]);
            await office.shows({ [mail]: { teams: dnd } });
            await back(office, mail);
        },
    },
    {
        what: 'a PBX call and a setting in Teams come at the same moment',
        run: async (office, mail) => {
            await Promise.all([office.pbx(mail, { call: 'start' }), office.teams(mail, 'Away/Away')]);
            await office.shows({ [mail]: { onThePhone: true, teams: inACall } });
            await office.pbx(mail, { call: 'end' });
            await office.shows({ [mail]: { pbx: 'away', onThePhone: false, teams: 'Away/Away' } });
            await back(office, mail);
        },
    },
    conflict('dnd', 'Away/Away', dnd),
    conflict('away', dnd, 'Away/Away'),
    conflict('busy', 'Busy/InAMeeting', 'Busy/Busy'),
    {
        what: 'twenty calls and ends within a second in the PBX',
        run: async (office, mail) => {
            await twenty(number => office.pbx(mail, { call: number % 2 === 0 ? 'start' : 'end' }));
            await office.shows({ [mail]: available });
            await office.keeps({ [mail]: available });
            await twenty(number => office.pbx(mail, { call: number % 2 === 0 ? 'end' : 'start' }));
            await office.shows({ [mail]: { pbx: '', onThePhone: true, teams: inACall } });
            await office.keeps({ [mail]: { pbx: '', onThePhone: true, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'twenty calls and ends within a second in Teams',
        run: async (office, mail) => {
            await twenty(number => office.teams(mail, { call: number % 2 === 0 ? 'start' : 'end' }));
            await office.shows({ [mail]: available });
            await office.keeps({ [mail]: available });
            await twenty(number => office.teams(mail, { call: number % 2 === 0 ? 'end' : 'start' }));
            await office.shows({ [mail]: { pbx: onTeams, onThePhone: false, teams: inACall } });
            await office.keeps({ [mail]: { pbx: onTeams, onThePhone: false, teams: inACall } });
            await back(office, mail);
        },
    },
    {
        what: 'twenty settings within a second in the PBX',
        run: async (office, mail) => {
            const activities = ['', 'dnd', 'busy', 'meeting', 'away'];
            await twenty(number => office.pbx(mail, { activity: activities[number % 5] ?? '' }));
            await office.shows({ [mail]: { pbx: 'away', teams: 'Away/Away' } });
            await office.keeps({ [mail]: { pbx: 'away', teams: 'Away/Away' } });
            await back(office, mail);
        },
    },
    {
        what: 'twenty settings within a second in Teams',
        run: async (office, mail) => {
            const pairs = [teamsAvailable, dnd, 'Busy/Busy', 'Away/Away', 'Busy/InAMeeting'];
            await twenty(number => office.teams(mail, pairs[number % 5] ?? teamsAvailable));
            await office.shows({ [mail]: { pbx: 'meeting', teams: 'Busy/InAMeeting' } });
            await office.keeps({ [mail]: { pbx: 'meeting', teams: 'Busy/InAMeeting' } });
            await back(office, mail);
        },
    },
];
