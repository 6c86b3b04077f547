import assert from 'node:assert/strict';
import type { PbxChange } from '../../../lib/pbx/pbx-system';
import type { Behaviour } from '../../../lib/simulator/pbx/behaviour';
import { behaviourValues } from '../../../lib/simulator/pbx/behaviour-values';
import { defaultPeople, manyPeople, type Person } from '../../../lib/simulator/person';
import { allApis, app, describeInBothRoles, PbxBench, turns } from './pbx-bench';

const [anna, juergen, priya, lukas, marta, emre, sven, nora] = defaultPeople() as Person[] as [
    ...[Person, Person, Person, Person],
    ...[Person, Person, Person, Person],
];
const newcomer = manyPeople(9)[8]!;
const south = new Set([juergen.guid, nora.guid]);
const busy = { activity: 'busy', note: '' };
const call = { activity: 'on-the-phone', note: '' };

/** Every answer of a few that the simulated PBX can give, each with the usual ones otherwise. */
function* answers(): Iterable<[title: string, behaviour: Partial<Behaviour>]> {
    for (const [name, values] of Object.entries(behaviourValues)) {
        const each = values === 'boolean' ? [false, true] : typeof values === 'string' ? [] : values;
        for (const value of each) yield [`${name}: ${value}`, { [name]: value }];
    }
}

describe('With each answer that a PBX may give', () => {
    describeInBothRoles('a day passes as it should', () => {
        for (const [title, behaviour] of answers()) it(title, () => liveThrough(behaviour));
    });
});

/** One day at a PBX with a slave: everything is told once, and nothing of ours stays. */
async function liveThrough(behaviour: Partial<Behaviour>): Promise<void> {
    const userOptions = ({ guid }: Person) => (south.has(guid) ? { loc: 'pbx-south' } : {});
    const options = { app: { ...app, apis: [...allApis] }, userOptions, slaves: ['pbx-south'], behaviour };
    const bench = await PbxBench.create(options, { pbxName: 'pbx-main' }, { calendar: true });
    const { pbx, system } = bench;
    const [slave] = pbx.slaves;
    const userOf = ({ mail, name }: Person) => ({ addresses: [mail], displayName: name });
    const toldOf = ({ guid }: Person) => [...bench.follower.snapshot()].find(({ user }) => user.pbx?.guid === guid);
    const activityOf = (person: Person) => toldOf(person)?.presence.activity;
    const inCall = (person: Person) => toldOf(person)?.presence.onThePhone;

    /** Lets time pass until something is true, at most three minutes. */
    async function passes(what: string, isTrue: () => boolean): Promise<void> {
        for (let waited = 0; waited < 180_000; waited += 500) {
            await bench.quiet();
            if (isTrue()) return;
            await bench.clock.advance(500);
            await turns(10);
            await new Promise(resolve => setTimeout(resolve, waited < 5_000 ? 1 : 0));
        }
        assert.fail(`${what} never came true`);
    }

    system.start();
    const areOnline = () =>
        system.states().length === 2 && system.states().every(({ state }) => state.phase === 'online');
    await passes('everybody is known', () => areOnline() && [...bench.follower.snapshot()].length === 8);
    assert.equal(pbx.subscriptions + (slave?.subscriptions ?? 0), 8);

    // What users do is told.
    pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Audit' });
    pbx.startCall(juergen.guid);
    pbx.setCalendar(priya.guid, { activity: 'busy', note: { text: 'Budget' } });
    await passes('what users do', () => activityOf(anna) === 'dnd' && inCall(juergen) === true);
    assert.equal(toldOf(anna)?.presence.note, 'Audit');
    await passes('the calendar', () => activityOf(priya) === 'busy');

    // What we write shows, and is told to nobody.
    bench.changes.length = 0;
    const writes = [
        system.people.set(userOf(lukas), busy),
        system.people.set(userOf(marta), call, { call: 'alien' }),
        system.people.set(userOf(nora), busy),
    ];
    await passes(
        'the writes',
        () => pbx.presenceOf(lukas.guid).activity === 'busy' && pbx.presenceOf(nora.guid).activity === 'busy',
    );
    await passes('the call', () => pbx.alienCalls(marta.guid).length === 1);
    assert.ok((await Promise.all(writes)).every(({ written }) => written));
    await bench.clock.advance(5_000);
    await bench.quiet();
    assert.deepEqual(bench.changes, []);

    // A right is taken and given again.
    pbx.visibility(emre.guid, { presence: false });
    await passes('the missing right', () => [...system.unfollowed].some(({ user }) => user.pbx.guid === emre.guid));
    pbx.visibility(emre.guid, { presence: true });
    await passes('the given right', () => [...system.unfollowed].length === 0);

    // Both connections are lost; what has changed meanwhile is told, and nothing else.
    bench.changes.length = 0;
    const logins = () => pbx.traffic.logins + (slave?.traffic.logins ?? 0);
    const before = logins();
    for (const each of [pbx, slave!]) each.dropConnections();
    pbx.setPresence(anna.guid, { activity: '' });
    pbx.endCall(juergen.guid);
    pbx.removePerson(sven.guid);
    pbx.addPerson(newcomer);
    await passes('the reconnect', () => logins() === before + 2 && areOnline());
    const isUpToDate = () =>
        activityOf(anna) === '' && inCall(juergen) === false && activityOf(newcomer) === '' && !toldOf(sven);
    await passes('what has changed meanwhile', isUpToDate);
    await passes('the call again', () => pbx.alienCalls(marta.guid).length === 1);
    await bench.clock.advance(60_000);
    await bench.quiet();
    const told = (bench.changes as PbxChange[]).map(({ user, presence }) => [
        user.displayName,
        presence.activity,
        presence.onThePhone,
    ]);
    assert.deepEqual(
        told.sort(),
        [
            [anna.name, '', false],
            [juergen.name, '', false],
            [newcomer.name, '', false],
        ].sort(),
    );

    // What we have set is taken back, and nothing of it is left.
    const clears = [lukas, marta, nora].map(person => system.people.clear(userOf(person)));
    await passes('the end', () => [lukas, nora].every(({ guid }) => pbx.presenceOf(guid).activity === ''));
    await passes('the end of the call', () => pbx.alienCalls(marta.guid).length === 0);
    await Promise.all(clears);
    await bench.clock.advance(60_000);
    await bench.quiet();
    assert.equal(bench.changes.length, 3);
    for (const { guid } of [lukas, marta, nora]) assert.equal(pbx.presenceOf(guid).onThePhone, false);
    assert.deepEqual(
        system.people.notes.filter(({ code }) => code !== 'PBX_OWN_ENTRY_REFUSED'),
        [],
    );
    await bench.stop();
}
