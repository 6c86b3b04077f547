import assert from 'node:assert/strict';
import type { Behaviour } from '../../../../lib/simulator/pbx/behaviour';
import { behaviourValues } from '../../../../lib/simulator/pbx/behaviour-values';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench } from '../pbx-bench';

const [anna, juergen] = defaultPeople() as [Person, Person];
const call = { activity: 'on-the-phone', note: '' };
const { alienCallIds, alienCalls, unknownAlienCall } = behaviourValues;

/** Which numbers alien calls have, for how long, and whether RCC tells them. */
function* everyBehaviour(): Iterable<Partial<Behaviour>> {
    for (const numbers of alienCallIds)
        for (const lifetime of alienCalls)
            for (const unknown of unknownAlienCall)
                for (const alienCallsInRcc of [true, false])
                    yield { alienCallIds: numbers, alienCalls: lifetime, unknownAlienCall: unknown, alienCallsInRcc };
}

describeInBothRoles('Calls in Teams, whatever their numbers in the PBX', () => {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });
    const callsOf = (...people: Person[]) => people.map(({ guid }) => bench.pbx.alienCalls(guid).length);
    const told = () => bench.changes.map(({ presence }) => presence.onThePhone);
    const passes = async (seconds: number) => {
        for (let second = 0; second < seconds; second++) {
            await bench.clock.advance(1_000);
            await bench.quiet();
        }
    };

    for (const lineState of ['rcc', 'automatic'] as const) {
        for (const behaviour of everyBehaviour()) {
            it(`are made once, ended, and not told (${lineState}, ${Object.values(behaviour).join(', ')})`, async () => {
                const options = { app: { ...app, apis: [...allApis] }, behaviour };
                bench = await PbxBench.online(options, {}, { lineState });
                await passes(3);
                const writer = bench.system;
                bench.changes.length = 0;
                for (const person of [anna, juergen]) await writer.people.set(user(person), call, { call: 'alien' });
                await passes(5);
                await bench.reconnect();
                await bench.quiet();
                await passes(5);
                assert.deepEqual(callsOf(anna, juergen), [1, 1]);
                await writer.people.clear(user(anna));
                await passes(5);
                assert.deepEqual(callsOf(anna, juergen), [0, 1]);
                assert.deepEqual(told(), []);
                bench.pbx.startCall(juergen.guid);
                await passes(3);
                if (lineState === 'rcc') assert.deepEqual(told(), [true]);
                bench.pbx.endCall(juergen.guid);
                await writer.people.clear(user(juergen));
                await passes(5);
                assert.deepEqual(callsOf(anna, juergen), [0, 0]);
                assert.notEqual(told().at(-1), true);
            });
        }
    }
});
