import assert from 'node:assert/strict';
import type { PbxWriting } from '../../../../lib/pbx/pbx-system';
import type { Behaviour } from '../../../../lib/simulator/pbx/behaviour';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { app, ownPresence, PbxBench, until } from '../pbx-bench';
import { Shelf } from './shelf';

const [anna, juergen] = defaultPeople() as [Person, Person];
const busy = { activity: 'busy', note: 'In a meeting' };
const call = { activity: 'on-the-phone', note: '' };
const withCalls = [...app.apis, 'PbxImpersonation'];
const grace = 5 * 60_000;
const user = (person: Person) => ({ addresses: [person.mail], displayName: person.name });

describe('What is held in the PBX', () => {
    const benches: PbxBench[] = [];

    afterEach(async () => {
        for (const bench of benches.splice(0).reverse()) await bench.stop();
    });

    async function first(behaviour: Partial<Behaviour> = {}): Promise<[PbxBench, Shelf]> {
        const shelf = new Shelf();
        const bench = await PbxBench.create({ app: { ...app, apis: [...withCalls] }, behaviour, book: shelf.book });
        benches.push(bench);
        bench.system.start();
        await bench.settled();
        return [bench, shelf];
    }

    /** The system dies without a word, and another one takes its place. */
    async function next(bench: PbxBench, shelf: Shelf): Promise<PbxBench> {
        await bench.system.stop();
        const later = await PbxBench.create({ book: shelf.book }, { addresses: [bench.pbx.url] });
        benches.push(later);
        await later.system.people.restore();
        later.system.start();
        await later.settled();
        await quiet(bench);
        return later;
    }

    const set = (bench: PbxBench, person: Person, presence = busy, options: PbxWriting = { call: 'alien' }) =>
        bench.system.people.set(user(person), presence, options);
    const clear = (bench: PbxBench, person: Person) => bench.system.people.clear(user(person));
    const quiet = (bench: PbxBench) => bench.quiet();
    const shown = ({ pbx }: PbxBench, person: Person) => {
        const { activity, onThePhone } = pbx.presenceOf(person.guid);
        return { activity, onThePhone, calls: pbx.alienCalls(person.guid).length };
    };
    const nothing = { activity: '', onThePhone: false, calls: 0 };

    it('is on record as long as it is held', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna);
        await set(bench, juergen, call);
        assert.deepEqual(shelf.held.sort(), [anna.guid, juergen.guid].sort());
        await quiet(bench);
        await clear(bench, anna);
        await clear(bench, juergen);
        assert.deepEqual(shelf.held, []);
    });

    it('is on record before it is sent', async () => {
        const [bench, shelf] = await first();
        bench.pbx.deaf = true;
        const written = set(bench, anna).catch(() => undefined);
        await quiet(bench);
        assert.deepEqual(shelf.held, [anna.guid]);
        await bench.system.stop();
        await written;
    });

    for (const customContact of ['accepted', 'refused', 'tel', 'ignored'] as const) {
        describe(`by a system that has died (own contact ${customContact})`, () => {
            it("is not taken for the user's own, and gives way to that in the end", async () => {
                const [bench, shelf] = await first({ customContact });
                bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
                await quiet(bench);
                await set(bench, anna);
                await quiet(bench);
                const later = await next(bench, shelf);
                assert.deepEqual(ownPresence(later.system.people, anna.guid), {
                    ...{ activity: 'away', note: 'Lunch', onThePhone: false },
                });
                assert.equal((await set(later, anna)).written, false);
                assert.equal((await clear(later, anna)).written, true);
                await quiet(bench);
                assert.deepEqual(bench.pbx.presenceOf(anna.guid).entries, [
                    { contact: 'tel:', status: 'open', activity: 'away', note: 'Lunch' },
                ]);
                assert.equal(later.changes.length, 8);
            });

            it('is not put over what the user has set meanwhile', async () => {
                const [bench, shelf] = await first({ customContact });
                await set(bench, anna);
                await quiet(bench);
                await bench.system.stop();
                bench.pbx.setPresence(anna.guid, { activity: 'dnd' });
                const later = await next(bench, shelf);
                assert.equal(ownPresence(later.system.people, anna.guid)?.activity, 'dnd');
                await clear(later, anna);
                await quiet(bench);
                assert.equal(bench.pbx.presenceOf(anna.guid).activity, 'dnd');
            });

            it('stays for some minutes, and ends where nobody speaks of the user', async () => {
                const [bench, shelf] = await first({ customContact });
                await set(bench, anna);
                await set(bench, juergen);
                await quiet(bench);
                const later = await next(bench, shelf);
                await set(later, juergen);
                assert.equal(shown(bench, anna).activity, 'busy');
                await later.clock.advance(grace);
                await quiet(bench);
                assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['', 'busy']);
            });
        });
    }

    it('is taken back although nothing is on record, where somebody writes and nobody speaks of the user', async () => {
        const [bench] = await first();
        await set(bench, anna);
        await set(bench, juergen);
        await quiet(bench);
        const later = await next(bench, new Shelf());
        await later.clock.advance(grace);
        await quiet(bench);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['busy', 'busy']);
        await later.system.stop();
        const writing = await next(bench, new Shelf());
        writing.system.people.configure({ rate: 100 });
        await set(writing, juergen);
        await writing.clock.advance(grace);
        await quiet(bench);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['', 'busy']);
    });

    it('goes on to be paused after a restart', async () => {
        const [bench, shelf] = await first();
        bench.system.people.pause(user(anna), bench.clock.date() + 60_000);
        const later = await next(bench, shelf);
        await set(later, anna);
        await set(later, juergen);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['', 'busy']);
        later.system.people.resume('all');
        await quiet(bench);
        assert.equal(shown(bench, anna).activity, 'busy');
    });

    it('is found out anew where another version has written it down', async () => {
        const strange: Record<string, object> = {
            'without a handle': { handle: { way: '' } },
            'with another value': { value: null },
            'with another handle': { handle: { way: '', handle: { contact: 5 } } },
        };
        for (const [what, change] of Object.entries(strange)) {
            const [bench, shelf] = await first();
            await set(bench, anna);
            await set(bench, juergen, call);
            await quiet(bench);
            const entries = shelf.entries();
            await bench.system.stop();
            await shelf.append(
                entries.map(entry => ({ ...entry, claims: entry.claims.map(claim => ({ ...claim, ...change })) })),
            );
            const later = await next(bench, shelf);
            assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).calls], ['busy', 0], what);
            await set(later, juergen);
            await quiet(bench);
            assert.equal(shown(bench, juergen).activity, 'busy', what);
            await later.clock.advance(grace + 1_000);
            await quiet(bench);
            assert.deepEqual([shown(bench, anna), shelf.held], [nothing, [juergen.guid]], what);
        }
    });

    it('is on record once it is written again, though another version had written it down', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna);
        await quiet(bench);
        const entries = shelf.entries();
        await bench.system.stop();
        await shelf.append(
            entries.map(entry => ({ ...entry, claims: entry.claims.map(claim => ({ ...claim, value: null })) })),
        );
        const later = await next(bench, shelf);
        await set(later, anna);
        await later.clock.advance(grace + 1_000);
        await quiet(later);
        assert.deepEqual(shelf.held, [anna.guid]);
    });

    it('stays where only a dry run has begun since', async () => {
        const [bench] = await first();
        await set(bench, anna);
        await quiet(bench);
        const later = await next(bench, new Shelf());
        await set(later, juergen, busy, { dryRun: true });
        await later.clock.advance(2 * grace);
        await quiet(bench);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['busy', '']);
    });

    it('is taken back with everything although nothing is on record', async () => {
        const [bench] = await first();
        await set(bench, anna);
        await quiet(bench);
        const later = await next(bench, new Shelf());
        later.system.people.configure({ rate: 100 });
        await later.system.people.clearAll('somebody');
        assert.equal(shown(bench, anna).activity, 'busy');
        await later.system.people.clearAll();
        assert.equal(shown(bench, anna).activity, '');
    });

    for (const alienCalls of ['with-api', 'with-connection', 'kept'] as const) {
        const isKept = alienCalls === 'kept';

        it(`ends calls that a system has left which died (${alienCalls})`, async () => {
            const [bench, shelf] = await first({ alienCalls });
            await set(bench, anna, call);
            await set(bench, juergen, call);
            const later = await next(bench, shelf);
            assert.equal(shown(bench, anna).calls, isKept ? 1 : 0);
            assert.equal(ownPresence(later.system.people, anna.guid)?.onThePhone, false);
            await clear(later, anna);
            await quiet(bench);
            assert.deepEqual(shown(bench, anna), nothing);
            await later.clock.advance(grace);
            await quiet(bench);
            assert.deepEqual(shown(bench, juergen), nothing);
            assert.equal(later.changes.length, 8);
        });

        it(`makes calls again after a restart, each once (${alienCalls})`, async () => {
            const [bench, shelf] = await first({ alienCalls });
            await set(bench, anna, call);
            const later = await next(bench, shelf);
            assert.equal(ownPresence(later.system.people, anna.guid)?.onThePhone, false);
            assert.equal((await set(later, anna, call)).written, true);
            assert.deepEqual(shown(bench, anna), { ...nothing, onThePhone: true, calls: 1 });
            assert.equal((await set(later, anna, call)).written, false);
            await later.clock.advance(2 * grace);
            await quiet(bench);
            assert.equal(shown(bench, anna).calls, 1);
            await clear(later, anna);
            assert.deepEqual(shown(bench, anna), nothing);
            assert.equal(later.changes.length, 8);
        });
    }

    it('goes on after a restart once its source speaks, and is made again if the PBX has lost it', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna);
        await set(bench, juergen);
        await bench.system.stop();
        bench.pbx.removePerson(anna.guid);
        bench.pbx.addPerson(anna);
        const later = await next(bench, shelf);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['', 'busy']);
        for (const person of [anna, juergen]) await set(later, person);
        await later.clock.advance(2 * grace);
        await quiet(bench);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['busy', 'busy']);
    });

    it('is taken back for its owner after a redeploy too', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna, busy, { node: 'one' });
        await set(bench, juergen, busy, { node: 'two' });
        const later = await next(bench, shelf);
        await later.system.people.clearAll('one');
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['', 'busy']);
    });

    it('does not survive a redeploy where it was to be taken back and the PBX was away', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna, busy, { node: 'one' });
        await set(bench, juergen, call, { node: 'one', call: 'alien' });
        await bench.pbx.stop();
        await until(() => bench.phase === 'retrying');
        await bench.system.people.clearAll('one');
        await bench.system.stop();
        await bench.pbx.start();
        const later = await next(bench, shelf);
        await later.clock.advance(grace);
        await quiet(bench);
        assert.deepEqual([shown(bench, anna), shown(bench, juergen)], [nothing, nothing]);
        assert.deepEqual(shelf.held, []);
    });

    it('is taken back from a user who takes part no longer', async () => {
        const [bench] = await first();
        await set(bench, anna);
        await set(bench, juergen, call);
        const { directory, people } = bench.system;
        for (const person of [anna, juergen]) people.usersChanged(directory.remove(person.guid));
        await quiet(bench);
        assert.deepEqual([shown(bench, anna), shown(bench, juergen)], [nothing, nothing]);
    });

    it('is forgotten where the user is gone', async () => {
        const [bench, shelf] = await first();
        await set(bench, anna);
        await bench.system.stop();
        bench.pbx.removePerson(anna.guid);
        const later = await next(bench, shelf);
        await later.clock.advance(grace);
        assert.deepEqual(shelf.held, []);
    });

    it('stays where it is after a change of contact, until it changes', async () => {
        const [bench] = await first();
        const writer = bench.system;
        const contacts = () => bench.pbx.presenceOf(anna.guid).entries.map(({ contact }) => contact);
        await set(bench, anna);
        await quiet(bench);
        assert.equal((await set(bench, anna, busy, { contact: 'tel' })).written, false);
        assert.deepEqual(contacts(), ['teams:']);
        await set(bench, anna, { activity: 'dnd', note: '' }, { contact: 'tel' });
        await quiet(bench);
        assert.deepEqual(contacts(), ['tel:']);
        await set(bench, anna);
        await quiet(bench);
        assert.deepEqual(contacts(), ['teams:']);
        assert.deepEqual(writer.people.notes, []);
        await clear(bench, anna);
        await quiet(bench);
        assert.deepEqual(contacts(), []);
        assert.equal(bench.changes.length, 8);
    });

    it('goes where each node wants it', async () => {
        const [bench] = await first();
        const contacts = (person: Person) => bench.pbx.presenceOf(person.guid).entries.map(({ contact }) => contact);
        await set(bench, anna, busy, { node: 'one', contact: 'own' });
        await set(bench, juergen, busy, { node: 'two', contact: 'tel' });
        await quiet(bench);
        assert.deepEqual([contacts(anna), contacts(juergen)], [['teams:'], ['tel:']]);
        await bench.system.people.clearAll();
        assert.deepEqual([contacts(anna), contacts(juergen)], [[], []]);
        assert.equal(bench.changes.length, 8);
    });

    it('is in the place of the own setting where that is wanted, and gives it back', async () => {
        const [bench] = await first();
        bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
        await quiet(bench);
        await set(bench, anna, busy, { contact: 'tel' });
        await quiet(bench);
        assert.deepEqual(
            bench.pbx.presenceOf(anna.guid).entries.map(({ contact, activity }) => [contact, activity]),
            [['tel:', 'busy']],
        );
        await clear(bench, anna);
        await quiet(bench);
        assert.equal(bench.pbx.presenceOf(anna.guid).note, 'Lunch');
        assert.equal(bench.changes.length, 9);
        assert.equal(bench.pbx.traffic.received.of('SetPresence'), 2);
    });

    for (const lineState of ['separate', 'replaces-tel'] as const) {
        it(`gives back what the user has set during a call that became an entry (line state ${lineState})`, async () => {
            const [bench] = await first({ lineState });
            const options = { call: 'alien', contact: 'tel' } as const;
            await set(bench, anna, call, options);
            await quiet(bench);
            bench.pbx.setPresence(anna.guid, { activity: 'away', note: 'Lunch' });
            await quiet(bench);
            await set(bench, anna, busy, options);
            await quiet(bench);
            assert.deepEqual(shown(bench, anna), { ...nothing, activity: 'busy' });
            await clear(bench, anna);
            await quiet(bench);
            assert.equal(bench.pbx.presenceOf(anna.guid).note, 'Lunch');
            assert.equal(bench.changes.length, 9);
        });
    }

    it('asks the PBX once which contact it takes', async () => {
        const [bench] = await first();
        const subscriptions = bench.pbx.traffic.received.of('SubscribePresence');
        await Promise.all(defaultPeople().map(person => set(bench, person)));
        await quiet(bench);
        assert.ok(bench.pbx.traffic.received.of('SubscribePresence') - subscriptions <= 1);
        assert.equal(bench.pbx.subscriptions, 8);
    });

    it('is written again where it was given back for a write that then had to wait for that of another one', async () => {
        const [bench] = await first({ customContact: 'ignored' });
        const dnd = { activity: 'dnd', note: '' };
        await set(bench, juergen);
        await set(bench, anna);
        await quiet(bench);
        // The PBX is asked again which contact it takes, and tells it late.
        await bench.clock.advance(grace);
        bench.pbx.faults.ignoreNext('SubscribePresence');
        const written = [set(bench, juergen, dnd), set(bench, anna, dnd)];
        await quiet(bench);
        written.push(set(bench, anna));
        await quiet(bench);
        for (let second = 0; second < 5; second++) {
            await bench.clock.advance(1_000);
            await quiet(bench);
        }
        await Promise.all(written);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['busy', 'dnd']);
    });

    it('does not wait for ever for a list that the PBX does not tell', async () => {
        const [bench] = await first({ customContact: 'ignored' });
        bench.pbx.faults.ignoreNext('SubscribePresence', 2);
        const written = Promise.all([set(bench, anna), set(bench, juergen)]);
        await quiet(bench);
        await bench.clock.advance(2_000);
        await quiet(bench);
        await bench.clock.advance(2_000);
        await written;
        await set(bench, anna, { activity: 'dnd', note: '' });
        await quiet(bench);
        assert.deepEqual([shown(bench, anna).activity, shown(bench, juergen).activity], ['dnd', 'busy']);
        assert.deepEqual(
            bench.system.people.notes.map(({ code }) => code),
            ['PBX_OWN_ENTRY_REFUSED'],
        );
    });
});
