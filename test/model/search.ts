import * as fc from 'fast-check';
import type { Step } from './actions';
import type { Plan, Wrong } from './plan';
import { plans, writtenPlan } from './plans';
import { run } from './run';

/** What is looked for, and how long. */
export interface Search {
    sequences: number;
    seed: number;
    /** Absent: all. */
    kinds?: readonly string[];
    /** Also what `off.ts` leaves out. */
    all?: boolean;
    /** Ends at the first that is found. Default: true. */
    first?: boolean;
    /** What goes wrong is left as large as it was found. */
    asFound?: boolean;
    /** People in one office. */
    size?: number;
    /** Told after each office. */
    progress?: (done: number) => void;
}

/** A plan that goes wrong, as small as it could be made. */
export interface Found {
    plan: Plan;
    wrong: Wrong;
}

/** People in one office: the more, the less one of them costs. */
const usualSize = 40;

/** Looks for sequences that go wrong. */
export async function search(options: Search): Promise<Found[]> {
    const { sequences, seed, kinds, all: isAll, first = true, asFound, size = usualSize, progress } = options;
    const offices = Math.ceil(sequences / size);
    const found: Found[] = [];
    const drawn = fc.sample(plans(Math.min(size, sequences), kinds, isAll), { numRuns: offices, seed });
    for (const [index, plan] of drawn.entries()) {
        const all = await run(plan);
        for (const wrong of first ? all.slice(0, 1) : all) {
            found.push(asFound ? { plan, wrong } : await smallest(plan, wrong));
        }
        if (first && all.length > 0) break;
        progress?.((index + 1) * size);
    }
    return found;
}

/** What was found, for whoever has to understand it. */
export function told({ plan, wrong }: Found): string {
    return `After ${wrong.at / 1_000} s ${wrong.what}\n    ${writtenPlan(plan)}`;
}

/** Takes away people, then steps, then trouble, as long as something goes wrong. */
async function smallest(plan: Plan, wrong: Wrong): Promise<Found> {
    let found: Found = { plan, wrong };
    const attempt = async (smaller: Plan): Promise<boolean> => {
        const [still] = await run(smaller);
        if (still) found = { plan: smaller, wrong: still };
        return still !== undefined;
    };
    const lasts = Math.max(plan.lasts ?? 0, ...plan.people.flat().map(({ at }) => at));
    await attempt({ ...plan, lasts, people: [plan.people[wrong.person]!] });
    if (found.plan.people.length > 1) return found;
    await attempt({ ...found.plan, lasts: undefined });
    if (found.plan.choices && Object.keys(found.plan.choices).length > 0) await attempt({ ...found.plan, choices: {} });
    for (const part of ['trouble', 'people'] as const) {
        for (let index = stepsOf(found.plan, part).length - 1; index >= 0; index--) {
            const steps = stepsOf(found.plan, part).filter((_, each) => each !== index);
            await attempt({ ...found.plan, [part]: part === 'people' ? [steps] : steps });
        }
    }
    return found;
}

function stepsOf({ people, trouble = [] }: Plan, part: 'trouble' | 'people'): readonly Step[] {
    return part === 'people' ? people[0]! : trouble;
}
