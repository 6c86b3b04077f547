import assert from 'node:assert/strict';
import { codedNote } from '../../../../lib/simulator/pbx/calendar-note';
import type { AppClient, Message } from './app-client';
import { anna, Fixture } from './fixture';

const api = 'PbxApi';

describe('SetPresence in the simulated PBX, where the documentation is silent,', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.login();
        await client.request({ api, mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        await client.next();
        await client.next();
    });
    afterEach(() => fixture.stop());

    it('may answer an own contact like a success and forget it', async () => {
        fixture.pbx.behaviour.customContact = 'ignored';
        assert.equal((await write({ contact: 'teams:', activity: 'busy' })).error, undefined);
        await client.nothing();
        await write({ contact: 'tel:', activity: 'busy' });
        assert.deepEqual(contacts(await client.next()), ['tel:']);
    });

    it('may mean another contact than tel: where none is given', async () => {
        fixture.pbx.behaviour.defaultContact = 'app:';
        await write({ activity: 'busy' });
        assert.deepEqual(contacts(await client.next()), ['app:']);
        fixture.pbx.behaviour.defaultContact = 'im:';
        assert.ok((await write({ activity: 'busy' })).error);
    });

    it('takes every activity, or only those that myApps offers', async () => {
        assert.equal((await write({ activity: 'meeting' })).error, undefined);
        await client.next();
        fixture.pbx.behaviour.activities = 'typical';
        assert.ok((await write({ activity: 'meeting' })).error);
        assert.ok((await write({ activity: 'on-the-phone' })).error);
        for (const activity of ['away', 'dnd', '', undefined, 'busy']) {
            const { error } = await write({ activity, note: 'n' });
            assert.equal(error, undefined, activity);
            const { mt } = activity === undefined ? { mt: 'PresenceUpdate' } : await client.next();
            assert.equal(mt, 'PresenceUpdate');
        }
    });

    it('may push the update before the result', async () => {
        fixture.pbx.behaviour.echo = 'before-result';
        assert.equal((await write({ activity: 'dnd' })).mt, 'PresenceUpdate');
        assert.equal((await client.next()).mt, 'SetPresenceResult');
    });

    it('is not needed for a calendar, whose entry has a coded note and a contact of its own', async () => {
        fixture.pbx.setPresence(anna.guid, { activity: 'away' });
        await client.next();
        fixture.pbx.setCalendar(anna.guid, { activity: 'busy', note: { text: 'Lunch #3', until: 1_700_000_000_000 } });
        const note = 'Lunch ##3 #until:1700000000000';
        const [entry, other] = entries(await client.next());
        assert.deepEqual(entry, { contact: 'calendar:', status: 'open', activity: 'busy', note });
        assert.equal(other?.contact, 'tel:');
        fixture.pbx.setCalendar(anna.guid, undefined);
        assert.deepEqual(contacts(await client.next()), ['tel:']);
    });

    describe('on-the-phone', () => {
        it('comes from every call, or from answered ones only', async () => {
            const ringing = fixture.pbx.startCall(anna.guid, { state: 'ringing' });
            assert.equal(entries(await client.next())[0]?.activity, 'on-the-phone');
            fixture.pbx.endCall(anna.guid, ringing);
            await client.next();
            fixture.pbx.behaviour.lineStateFrom = 'answered-calls';
            const second = fixture.pbx.startCall(anna.guid, { state: 'ringing' });
            await client.nothing();
            fixture.pbx.changeCall(second, { state: 'connected' });
            assert.equal(entries(await client.next())[0]?.activity, 'on-the-phone');
        });

        it('stays until the last of several calls has ended', async () => {
            const calls = [fixture.pbx.startCall(anna.guid, {}), fixture.pbx.startCall(anna.guid, { hold: true })];
            await client.next();
            await client.nothing();
            fixture.pbx.endCall(anna.guid, calls[0]);
            await client.nothing();
            assert.deepEqual(
                fixture.pbx.calls(anna.guid).map(({ handle }) => handle),
                [calls[1]],
            );
            fixture.pbx.endCall(anna.guid, calls[1]);
            assert.deepEqual(entries(await client.next()), []);
        });

        it('is one call for who is put in a call twice without more words', () => {
            const call = fixture.pbx.startCall(anna.guid);
            assert.equal(fixture.pbx.startCall(anna.guid), call);
            assert.throws(() => fixture.pbx.changeCall(call + 1, { hold: true }));
            fixture.pbx.endCall(anna.guid, call + 1);
            assert.equal(fixture.pbx.calls(anna.guid).length, 1);
        });
    });

    function write(fields: object): Promise<Message> {
        return client.request({ api, mt: 'SetPresence', guid: anna.guid, src: 'w', ...fields });
    }
});

describe('coded note of a calendar', () => {
    it('is nothing but the words where there is nothing else to say', () => {
        assert.equal(codedNote({ text: 'in room 4' }), 'in room 4');
        assert.equal(codedNote({}), '');
    });

    it('tells what is and what comes, with the words by position', () => {
        const next = { activity: 'away', text: 'Täg 2' } as const;
        const note = codedNote({ text: 'Büro #1', activity: 'busy', until: 5, wholeDay: true, next });
        const codes = '#len:7 #busy #until:5 #whole-day #next-activity:away #next:8:5:9:6';
        assert.equal(note, `Büro #1 Täg 2 ${codes}`);
        assert.equal([...note].slice(8, 13).join(''), 'Täg 2');
    });

    it('may be rendered for clients that know no codes, as the published example is [D8]', () => {
        const next = { activity: 'busy', text: 'Fixes' } as const;
        const rendered = 'Frei bis 26.04.2018, 11:00 (Beschäftigt: Fixes)';
        const note = codedNote({ rendered, activity: 'free', until: 1_524_733_200_000, next });
        assert.equal(note, `${rendered} #free #until:1524733200000 #next-activity:busy #next:41:5:42:5`);
    });

    it('tells the length where asked, and needs no words', () => {
        assert.equal(codedNote({ text: '#1 🙂', counted: true }), '#1 🙂 #len:4');
        assert.equal(codedNote({ activity: 'free', next: { activity: 'busy' } }), '#free #next-activity:busy');
        assert.equal(
            codedNote({ next: { activity: 'busy', text: 'Call' } }),
            'Call #len:0 #next-activity:busy #next:0:4:0:4',
        );
    });
});

function entries({ presence }: Message): { contact: string; activity?: string; note?: string }[] {
    return presence as { contact: string }[];
}

function contacts(message: Message): string[] {
    return entries(message).map(({ contact }) => contact);
}
