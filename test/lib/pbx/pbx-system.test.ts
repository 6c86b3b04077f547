import assert from 'node:assert/strict';
import type { PbxSettings } from '../../../lib/pbx/pbx-system';
import type { PbxPresence } from '../../../lib/presence/vocabulary';
import { defaultPeople, manyPeople, type Person } from '../../../lib/simulator/person';
import { ownPresence, PbxBench, until } from './pbx-bench';

const [anna, juergen, priya] = defaultPeople() as [Person, Person, Person];
const available: PbxPresence = { activity: '', note: '', onThePhone: false };

for (const role of ['client', 'server'] as const) describe(`A PBX system (${role} role)`, () => suite(role));

function suite(role: PbxSettings['role']): void {
    let bench: PbxBench;

    afterEach(() => bench.stop());

    async function nextChange() {
        const count = bench.changes.length;
        await until(() => bench.changes.length > count);
        return bench.changes.at(-1)!;
    }

    it('knows every user and what each shows when it is online', async () => {
        bench = await PbxBench.create({ role });
        bench.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'Audit' });
        bench.pbx.startCall(juergen.guid);
        bench.system.start();
        await bench.settled();
        assert.deepEqual(
            bench.states.map(({ phase }) => phase),
            ['connecting', 'online'],
        );
        assert.equal(bench.usersTold, 1);
        assert.equal(bench.system.directory.size, 8);
        assert.deepEqual(bench.system.directory.find(juergen.mail), {
            addresses: [juergen.mail],
            displayName: juergen.name,
            pbx: {
                guid: juergen.guid,
                name: 'juergen.vogel',
                longName: juergen.name,
                displayName: juergen.name,
                number: juergen.number,
                node: 'root',
                loc: 'pbx-main',
            },
        });
        assert.equal(bench.changes.length, 8);
        assert.ok(bench.changes.every(({ via, previous }) => via === 'snapshot' && previous === undefined));
        assert.deepEqual(ownPresence(bench.system.people, anna.guid), {
            activity: 'dnd',
            note: 'Audit',
            onThePhone: false,
        });
        assert.deepEqual(ownPresence(bench.system.people, juergen.guid), { ...available, onThePhone: true });
        assert.equal(ownPresence(bench.system.people, 'nobody'), undefined);
        assert.deepEqual([...bench.system.unfollowed], []);
    });

    it("tells each change of a user's own setting", async () => {
        bench = await PbxBench.online({ role });
        bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
        assert.deepEqual(await nextChange(), {
            user: bench.system.directory.find(anna.guid),
            presence: { activity: 'away', note: 'Lunch', onThePhone: false },
            previous: available,
            via: 'update',
            at: new Date(bench.clock.date()).toISOString(),
        });
        bench.pbx.setPresence(anna.guid, { activity: '' });
        assert.deepEqual((await nextChange()).presence, available);
    });

    for (const lineState of ['separate', 'replaces-tel'] as const) {
        it(`shows a call over the own setting and the same setting after it (line state ${lineState})`, async () => {
            bench = await PbxBench.online({ role, behaviour: { lineState } });
            bench.pbx.setPresence(anna.guid, { activity: 'busy', note: 'Desk' });
            await nextChange();
            bench.pbx.startCall(anna.guid);
            assert.deepEqual((await nextChange()).presence, { activity: 'busy', note: 'Desk', onThePhone: true });
            bench.pbx.endCall(anna.guid);
            assert.deepEqual((await nextChange()).presence, { activity: 'busy', note: 'Desk', onThePhone: false });
        });
    }

    it('does not tell what the clients of a user do', async () => {
        bench = await PbxBench.online({ role });
        for (const online of [true, false, true]) bench.pbx.setClientOnline(anna.guid, online);
        await bench.quiet();
        assert.equal(bench.changes.length, 8);
    });

    it('completes addresses by the domain of the PBX', async () => {
        const userOptions = (_: unknown, index: number) => ({
            address: (['full', 'h323-email', 'local-part'] as const)[index % 3],
        });
        bench = await PbxBench.online({ role, userOptions }, { domain: 'Brandt-Partner.example' });
        for (const person of defaultPeople()) {
            assert.equal(bench.system.directory.find(person.mail)?.pbx.guid, person.guid, person.mail);
        }
    });

    it('follows and matches hidden users like others', async () => {
        bench = await PbxBench.online({ role, userOptions: person => ({ hide: person.guid === anna.guid }) });
        const { directory } = bench.system;
        const found = directory.find(anna.guid)!;
        assert.equal(found.pbx.hidden, true);
        assert.equal(directory.find(juergen.guid)?.pbx.hidden, undefined);
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        const { user, presence } = await nextChange();
        assert.deepEqual([user, presence.activity], [found, 'dnd']);
        const teams = { id: anna.teamsId, userPrincipalName: anna.mail, mail: anna.mail };
        const other = { addresses: [anna.mail], displayName: anna.name, teams };
        directory.matches.putTeams(other);
        assert.equal(directory.matches.teamsOf(found), other);
        assert.equal(directory.find(other), found);
        assert.deepEqual([[...bench.system.leftOut], [...bench.system.unfollowed]], [[], []]);
    });

    it('follows users that come, change and go', async () => {
        bench = await PbxBench.online({ role, people: defaultPeople().slice(0, 2) });
        bench.pbx.addPerson(priya);
        const first = await nextChange();
        assert.equal(first.user.displayName, priya.name);
        assert.equal(first.via, 'snapshot');
        await bench.clock.advance(100);
        assert.equal(bench.usersTold, 2);

        bench.pbx.updatePerson(anna.guid, { mail: 'anna.keller@brandt-partner.example', name: 'Anna Keller' });
        await until(() => bench.system.directory.find('anna.keller') !== undefined);
        assert.equal(bench.system.directory.find(anna.mail), undefined);
        await bench.quiet();
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        assert.equal((await nextChange()).user.displayName, 'Anna Keller');

        bench.pbx.removePerson(priya.guid);
        await until(() => bench.system.directory.size === 2);
        assert.equal(ownPresence(bench.system.people, priya.guid), undefined);
        await bench.clock.advance(100);
        assert.equal(bench.usersTold, 3);
    });

    it('tells many new users at once', async () => {
        bench = await PbxBench.online({ role, people: [] });
        const people = manyPeople(200);
        for (const person of people) bench.pbx.addPerson(person);
        await until(() => bench.changes.length === 200);
        await bench.clock.advance(100);
        assert.equal(bench.usersTold, 2);
    });

    it('tells only differences after a reconnect', async () => {
        bench = await PbxBench.online({ role });
        bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await nextChange();
        bench.changes.length = 0;
        await bench.reconnect(() => {
            bench.pbx.setPresence(juergen.guid, { activity: 'away' });
            bench.pbx.removePerson(priya.guid);
        });
        await bench.quiet();
        assert.deepEqual(
            bench.changes.map(({ user, presence, previous, via }) => [
                user.displayName,
                presence.activity,
                previous,
                via,
            ]),
            [[juergen.name, 'away', available, 'update']],
        );
        assert.equal(bench.system.directory.find(priya.guid), undefined);
        assert.equal(ownPresence(bench.system.people, priya.guid), undefined);
    });

    it('does not mind a user who goes while it subscribes', async () => {
        bench = await PbxBench.create({ role });
        bench.system.once('users', () => bench.pbx.removePerson(anna.guid));
        bench.system.start();
        await until(() => bench.phase === 'online');
        await bench.quiet();
        assert.equal(bench.system.directory.find(anna.guid), undefined);
        assert.deepEqual([...bench.system.unfollowed], []);
    });

    it('goes on when a listener fails', async () => {
        bench = await PbxBench.create({ role });
        const fail = () => {
            throw new Error('not my day');
        };
        for (const event of ['state', 'users'] as const) bench.system.on(event, fail);
        bench.system.follow().on('change', fail);
        bench.system.start();
        await bench.settled();
        assert.ok(bench.log.some(line => line.includes('not my day')));
    });

    it('can be stopped twice and started again, and leaves no timer', async () => {
        bench = await PbxBench.online({ role });
        await Promise.all([bench.system.stop(), bench.system.stop()]);
        assert.equal(bench.phase, 'stopped');
        assert.equal(bench.clock.waiting, 0);
        bench.system.start();
        bench.system.start();
        await until(() => bench.phase === 'online');
        assert.equal(bench.changes.length, 8);
    });

    it('can be stopped while it connects', async () => {
        bench = await PbxBench.create({ role });
        bench.system.start();
        await bench.system.stop();
        assert.equal(bench.phase, 'stopped');
        assert.equal(bench.clock.waiting, 0);
    });

    it('reads 2,000 users with a bounded number of requests on their way', async () => {
        bench = await PbxBench.online({ role, people: manyPeople(2000) });
        assert.equal(bench.changes.length, 2000);
        assert.equal(bench.system.directory.size, 2000);
        assert.ok(bench.clock.waiting <= 9, `${bench.clock.waiting} timers`);
    });
}
