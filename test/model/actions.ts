import * as fc from 'fast-check';

/**
 * What happens, in words: `pbx set dnd`, `pbx note lunch`, `pbx call 1`, `pbx end 1`, `teams client Away/Away`,
 * `teams out`, `teams call`, `teams end`, `teams choose Busy/Busy`, `teams reset`, `teams note in the workshop`; of
 * administrators: `pbx leave`, `pbx join`, `pbx rename` (on both sides), `teams leave`, `teams join`; and trouble, see
 * `trouble.ts`.
 */
export type Action = string;

/** Something that happens, `at` ms after the start. */
export interface Step {
    at: number;
    act: Action;
}

/** Settings of the PBX: those that people can choose, the connector's own, and one that nobody knows. */
const settings = ['', 'away', 'busy', 'dnd', 'meeting', 'lunch'];

/**
 * What a Teams client says without a choice by hand. A hand makes what is missing here: Busy/Busy, DoNotDisturb and
 * BeRightBack.
 */
const clients = [
    'Available/Available',
    'AvailableIdle/Inactive',
    'Away/Away',
    'Busy/InAMeeting',
    'Busy/InAConferenceCall',
    'BusyIdle/InAMeeting',
    'DoNotDisturb/Presenting',
    'DoNotDisturb/Focusing',
    'Available/OutOfOffice',
];

/** @see https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence */
const choices = [
    'Available/Available',
    'Busy/Busy',
    'DoNotDisturb/DoNotDisturb',
    'BeRightBack/BeRightBack',
    'Away/Away',
    'Offline/OffWork',
];

/** Kinds of what people do, by the names that `off.ts` and `--kinds` know. */
export const kinds = {
    'pbx-setting': fc.constantFrom(...settings).map(word => `pbx set ${word}`),
    'pbx-note': fc.constantFrom('', 'back at 3', 'Grüße').map(text => `pbx note ${text}`),
    'pbx-call': fc.constantFrom('pbx call 1', 'pbx end 1', 'pbx call 2', 'pbx end 2', 'pbx end 1', 'pbx call 1'),
    'teams-client': fc.constantFrom(...clients).map(pair => `teams client ${pair}`),
    'teams-out': fc.constantFrom('teams out', 'teams client Available/Available'),
    'teams-call': fc.constantFrom('teams call', 'teams end'),
    'teams-choice': fc.oneof(
        { arbitrary: fc.constantFrom(...choices).map(pair => `teams choose ${pair}`), weight: 2 },
        { arbitrary: fc.constant('teams reset'), weight: 1 },
    ),
    'teams-note': fc.constantFrom('', 'in the workshop').map(text => `teams note ${text}`),
    'pbx-leaver': fc.constantFrom('pbx leave', 'pbx join'),
    'teams-leaver': fc.constantFrom('teams leave', 'teams join'),
    rename: fc.constant('pbx rename'),
} satisfies Record<string, fc.Arbitrary<Action>>;

export type Kind = keyof typeof kinds;

/** ms between two actions of one person: at once, quicker than an answer, within what settles, and longer than a lease. */
const waits = [0, 20, 300, 1_200, 2_500, 5_000, 15_000, 15_000, 15_000, 45_000, 130_000, 420_000, 950_000];

/** ms that a sequence takes at most: two leases. */
const longest = 1_800_000;

/** What one person does. */
export function sequenceOf(names: readonly Kind[]): fc.Arbitrary<Step[]> {
    const action = fc.oneof(...names.map(name => kinds[name]));
    return fc
        .array(fc.tuple(fc.constantFrom(...waits), action), { minLength: 1, maxLength: 7 })
        .map(steps => timed(steps).filter(({ at }) => at <= longest));
}

/** From waits to times. */
export function timed(steps: readonly [number, Action][]): Step[] {
    let at = 0;
    return steps.map(([wait, act]) => {
        at += wait;
        return { at, act };
    });
}

/** For named sequences: seconds and action. */
export function steps(...named: [number, Action][]): Step[] {
    return named.map(([seconds, act]) => ({ at: seconds * 1_000, act }));
}

/** A sequence as it is written in a test. */
export function written(sequence: readonly Step[]): string {
    return `steps(${sequence.map(({ at, act }) => `[${at / 1_000}, '${act}']`).join(', ')})`;
}
