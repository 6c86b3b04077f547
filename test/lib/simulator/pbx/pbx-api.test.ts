import assert from 'node:assert/strict';
import type { AppClient, Message } from './app-client';
import { anna, Fixture, juergen } from './fixture';

const api = 'PbxApi';
const line = { contact: 'tel:', status: 'open', activity: 'on-the-phone' };

describe('presence in the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start();
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    describe('subscription', () => {
        it('is confirmed, tells who it is, then what they show', async () => {
            fixture.pbx.setPresence(anna.guid, { activity: 'busy', note: 'Büro' });
            const result = await client.request({ api, mt: 'SubscribePresence', sip: 'anna.brandt', src: '1' });
            assert.deepEqual(result, { api, mt: 'SubscribePresenceResult', src: '1' });
            assert.deepEqual(await client.next(), stateOfAnna('1', true));
            assert.deepEqual(await client.next(), update('1', entry('tel:', 'busy', 'Büro')));
        });

        it('works by number, and starts with an empty list for who has set nothing', async () => {
            await client.request({ api, mt: 'SubscribePresence', num: anna.number, src: '1' });
            assert.equal((await client.next()).sip, 'anna.brandt');
            assert.deepEqual(await client.next(), update('1'));
        });

        it('of an unknown user is refused', async () => {
            for (const who of [{ sip: 'nobody' }, { num: '4711' }, {}, { sip: 7 }]) {
                const result = await client.request({ api, mt: 'SubscribePresence', ...who, src: '1' });
                assert.equal(result.mt, 'SubscribePresenceResult');
                assert.equal(result.src, '1');
                assert.equal(typeof result.error, 'number');
                assert.equal(typeof result.errorText, 'string');
            }
            await client.nothing();
        });

        it('pushes changes of that user only, without a user field', async () => {
            await subscribe(client, 'anna.brandt', 'a');
            await subscribe(client, 'juergen.vogel', 'j');
            fixture.pbx.setPresence(juergen.guid, { activity: 'away' });
            assert.deepEqual(await client.next(), update('j', entry('tel:', 'away')));
            await client.nothing();
        });

        it('repeats a src of any type, and works without one', async () => {
            await subscribe(client, 'anna.brandt', 7);
            await subscribe(client, 'juergen.vogel');
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            assert.strictEqual((await client.next()).src, 7);
            fixture.pbx.setPresence(juergen.guid, { activity: 'dnd' });
            assert.equal('src' in (await client.next()), false);
        });

        it('of several connections and sources is served for each', async () => {
            const other = await fixture.login();
            await subscribe(client, 'anna.brandt', '1');
            await subscribe(client, 'anna.brandt', '2');
            await subscribe(other, 'anna.brandt', '1');
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            assert.deepEqual([(await client.next()).src, (await client.next()).src], ['1', '2']);
            assert.equal((await other.next()).src, '1');
        });

        it('made twice with the same source counts once', async () => {
            await subscribe(client, 'anna.brandt', '1');
            await subscribe(client, 'anna.brandt', '1');
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            assert.equal((await client.next()).mt, 'PresenceUpdate');
            await client.nothing();
        });

        it('goes down when the user is removed, and nothing follows', async () => {
            await subscribe(client, 'anna.brandt', '1');
            fixture.pbx.removePerson(anna.guid);
            assert.deepEqual(await client.next(), stateOfAnna('1', false));
            fixture.pbx.addPerson(anna);
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            await client.nothing();
        });

        for (const fields of [{ src: '1' }, { src: '1', sip: 'anna.brandt' }, { src: '1', num: '11' }]) {
            it(`ends by ${Object.keys(fields).join(' and ')}`, async () => {
                await subscribe(client, 'anna.brandt', '1');
                const result = await client.request({ api, mt: 'UnsubscribePresence', ...fields });
                assert.deepEqual(result, { api, mt: 'UnsubscribePresenceResult', src: '1' });
                fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
                await client.nothing();
            });
        }

        it('is not ended by another source or user', async () => {
            await subscribe(client, 'anna.brandt', '1');
            await client.request({ api, mt: 'UnsubscribePresence', src: '2' });
            await client.request({ api, mt: 'UnsubscribePresence', src: '1', sip: 'juergen.vogel' });
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            assert.equal((await client.next()).mt, 'PresenceUpdate');
        });

        it('tells no line state without the visibility flag', async () => {
            fixture.pbx.visibility(anna.guid, { otf: false });
            await subscribe(client, 'anna.brandt', '1');
            fixture.pbx.startCall(anna.guid);
            await client.nothing();
            assert.equal(fixture.pbx.presenceOf(anna.guid).onThePhone, true);
        });
    });

    describe('SetPresence', () => {
        beforeEach(() => subscribe(client, 'anna.brandt', 's'));

        it('is confirmed and pushed', async () => {
            const set = { guid: anna.guid, contact: 'tel:', activity: 'busy', note: 'back at 3' };
            assert.deepEqual(await write(client, set), { api, mt: 'SetPresenceResult', src: 'w' });
            assert.deepEqual(await client.next(), update('s', entry('tel:', 'busy', 'back at 3')));
            const { entries, ...shown } = fixture.pbx.presenceOf(anna.guid);
            assert.deepEqual(shown, { activity: 'busy', note: 'back at 3', onThePhone: false });
            assert.equal(entries.length, 1);
        });

        it('takes a user name instead of the GUID, and means tel: without a contact', async () => {
            await write(client, { sip: 'anna.brandt', activity: 'away' });
            assert.deepEqual(await client.next(), update('s', entry('tel:', 'away')));
        });

        it('overwrites the same contact only, and moves it to the front', async () => {
            const steps: [contact: string, activity: string, shown: string[]][] = [
                ['tel:', 'dnd', ['tel: dnd']],
                ['teams:', 'busy', ['teams: busy', 'tel: dnd']],
                ['calendar:', 'away', ['calendar: away', 'teams: busy', 'tel: dnd']],
                ['tel:', 'away', ['tel: away', 'calendar: away', 'teams: busy']],
                ['teams:', 'busy', ['teams: busy', 'tel: away', 'calendar: away']],
            ];
            for (const [contact, activity, shown] of steps) {
                await write(client, { guid: anna.guid, contact, activity });
                assert.deepEqual(names(await client.next()), shown);
            }
            assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'busy');
        });

        it('counts the same value as a write and pushes nothing', async () => {
            await write(client, { guid: anna.guid, activity: 'dnd' });
            await client.next();
            assert.equal((await write(client, { guid: anna.guid, activity: 'dnd' })).error, undefined);
            await client.nothing();
            assert.equal(fixture.pbx.counters.writes, 2);
        });

        for (const available of [{}, { activity: '' }, { activity: '', note: '' }, { activity: null }]) {
            it(`makes available with ${JSON.stringify(available)}: the entry disappears`, async () => {
                await write(client, { guid: anna.guid, contact: 'teams:', activity: 'dnd' });
                await client.next();
                await write(client, { guid: anna.guid, contact: 'teams:', ...available });
                assert.deepEqual(await client.next(), update('s'));
                assert.equal(fixture.pbx.presenceOf(anna.guid).activity, '');
            });
        }

        it('keeps an entry with a note and no activity', async () => {
            await write(client, { guid: anna.guid, note: 'in room 4' });
            assert.deepEqual(await client.next(), update('s', entry('tel:', undefined, 'in room 4')));
        });

        it('keeps an empty entry if so configured', async () => {
            fixture.pbx.behaviour.emptyEntry = 'kept';
            await write(client, { guid: anna.guid, activity: '' });
            assert.deepEqual(await client.next(), update('s', entry('tel:')));
        });

        it('refuses an unknown user', async () => {
            for (const who of [{ guid: 'f'.repeat(32) }, { sip: 'nobody' }, {}, { guid: 7 }]) {
                await refused(client, { ...who, activity: 'dnd' });
            }
        });

        it('refuses values that are no text, and the contact that the PBX makes', async () => {
            for (const bad of [{ activity: 7 }, { note: {} }, { contact: [] }, { contact: 'im:', activity: 'away' }]) {
                await refused(client, { guid: anna.guid, ...bad });
            }
        });

        it('refuses on-the-phone, or takes it if so configured', async () => {
            await refused(client, { guid: anna.guid, activity: 'on-the-phone' });
            fixture.pbx.behaviour.onThePhoneSettable = true;
            await write(client, { guid: anna.guid, contact: 'teams:', activity: 'on-the-phone' });
            assert.deepEqual(names(await client.next()), ['teams: on-the-phone']);
            assert.equal(fixture.pbx.presenceOf(anna.guid).onThePhone, false);
        });

        it('refuses contacts of apps if so configured, and no others', async () => {
            fixture.pbx.behaviour.customContact = 'refused';
            await refused(client, { guid: anna.guid, contact: 'teams:', activity: 'busy' });
            for (const contact of ['tel:', 'calendar:', '']) {
                assert.equal((await write(client, { guid: anna.guid, contact, activity: 'busy' })).error, undefined);
                await client.next();
            }
        });

        it('stores contacts of apps as tel: if so configured', async () => {
            fixture.pbx.behaviour.customContact = 'tel';
            await write(client, { guid: anna.guid, contact: 'teams:', activity: 'busy' });
            assert.deepEqual(names(await client.next()), ['tel: busy']);
        });

        async function refused(from: AppClient, fields: object): Promise<void> {
            const writes = fixture.pbx.counters.writes;
            const result = await write(from, fields);
            assert.equal(result.mt, 'SetPresenceResult');
            assert.equal(result.src, 'w');
            assert.equal(typeof result.error, 'number');
            assert.equal(typeof result.errorText, 'string');
            await from.nothing();
            assert.equal(fixture.pbx.counters.writes, writes);
        }
    });

    describe('line state', () => {
        it('is an item of its own in front of the list while the user is in a call', async () => {
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            await subscribe(client, 'anna.brandt', 's');
            fixture.pbx.startCall(anna.guid);
            assert.deepEqual(await client.next(), update('s', line, entry('tel:', 'dnd')));
            const { activity, onThePhone, entries } = fixture.pbx.presenceOf(anna.guid);
            assert.deepEqual([activity, onThePhone, entries.length], ['dnd', true, 2]);
            fixture.pbx.endCall(anna.guid);
            assert.deepEqual(await client.next(), update('s', entry('tel:', 'dnd')));
            assert.equal(fixture.pbx.presenceOf(anna.guid).onThePhone, false);
        });

        it('stays in front when the user sets something during the call', async () => {
            await subscribe(client, 'anna.brandt', 's');
            fixture.pbx.startCall(anna.guid);
            await client.next();
            await write(client, { guid: anna.guid, contact: 'teams:', activity: 'busy' });
            assert.deepEqual(names(await client.next()), ['tel: on-the-phone', 'teams: busy']);
        });

        it('is pushed once for a call that starts or ends twice', async () => {
            await subscribe(client, 'anna.brandt', 's');
            fixture.pbx.startCall(anna.guid);
            fixture.pbx.startCall(anna.guid);
            assert.equal((await client.next()).mt, 'PresenceUpdate');
            await client.nothing();
            fixture.pbx.endCall(anna.guid);
            fixture.pbx.endCall(anna.guid);
            assert.equal((await client.next()).mt, 'PresenceUpdate');
            await client.nothing();
        });

        it('takes the place of the tel: entry if so configured, and gives it back', async () => {
            fixture.pbx.behaviour.lineState = 'replaces-tel';
            fixture.pbx.setPresence(anna.guid, { activity: 'away', note: 'home' });
            await write(client, { guid: anna.guid, contact: 'teams:', activity: 'busy' });
            await subscribe(client, 'anna.brandt', 's');
            fixture.pbx.startCall(anna.guid);
            const during = update('s', { ...line, note: 'home' }, entry('teams:', 'busy'));
            assert.deepEqual(await client.next(), during);
            fixture.pbx.endCall(anna.guid);
            assert.deepEqual(names(await client.next()), ['teams: busy', 'tel: away']);
        });

        it('makes a tel: entry where there is none, and hides what is written beneath it', async () => {
            fixture.pbx.behaviour.lineState = 'replaces-tel';
            await subscribe(client, 'anna.brandt', 's');
            fixture.pbx.startCall(anna.guid);
            assert.deepEqual(await client.next(), update('s', line));
            fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
            await client.nothing();
            assert.equal(fixture.pbx.presenceOf(anna.guid).activity, 'dnd');
            fixture.pbx.endCall(anna.guid);
            assert.deepEqual(names(await client.next()), ['tel: dnd']);
        });
    });

    it('adds im: entries for clients that come and go, which change nothing of the setting', async () => {
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'quiet' });
        await subscribe(client, 'anna.brandt', 's');
        fixture.pbx.setClientOnline(anna.guid, true);
        const im = { contact: 'im:', status: 'open' };
        assert.deepEqual(await client.next(), update('s', im, entry('tel:', 'dnd', 'quiet')));
        fixture.pbx.setClientOnline(anna.guid, false);
        assert.deepEqual(await client.next(), update('s', { ...im, status: 'closed' }, entry('tel:', 'dnd', 'quiet')));
        const { activity, note } = fixture.pbx.presenceOf(anna.guid);
        assert.deepEqual([activity, note], ['dnd', 'quiet']);
    });

    it('reports changes, and only changes, to its owner', () => {
        const changes: string[] = [];
        fixture.pbx.on('change', guid => changes.push(guid));
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        fixture.pbx.setPresence(juergen.guid, { activity: '' });
        fixture.pbx.startCall(juergen.guid);
        fixture.pbx.endCall(juergen.guid);
        assert.deepEqual(changes, [anna.guid, juergen.guid, juergen.guid]);
    });
});

async function subscribe(client: AppClient, sip: string, src?: unknown): Promise<void> {
    const mts = [
        await client.request({ api, mt: 'SubscribePresence', sip, src }),
        await client.next(),
        await client.next(),
    ];
    assert.deepEqual(
        mts.map(({ mt }) => mt),
        ['SubscribePresenceResult', 'PresenceState', 'PresenceUpdate'],
    );
}

function write(client: AppClient, fields: object): Promise<Message> {
    return client.request({ api, mt: 'SetPresence', src: 'w', ...fields });
}

function stateOfAnna(src: string, up: boolean): Message {
    const { number: num, name: dn, mail: email } = anna;
    return { api, mt: 'PresenceState', src, up, sip: 'anna.brandt', num, dn, email };
}

function update(src: string, ...presence: object[]): Message {
    return { api, mt: 'PresenceUpdate', src, presence };
}

function entry(contact: string, activity?: string, note?: string): object {
    return { contact, status: 'open', ...(activity && { activity }), ...(note && { note }) };
}

function names({ presence }: Message): string[] {
    return (presence as { contact: string; activity: string }[]).map(each => `${each.contact} ${each.activity}`);
}
