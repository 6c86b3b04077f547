import assert from 'node:assert/strict';
import type { AppClient, Message } from './app-client';
import { anna, app, Fixture } from './fixture';

const api = 'PbxApi';
const subscribeAnna = { api, mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' };

describe('presence subscriptions in the simulated PBX, where the documentation is silent,', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis: [...app.apis, 'PbxAdminApi'] } });
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('may be told nothing when the right is taken away, and what has happened when it is back', async () => {
        fixture.pbx.behaviour.rightTaken = 'silent';
        await subscribe();
        fixture.pbx.visibility(anna.guid, { presence: false });
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await client.nothing();
        fixture.pbx.visibility(anna.guid, { presence: true });
        const { mt, up } = await client.next();
        assert.deepEqual([mt, up], ['PresenceState', true]);
        assert.deepEqual(await entries(), [{ contact: 'tel:', status: 'open', activity: 'dnd' }]);
    });

    it('may succeed for an unknown user, and nothing follows, even when the user comes', async () => {
        fixture.pbx.behaviour.unknownUser = 'silent';
        fixture.pbx.removePerson(anna.guid);
        assert.deepEqual(await client.request(subscribeAnna), { api, mt: 'SubscribePresenceResult', src: 's' });
        fixture.pbx.addPerson(anna);
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await client.nothing();
        assert.equal(fixture.pbx.subscriptions, 0);
    });

    describe('UnsubscribePresence that ends nothing', () => {
        const unsubscribe = { api, mt: 'UnsubscribePresence', src: 's' };

        it('may be left without an answer, and one that ends something is not', async () => {
            fixture.pbx.behaviour.emptyUnsubscribe = 'silent';
            client.send(unsubscribe);
            await client.nothing();
            await subscribe();
            assert.equal((await client.request(unsubscribe)).error, undefined);
            client.send(unsubscribe);
            await client.nothing();
        });

        it('may be an error', async () => {
            fixture.pbx.behaviour.emptyUnsubscribe = 'error';
            await subscribe();
            const { mt, error } = await client.request({ ...unsubscribe, sip: 'juergen.vogel' });
            assert.deepEqual([mt, typeof error], ['UnsubscribePresenceResult', 'number']);
            assert.equal((await client.request(unsubscribe)).error, undefined);
        });
    });

    it('may be missing in MonitorUnallowed where they were made before', async () => {
        fixture.pbx.behaviour.unallowedExisting = 'only-new';
        fixture.pbx.visibility(anna.guid, { presence: false });
        await client.request(subscribeAnna);
        await client.request({ api: 'PbxAdminApi', mt: 'MonitorUnallowed', src: 'm' });
        await client.nothing();
        client.send({ api, mt: 'UnsubscribePresence', src: 's' });
        assert.equal((await client.next()).mt, 'MonitorUnallowedDel');
        await client.next();
        client.send(subscribeAnna);
        assert.equal((await client.next()).mt, 'SubscribePresenceResult');
        assert.equal((await client.next()).mt, 'MonitorUnallowedAdd');
    });

    it('may tell activities and notes that are empty', async () => {
        fixture.pbx.behaviour.emptyValues = 'present';
        fixture.pbx.setClientOnline(anna.guid, true);
        fixture.pbx.setPresence(anna.guid, { activity: 'busy' });
        await client.request(subscribeAnna);
        await client.next();
        const im = { contact: 'im:', status: 'open', activity: '', note: '' };
        const busy = { contact: 'tel:', status: 'open', activity: 'busy', note: '' };
        assert.deepEqual(await entries(), [busy, im]);
        fixture.pbx.startCall(anna.guid);
        const line = { contact: 'tel:', status: 'open', activity: 'on-the-phone', note: '' };
        assert.deepEqual(await entries(), [line, busy, im]);
        fixture.pbx.endCall(anna.guid);
        await client.next();
        fixture.pbx.setPresence(anna.guid, { activity: '', note: 'secret' });
        await client.next();
        fixture.pbx.visibility(anna.guid, { note: false });
        assert.deepEqual(await entries(), [{ ...busy, activity: '' }, im]);
    });

    it('may have another contact for calendars, which no app has then', async () => {
        fixture.pbx.setCalendar(anna.guid, { activity: 'busy', note: { text: 'Sync' } });
        await subscribe();
        fixture.pbx.setCalendar(anna.guid, undefined);
        await client.next();
        Object.assign(fixture.pbx.behaviour, { calendarContact: 'cal:', customContact: 'refused' });
        fixture.pbx.setCalendar(anna.guid, { activity: 'busy', note: { text: 'Sync' } });
        assert.deepEqual(await entries(), [{ contact: 'cal:', status: 'open', activity: 'busy', note: 'Sync' }]);
        fixture.pbx.setCalendar(anna.guid, undefined);
        assert.deepEqual(await entries(), []);
        const write = { api, mt: 'SetPresence', guid: anna.guid, activity: 'away', src: 'w' };
        assert.ok((await client.request({ ...write, contact: 'calendar:' })).error);
        assert.equal((await client.request({ ...write, contact: 'cal:' })).error, undefined);
    });

    async function subscribe(): Promise<void> {
        await client.request(subscribeAnna);
        await client.next();
        await client.next();
    }

    async function entries(): Promise<Message['presence']> {
        return (await client.next()).presence;
    }
});
