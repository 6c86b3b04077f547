import type { Behaviour } from '../../lib/simulator/pbx/behaviour';
import type { Tests } from '../support/existing-tests';

/**
 * A point on which no page says what a PBX does. Where our code depends on it, it finds out at run time or is right
 * either way: each answer has tests.
 */
export interface UnconfirmedFact {
    /** The question. */
    fact: string;
    /** The line of {@link unconfirmedLines} that it stands in; absent for a question that only the code has raised. */
    line?: string;
    /** The switch of the simulated PBX that chooses the answer. */
    behaviour?: keyof Behaviour;
    /** What our code does about it. */
    handling: string;
    /** By answer, for a switch by each of its values: the tests that run it. */
    answers?: Readonly<Record<string, Tests>>;
    /** Why nothing of ours depends on it, in place of answers. */
    none?: string;
}

/** The points that were collected as unconfirmed. */
export const unconfirmedLines = [
    'PBX to Teams mapping',
    'Teams to PBX mapping of later versions',
    'calendar mapping',
    'matching options',
    'check marks of the original',
    'minutes until green',
    'permission of the second registration',
    'session id and expiry',
    'notes and status messages',
    'manual setting against Teams',
    'how the original shows on-the-phone',
    'error codes of SetPresence',
    'default contact',
    'accepted activities',
    'custom contacts',
    'right to write',
    'reply to KeepAlive',
    'reconnect interval of the PBX',
    'verification of our certificate',
    'most subscriptions and throttles',
    'a Node-RED app of innovaphone',
    'IPVA',
] as const;

/** Tests that both roles pass. */
export function inBothRoles(file: string, suite: string, ...titles: string[]): Tests {
    return { [file]: ['client', 'server'].flatMap(role => titles.map(title => `${suite} (${role} role) ${title}`)) };
}

/** The whole day with one answer, which both roles live through. */
export function day(behaviour: keyof Behaviour, answer: string): Tests {
    const suite = 'With each answer that a PBX may give a day passes as it should';
    return {
        'lib/pbx/each-answer.test.ts': ['client', 'server'].map(
            role => `${suite} (${role} role) ${behaviour}: ${answer}`,
        ),
    };
}

/** A switch whose answers are all run by a whole day. */
export function days<Name extends keyof Behaviour>(
    behaviour: Name,
    ...answers: readonly `${Behaviour[Name]}`[]
): Readonly<Record<string, Tests>> {
    return Object.fromEntries(answers.map(answer => [answer, day(behaviour, answer)]));
}
