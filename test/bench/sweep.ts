import { manyPeople } from '../../lib/simulator/person';
import { percentiles, section, verdict } from './report';
import { readingOf } from './teams-side';

const people = 10_000;
const sweeps = 40;
/** The first ones are slower: the code is not compiled yet. */
const warmUp = 10;
/** Milliseconds of CPU for one sweep. */
const limit = 50;

/** Everybody is read and nothing has changed: what that costs from the parsed answers on. */
export async function benchSweep(): Promise<void> {
    section(`Sweep: ${people} people of whom nobody shows anything else than before`);
    const everybody = manyPeople(people);
    const shown = new Map(everybody.map(({ teamsId: id }, index) => [id, presenceOf(id, index)]));
    const following = readingOf({
        send: async <T>({ body }: { body?: unknown }): Promise<T> => {
            const { ids } = body as { ids: string[] };
            return { value: ids.map(id => shown.get(id)) } as T;
        },
    });
    let told = 0;
    following.on('change', () => {
        told += 1;
    });
    following.follow(
        everybody.map(({ teamsId: id, mail, name }) => ({
            ...{ addresses: [mail], displayName: name, teams: { id, userPrincipalName: mail, mail } },
        })),
    );
    const spent: number[] = [];
    for (let sweep = 0; sweep < sweeps; sweep++) {
        globalThis.gc?.();
        const before = process.cpuUsage();
        await following.readSome([...following.users.keys()], 'poll');
        const { user, system } = process.cpuUsage(before);
        if (sweep >= warmUp) spent.push((user + system) / 1_000);
    }
    const { p50, text } = percentiles(spent);
    verdict('CPU from parsed answers to judged', text, p50 < limit, `p50 < ${limit} ms`);
    verdict('told', String(told), told === people, `${people}, once each`);
}

/** As Graph answers it; every fourth has a status message. */
function presenceOf(id: string, index: number): object {
    const content = { content: 'In the workshop', contentType: 'text' };
    return {
        id,
        availability: index % 3 === 0 ? 'Busy' : 'Available',
        activity: index % 3 === 0 ? 'InAMeeting' : 'Available',
        statusMessage: index % 4 === 0 ? { message: content } : null,
        outOfOfficeSettings: { message: null, isOutOfOffice: false },
        sequenceNumber: `A${index}`,
    };
}
