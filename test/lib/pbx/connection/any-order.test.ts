import assert from 'node:assert/strict';
import type { Behaviour } from '../../../../lib/simulator/pbx/behaviour';
import { defaultPeople } from '../../../../lib/simulator/person';
import { describeInBothRoles, ownPresence, PbxBench, turns } from '../pbx-bench';

const person = defaultPeople()[0]!;
const user = { addresses: [person.mail], displayName: person.name };
/** What we write and what the user sets are told apart by their words. */
const words = { ours: ['busy', 'away', 'dnd'], users: ['meeting', 'lunch', ''] };

function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return state / 2_147_483_648;
    };
}

/** Forty random events of one person: our writes, the user's own settings, calls and client chatter. */
async function liveThrough(bench: PbxBench, random: () => number): Promise<string> {
    const pick = (items: string[]) => items[Math.floor(random() * items.length)]!;
    const writer = bench.system;
    // Time stands still, so that all of it must go at once.
    writer.people.configure({ rate: 1_000 });
    const isSeparate = bench.pbx.behaviour.customContact === 'accepted';
    const writes: Promise<unknown>[] = [];
    let own = '';
    for (let event = 0; event < 40; event++) {
        const kind = random();
        if (kind < 0.35) writes.push(writer.people.set(user, { activity: pick(words.ours), note: pick(['', 'T']) }));
        else if (kind < 0.6) writes.push(writer.people.clear(user));
        else if (kind < 0.7) bench.pbx.setClientOnline(person.guid, random() < 0.5);
        else if (kind < 0.75) bench.pbx.startCall(person.guid);
        else if (kind < 0.8) bench.pbx.endCall(person.guid);
        else {
            // Where both share one entry, two writes at the same moment cannot both win.
            if (!isSeparate) await bench.quiet();
            own = pick(words.users);
            bench.pbx.setPresence(person.guid, { activity: own });
            if (!isSeparate) await bench.quiet();
        }
        if (random() < 0.5) await bench.quiet();
        else await turns(Math.floor(random() * 4));
    }
    await Promise.all(writes);
    bench.pbx.endCall(person.guid);
    await bench.quiet();
    return own;
}

describeInBothRoles('In any order of events', () => {
    for (const customContact of ['accepted', 'refused', 'tel'] as const) {
        for (const emptyEntry of ['removed', 'kept'] as const) {
            it(`nothing of ours is told or left behind (our contact ${customContact}, empty entries ${emptyEntry})`, async () => {
                const behaviour: Partial<Behaviour> = { customContact, emptyEntry };
                for (let seed = 1; seed <= 8; seed++) {
                    const bench = await PbxBench.online({ behaviour });
                    const own = await liveThrough(bench, randomNumbers(seed));
                    const told = bench.changes.map(({ presence }) => presence.activity);
                    assert.deepEqual(
                        told.filter(activity => words.ours.includes(activity)),
                        [],
                        `seed ${seed}`,
                    );
                    assert.equal(ownPresence(bench.system.people, person.guid)?.activity, own, `seed ${seed}`);
                    await bench.system.people.clear(user);
                    await bench.quiet();
                    const { entries } = bench.pbx.presenceOf(person.guid);
                    const left = entries
                        .filter(({ activity }) => activity)
                        .map(each => `${each.contact}${each.activity}`);
                    assert.deepEqual(left, own ? [`tel:${own}`] : [], `seed ${seed}`);
                    await bench.stop();
                }
            });
        }
    }
});
