import * as fc from 'fast-check';
import { type Kind, kinds, type Step, sequenceOf, timed, written } from './actions';
import { off } from './off';
import type { Plan } from './plan';
import type { Choices } from './site';
import { type TroubleKind, troubles } from './trouble';

/** What an administrator may have chosen, by the names that `off.ts` and `--kinds` know; most choose nothing. */
const options: Record<string, Partial<Choices>> = {
    'option-polling': { delivery: 'polling' },
    'option-calls-only': { sets: 'calls' },
    'option-override': { choice: 'override' },
    'option-alien': { call: 'alien' },
    'option-one-registration': { registrations: 1 },
    // Without a log what stands in place of the user's own entry is theirs after a crash.
    'option-tel': { contact: 'tel', log: true },
    'option-log': { log: true },
};

/** Everything that `--kinds` can name. */
export const allKinds: readonly string[] = [...Object.keys(kinds), ...Object.keys(troubles), ...Object.keys(options)];

/** ms in which trouble begins, and between which lies what one office meets. */
const troubleTimes = [0, 200, 10_000, 60_000, 200_000, 420_000];

/** Offices of `size` people. @param allowed kinds that may happen @param all whether also what {@link off} leaves out */
export function plans(size: number, allowed: readonly string[] = allKinds, all = false): fc.Arbitrary<Plan> {
    const left = all ? [] : off;
    const isAllowed = (names: readonly string[]): boolean =>
        !left.some(each => each.every(kind => names.includes(kind)));
    const among = <Name extends string>(names: readonly Name[]) => names.filter(name => allowed.includes(name));
    const chosen = among(Object.keys(options));
    // Two offices of three are as the examples are.
    const option = fc.constantFrom(...chosen, ...Array<string>(2 * chosen.length || 1).fill(''));
    const doings = among(Object.keys(kinds) as Kind[]);
    const possible = among(Object.keys(troubles) as TroubleKind[]);
    const troubled = fc.shuffledSubarray(possible, { maxLength: Math.min(2, possible.length) });
    const office = fc.tuple(option, troubled).filter(([name, names]) => isAllowed([name, ...names]));
    return office.chain(([name, names]) => {
        const common = [name, ...names];
        const person = fc
            .shuffledSubarray(doings, { minLength: 1, maxLength: Math.min(4, doings.length) })
            .map(chosen => chosen.filter((kind, index) => isAllowed([...common, ...kept(chosen, index), kind])))
            .filter(chosen => chosen.length > 0)
            .chain(sequenceOf);
        // What was left out must not count among what a later kind meets.
        const kept = (chosen: readonly Kind[], index: number): Kind[] => {
            const before: Kind[] = [];
            for (const kind of chosen.slice(0, index)) if (isAllowed([...common, ...before, kind])) before.push(kind);
            return before;
        };
        return fc.record({
            people: fc.array(person, { minLength: size, maxLength: size }),
            trouble: names.length > 0 ? troubleOf(names) : fc.constant([]),
            choices: fc.constant(options[name] ?? {}),
            latency: fc.constantFrom(0, 0, 100),
            seed: fc.nat(),
        });
    });
}

function troubleOf(names: readonly TroubleKind[]): fc.Arbitrary<Step[]> {
    const one = fc.tuple(fc.constantFrom(...troubleTimes), fc.oneof(...names.map(name => troubles[name])));
    return fc.array(one, { minLength: 1, maxLength: 3 }).map(timed);
}

/** A plan as it is written in `known.ts`. */
export function writtenPlan({ people, trouble = [], choices = {}, latency, seed, lasts }: Plan): string {
    const parts = [
        `people: [${people.map(written).join(', ')}]`,
        ...(trouble.length > 0 ? [`trouble: ${written(trouble)}`] : []),
        ...(Object.keys(choices).length > 0 ? [`choices: ${JSON.stringify(choices)}`] : []),
        ...(latency ? [`latency: ${latency}`] : []),
        ...(seed === undefined ? [] : [`seed: ${seed}`]),
        ...(lasts === undefined ? [] : [`lasts: ${lasts}`]),
    ];
    return `{ ${parts.join(', ')} }`;
}
