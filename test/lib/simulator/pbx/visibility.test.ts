import assert from 'node:assert/strict';
import { pbxUser, type UserOptions } from '../../../../lib/simulator/pbx/pbx-user';
import { allRights, noRights, type Rights, rightsOf } from '../../../../lib/simulator/pbx/visibility';
import type { AppClient, Message } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

const viewer = { name: 'presence-sync', groups: ['apps', 'sales'] };

describe('visibility rights in the simulated PBX', () => {
    const cases: [what: string, options: UserOptions, expected: Partial<Rights>][] = [
        ['those of an entry with the name', { allows: [{ name: viewer.name, presence: true }] }, { presence: true }],
        ['the default where no entry fits', { allows: [{ name: 'other', presence: true }] }, { online: true }],
        [
            'of the name alone, whatever a group has',
            {
                allows: [
                    { name: 'apps', grp: true, otf: true },
                    { name: viewer.name, note: true },
                ],
            },
            { note: true },
        ],
        [
            'the sum of several groups',
            {
                allows: [
                    { name: 'apps', grp: true, otf: true },
                    { name: 'sales', grp: true, note: true },
                    { name: 'others', grp: true, presence: true },
                    { name: 'apps', presence: true },
                ],
            },
            { otf: true, note: true },
        ],
        [
            'of everybody and of the domain',
            {
                allows: [
                    { name: '@', visible: true },
                    { name: '@firm.example', otf: true },
                    { name: '@other.example', note: true },
                ],
            },
            { visible: true, otf: true },
        ],
    ];
    for (const [what, options, expected] of cases) {
        it(`are ${what}`, () => {
            const otherwise = { ...noRights, online: true };
            const rights = rightsOf(viewer, pbxUser(anna, 'pbx', options), 'firm.example', otherwise);
            assert.deepEqual(rights, { ...noRights, ...expected });
        });
    }

    it("come from the template, and the user's own entry goes before the template's", () => {
        const template = { allows: [{ name: viewer.name, presence: true, note: true }] };
        const own = { allows: [{ name: viewer.name, presence: true }] };
        const of = (options: UserOptions) =>
            rightsOf(viewer, pbxUser(anna, 'pbx', options, template), 'firm.example', noRights);
        assert.equal(of({}).note, true);
        assert.equal(of(own).note, false);
    });

    it('of a user to their own presence are all there are', () => {
        const rights = rightsOf({ name: 'anna.brandt', groups: [] }, pbxUser(anna, 'pbx'), 'firm.example', noRights);
        assert.deepEqual(rights, allRights);
    });
});

describe('presence without a right', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis: [...app.apis, 'PbxAdminApi'] } });
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('is not told, and begins when the right is given', async () => {
        fixture.pbx.visibility(anna.guid, { presence: false });
        await subscribe('SubscribePresenceResult');
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await client.nothing();
        fixture.pbx.visibility(anna.guid, { presence: true });
        assert.deepEqual(await two(), ['PresenceState true', 'PresenceUpdate dnd']);
        fixture.pbx.setPresence(anna.guid, { activity: 'away' });
        assert.equal((await client.next()).mt, 'PresenceUpdate');
    });

    it('is down, if so configured', async () => {
        fixture.pbx.behaviour.unallowedSubscription = 'down';
        fixture.pbx.visibility(anna.guid, { presence: false });
        await subscribe('SubscribePresenceResult');
        const { mt, up, src } = await client.next();
        assert.deepEqual([mt, up, src], ['PresenceState', false, 's']);
        await client.nothing();
    });

    it('goes down when the right is taken away, and comes back with what has happened', async () => {
        await subscribe('SubscribePresenceResult', 'PresenceState', 'PresenceUpdate');
        fixture.pbx.visibility(anna.guid, { presence: false });
        const { mt, up } = await client.next();
        assert.deepEqual([mt, up], ['PresenceState', false]);
        fixture.pbx.setPresence(anna.guid, { activity: 'busy' });
        await client.nothing();
        fixture.pbx.visibility(anna.guid, undefined);
        assert.deepEqual(await two(), ['PresenceState true', 'PresenceUpdate busy']);
    });

    it('to notes, client states or the line is told without them', async () => {
        fixture.pbx.setPresence(anna.guid, { activity: 'busy', note: 'private' });
        fixture.pbx.setClientOnline(anna.guid, true);
        fixture.pbx.startCall(anna.guid);
        fixture.pbx.visibility(anna.guid, { note: false, online: false, otf: false });
        await subscribe('SubscribePresenceResult', 'PresenceState');
        const entries = [{ contact: 'tel:', status: 'open', activity: 'busy' }];
        assert.deepEqual((await client.next()).presence, entries);
        fixture.pbx.visibility(anna.guid, { otf: true });
        const line = { contact: 'tel:', status: 'open', activity: 'on-the-phone' };
        assert.deepEqual((await client.next()).presence, [line, ...entries]);
    });

    it('comes from a template, and changes with it', async () => {
        fixture.pbx.setTemplate('Staff', { allows: [{ name: app.name, presence: true }] });
        fixture.pbx.updatePerson(anna.guid, { config: 'Staff' });
        await subscribe('SubscribePresenceResult', 'PresenceState', 'PresenceUpdate');
        fixture.pbx.setTemplate('Staff', { allows: [{ name: app.name }] });
        assert.equal((await client.next()).up, false);
    });

    it('is the default for all, if so configured', async () => {
        fixture.pbx.defaultVisibility({ ...allRights, presence: false });
        await subscribe('SubscribePresenceResult');
        await client.nothing();
        fixture.pbx.defaultVisibility(allRights);
        assert.deepEqual(await two(), ['PresenceState true', 'PresenceUpdate undefined']);
    });

    it('is all that there is until somebody grants one', async () => {
        await fixture.stop();
        fixture = await Fixture.start({ defaultVisibility: undefined });
        client = await fixture.login();
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd', note: 'quiet' });
        await subscribe('SubscribePresenceResult');
        await client.nothing();
        fixture.pbx.visibility(anna.guid, { presence: true });
        assert.deepEqual(await two(), ['PresenceState true', 'PresenceUpdate dnd']);
        fixture.pbx.startCall(anna.guid);
        await client.nothing();
    });

    describe('is listed by MonitorUnallowed', () => {
        const monitor = { api: 'PbxAdminApi', mt: 'MonitorUnallowed', src: 'm' };
        const listed = (mt: string, user: string) => ({ ...monitor, mt, user, srcs: [{ name: app.name }] });

        it('when monitoring starts, once per user', async () => {
            fixture.pbx.visibility(anna.guid, { presence: false });
            await subscribe('SubscribePresenceResult');
            await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 'again' });
            await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'juergen.vogel', src: 'j' });
            await two();
            assert.equal((await client.request(monitor)).mt, 'MonitorUnallowedResult');
            assert.deepEqual(await client.next(), listed('MonitorUnallowedAdd', 'anna.brandt'));
            await client.nothing();
        });

        it('as it begins and ends, by right, by unsubscribing and by disconnecting', async () => {
            const other = await fixture.login();
            await other.request(monitor);
            await subscribe('SubscribePresenceResult', 'PresenceState', 'PresenceUpdate');
            fixture.pbx.visibility(anna.guid, { presence: false });
            assert.deepEqual(await other.next(), listed('MonitorUnallowedAdd', 'anna.brandt'));
            fixture.pbx.visibility(anna.guid, { presence: true });
            assert.deepEqual(await other.next(), listed('MonitorUnallowedDel', 'anna.brandt'));
            fixture.pbx.visibility(anna.guid, { presence: false });
            await other.next();
            client.send({ api: 'PbxApi', mt: 'UnsubscribePresence', src: 's' });
            assert.deepEqual(await other.next(), listed('MonitorUnallowedDel', 'anna.brandt'));
            client.send({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
            await other.next();
            client.end();
            assert.deepEqual(await other.next(), listed('MonitorUnallowedDel', 'anna.brandt'));
        });

        it('until it is stopped', async () => {
            await client.request(monitor);
            await client.request({ ...monitor, stop: true });
            fixture.pbx.visibility(anna.guid, { presence: false });
            await subscribe('SubscribePresenceResult');
            await client.nothing();
        });
    });

    it('refuses a write, if so configured', async () => {
        fixture.pbx.visibility(anna.guid, { presence: false });
        const write = (guid: string) =>
            client.request({ api: 'PbxApi', mt: 'SetPresence', guid, activity: 'dnd', src: 'w' });
        assert.equal((await write(anna.guid)).error, undefined);
        fixture.pbx.behaviour.setPresenceNeedsRight = true;
        assert.equal(typeof (await write(anna.guid)).error, 'number');
        assert.equal((await write(juergen.guid)).error, undefined);
    });

    async function subscribe(...mts: string[]): Promise<void> {
        client.send({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        for (const mt of mts) assert.equal((await client.next()).mt, mt);
    }

    async function two(): Promise<string[]> {
        return [inShort(await client.next()), inShort(await client.next())];
    }
});

function inShort({ mt, up, presence }: Message): string {
    return `${mt} ${up ?? (presence as { activity?: string }[])[0]?.activity}`;
}
