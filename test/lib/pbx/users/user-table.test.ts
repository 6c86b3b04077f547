import assert from 'node:assert/strict';
import type { UserChange } from '../../../../lib/pbx/users/user-directory';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app } from '../pbx-bench';
import { TableBench } from './table-bench';

const [anna, juergen, priya] = defaultPeople() as [Person, Person, Person];
const nameOf = ({ mail }: Person) => mail.split('@')[0];
/** Before and after each change. */
const namesOf = (changes: UserChange[]) => changes.map(({ from, to }) => [from?.pbx.name, to?.pbx.name]);

describe('The user table', () => {
    let bench: TableBench;

    afterEach(() => bench.stop());

    const reads = () => bench.pbx.traffic.received.of('ReplicateNext');
    const starts = () => bench.pbx.traffic.received.of('ReplicateStart');
    const isComplete = (people: readonly Person[]) =>
        assert.deepEqual(bench.names, Array.from(people, nameOf).sort(), `${bench.names.length} users`);

    describe('is read', () => {
        it('with more requests at once as long as the PBX answers, 64 at most', async () => {
            const people = manyPeople(2_000);
            bench = new TableBench({ people, behaviour: { latency: 20 } });
            const session = await bench.connect();
            const begun = bench.clock.monotonic();
            await bench.finished(bench.table.read(session));
            isComplete(people);
            assert.equal(bench.mostWaiting, 64);
            assert.ok(bench.clock.monotonic() - begun < 2_000, `${bench.clock.monotonic() - begun} ms`);
        });

        it('with one request at first', async () => {
            bench = new TableBench({ behaviour: { latency: 20 } });
            const session = await bench.connect();
            const reading = bench.table.read(session);
            await bench.until(() => reads() > 0);
            assert.equal(reads(), 1);
            await bench.until(() => reads() > 1);
            assert.equal(reads(), 3);
            await bench.finished(reading);
        });

        it('in full when answers come in reverse', async () => {
            const people = manyPeople(300);
            bench = new TableBench({ people, behaviour: { replicateNext: 'reversed' } });
            await bench.read();
            isComplete(people);
        });

        it('in full when only one of several requests is answered', async () => {
            const people = manyPeople(100);
            bench = new TableBench({ people, behaviour: { replicateNext: 'one-at-a-time', usn: 'absent' } });
            for (let count = 0; count < 3; count++) {
                await bench.read();
                isComplete(people);
            }
            assert.ok(bench.mostWaiting > 1);
        });

        it('in full and no more slowly when every row comes twice', async () => {
            const people = manyPeople(300);
            bench = new TableBench({ people, behaviour: { repeatedRows: true, latency: 20 } });
            await bench.read();
            isComplete(people);
            assert.equal(bench.mostWaiting, 64);
        });

        it('in full when one answer comes twice', async () => {
            for (const after of [1, 5]) {
                bench = new TableBench();
                const session = await bench.connect();
                const reading = bench.table.read(session);
                await bench.until(() => reads() >= after);
                bench.pbx.faults.repeatNext('ReplicateNextResult');
                await bench.finished(reading);
                isComplete(defaultPeople());
                if (after === 1) await bench.stop();
            }
        });

        for (const [trouble, order] of [
            ['is refused', (bench: TableBench) => bench.pbx.faults.failNext('ReplicateNext')],
            ['is lost', (bench: TableBench) => bench.pbx.faults.ignoreNext('ReplicateNext')],
        ] as const) {
            it(`in full when one of several requests ${trouble}`, async () => {
                const people = manyPeople(50);
                bench = new TableBench({ people, behaviour: { latency: 20 } });
                const session = await bench.connect();
                const reading = bench.table.read(session);
                await bench.until(() => bench.mostWaiting >= 4);
                order(bench);
                await bench.finished(reading);
                isComplete(people);
            });
        }

        it('with what changes meanwhile', async () => {
            const people = manyPeople(2_000);
            bench = new TableBench({ people, behaviour: { latency: 20, replicateNext: 'reversed' } });
            const session = await bench.connect();
            const reading = bench.table.read(session);
            await bench.until(() => reads() > 20);
            for (const person of people.slice(50, 80)) {
                bench.pbx.updatePerson(person.guid, { number: `9${person.number}` });
                await bench.tick();
            }
            bench.pbx.removePerson(people[0]!.guid);
            bench.pbx.removePerson(people[1_999]!.guid);
            bench.pbx.addPerson(newcomer);
            assert.equal(bench.directory.loaded, false);
            await bench.finished(reading);
            isComplete([...people.slice(1, 1_999), newcomer]);
            for (const { guid, number } of people.slice(50, 80)) {
                assert.equal(bench.directory.find(guid)?.pbx.number, `9${number}`);
            }
        });

        it('not at all when the PBX refuses or stays silent', async () => {
            bench = new TableBench();
            bench.pbx.faults.failNext('ReplicateStart');
            await assert.rejects(bench.read(), { code: 'PBX_TABLE_REFUSED' });
            bench.pbx.faults.failNext('ReplicateNext');
            await assert.rejects(bench.read(), { code: 'PBX_TABLE_REFUSED' });
            bench.pbx.faults.ignoreNext('ReplicateNext');
            await assert.rejects(bench.read(), { code: 'PBX_SILENT' });
            bench.pbx.faults.dropAtNext('ReplicateNext');
            await assert.rejects(bench.read(), { code: 'PBX_CONNECTION_LOST' });
            assert.equal(bench.directory.loaded, false);
            await bench.read();
            isComplete(defaultPeople());
        });
    });

    describe('after a reconnect', () => {
        for (const usn of ['absent', 'rows', 'everywhere'] as const) {
            it(`reads all of it, and tells the differences (numbers: ${usn})`, async () => {
                const people = manyPeople(100);
                bench = new TableBench({ people, behaviour: { usn } });
                await bench.read();
                bench.pbx.addPerson(newcomer);
                await bench.tick();
                bench.pbx.updatePerson(people[3]!.guid, { number: '99' });
                bench.pbx.removePerson(people[7]!.guid);
                await bench.until(() => bench.changes.length === 3);
                await bench.pbx.stop();
                bench.pbx.removePerson(people[8]!.guid);
                const before = starts();
                assert.deepEqual(namesOf(await bench.read()), [[nameOf(people[8]!), undefined]]);
                assert.equal(starts() - before, 1);
                isComplete([...people.filter((_, index) => index !== 7 && index !== 8), newcomer]);
            });
        }

        it('tells what has changed while it was away', async () => {
            bench = new TableBench();
            await bench.read();
            await bench.pbx.stop();
            bench.pbx.addPerson(newcomer);
            bench.pbx.updatePerson(anna.guid, { number: '99' });
            bench.pbx.removePerson(priya.guid);
            assert.deepEqual(namesOf(await bench.read()).sort(), [
                [undefined, nameOf(newcomer)],
                [nameOf(anna), nameOf(anna)],
                [nameOf(priya), undefined],
            ]);
        });

        for (const removedMeanwhile of ['told', 'lost'] as const) {
            it(`finds who was removed meanwhile (those who go on from a number: ${removedMeanwhile})`, async () => {
                bench = new TableBench({ behaviour: { removedMeanwhile } });
                await bench.read();
                for (const person of [priya, anna]) {
                    await bench.pbx.stop();
                    bench.pbx.removePerson(person.guid);
                    assert.deepEqual(namesOf(await bench.read()), [[nameOf(person), undefined]]);
                }
                assert.deepEqual(bench.changes, []);
            });
        }

        it('tells each change once where the PBX has been read twice [D1]', async () => {
            const people = manyPeople(300);
            bench = new TableBench({ people, behaviour: { latency: 20 } });
            const before = starts();
            const session = await bench.connect();
            const reading = bench.table.read(session);
            await bench.until(() => bench.mostWaiting >= 4);
            bench.pbx.faults.failNext('ReplicateNext');
            await bench.finished(reading);
            assert.equal(starts() - before, 2);
            bench.pbx.updatePerson(people[0]!.guid, { number: '99' });
            bench.pbx.removePerson(people[1]!.guid);
            for (let count = 0; count < 100; count++) await bench.tick();
            assert.equal(bench.directory.find(people[0]!.guid)?.pbx.number, '99');
            assert.deepEqual(bench.changes.map(namesOf), [
                [[nameOf(people[0]!), nameOf(people[0]!)]],
                [[nameOf(people[1]!), undefined]],
            ]);
        });

        it('reads in full from another database', async () => {
            bench = new TableBench();
            await bench.read();
            await bench.pbx.stop();
            bench.pbx.installation.users.renew();
            bench.pbx.removePerson(priya.guid);
            assert.deepEqual(namesOf(await bench.read()), [[nameOf(priya), undefined]]);
            assert.equal(bench.directory.size, 7);
        });
    });

    it('takes duplicates, and updates and removals of users unknown so far', async () => {
        bench = new TableBench();
        await bench.read();
        const emil = bench.pbx.installation.users.get(anna.guid);
        bench.pbx.announce('ReplicateAdd', anna);
        bench.pbx.announce('ReplicateUpdate', newcomer);
        await bench.until(() => bench.directory.size === 9);
        assert.deepEqual(bench.changes.map(namesOf), [[[undefined, nameOf(newcomer)]]]);
        bench.pbx.announce('ReplicateDel', newcomer);
        bench.pbx.announce('ReplicateDel', newcomer);
        await bench.until(() => bench.directory.size === 8);
        assert.equal(bench.changes.length, 2);
        assert.equal(bench.directory.find(anna.guid)?.pbx.name, emil.h323);
    });

    it('takes changes that carry a source which is none of ours', async () => {
        bench = new TableBench();
        await bench.read();
        const gone = { api: 'PbxTableUsers', mt: 'ReplicateDel', src: 'the-pbx-itself', columns: { guid: anna.guid } };
        bench.pbx.sendRaw(JSON.stringify(gone));
        await bench.until(() => bench.directory.size === 7);
        assert.deepEqual(bench.changes.map(namesOf), [[[nameOf(anna), undefined]]]);
    });

    it('is not disturbed by another replication over the same connection', async () => {
        bench = new TableBench();
        const session = await bench.connect();
        await bench.finished(bench.table.read(session));
        const few = { add: true, columns: { guid: {}, e164: { update: true } } };
        await bench.finished(session.request('PbxTableUsers', 'ReplicateStart', few));
        bench.pbx.updatePerson(anna.guid, { number: '99' });
        await bench.until(() => bench.directory.find(anna.guid)?.pbx.number === '99');
        await bench.tick();
        const told = bench.received.filter(text => text.includes('"ReplicateUpdate"'));
        assert.equal(told.length, 2);
        assert.equal(bench.directory.find(anna.guid)?.pbx.name, nameOf(anna));
        assert.equal(bench.changes.length, 1);
    });

    it('asks for no password', async () => {
        bench = new TableBench();
        await bench.read();
        bench.pbx.updatePerson(anna.guid, { number: '99' });
        await bench.until(() => bench.changes.length === 1);
        const text = bench.received.join();
        assert.ok(text.includes('ReplicateUpdate'));
        assert.ok(text.includes(anna.guid));
        assert.ok(!`${text}${JSON.stringify([...bench.directory.all()])}`.includes('pwd'));
    });

    it('completes addresses by the system name that the PBX tells, even when it tells it late', async () => {
        const userOptions = () => ({ address: 'local-part' }) as const;
        bench = new TableBench({ userOptions, app: { ...app, apis: allApis } });
        bench.pbx.faults.ignoreNext('MonitorConfig');
        const session = await bench.connect();
        await bench.finished(bench.table.read(session));
        assert.equal(bench.directory.find(anna.mail), undefined);
        session.learn({ domain: 'Brandt-Partner.example' });
        assert.equal(bench.directory.find(anna.mail)?.pbx.guid, anna.guid);
        assert.equal(bench.changes.length, 1);
        assert.equal(bench.changes[0]?.length, 8);
        assert.ok(bench.changes[0]?.every(({ from, to }) => from && to));
        await bench.read();
        assert.equal(bench.directory.find(juergen.mail)?.pbx.guid, juergen.guid);
    });

    it('prefers the domain that is entered by hand', async () => {
        const userOptions = () => ({ address: 'h323-email' }) as const;
        bench = new TableBench({ userOptions, app: { ...app, apis: allApis } }, { domain: 'firm.example' });
        await bench.read();
        assert.ok(bench.directory.find(`${nameOf(anna)}@firm.example`));
    });
});

const newcomer: Person = {
    name: 'Jürgen Neumann',
    mail: 'juergen.neumann@brandt-partner.example',
    number: '77',
    guid: '7'.repeat(32),
    teamsId: '00000000-0000-4000-8000-000000000077',
};
