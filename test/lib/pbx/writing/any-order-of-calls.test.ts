import assert from 'node:assert/strict';
import type { Behaviour } from '../../../../lib/simulator/pbx/behaviour';
import { defaultPeople } from '../../../../lib/simulator/person';
import { app, describeInBothRoles, ownPresence, PbxBench, turns, until } from '../pbx-bench';

const person = defaultPeople()[0]!;
const user = { addresses: [person.mail], displayName: person.name };
/** What we write and what the user sets are told apart by their words. */
const words = { ours: ['busy', 'away', 'on-the-phone'], users: ['meeting', 'lunch', ''] };

function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return state / 2_147_483_648;
    };
}

/** Forty random events of one person: our writes and calls, the user's own settings and calls, lost connections. */
async function liveThrough(bench: PbxBench, random: () => number): Promise<{ own: string; calls: number }> {
    const pick = (items: string[]) => items[Math.floor(random() * items.length)]!;
    const writer = bench.system;
    writer.people.configure({ rate: 1_000 });
    const writes: Promise<unknown>[] = [];
    let own = '';
    let calls = 0;
    for (let event = 0; event < 40; event++) {
        const kind = random();
        const note = pick(['', 'T']);
        if (kind < 0.4) writes.push(writer.people.set(user, { activity: pick(words.ours), note }, { call: 'alien' }));
        else if (kind < 0.6) writes.push(writer.people.clear(user));
        else if (kind < 0.7) {
            if (bench.pbx.calls(person.guid).length === 0) calls++;
            bench.pbx.startCall(person.guid);
        } else if (kind < 0.8) bench.pbx.endCall(person.guid);
        else if (kind < 0.85) await reconnect(bench);
        else {
            own = pick(words.users);
            bench.pbx.setPresence(person.guid, { activity: own });
        }
        if (random() < 0.5) await bench.quiet();
        else await turns(Math.floor(random() * 4));
    }
    await Promise.all(writes);
    return { own, calls };
}

async function reconnect(bench: PbxBench): Promise<void> {
    bench.pbx.dropConnections();
    await until(() => bench.phase === 'retrying');
    // Each further loss makes the next attempt later.
    for (let second = 0; bench.phase !== 'online' && second < 60; second++) {
        await bench.clock.advance(1_000);
        await bench.quiet();
    }
    await until(() => bench.phase === 'online');
}

describeInBothRoles('In any order of calls and writes', () => {
    const variants: Partial<Behaviour>[] = [
        { alienCalls: 'with-api' },
        { alienCalls: 'with-connection', lineState: 'replaces-tel' },
        { alienCalls: 'kept', echo: 'before-result' },
        { alienCalls: 'kept', alienCallIds: 'per-connection', alienCallsInRcc: true },
    ];
    for (const behaviour of variants) {
        it(`nothing of ours is told or left behind (${Object.values(behaviour).join(', ')})`, async () => {
            for (let seed = 1; seed <= 20; seed++) {
                const apis = [...app.apis, 'PbxImpersonation'];
                const bench = await PbxBench.online({ app: { ...app, apis }, behaviour });
                const { own, calls } = await liveThrough(bench, randomNumbers(seed));
                const isInCall = bench.pbx.calls(person.guid).length > 0;
                await bench.system.people.clear(user);
                await bench.quiet();
                await bench.clock.advance(5_000);
                const told = bench.changes.map(({ presence }) => presence.activity);
                assert.deepEqual(
                    told.filter(activity => words.ours.includes(activity)),
                    [],
                    `seed ${seed}`,
                );
                const begun = bench.changes.filter(({ presence, previous }) => {
                    return presence.onThePhone && previous && !previous.onThePhone;
                });
                assert.ok(begun.length <= calls, `seed ${seed}: ${begun.length} calls were told, ${calls} were made`);
                const presence = () => ownPresence(bench.system.people, person.guid)!;
                assert.equal(presence().onThePhone, isInCall, `seed ${seed}`);
                assert.deepEqual(bench.pbx.alienCalls(person.guid), [], `seed ${seed}`);
                // A line state that takes the place of the user's entry hides what the user sets during a call.
                bench.pbx.endCall(person.guid);
                await bench.quiet();
                assert.deepEqual(presence(), { activity: own, note: '', onThePhone: false }, `seed ${seed}`);
                const left = bench.pbx.presenceOf(person.guid).entries.filter(entry => entry.activity);
                assert.deepEqual(
                    left.map(entry => `${entry.contact}${entry.activity}`),
                    own ? [`tel:${own}`] : [],
                    `seed ${seed}`,
                );
                await bench.stop();
            }
        });
    }
});
