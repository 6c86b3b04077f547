import assert from 'node:assert/strict';
import type { LeftOut } from '../../../../lib/pbx/users/left-out-list';
import { Participation, type ParticipationSettings } from '../../../../lib/pbx/users/participation';
import { defaultPeople, type Person } from '../../../../lib/simulator/person';
import { allApis, app } from '../pbx-bench';
import { TableBench } from './table-bench';

const [anna, juergen, priya] = defaultPeople() as [Person, Person, Person];
const licence = 'App(innovaphone-microsoft365)';
const everybody = defaultPeople()
    .map(({ mail }) => mail.split('@')[0]!)
    .sort();

describe('Who takes part', () => {
    let bench: TableBench;
    let told: number;

    afterEach(() => bench.stop());

    async function read(participation: ParticipationSettings, options = {}): Promise<void> {
        told = 0;
        const leftOut = { absent: new Map<string, LeftOut>(), look: () => told++ };
        bench = new TableBench({ app: { ...app, apis: allApis }, ...options }, { participation, leftOut });
        await bench.read();
    }

    const absent = () => [...bench.leftOut.absent.values()].map(({ reason }) => reason.message).sort();

    it('everybody, hidden users too', async () => {
        await read({ who: 'all' }, { userOptions: () => ({ hide: true }) });
        assert.deepEqual(bench.names, everybody);
        assert.deepEqual(absent(), []);
        assert.equal(told, 0);
    });

    it('nobody without a name in the PBX, who is listed until there is one', async () => {
        await read({ who: 'all', include: [juergen.name] }, { people: [anna, { ...juergen, mail: '@x.example' }] });
        const sentence = (person: Person) =>
            `Without a Name in the PBX, by which it tells and takes presence; enter one under PBX > Objects: ${person.name}`;
        assert.deepEqual(bench.names, ['anna.brandt']);
        assert.deepEqual(absent(), [sentence(juergen)]);
        bench.pbx.updatePerson(juergen.guid, { mail: juergen.mail });
        bench.pbx.updatePerson(anna.guid, { mail: '@x.example' });
        await bench.until(() => bench.changes.length === 2);
        assert.deepEqual(bench.names, ['juergen.vogel']);
        assert.deepEqual(absent(), [sentence(anna)]);
    });

    it('everybody but those who are excluded, by name, long name, address or GUID', async () => {
        const [, , , lukas] = defaultPeople();
        await read({ who: 'all', exclude: ['ANNA.brandt', ' Jürgen Vogel ', priya.mail, lukas!.guid, 'nobody', ''] });
        assert.equal(bench.directory.size, 4);
        assert.equal(absent().length, 4);
        assert.equal(absent()[0], 'On the list of those who take no part: Anna Brandt');
        await bench.read();
        assert.deepEqual(bench.log, ['warn No user of the PBX is called nobody']);
    });

    it('nobody but those who are listed, of whom the excluded ones are left out', async () => {
        await read({ who: 'listed', include: [anna.mail, 'juergen.vogel'], exclude: ['juergen.vogel'] });
        assert.deepEqual(bench.names, ['anna.brandt']);
        assert.ok(absent().includes('Not on the list of those who take part: Priya Nair'));
    });

    it('members of a group, as they come and go, and who is included', async () => {
        await read({ who: 'group', groups: ['sales', 'Support'], include: ['priya.nair'] });
        assert.deepEqual(bench.names, ['priya.nair']);
        assert.equal(told, 1);
        assert.equal(absent()[0], 'In none of the PBX groups sales, Support: Anna Brandt');
        bench.pbx.setGroups(anna.guid, ['Sales']);
        await bench.until(() => bench.directory.size === 2);
        assert.deepEqual(bench.changes[0]?.[0]?.to?.pbx.groups, ['Sales']);
        assert.equal(absent().length, 6);
        assert.equal(told, 2);
        bench.pbx.setGroups(anna.guid, ['Garden']);
        await bench.until(() => bench.directory.size === 1);
        assert.equal(told, 3);
        bench.pbx.removePerson(juergen.guid);
        await bench.until(() => absent().length === 6);
        assert.equal(told, 4);
    });

    it('members by their Config Template, where the table tells that', async () => {
        await read({ who: 'group', groups: ['Staff'] }, { userOptions: () => ({ config: 'Clerk' }) });
        assert.equal(bench.directory.size, 0);
        bench.pbx.setTemplate('Clerk', { groups: ['Staff'] });
        await bench.until(() => bench.directory.size === 8);
    });

    it('members by their Config Template, where the table does not tell that, are told what to do', async () => {
        const userOptions = (person: Person) => (person.guid === anna.guid ? {} : { config: 'Clerk' });
        await read(
            { who: 'group', groups: ['Staff'], include: [priya.mail] },
            { userOptions, people: [anna, juergen, priya] },
        );
        bench.pbx.behaviour.templateGroupsInRows = false;
        bench.pbx.setTemplate('Clerk', { groups: ['Staff'] });
        await bench.read();
        assert.deepEqual(bench.names, ['priya.nair']);
        assert.deepEqual(absent(), [
            'In none of the PBX groups Staff, as far as the PBX says, which may keep back groups of a Config Template: if one of them is meant, add the user to the group, or to the list of those who always take part: Jürgen Vogel',
            'In none of the PBX groups Staff: Anna Brandt',
        ]);
        bench.pbx.setGroups(juergen.guid, ['Staff']);
        await bench.until(() => bench.directory.size === 2);
    });

    describe('holders of a licence', () => {
        const userOptions = (person: Person) => ({ licences: person === juergen ? [] : [licence] });
        const options = () => ({ people: [anna, juergen, priya], userOptions });
        const checks = () => bench.pbx.traffic.received.of('CheckAppLic');

        it('named with or without brackets', async () => {
            for (const name of [licence, ' innovaphone-microsoft365']) {
                await read({ who: 'licence', licence: name }, options());
                assert.deepEqual(bench.names, ['anna.brandt', 'priya.nair']);
                assert.deepEqual(absent(), [
                    'Without the licence App(innovaphone-microsoft365), of their own or from their Config Template: Jürgen Vogel',
                ]);
                if (name === licence) await bench.stop();
            }
        });

        it('and who is included, without a question', async () => {
            const include = ['juergen.vogel'];
            await read({ who: 'licence', licence, include, exclude: [priya.mail] }, options());
            assert.deepEqual(bench.names, ['anna.brandt', 'juergen.vogel']);
            assert.equal(checks(), 1);
        });

        it('as it is 15 minutes later, without a change of the user', async () => {
            await read({ who: 'licence', licence }, options());
            bench.pbx.installation.users.get(juergen.guid).licences = [licence];
            bench.pbx.installation.users.get(anna.guid).licences = [];
            await bench.clock.advance(14 * 60_000);
            assert.equal(checks(), 3);
            await bench.clock.advance(60_000);
            await bench.until(() => bench.names.join() === 'juergen.vogel,priya.nair');
            assert.equal(checks(), 6);
            assert.equal(bench.changes.length, 2);
            await bench.clock.advance(15 * 60_000);
            await bench.until(() => checks() === 9);
        });

        it('of those who come, change and go', async () => {
            await read({ who: 'licence', licence }, options());
            bench.pbx.setLicence(juergen.guid, licence, true);
            bench.pbx.updatePerson(juergen.guid, { number: '99' });
            await bench.until(() => bench.directory.size === 3);
            bench.pbx.addPerson(defaultPeople()[5]!, { licences: [licence] });
            await bench.until(() => bench.directory.size === 4);
            bench.pbx.removePerson(anna.guid);
            await bench.until(() => bench.directory.size === 3);
        });

        it('as they were, after a reconnect, until they have been asked for again', async () => {
            await read({ who: 'licence', licence }, options());
            await bench.pbx.stop();
            bench.pbx.setLicence(juergen.guid, licence, true);
            bench.pbx.addPerson(defaultPeople()[5]!, { licences: [licence] });
            await bench.read();
            assert.deepEqual(bench.names, ['anna.brandt', 'emre.yilmaz', 'priya.nair']);
            await bench.clock.advance(60_000);
            await bench.until(() => bench.directory.size === 4);
        });

        it('not at all where the PBX does not let us ask', async () => {
            const only = { ...app, apis: ['PbxApi', 'PbxTableUsers'] };
            const reading = read({ who: 'licence', licence }, { ...options(), app: only });
            await assert.rejects(reading, { code: 'PBX_API_MISSING' });
            assert.equal(bench.directory.loaded, false);
        });

        it('as they were when a question stays open', async () => {
            await read({ who: 'licence', licence }, options());
            bench.pbx.faults.ignoreNext('CheckAppLic', 3);
            await bench.clock.advance(15 * 60_000);
            await bench.until(() => checks() === 6);
            await bench.clock.advance(10_000);
            await bench.until(() => bench.log.length === 1);
            assert.deepEqual(bench.names, ['anna.brandt', 'priya.nair']);
            await bench.clock.advance(15 * 60_000);
            await bench.until(() => checks() === 9);
        });

        it('as they were when the PBX answers with failures, with one warning', async () => {
            await read({ who: 'licence', licence }, options());
            bench.pbx.installation.users.get(juergen.guid).licences = [licence];
            bench.pbx.faults.failNext('CheckAppLic', 3, { error: 3, errorText: 'busy' });
            await bench.clock.advance(15 * 60_000);
            await bench.until(() => bench.log.length === 1);
            assert.deepEqual(bench.log, [
                'warn The PBX could not say of 3 users whether they hold App(innovaphone-microsoft365) (busy): the last answer counts',
            ]);
            assert.deepEqual(bench.names, ['anna.brandt', 'priya.nair']);
            assert.deepEqual(bench.changes, []);
            await bench.clock.advance(15 * 60_000);
            await bench.until(() => bench.directory.size === 3);
            assert.equal(bench.log.length, 1);
        });

        it('not yet while the first answer is a failure, which is said, and asked again a minute later', async () => {
            const participation = { who: 'licence', licence } as const;
            bench = new TableBench({ app: { ...app, apis: allApis }, ...options() }, { participation });
            bench.pbx.faults.failNext('CheckAppLic', 2, { error: 3, errorText: 'busy' });
            await bench.read();
            assert.deepEqual(bench.names, ['priya.nair']);
            assert.equal(
                absent()[0],
                'The PBX could not yet say (busy) whether the licence App(innovaphone-microsoft365) is held; it is asked again soon: Anna Brandt',
            );
            assert.equal(absent().length, 2);
            assert.equal(bench.log.length, 1);
            await bench.clock.advance(60_000);
            await bench.until(() => bench.directory.size === 2);
            assert.equal(checks(), 5);
            assert.match(absent().join(), /^Without the licence .*: Jürgen Vogel$/);
            await bench.clock.advance(13 * 60_000);
            assert.equal(checks(), 5);
            await bench.clock.advance(60_000);
            await bench.until(() => checks() === 8);
        });

        it('not yet when nobody could be asked about a newcomer, until a minute later', async () => {
            await read({ who: 'licence', licence }, options());
            bench.pbx.faults.failNext('CheckAppLic', 1, { error: 3, errorText: 'busy' });
            bench.pbx.addPerson(defaultPeople()[5]!, { licences: [licence] });
            await bench.until(() => absent()[0]?.startsWith('The PBX could not yet say (busy)') === true);
            await bench.clock.advance(60_000);
            await bench.until(() => bench.directory.size === 3);
            assert.deepEqual(bench.log, []);
        });

        it('of 2,000 users with a bounded number of questions at once', async () => {
            const people = Array.from({ length: 2_000 }, (_, index) => ({
                ...anna,
                guid: `${index}`.padStart(32, '0'),
                mail: `u${index}@x.example`,
                name: `User ${index}`,
                number: `${10_000 + index}`,
            }));
            await read({ who: 'licence', licence }, { people, userOptions: () => ({ licences: [licence] }) });
            assert.equal(bench.directory.size, 2_000);
            assert.equal(bench.clock.waiting, 2);
        });
    });

    it('does not ask for licences where something else decides', async () => {
        await read({ who: 'all', licence });
        assert.equal(new Participation({ who: 'all', licence }).licence, undefined);
        assert.equal(bench.pbx.traffic.received.of('CheckAppLic'), 0);
    });
});
