import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { WebSocket } from 'ws';
import { freePorts } from '../../../lib/simulator/free-ports';
import { SimulatedOffice } from '../../../lib/simulator/office';
import { OfficeError } from '../../../lib/simulator/office-error';
import { defaultPeople, manyPeople } from '../../../lib/simulator/person';
import { simulatedOffice } from '../../../lib/simulator/running-office';

const [anna, juergen] = defaultPeople().map(({ mail }) => mail) as [string, string];

describe('the simulated office', () => {
    let office: SimulatedOffice;
    let dispatcher: Agent;

    beforeEach(async () => {
        office = await SimulatedOffice.create();
        dispatcher = new Agent({ connect: { ca: office.identity.ca } });
    });

    afterEach(async () => {
        await dispatcher.destroy();
        await office.stop();
    });

    const state = (mail: string) => {
        const person = office.people().find(candidate => candidate.mail === mail);
        assert.ok(person);
        return person;
    };

    async function token(): Promise<string> {
        const { loginUrl, tenantId, app, accounts } = office.identity;
        const response = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {
            method: 'POST',
            body: new URLSearchParams({
                grant_type: 'password',
                client_id: app.clientId,
                scope: 'https://graph.microsoft.com/.default',
                ...accounts[0],
            }),
            dispatcher,
        });
        return ((await response.json()) as { access_token: string }).access_token;
    }

    async function usersOfGraph(): Promise<string[]> {
        const headers = { authorization: `Bearer ${await token()}` };
        const response = await fetch(`${office.identity.graphUrl}/v1.0/users`, { headers, dispatcher });
        return ((await response.json()) as { value: { mail: string | null }[] }).value.flatMap(
            ({ mail }) => mail ?? [],
        );
    }

    async function challenge(): Promise<Record<string, unknown>> {
        const socket = new WebSocket(office.identity.pbx.url, { ca: office.identity.ca });
        try {
            await once(socket, 'open');
            socket.send('{"mt":"AppChallenge"}');
            const [message] = await once(socket, 'message');
            return JSON.parse(String(message));
        } finally {
            socket.terminate();
        }
    }

    describe('its identity', () => {
        it('is made new for each office', async () => {
            const other = (await SimulatedOffice.create()).identity;
            const { identity } = office;
            for (const key of ['tenantId', 'graphUrl', 'ca'] as const) assert.notEqual(other[key], identity[key]);
            assert.notEqual(other.app.clientSecret, identity.app.clientSecret);
            assert.notEqual(other.pbx.password, identity.pbx.password);
            assert.equal(identity.loginUrl, identity.graphUrl);
        });

        it('has a password of the App object that a PBX takes: no longer than 15 characters [D7]', () => {
            assert.equal(office.identity.pbx.password.length, 15);
        });

        it('has a communication user for every 650 people, and at least one', async () => {
            const countFor = async (count: number) =>
                (await SimulatedOffice.create({ people: manyPeople(count) })).identity.accounts.length;
            assert.equal(await countFor(0), 1);
            assert.equal(await countFor(650), 1);
            assert.equal(await countFor(651), 2);
        });

        it('takes the ports it is told', async () => {
            const [graphPort, pbxPort] = await freePorts(2);
            const { identity } = await SimulatedOffice.create({ graphPort: graphPort!, pbxPort: pbxPort! });
            assert.equal(identity.graphUrl, `https://127.0.0.1:${graphPort}`);
            assert.equal(identity.pbx.url, `wss://127.0.0.1:${pbxPort}/PBX0/APPS/websocket`);
        });
    });

    describe('its doors', () => {
        it('are closed until it starts, then lead to Microsoft 365 and to the PBX', async () => {
            assert.equal(office.running, false);
            await assert.rejects(challenge());
            await office.start();
            assert.equal(office.running, true);
            assert.deepEqual(
                await usersOfGraph(),
                defaultPeople().map(({ mail }) => mail),
            );
            assert.equal((await challenge()).mt, 'AppChallengeResult');
        });

        it('can be closed and opened again, to the same passwords and certificate authority', async () => {
            const events: string[] = [];
            office.on('started', () => events.push('started')).on('stopped', () => events.push('stopped'));
            for (let round = 0; round < 3; round++) {
                await office.start();
                await office.start();
                assert.equal((await usersOfGraph()).length, 8);
                assert.equal((await challenge()).mt, 'AppChallengeResult');
                await office.stop();
                await office.stop();
                await assert.rejects(usersOfGraph());
                await assert.rejects(challenge());
            }
            assert.deepEqual(events, Array(3).fill(['started', 'stopped']).flat());
        });

        it('may be opened and closed without waiting', async () => {
            const steps = [
                office.start(),
                office.stop(),
                office.start(),
                office.start(),
                office.stop(),
                office.start(),
            ];
            await Promise.all(steps);
            assert.equal(office.running, true);
            assert.equal((await challenge()).mt, 'AppChallengeResult');
        });

        it('stay closed, all of them, when a port has been taken; the error names it', async () => {
            const port = Number(new URL(office.identity.pbx.url).port);
            const thief = createServer().listen(port, '127.0.0.1');
            await once(thief, 'listening');
            await assert.rejects(office.start(), (error: OfficeError) => {
                assert.ok(error instanceof OfficeError);
                assert.equal(
                    error.message,
                    `The simulated PBX cannot listen on port ${port} of 127.0.0.1: another program uses it`,
                );
                return true;
            });
            assert.equal(office.running, false);
            await assert.rejects(usersOfGraph());
            thief.close();
            await once(thief, 'close');
            await office.start();
            assert.equal((await challenge()).mt, 'AppChallengeResult');
        });

        it('include a reverse proxy for a local notification endpoint', async () => {
            const url = office.publish('http://127.0.0.1:1/notifications');
            await office.start();
            assert.equal((await fetch(url, { dispatcher })).status, 502);
        });
    });

    describe('its people', () => {
        it('are available on both sides at first', () => {
            assert.equal(office.people().length, 8);
            for (const { pbx, teams } of office.people()) {
                assert.deepEqual(pbx, { activity: '', note: '', onThePhone: false });
                assert.deepEqual(teams, { availability: 'Available', activity: 'Available' });
            }
        });

        it('set their presence at the phone, and call', () => {
            const changed: string[] = [];
            office.on('change', mail => changed.push(mail));
            office.setPbx(anna, { activity: 'dnd', note: 'quiet please' });
            assert.deepEqual(state(anna).pbx, { activity: 'dnd', note: 'quiet please', onThePhone: false });
            office.setPbx(anna, { call: 'start' });
            assert.deepEqual(state(anna).pbx, { activity: 'dnd', note: 'quiet please', onThePhone: true });
            assert.deepEqual(office.callsOf(anna), { pbx: true, teams: false });
            office.setPbx(anna, { call: 'end' });
            office.setPbx(anna, { activity: '' });
            assert.deepEqual(state(anna).pbx, { activity: '', note: '', onThePhone: false });
            assert.deepEqual(new Set(changed), new Set([anna]));
            assert.equal(state(juergen).pbx.activity, '');
        });

        it('set their presence in Teams, and call', () => {
            const changed: string[] = [];
            office.on('change', mail => changed.push(mail));
            office.setTeams(juergen, { availability: 'Busy', activity: 'InAMeeting' });
            assert.deepEqual(state(juergen).teams, { availability: 'Busy', activity: 'InAMeeting' });
            office.setTeams(juergen, { call: 'start' });
            assert.deepEqual(state(juergen).teams, { availability: 'Busy', activity: 'InACall' });
            assert.deepEqual(office.callsOf(juergen), { pbx: false, teams: true });
            office.setTeams(juergen, { call: 'end' });
            assert.deepEqual(state(juergen).teams, { availability: 'Busy', activity: 'InAMeeting' });
            office.setTeams(juergen, { availability: 'Offline', activity: 'Offline' });
            assert.deepEqual(state(juergen).teams, { availability: 'Offline', activity: 'Offline' });
            assert.deepEqual(new Set(changed), new Set([juergen]));
        });

        it('start a call that is on, or end none, without harm', () => {
            for (const set of [office.setPbx.bind(office), office.setTeams.bind(office)]) {
                set(anna, { call: 'end' });
                set(anna, { call: 'start' });
                set(anna, { call: 'start' });
                set(anna, { call: 'end' });
                set(anna, { call: 'end' });
            }
            assert.deepEqual(state(anna).pbx.onThePhone, false);
            assert.deepEqual(state(anna).teams.activity, 'Available');
        });

        it('are found by their address in any case; for others there is a clear error', () => {
            office.setPbx(anna.toUpperCase(), { activity: 'away' });
            assert.equal(state(anna).pbx.activity, 'away');
            const unknown = { reason: 'person-unknown', message: /nobody@example\.com/ };
            assert.throws(() => office.setPbx('nobody@example.com', { activity: 'dnd' }), unknown);
            assert.throws(() => office.setTeams('nobody@example.com', { call: 'start' }), unknown);
            assert.throws(() => office.person('nobody@example.com'), unknown);
        });

        it('keep their presence while the office is closed', async () => {
            await office.start();
            office.setPbx(anna, { activity: 'dnd' });
            office.setTeams(anna, { availability: 'Away', activity: 'Away' });
            await office.stop();
            await office.start();
            assert.equal(state(anna).pbx.activity, 'dnd');
            assert.equal(state(anna).teams.activity, 'Away');
        });
    });

    describe('what it does not take', () => {
        const pbx: [string, unknown, RegExp][] = [
            ['no object', 'dnd', /"activity" \(and "note"\) or "call"/],
            ['a list', [], /must be an object/],
            ['nothing', {}, /^activity must be one of "", "away", "busy", "dnd", "meeting"/],
            ['a number', { activity: 1 }, /^activity must be one of/],
            ['on-the-phone', { activity: 'on-the-phone' }, /^activity cannot be "on-the-phone"/],
            ['a note that is no text', { activity: 'dnd', note: 1 }, /^note must be a text/],
            ['an unknown call', { call: 'hold' }, /^call must be "start" or "end"/],
            ['a call and an activity', { call: 'end', activity: '' }, /^Give either call or activity/],
        ];
        const teams: [string, unknown, RegExp][] = [
            ['no object', null, /"availability" and "activity", or "call"/],
            ['a reply that is no text', { outOfOffice: true }, /^outOfOffice must be the text of the reply, or null/],
            ['a reply and a call', { outOfOffice: 'Away', call: 'end' }, /^Give either call or outOfOffice/],
            ['a place in words', { workLocation: 'office' }, /^workLocation must be an object with "workLocationType"/],
            ['an unknown place', { workLocation: { workLocationType: 'beach' } }, /^workLocationType must be one of/],
            ['a place with a number', { workLocation: { workLocationType: 'office', placeId: 1 } }, /^placeId must be/],
            ['a place and a state', { workLocation: null, activity: 'Busy' }, /^Give either workLocation or activity/],
            [
                'an unknown availability',
                { availability: 'dnd', activity: 'Busy' },
                /^availability must be one of .*"DoNotDisturb"/,
            ],
            [
                'an unknown activity',
                { availability: 'Busy', activity: 'Calling' },
                /^activity must be one of .*"InACall"/,
            ],
            [
                'a pair that Teams never shows',
                { availability: 'Available', activity: 'InACall' },
                /^Teams never shows activity "InACall" with availability "Available"; possible are "Available", "OutOf/,
            ],
            ['half a pair', { availability: 'Busy' }, /^activity must be one of/],
            ['an unknown call', { call: true }, /^call must be "start" or "end"/],
            ['a call and an activity', { call: 'start', activity: 'Busy' }, /^Give either call or activity/],
        ];
        for (const [name, change, message] of pbx)
            it(`at the phone: ${name}`, () => {
                assert.throws(() => office.setPbx(anna, change as { activity: string }), {
                    reason: 'value-wrong',
                    message,
                });
            });
        for (const [name, change, message] of teams)
            it(`in Teams: ${name}`, () => {
                assert.throws(() => office.setTeams(anna, change as { call: 'start' }), {
                    reason: 'value-wrong',
                    message,
                });
            });
        it('but free text at the phone', () => {
            office.setPbx(anna, { activity: 'vacation' });
            assert.equal(state(anna).pbx.activity, 'vacation');
        });
    });

    it('counts what happens', async () => {
        assert.deepEqual(office.counters(), {
            graphRequests: 0,
            presenceWrites: 0,
            notificationsSent: 0,
            pbxMessages: 0,
            pbxWrites: 0,
        });
        await office.start();
        await usersOfGraph();
        await challenge();
        assert.ok(office.counters().graphRequests >= 1);
        assert.equal(office.counters().pbxMessages, 2);
    });
});

describe('the office of the process', () => {
    it('is one and the same, and not started by asking for it', async () => {
        const [one, two] = await Promise.all([simulatedOffice(), simulatedOffice()]);
        assert.equal(one, two);
        assert.equal(one, await simulatedOffice());
        assert.equal(one.running, false);
    });
});

describe('free ports', () => {
    it('are different, free, and not among those of outgoing connections', async () => {
        const ports = await freePorts(20);
        assert.equal(new Set(ports).size, 20);
        assert.ok(ports.every(port => port < 32_768));
        for (const port of ports) {
            const socket = connectSocket(port, '127.0.0.1');
            const [error] = await once(socket, 'error');
            assert.equal(error.code, 'ECONNREFUSED');
        }
    });
});
