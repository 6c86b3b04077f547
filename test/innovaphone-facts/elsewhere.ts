import type { UnconfirmedFact } from './unconfirmed';

/** What is not confirmed and does not matter to the PBX side. */
export const elsewhere: readonly UnconfirmedFact[] = [
    {
        fact: 'Which Teams words the original sets for a PBX state',
        line: 'PBX to Teams mapping',
        handling: 'A table of our own, which an administrator can change',
        none: 'The table is ours; `presence-map` shows it.',
    },
    {
        fact: 'Whether the table from Teams to the PBX is the same in versions 14 to 16',
        line: 'Teams to PBX mapping of later versions',
        handling: 'The table of 13r3, which an administrator can change',
        none: 'The table is documented for 13r3 and can be edited.',
    },
    {
        fact: 'How the original maps appointments',
        line: 'calendar mapping',
        handling: 'A calendar entry counts as what its activity says, if the administrator wants it',
        none: 'What a calendar of the PBX says passes through the same table as everything else.',
    },
    {
        fact: 'By what users can be matched in the original',
        line: 'matching options',
        handling: 'Address, name, long name, number or pairs, as the administrator chooses',
        none: 'The choice is ours.',
    },
    {
        fact: 'What the check marks of a user mean in the original',
        line: 'check marks of the original',
        handling: 'Everybody left out is named with the reason',
        none: 'It concerns a user interface that we do not copy.',
    },
    {
        fact: 'How long the original takes to become green',
        line: 'minutes until green',
        handling: 'The bench measures seconds',
        none: 'It says nothing of the PBX.',
    },
    {
        fact: 'Which permission the registration for writing has in the original',
        line: 'permission of the second registration',
        handling: 'What Microsoft documents for the calls that are made',
        none: 'It concerns Microsoft Graph alone.',
    },
    {
        fact: 'Which session id and expiration the original sets',
        line: 'session id and expiry',
        handling: 'The client id, which Graph wants, and a lease that an administrator sets',
        none: 'It concerns Microsoft Graph alone.',
    },
    {
        fact: 'What the original does with notes and status messages',
        line: 'notes and status messages',
        handling: 'A template for the note, and the status message on demand',
        none: 'The choice is ours.',
    },
    {
        fact: 'How the original shows a Teams call as on-the-phone',
        line: 'how the original shows on-the-phone',
        handling: 'An alien call on behalf of the user, or busy, or dnd, as the administrator chooses',
        none: 'What is documented of alien calls and what is not has rows of its own.',
    },
    {
        fact: 'Whether innovaphone has a Node-RED app of its own',
        line: 'a Node-RED app of innovaphone',
        handling: 'None is needed',
        none: 'It says nothing of the PBX.',
    },
    {
        fact: 'Where the virtual appliance can be had',
        line: 'IPVA',
        handling: 'Its PBX speaks the same protocol',
        none: 'It says nothing of the PBX.',
    },
    {
        fact: 'Which contact a SetPresence without one has',
        line: 'default contact',
        behaviour: 'defaultContact',
        handling: 'Each write names its contact',
        none: 'No write of ours leaves the contact out.',
    },
    {
        fact: 'How long a message takes',
        behaviour: 'latency',
        handling: 'Windows of requests in place of one after the other',
        none: 'It is measured by the bench, which sets 20 ms.',
    },
];
