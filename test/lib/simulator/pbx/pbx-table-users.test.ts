import assert from 'node:assert/strict';
import type { Person } from '../../../../lib/simulator/person';
import type { AppClient, Message } from './app-client';
import { anna, Fixture, juergen } from './fixture';

const emil: Person = {
    name: 'Emil Ek',
    mail: 'emil@firm.example',
    number: '13',
    guid: 'c'.repeat(32),
    teamsId: '00000000-0000-4000-8000-00000000000c',
};
const api = 'PbxTableUsers';
const next = { api, mt: 'ReplicateNext', src: 'users' };

describe('user table of the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('tells the columns it has and delivers one row per ReplicateNext, then a result without columns', async () => {
        const columns = { guid: {}, h323: { update: true }, colour: {} };
        const result = await client.request(start(columns));
        const known = { guid: {}, h323: { update: true } };
        const { guid } = result;
        assert.match(String(guid), /^[0-9a-f]{32}$/);
        assert.deepEqual(result, { api, mt: 'ReplicateStartResult', src: 'users', guid, usn: 0, columns: known });
        assert.deepEqual(await client.request(next), row(1, { guid: anna.guid, h323: 'anna.brandt' }));
        assert.deepEqual(await client.request(next), row(2, { guid: juergen.guid, h323: 'juergen.vogel' }));
        assert.deepEqual(await client.request(next), { api, mt: 'ReplicateNextResult', src: 'users' });
        assert.deepEqual(await client.request(next), { api, mt: 'ReplicateNextResult', src: 'users' });
    });

    it('leaves out empty and false values', async () => {
        const names = ['cn', 'dn', 'e164', 'node', 'loc', 'hide', 'config', 'emails', 'h323-email', 'fax', 'grps'];
        const [first] = await rows(client, names);
        const emails = [{ email: anna.mail }];
        const { name, number } = anna;
        assert.deepEqual(first, { cn: name, dn: name, e164: number, node: 'root', loc: 'pbx-main', emails });
    });

    it('tells what is false, and nothing else that is empty, as real ones do [D7]', async () => {
        fixture.pbx.behaviour.emptyValues = 'as-recorded';
        const [first] = await rows(client, ['guid', 'hide', 'fax', 'config', 'allows', 'grps', 'h323-email', 'cfpr']);
        assert.deepEqual(Object.keys(first!).sort(), ['fax', 'guid', 'hide']);
    });

    it('tells a list that has been emptied, as real ones do', async () => {
        fixture.pbx.behaviour.emptyValues = 'as-recorded';
        await client.request(start({ guid: {}, allows: {}, grps: {} }));
        assert.deepEqual((await client.request(next)).columns, { guid: anna.guid });
        fixture.pbx.updatePerson(anna.guid, { groups: ['Support'] });
        assert.deepEqual((await client.next()).columns, { guid: anna.guid, grps: [{ name: 'Support' }] });
        fixture.pbx.updatePerson(anna.guid, { groups: [] });
        assert.deepEqual((await client.next()).columns, { guid: anna.guid, grps: [] });
        fixture.pbx.behaviour.emptyValues = 'left-out';
        fixture.pbx.announce('ReplicateUpdate', anna);
        assert.deepEqual((await client.next()).columns, { guid: anna.guid });
    });

    it('gives the password column only to those who ask for it', async () => {
        const [first] = await rows(client, ['guid', 'pwd']);
        assert.deepEqual(Object.keys(first!), ['guid', 'pwd']);
    });

    it('delivers nobody when users are not among the requested kinds of objects', async () => {
        await client.request({ ...start({ guid: {} }), pseudo: ['waiting'] });
        assert.equal((await client.request(next)).columns, undefined);
        fixture.pbx.addPerson(emil);
        fixture.pbx.updatePerson(emil.guid, { name: 'E. Ek' });
        fixture.pbx.removePerson(emil.guid);
        await client.nothing();
    });

    it('keeps replications with different sources apart', async () => {
        await client.request(start({ guid: {} }));
        await client.request({ ...start({ cn: {} }), src: 'other' });
        assert.deepEqual((await client.request(next)).columns, { guid: anna.guid });
        assert.deepEqual((await client.request({ ...next, src: 'other' })).columns, { cn: anna.name });
    });

    it('answers ReplicateNext without a start with an error', async () => {
        assert.equal(typeof (await client.request(next)).error, 'number');
    });

    it('pushes who is added, changed and removed', async () => {
        await rows(client, ['guid', 'cn']);
        fixture.pbx.addPerson(emil);
        assert.deepEqual(await client.next(), push('ReplicateAdd', { guid: emil.guid, cn: 'Emil Ek' }));
        fixture.pbx.updatePerson(emil.guid, { name: 'Emil Ek-Holm' });
        assert.deepEqual(await client.next(), push('ReplicateUpdate', { guid: emil.guid, cn: 'Emil Ek-Holm' }));
        fixture.pbx.removePerson(emil.guid);
        assert.deepEqual(await client.next(), push('ReplicateDel', { guid: emil.guid }));
    });

    it('pushes no change of a column that was not asked for', async () => {
        await rows(client, ['guid', 'cn']);
        fixture.pbx.updatePerson(anna.guid, { number: '99', mail: 'anna@firm.example' });
        await client.nothing();
    });

    it('pushes additions and removals only if they were asked for', async () => {
        await client.request({ ...start({ guid: {} }), add: false, del: undefined });
        fixture.pbx.addPerson(emil);
        fixture.pbx.removePerson(emil.guid);
        await client.nothing();
    });

    it('skips who was removed during the replication', async () => {
        await client.request({ ...start({ guid: {} }), del: false });
        fixture.pbx.removePerson(anna.guid);
        assert.deepEqual((await client.request(next)).columns, { guid: juergen.guid });
    });

    it('tells the GUID of who is removed, and no column that was asked for', async () => {
        await client.request(start({ cn: {} }));
        fixture.pbx.removePerson(anna.guid);
        assert.deepEqual(await client.next(), push('ReplicateDel', { guid: anna.guid }));
    });

    it('refuses a ReplicateStart without columns', async () => {
        for (const columns of [undefined, null, 7, {}, []]) {
            const { error, columns: told } = await client.request(start(columns as object));
            assert.deepEqual([typeof error, told], ['number', undefined]);
        }
        assert.equal(typeof (await client.request(next)).error, 'number');
        assert.deepEqual((await client.request(start({ colour: {} }))).columns, {});
    });

    it('refuses more than 20 kinds of objects, and keeps the replication that runs', async () => {
        const kinds = (count: number) => Array.from({ length: count }, (_, index) => (index ? `kind ${index}` : ''));
        assert.equal((await client.request({ ...start({ guid: {} }), pseudo: kinds(20) })).error, undefined);
        const refused = await client.request({ ...start({ cn: {} }), pseudo: kinds(21) });
        assert.deepEqual([typeof refused.error, refused.columns], ['number', undefined]);
        assert.deepEqual((await client.request(next)).columns, { guid: anna.guid });
    });

    it('finds a user by the new name and number after a change, and not by the old', async () => {
        fixture.pbx.updatePerson(anna.guid, { mail: 'a.maier@firm.example', number: '77' });
        const subscribe = (who: object) => client.request({ api: 'PbxApi', mt: 'SubscribePresence', ...who });
        assert.ok((await subscribe({ sip: 'anna.brandt' })).error);
        assert.ok((await subscribe({ num: anna.number })).error);
        assert.equal((await subscribe({ sip: 'a.maier' })).error, undefined);
    });

    it('refuses a GUID or user name that is taken, and a user that is not there', () => {
        assert.throws(() => fixture.pbx.addPerson(anna));
        assert.throws(() => fixture.pbx.addPerson({ ...emil, mail: anna.mail }));
        assert.throws(() => fixture.pbx.updatePerson(anna.guid, { mail: juergen.mail }));
        assert.throws(() => fixture.pbx.updatePerson(emil.guid, {}));
        assert.throws(() => fixture.pbx.removePerson(emil.guid));
        assert.throws(() => fixture.pbx.presenceOf(emil.guid));
        assert.throws(() => fixture.pbx.startCall(emil.guid));
    });
});

describe('user objects of the simulated PBX', () => {
    it('hold the address in full, as a local part, or as user name and system name', async () => {
        const address = ['full', 'local-part', 'h323-email'] as const;
        const fixture = await Fixture.start({
            people: [anna, juergen, emil],
            systemName: 'pbx.example',
            userOptions: (_person, index) => ({ address: address[index]! }),
        });
        try {
            const client = await fixture.login();
            assert.deepEqual(await rows(client, ['emails', 'h323-email']), [
                { emails: [{ email: anna.mail }] },
                { emails: [{ email: 'juergen.vogel' }] },
                { 'h323-email': true },
            ]);
            await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'emil' });
            assert.equal((await client.next()).email, 'emil@pbx.example');
        } finally {
            await fixture.stop();
        }
    });

    it('take display name, node, PBX, template and the hidden mark from the options, and keep them', async () => {
        const options = { displayName: 'Brandt, Anna', node: 'munich', loc: 'pbx-2', hide: true, config: 'Staff' };
        const fixture = await Fixture.start({ people: [anna], pbxName: 'pbx-1', userOptions: () => options });
        try {
            fixture.pbx.updatePerson(anna.guid, { name: 'Anna B.' });
            const columns = { cn: 'Anna B.', dn: 'Brandt, Anna', node: 'munich', loc: 'pbx-2' };
            const names = ['cn', 'dn', 'node', 'loc', 'hide', 'config'];
            const [first] = await rows(await fixture.login(), names);
            assert.deepEqual(first, { ...columns, hide: true, config: 'Staff' });
        } finally {
            await fixture.stop();
        }
    });
});

function start(columns: object | undefined): object {
    return { api, mt: 'ReplicateStart', add: true, del: true, columns, src: 'users' };
}

/** Replicates the whole table. */
async function rows(client: AppClient, names: string[]): Promise<object[]> {
    await client.request(start(Object.fromEntries(names.map(name => [name, {}]))));
    const all: object[] = [];
    for (;;) {
        const { columns } = await client.request(next);
        if (!columns) return all;
        all.push(columns);
    }
}

function row(usn: number, columns: object): Message {
    return { ...push('ReplicateNextResult', columns), usn };
}

function push(mt: string, columns: object): Message {
    return { api, mt, src: 'users', columns };
}
