import assert from 'node:assert/strict';
import { InnovaphoneClient } from './innovaphone-client.ts';
import { refusedHosts } from './loopback-only.ts';
import { type Office, startOffice } from './office.ts';

describe("a client written from innovaphone's documentation", () => {
    let office: Office;
    let client: InnovaphoneClient;
    let users: Record<string, unknown>[];

    before(async () => {
        office = await startOffice();
        client = await InnovaphoneClient.login(office.pbx.url, office.pbx);
    });
    after(() => client?.close());

    it('is refused with a wrong password, in words', async () => {
        const wrong = { appName: office.pbx.appName, password: 'wrong' };
        await assert.rejects(
            InnovaphoneClient.login(office.pbx.url, wrong),
            /^Error: The PBX refuses the login: [A-Za-z]/,
        );
    });

    it('replicates the user table with a new source for each request [D1]', async () => {
        users = await client.replicateUsers();
        assert.equal(users.length, office.people.length);
        assert.ok(users.every(({ guid, h323, cn }) => /^[0-9a-f]{32}$/.test(String(guid)) && h323 && cn));
    });

    it('follows many users at once, and tells them apart by the source', async () => {
        const sources = await Promise.all(users.slice(0, 50).map(({ h323 }) => client.subscribePresence(String(h323))));
        for (const source of sources) assert.ok(Array.isArray(await client.presenceUpdate(source)));
        const [first] = sources;
        const { mail } = office.people.find(({ mail }) => mail.startsWith(`${users[0]!.h323}@`))!;
        await office.change(mail, 'pbx', { activity: 'dnd', note: 'Quiet please' });
        const [newest] = await client.presenceUpdate(first!);
        assert.deepEqual([newest?.activity, newest?.note], ['dnd', 'Quiet please']);
    });

    it('sets a presence, sees it come back, and resets it', async () => {
        const [, , , user] = users;
        const sip = String(user!.h323);
        const source = await client.subscribePresence(sip);
        await client.presenceUpdate(source);
        await client.ask('PbxApi', 'SetPresence', { sip, contact: 'tel:', activity: 'busy', note: 'In Teams' });
        const own = (await client.presenceUpdate(source)).find(({ contact }) => contact === 'tel:');
        assert.deepEqual([own?.activity, own?.note], ['busy', 'In Teams']);
        await client.ask('PbxApi', 'SetPresence', { guid: user!.guid, contact: 'tel:', activity: '', note: '' });
        const reset = (await client.presenceUpdate(source)).find(({ contact }) => contact === 'tel:');
        assert.equal(reset?.activity ?? '', '');
        await client.ask('PbxApi', 'UnsubscribePresence', { sip, src: source });
    });

    it('sees somebody on the phone', async () => {
        const { mail } = office.people[9]!;
        const source = await client.subscribePresence(mail.split('@')[0]!);
        await client.presenceUpdate(source);
        await office.change(mail, 'pbx', { call: 'start' });
        assert.equal((await client.presenceUpdate(source))[0]?.activity, 'on-the-phone');
        await office.change(mail, 'pbx', { call: 'end' });
        assert.notEqual((await client.presenceUpdate(source))[0]?.activity, 'on-the-phone');
    });

    it('is refused for a user whom the PBX does not have, in words', async () => {
        const nobody = { sip: 'nobody-of-the-firm', activity: 'busy' };
        await assert.rejects(client.ask('PbxApi', 'SetPresence', nobody), /^Error: SetPresence: [A-Za-z]/);
    });

    it('is told in words what the simulated PBX does not have', async () => {
        await assert.rejects(client.ask('PbxApi', 'GetDiversion'), /GetDiversion of PbxApi is not simulated/);
    });

    it('has contacted this machine alone', () => {
        assert.deepEqual(refusedHosts, []);
    });
});
