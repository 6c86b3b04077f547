import type { Tests } from '../support/existing-tests';
import { days, inBothRoles, type UnconfirmedFact } from './unconfirmed';

const writer = 'lib/pbx/writing/presence-writer.test.ts';
const fallback = 'lib/pbx/writing/tel-fallback.test.ts';
const held = 'lib/pbx/writing/held-presence.test.ts';
const alien = 'lib/pbx/writing/alien-calls.test.ts';
const slaves = 'lib/pbx/writing/slaves.test.ts';
const anyOrder = 'lib/pbx/connection/any-order.test.ts';
const anyOrderOfCalls = 'lib/pbx/writing/any-order-of-calls.test.ts';
const undocumented = 'lib/pbx/undocumented.test.ts';
const silence = 'Where the documentation of the PBX is silent';

function inPlace(customContact: string): Tests {
    return {
        ...inBothRoles(
            fallback,
            `A PBX without a place for our presence (${customContact})`,
            "gets it in the place of the user's own, which is said once, and is no change",
            "gets the user's own setting back",
        ),
        [held]: [
            `What is held in the PBX by a system that has died (own contact ${customContact}) is not taken for the user's own, and gives way to that in the end`,
        ],
    };
}

function emptied(emptyEntry: string): Tests {
    const contacts = ['accepted', 'refused', 'tel'];
    const title = (contact: string) =>
        `nothing of ours is told or left behind (our contact ${contact}, empty entries ${emptyEntry})`;
    return inBothRoles(anyOrder, 'In any order of events', ...contacts.map(title));
}

function needsRight(isNeeded: boolean): Tests {
    const title = `a write for somebody who may not be seen succeeds, or fails with the name (needs a right: ${isNeeded})`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function settable(isSettable: boolean): Tests {
    const title = `a Teams call is busy, and no on-the-phone that would look like a line state (settable: ${isSettable})`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function remote(remoteWrites: string): Tests {
    const title = `a write where nothing tells the homes succeeds at the master, or fails with the name (${remoteWrites})`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function lives(alienCalls: string): Tests {
    return {
        [alien]: ['client', 'server'].flatMap(role => [
            `A call in Teams (${role} role) is made again after a reconnect, once (${alienCalls})`,
            `A call in Teams (${role} role) that has ended during an outage ends (${alienCalls})`,
        ]),
        [held]: [`What is held in the PBX ends calls that a system has left which died (${alienCalls})`],
    };
}

/** What is not confirmed of what an App may set. */
export const writingFacts: readonly UnconfirmedFact[] = [
    {
        fact: 'Whether SetPresence takes a contact of our own',
        line: 'custom contacts',
        behaviour: 'customContact',
        handling:
            'The first write is read back; otherwise ours stands in the place of the own setting, which comes back',
        answers: {
            accepted: {
                [writer]: ['The presence writer of the PBX shows a presence beside the own setting and takes it back'],
                [held]: [
                    "What is held in the PBX by a system that has died (own contact accepted) is not taken for the user's own, and gives way to that in the end",
                ],
            },
            refused: inPlace('refused'),
            tel: inPlace('tel'),
            ignored: inPlace('ignored'),
        },
    },
    {
        fact: 'What the PBX shows first where the user and Teams have set different things',
        line: 'manual setting against Teams',
        handling: 'Both stand side by side; under one contact the newest counts, and the own one comes back',
        answers: {
            'both stand': {
                [writer]: ['The presence writer of the PBX shows a presence beside the own setting and takes it back'],
            },
            'the newest counts': inPlace('tel'),
        },
    },
    {
        fact: 'What becomes of an entry with neither activity nor note',
        behaviour: 'emptyEntry',
        handling: 'Both are taken for no entry',
        answers: { removed: emptied('removed'), kept: emptied('kept') },
    },
    {
        fact: 'Whether the update that a write causes comes before its result',
        behaviour: 'echo',
        handling: 'A write is noted before it is sent',
        answers: {
            'after-result': inBothRoles(
                anyOrderOfCalls,
                'In any order of calls and writes',
                'nothing of ours is told or left behind (with-api)',
            ),
            'before-result': inBothRoles(
                anyOrderOfCalls,
                'In any order of calls and writes',
                'nothing of ours is told or left behind (kept, before-result)',
            ),
        },
    },
    {
        fact: 'Which activities SetPresence takes',
        line: 'accepted activities',
        behaviour: 'activities',
        handling: 'What is refused is shown as busy, which is said in the status',
        answers: days('activities', 'any', 'typical'),
    },
    {
        fact: 'Whether SetPresence needs a visibility right',
        line: 'right to write',
        behaviour: 'setPresenceNeedsRight',
        handling: 'A refusal is a sentence with the name of the user, and is not taken for a refusal of our contact',
        answers: { true: needsRight(true), false: needsRight(false) },
    },
    {
        fact: 'Whether on-the-phone can be set',
        behaviour: 'onThePhoneSettable',
        handling: 'It is never set: a call is an alien call, busy or dnd',
        answers: { true: settable(true), false: settable(false) },
    },
    {
        fact: 'What the error of a SetPresence looks like',
        line: 'error codes of SetPresence',
        handling: 'Its text, or else its number, becomes a sentence with the name of the user',
        answers: {
            'a text': { [writer]: ['The presence writer of the PBX says who and why when the PBX refuses'] },
            'a number': {
                'lib/pbx/connection/frame.test.ts': ['A frame tells a failure by its text, its number or both'],
            },
        },
    },
    {
        fact: 'Whether a PBX writes for users of another PBX of the system',
        behaviour: 'remoteWrites',
        handling: 'Each user is written to where they are homed; where no PBX tells its name, at the master',
        answers: {
            accepted: remote('accepted'),
            refused: {
                ...remote('refused'),
                [slaves]: ['client', 'server'].map(
                    role => `The presence writer with a slave (${role} role) writes to each user where they are homed`,
                ),
            },
        },
    },
    {
        fact: 'How long an alien call lives',
        behaviour: 'alienCalls',
        handling: 'It is made again after a reconnect, and what an earlier connection has left is ended',
        answers: {
            'with-api': lives('with-api'),
            'with-connection': lives('with-connection'),
            kept: lives('kept'),
        },
    },
    {
        fact: 'Whether RCC tells alien calls',
        behaviour: 'alienCallsInRcc',
        handling: 'Ours is told from the calls of the user, and is told to nobody',
        answers: days('alienCallsInRcc', 'false', 'true'),
    },
    {
        fact: 'What the id of an alien call is to RCC and to another connection',
        behaviour: 'alienCallIds',
        handling:
            'Ours is the one that appears while we make it, whatever its number; what an earlier connection has left is ended first',
        answers: days('alienCallIds', 'as-in-rcc', 'own', 'per-connection'),
    },
    {
        fact: 'What deleting an alien call leads to that does not exist',
        behaviour: 'unknownAlienCall',
        handling: 'Both mean that it is gone',
        answers: days('unknownAlienCall', 'error', 'ok'),
    },
];
