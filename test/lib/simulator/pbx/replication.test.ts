import assert from 'node:assert/strict';
import { defaultPeople, manyPeople, type Person } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';
import type { AppClient, Message } from './app-client';
import { anna, Fixture, juergen } from './fixture';

const api = 'PbxTableUsers';
const emil = defaultPeople()[5]!;
const next = { api, mt: 'ReplicateNext', src: 'users' };

describe('replication from the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    describe('that resumes', () => {
        it('delivers only what has changed since, in the order of the changes', async () => {
            const { guid } = await start();
            const { usn } = (await toTheEnd()).at(-1)!;
            fixture.pbx.addPerson(emil);
            fixture.pbx.updatePerson(anna.guid, { number: '99' });
            client = await fixture.login();
            const result = await start({ guid, usn });
            assert.deepEqual([result.guid, result.usn], [guid, usn]);
            const rows = await toTheEnd();
            assert.deepEqual(rows.map(guidOf), [emil.guid, anna.guid]);
            assert.ok(Number(rows[0]!.usn) < Number(rows[1]!.usn));
        });

        it('tells who was removed meanwhile, or does not, as configured', async () => {
            const { guid } = await start();
            const { usn } = (await toTheEnd()).at(-1)!;
            fixture.pbx.removePerson(anna.guid);
            fixture.pbx.removePerson(juergen.guid);
            fixture.pbx.addPerson(juergen);
            client = await fixture.login();
            await start({ guid, usn });
            const { mt, columns } = await client.next();
            assert.deepEqual([mt, columns], ['ReplicateDel', { guid: anna.guid }]);
            assert.deepEqual((await toTheEnd()).map(guidOf), [juergen.guid]);
            fixture.pbx.behaviour.removedMeanwhile = 'lost';
            await start({ guid, usn });
            await client.nothing();
            await start({ guid, usn, del: undefined });
            await client.nothing();
        });

        it('begins anew with another database, an unknown number, or where there are none', async () => {
            const { guid } = await start();
            const count = async (fields: object) => {
                const { usn } = await start(fields);
                return [usn, (await toTheEnd()).length];
            };
            assert.deepEqual(await count({ guid, usn: 2 }), [2, 0]);
            assert.deepEqual(await count({ guid, usn: 3 }), [0, 2]);
            assert.deepEqual(await count({ guid, usn: '2' }), [0, 2]);
            assert.deepEqual(await count({ guid: 'f'.repeat(32), usn: 2 }), [0, 2]);
            fixture.pbx.behaviour.usn = 'absent';
            assert.deepEqual(await count({ guid, usn: 2 }), [undefined, 2]);
            fixture.pbx.behaviour.usn = 'rows';
            fixture.pbx.installation.users.renew();
            assert.deepEqual(await count({ guid, usn: 2 }), [0, 2]);
        });
    });

    it('numbers rows, rows and changes, or nothing', async () => {
        const numbers = async (usn: 'absent' | 'rows' | 'everywhere') => {
            fixture.pbx.behaviour.usn = usn;
            await start({ columns: { h323: {} } });
            const row = await client.request(next);
            fixture.pbx.updatePerson(anna.guid, { mail: `${usn}@firm.example` });
            return ['usn' in row, 'usn' in (await client.next())];
        };
        assert.deepEqual(await numbers('absent'), [false, false]);
        assert.deepEqual(await numbers('rows'), [true, false]);
        assert.deepEqual(await numbers('everywhere'), [true, true]);
    });

    it('may answer requests that come together in reverse, the end before the last rows', async () => {
        fixture.pbx.behaviour.replicateNext = 'reversed';
        await start();
        for (let count = 0; count < 3; count++) client.send(next);
        const answers = [await client.next(), await client.next(), await client.next()];
        assert.deepEqual(answers.map(guidOf), [undefined, juergen.guid, anna.guid]);
    });

    it('may answer one request at a time only, and keeps the rows of the others', async () => {
        fixture.pbx.behaviour.replicateNext = 'one-at-a-time';
        await start();
        for (let count = 0; count < 3; count++) client.send(next);
        assert.equal(guidOf(await client.next()), anna.guid);
        await client.nothing();
        assert.equal(guidOf(await client.request(next)), juergen.guid);
        assert.equal(guidOf(await client.request(next)), undefined);
    });

    it('forgets answers that are held back when the connection ends', async () => {
        await fixture.stop();
        const clock = new FakeClock();
        fixture = await Fixture.start({ clock, behaviour: { replicateNext: 'reversed' } });
        client = await fixture.login();
        await start();
        client.send(next);
        while (clock.waiting === 0) await new Promise(setImmediate);
        await fixture.stop();
        assert.equal(clock.waiting, 0);
    });

    it('may leave unanswered what is asked for beyond the end', async () => {
        fixture.pbx.behaviour.beyondEnd = 'silent';
        await start();
        assert.equal((await toTheEnd()).length, 2);
        client.send(next);
        await client.nothing();
        await start();
        assert.equal(guidOf(await client.request(next)), anna.guid);
    });

    it('goes on for a client that sends another source each time [D1]', async () => {
        await start();
        assert.equal(guidOf(await client.request({ ...next, src: 'another' })), anna.guid);
        assert.equal(guidOf(await client.request({ ...next, src: 'a third' })), juergen.guid);
        fixture.pbx.addPerson(emil);
        assert.equal((await client.next()).src, 'users');
        fixture.pbx.behaviour.pushSource = 'of-next';
        fixture.pbx.removePerson(emil.guid);
        assert.equal((await client.next()).src, 'a third');
    });

    it('may end with the next one that begins', async () => {
        fixture.pbx.behaviour.replications = 'one';
        await start();
        await start({ src: 'second' });
        fixture.pbx.addPerson(emil);
        assert.equal((await client.next()).src, 'second');
        await client.nothing();
    });

    it('may push changes without a source', async () => {
        fixture.pbx.behaviour.pushSource = 'absent';
        await start();
        fixture.pbx.addPerson(emil);
        fixture.pbx.updatePerson(emil.guid, { mail: 'e.ek@firm.example' });
        fixture.pbx.announce('ReplicateUpdate', emil);
        fixture.pbx.removePerson(emil.guid);
        for (const mt of ['ReplicateAdd', 'ReplicateUpdate', 'ReplicateDel']) {
            assert.deepEqual(await client.next(), { api, mt, columns: { guid: emil.guid } });
        }
        assert.equal((await client.request(next)).src, 'users');
    });

    it('may tell values that are empty or false', async () => {
        fixture.pbx.behaviour.emptyValues = 'present';
        fixture.pbx.updatePerson(juergen.guid, { hide: true });
        const names = ['hide', 'fax', 'h323-email', 'config', 'apps-my', 'emails', 'grps', 'devices', 'cfpr'];
        await start({ columns: Object.fromEntries(names.map(name => [name, {}])) });
        const empty = { fax: false, 'h323-email': false, config: '', 'apps-my': '', grps: [], devices: [] };
        const row = (hide: boolean, { mail: email }: Person) => ({ hide, ...empty, emails: [{ email }] });
        assert.deepEqual((await client.request(next)).columns, row(false, anna));
        assert.deepEqual((await client.request(next)).columns, row(true, juergen));
    });

    it('may deliver each row twice', async () => {
        fixture.pbx.behaviour.repeatedRows = true;
        await start();
        const { guid: a } = anna;
        const { guid: j } = juergen;
        assert.deepEqual((await toTheEnd()).map(guidOf), [a, a, j, j]);
    });

    it('pushes changes that have not happened when asked to', async () => {
        await start();
        fixture.pbx.announce('ReplicateAdd', anna);
        fixture.pbx.announce('ReplicateUpdate', emil);
        const pushed = [await client.next(), await client.next()];
        assert.deepEqual(
            pushed.map(message => [message.mt, guidOf(message)]),
            [
                ['ReplicateAdd', anna.guid],
                ['ReplicateUpdate', emil.guid],
            ],
        );
        assert.throws(() => fixture.pbx.presenceOf(emil.guid));
    });

    it('gives groups and visibility, of the user and of the template', async () => {
        const template = { groups: ['All'], allows: [{ name: '@', visible: true }] };
        fixture.pbx.setTemplate('Staff', template);
        fixture.pbx.updatePerson(anna.guid, { config: 'Staff' });
        fixture.pbx.setGroups(anna.guid, ['Sales']);
        fixture.pbx.visibility(anna.guid, { otf: false, online: false });
        fixture.pbx.removePerson(juergen.guid);
        await start({ columns: { grps: {}, allows: {}, 't-allows': {} } });
        const allows = [{ name: 'presence-sync', visible: true }];
        const inherited = [{ name: '@', visible: true }];
        const row = { grps: [{ name: 'Sales' }, { name: 'All' }], allows, 't-allows': inherited };
        assert.deepEqual((await client.request(next)).columns, row);
        fixture.pbx.setTemplate('Staff', { ...template, groups: [] });
        assert.deepEqual((await client.next()).columns, { ...row, grps: [{ name: 'Sales' }] });
        fixture.pbx.setTemplate('Staff', template);
        await client.next();
        fixture.pbx.behaviour.templateGroupsInRows = false;
        await start({ columns: { grps: {} } });
        assert.deepEqual((await client.request(next)).columns, { grps: [{ name: 'Sales' }] });
    });

    it('gives other kinds of objects only to those who ask for them', async () => {
        fixture.pbx.addPerson(emil, { pseudo: 'waiting' });
        await start({ columns: { guid: {}, pseudo: {} } });
        assert.deepEqual((await toTheEnd()).map(guidOf), [anna.guid, juergen.guid]);
        await start({ columns: { guid: {}, pseudo: {} }, pseudo: ['waiting', 'vm'] });
        assert.deepEqual((await client.request(next)).columns, { guid: emil.guid, pseudo: 'waiting' });
        assert.equal(guidOf(await client.request(next)), undefined);
        await start({ pseudo: ['waiting', ''] });
        assert.equal((await toTheEnd()).length, 3);
    });

    it('delivers 10,000 users', async () => {
        await fixture.stop();
        fixture = await Fixture.start({ people: manyPeople(10_000) });
        client = await fixture.login();
        await start();
        for (let count = 0; count <= 10_000; count++) client.send(next);
        const seen = new Set<unknown>();
        for (let count = 0; count < 10_000; count++) seen.add(guidOf(await client.next()));
        assert.equal(seen.size, 10_000);
        assert.equal((await client.next()).columns, undefined);
    });

    function start(fields: object = {}): Promise<Message> {
        const request = { api, mt: 'ReplicateStart', add: true, del: true, columns: { guid: {} }, src: 'users' };
        return client.request({ ...request, ...fields });
    }

    async function toTheEnd(): Promise<Message[]> {
        const rows: Message[] = [];
        for (;;) {
            const row = await client.request(next);
            if (!row.columns) return rows;
            rows.push(row);
        }
    }
});

function guidOf({ columns }: Message): unknown {
    return (columns as { guid?: string } | undefined)?.guid;
}
