import type { OfficeControl, Shown } from '../support/office-control';
import { mails } from '../support/people';

const [anna, juergen] = mails;

/** What somebody shows on both sides who does nothing, who has a call, who is not to be disturbed. */
export const available: Shown = { pbx: '', onThePhone: false, teams: 'Available/Available' };
export const pbxCall: Shown = { pbx: '', onThePhone: true, teams: 'Busy/InACall' };
export const teamsCall: Shown = { pbx: 'busy (On a Teams call)', onThePhone: false, teams: 'Busy/InACall' };
export const dnd: Shown = { pbx: 'dnd', onThePhone: false, teams: 'DoNotDisturb/DoNotDisturb' };

/** Anna has a PBX call and Jürgen one in Teams, and both sides show it. */
export async function begin(office: OfficeControl): Promise<void> {
    await office.pbx(anna, { call: 'start' });
    await office.teams(juergen, { call: 'start' });
    await office.shows({ [anna]: pbxCall, [juergen]: teamsCall });
}

/** Ends whatever anybody does, and waits until nobody shows anything any more. */
export async function endAll(office: OfficeControl): Promise<void> {
    for (const mail of mails) {
        await office.pbx(mail, { call: 'end' });
        await office.pbx(mail, { activity: '' });
        await office.teams(mail, { call: 'end' });
        await office.teams(mail, 'Available/Available');
    }
    await office.shows(Object.fromEntries(mails.map(mail => [mail, available])), 4_000);
}
