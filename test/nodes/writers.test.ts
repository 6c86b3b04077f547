import assert from 'node:assert/strict';
import { once } from 'node:events';
import { defaultPeople } from '../../lib/simulator/person';
import { simulatedOffice } from '../../lib/simulator/running-office';

import azureApp = require('../../nodes/azure-app');
import pbxConnection = require('../../nodes/pbx-connection');
import pbxPresenceOut = require('../../nodes/pbx-presence-out');
import presenceSimulator = require('../../nodes/presence-simulator');
import teamsPresenceWriter = require('../../nodes/teams-presence-writer');

import type { AzureApp } from '../../nodes/azure-app';
import { until } from '../lib/pbx/pbx-bench';
import { LoadedFlow } from '../support/loaded-flow';
import { mails } from '../support/people';

const modules = [azureApp, pbxConnection, pbxPresenceOut, presenceSimulator, teamsPresenceWriter];
const [anna] = mails;
const nobody = 'nobody@contoso.com';

const app = { id: 'app', type: 'azure-app', cloud: 'simulated' };
const pbx = { id: 'pbx', type: 'pbx-connection', system: 'simulated' };
const simulator = { id: 'simulator', type: 'presence-simulator', z: 'tab' };
const teamsWriter = { id: 'teams-writer', type: 'teams-presence-writer', z: 'tab', app: 'app', wires: [['sent']] };
const pbxOut = {
    id: 'pbx-out',
    type: 'pbx-presence-out',
    z: 'tab',
    pbx: 'pbx',
    callNote: 'In Teams',
    wires: [['sent']],
};

const teamsWords = { availability: 'Busy', activity: 'InACall' };
const pbxWords = { activity: 'dnd', note: '', onThePhone: false };

/** Somebody as only the PBX has named them. */
function inPbx(address: string, guid = defaultPeople().find(({ mail }) => mail === address)?.guid) {
    const pbx = { guid, name: 'anna', longName: 'Anna', displayName: 'Anna', number: '', node: 'pbx-main' };
    return { addresses: [address], displayName: 'Anna', pbx };
}

const nothing = { sent: [], completed: 0 };

describe('a presence writer', function () {
    this.timeout(120_000);
    let flow: LoadedFlow;

    afterEach(() => flow?.unload());

    it('says before the first message which permission it lacks', async () => {
        const { tenant, identity } = await simulatedOffice();
        const granted = ['User.Read.All', 'Presence.ReadWrite.All', 'GroupMember.Read.All'];
        tenant.changeRegistration(identity.app.clientId, { roles: ['User.Read.All'] });
        try {
            flow = await LoadedFlow.load(modules, [app, simulator, teamsWriter]);
            const { text } = await flow.statusOf('teams-writer', 'red');
            assert.match(text ?? '', /Presence\.ReadWrite\.All/);
        } finally {
            tenant.changeRegistration(identity.app.clientId, { roles: granted });
        }
    });

    for (const [type, node, words] of [
        ['teams-presence-writer', teamsWriter, teamsWords],
        ['pbx-presence-out', pbxOut, pbxWords],
    ] as const)
        it(`says why somebody shows what they show, pauses and goes on: ${type}`, async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, simulator, node]);
            await flow.statusOf(node.id, 'green');
            await flow.send(node.id, { topic: anna, payload: words });
            const why = async (): Promise<string> => {
                const { sent } = await flow.send(node.id, { topic: anna, action: 'get' } as never);
                return JSON.stringify(sent[0]?.payload);
            };
            assert.match(await why(), /sentences/);
            assert.match(await why(), /Anna/);
            await flow.send(node.id, { topic: anna, action: 'pause', minutes: 60 } as never);
            assert.match(await why(), /An administrator has paused/);
            await flow.send(node.id, { topic: anna, action: 'resume' } as never);
            await flow.send(node.id, { action: 'resync' } as never);
            const wrong = [{ topic: 7 }, { topic: '', user: { addresses: anna } }, { minutes: 0 }, { until: 5 }];
            // No date is so late.
            for (const more of [...wrong, { minutes: 1e12 }, { until: 1e18 }]) {
                const message = { topic: anna, action: 'pause', ...more };
                const { errors, ...rest } = await flow.send(node.id, message as never);
                assert.deepEqual([rest, errors.length], [nothing, 1], JSON.stringify(more));
            }
            assert.doesNotMatch(await why(), /An administrator has paused/);
            const { sent, completed } = await flow.send(node.id, { topic: anna, action: 'dance' } as never);
            assert.deepEqual({ sent, completed }, nothing);
        });

    for (const [type, node, words] of [
        ['teams-presence-writer', teamsWriter, teamsWords],
        ['pbx-presence-out', pbxOut, pbxWords],
    ] as const)
        it(`takes nothing back for another source: ${type}`, async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, simulator, node]);
            await flow.send(node.id, { topic: anna, payload: words });
            const held = async (): Promise<string> => {
                const { sent } = await flow.send(node.id, { topic: anna, action: 'get' } as never);
                return JSON.stringify((sent[0]?.payload as { sentences?: unknown })?.sentences);
            };
            const before = await held();
            const cleared = { topic: anna, payload: { clear: true }, presence: { source: 'calendar' } };
            const { errors } = await flow.send(node.id, cleared as never);
            assert.match(errors[0] ?? '', /another source \(calendar\).*stays/);
            assert.equal(await held(), before);
            await flow.send(node.id, { topic: anna, payload: { clear: true } });
        });

    for (const [type, node, words] of [
        ['teams-presence-writer', teamsWriter, teamsWords],
        ['pbx-presence-out', pbxOut, pbxWords],
    ] as const)
        it(`does all that was asked before it knew anybody: ${type}`, async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, simulator, node]);
            const asked = [{ action: 'pause' }, { action: 'get' }, { action: 'get' }];
            const answers = await Promise.all(asked.map(more => flow.send(node.id, { topic: anna, ...more } as never)));
            assert.deepEqual(
                answers.flatMap(({ errors }) => errors),
                [],
            );
            const { sent } = await flow.send(node.id, { topic: anna, payload: words });
            assert.match(sent[0]?.outcome?.reason ?? '', /An administrator has paused/);
            await flow.send(node.id, { topic: anna, action: 'resume' } as never);
            await flow.send(node.id, { topic: anna, payload: { clear: true } });
        });

    it('keeps what came before the directory could be read', async () => {
        const office = await simulatedOffice();
        const { faults } = office.tenant;
        faults.failNext(1_000, 403, undefined, {}, /GET \/v1\.0\/users/);
        try {
            flow = await LoadedFlow.load(modules, [app, simulator, teamsWriter]);
            await flow.statusOf('teams-writer', 'red');
            const { sent } = await flow.send('teams-writer', { topic: anna, payload: teamsWords });
            assert.equal(sent[0]?.outcome?.written, false);
        } finally {
            faults.clear();
        }
        const { system } = await (flow.node('app') as unknown as AzureApp).teams;
        const shown = once(office, 'change');
        system.directory.refresh();
        await flow.statusOf('teams-writer', 'green');
        await shown;
        assert.equal(office.person(anna).teams.activity, 'InACall');
        await flow.send('teams-writer', { topic: anna, payload: { clear: true } });
    });

    it('finds who is meant as the PBX matches its users, though nobody follows Teams', async () => {
        const office = await simulatedOffice();
        const { number, guid } = defaultPeople().find(({ mail }) => mail === anna)!;
        const byNumber = { ...pbx, match: 'number' };
        flow = await LoadedFlow.load(modules, [app, byNumber, simulator, { ...teamsWriter, pbx: 'pbx' }]);
        await flow.statusOf('teams-writer', 'green');
        const identity = { guid, name: 'a.b', longName: 'A. B.', displayName: 'A. B.', node: 'pbx-main' };
        const userOf = (extension: string, addresses: string[] = []) => ({
            addresses,
            displayName: 'A. B.',
            pbx: { ...identity, number: extension },
        });
        const { sent } = await flow.send('teams-writer', { user: userOf(number), payload: teamsWords });
        assert.equal(sent[0]?.outcome?.written, true);
        assert.equal(office.person(anna).teams.activity, 'InACall');
        await flow.send('teams-writer', { user: userOf(number), payload: { clear: true } });
        assert.equal(office.person(anna).teams.activity, 'Available');
        // The PBX knows this one by no GUID: only the message says the number.
        const stranger = userOf('999', [anna]);
        stranger.pbx.guid = guid.replace(/./g, '0');
        const other = await flow.send('teams-writer', { user: stranger, payload: teamsWords });
        assert.match(other.sent[0]?.outcome?.reason ?? '', /^No Teams user/);
    });

    it('sets nothing for somebody whom more than one user fits, and says so', async () => {
        const [first, juergen, priya] = defaultPeople();
        const pairs = [anna, priya!.mail].map(mail => ({ pbx: mail, teams: juergen!.mail }));
        flow = await LoadedFlow.load(modules, [
            app,
            { ...pbx, pairs },
            simulator,
            { ...teamsWriter, pbx: 'pbx' },
            pbxOut,
        ]);
        await Promise.all(['teams-writer', 'pbx-out'].map(id => flow.statusOf(id, 'green')));
        const { sent, errors } = await flow.send('teams-writer', { user: inPbx(anna), payload: teamsWords });
        const reason = `${juergen!.name} can be matched with more than one user (${first!.name}, ${priya!.name}) and so is with none`;
        const { written, reason: told = '' } = sent[0]?.outcome ?? {};
        assert.deepEqual([written, told.split(':')[0], errors], [false, reason, []]);
    });

    it('finds by address whom a message names without the GUID of the PBX', async () => {
        flow = await LoadedFlow.load(modules, [app, pbx, simulator, { ...teamsWriter, pbx: 'pbx' }]);
        await flow.statusOf('teams-writer', 'green');
        for (const part of [null, {}, { guid: '', name: 'anna' }]) {
            const user = { addresses: [anna], displayName: 'Anna', pbx: part };
            const { sent } = await flow.send('teams-writer', { user, payload: teamsWords } as never);
            assert.match(sent[0]?.outcome?.reason ?? '', /et to Busy\/InACall in Teams$/, JSON.stringify(part));
        }
        await flow.send('teams-writer', { topic: anna, payload: { clear: true } });
    });

    it('needs no PBX for those whom no PBX has named', async () => {
        const office = await simulatedOffice();
        const wrong = { ...pbx, system: 'real', role: 'client', address: '' };
        flow = await LoadedFlow.load(modules, [app, wrong, simulator, { ...teamsWriter, pbx: 'pbx' }]);
        const { text = '' } = await flow.statusOf('teams-writer', 'red');
        assert.match(text, /is missing$/);
        const ofPbx = await flow.send('teams-writer', { user: inPbx(anna), payload: teamsWords });
        assert.deepEqual(ofPbx.sent[0]?.outcome, { written: false, reason: text });
        const other = await flow.send('teams-writer', { topic: anna, payload: teamsWords });
        assert.equal(other.sent[0]?.outcome?.written, true);
        assert.equal(office.person(anna).teams.activity, 'InACall');
        assert.equal(flow.status('teams-writer')?.text, text);
        await flow.send('teams-writer', { topic: anna, payload: { clear: true } });
    });

    it('takes back from the Teams user whom a PBX user no longer is', async () => {
        const office = await simulatedOffice();
        const juergen = mails[1]!;
        const shows = (mail: string) => office.person(mail).teams.activity;
        flow = await LoadedFlow.load(modules, [app, simulator, teamsWriter]);
        await flow.statusOf('teams-writer', 'green');
        const send = (guid: string, address: string) =>
            flow.send('teams-writer', { user: inPbx(address, guid), payload: teamsWords });
        await send('1', anna);
        await send('2', juergen);
        // They change places.
        await send('1', juergen);
        await until(() => shows(anna) === 'Available');
        await send('2', anna);
        assert.deepEqual([shows(anna), shows(juergen)], ['InACall', 'InACall']);
        await send('2', nobody);
        await until(() => shows(anna) === 'Available');
        assert.equal(shows(juergen), 'InACall');
        await flow.send('teams-writer', { topic: juergen, payload: { clear: true } });
    });

    describe('with an open office', () => {
        beforeEach(async () => {
            flow = await LoadedFlow.load(modules, [app, pbx, simulator, teamsWriter, pbxOut]);
            await Promise.all(['simulator', 'teams-writer', 'pbx-out'].map(id => flow.statusOf(id, 'green')));
        });

        /** What the office shows for Anna. */
        const shown = async () => {
            const { pbx, teams } = (await simulatedOffice()).person(anna);
            return { pbx: `${pbx.activity} (${pbx.note})`, teams: `${teams.availability}/${teams.activity}` };
        };

        it('passes the message on with what has become of it, once Teams has answered', async () => {
            const message = { topic: anna, payload: teamsWords, room: 4, _msgid: '1' };
            const first = await flow.send('teams-writer', message);
            assert.deepEqual(first.sent, [
                { ...message, outcome: { written: true, reason: 'Set to Busy/InACall in Teams' } },
            ]);
            assert.equal((await shown()).teams, 'Busy/InACall');
            const second = await flow.send('teams-writer', message);
            assert.equal(second.sent[0]?.outcome?.written, false);
            const third = await flow.send('teams-writer', { topic: anna, payload: { clear: true } });
            assert.equal(third.sent[0]?.outcome?.written, true);
            assert.equal((await shown()).teams, 'Available/Available');
        });

        it('passes the message on with what has become of it, once the PBX has answered', async () => {
            const user = { addresses: [anna], displayName: 'Anna' };
            const message = { user, payload: { activity: 'on-the-phone', note: '', onThePhone: true }, _msgid: '1' };
            const first = await flow.send('pbx-out', message);
            assert.deepEqual(first.sent, [
                { ...message, outcome: { written: true, reason: 'Shown in the PBX as busy' } },
            ]);
            assert.equal((await shown()).pbx, 'busy (In Teams)');
            const second = await flow.send('pbx-out', message);
            assert.equal(second.sent[0]?.outcome?.written, false);
            const third = await flow.send('pbx-out', { topic: anna.toUpperCase(), payload: { clear: true } });
            assert.equal(third.sent[0]?.outcome?.written, true);
            assert.equal((await shown()).pbx, ' ()');
        });

        for (const [id, words] of [
            ['teams-writer', teamsWords],
            ['pbx-out', pbxWords],
        ] as const) {
            it(`${id} says that a message names no user`, async () => {
                for (const who of [{}, { topic: '' }, { topic: 7 }, { user: {} }, { user: { addresses: anna } }]) {
                    const { errors, ...rest } = await flow.send(id, { ...who, payload: words });
                    assert.deepEqual(rest, nothing, JSON.stringify(who));
                    assert.deepEqual(errors, ['The message names no user: neither msg.user nor msg.topic is set']);
                }
            });
        }

        it('passes on a message for a user whom the other side does not know, and says so in it', async () => {
            const inTeams = await flow.send('teams-writer', { topic: nobody, payload: teamsWords });
            const inPbx = await flow.send('pbx-out', {
                user: { addresses: [nobody], displayName: 'Nobody' },
                payload: pbxWords,
            });
            for (const [{ sent, errors, completed }, reason] of [
                [inTeams, `No Teams user has the address ${nobody}`],
                [inPbx, `No PBX user with the address ${nobody} takes part`],
            ] as const) {
                assert.deepEqual({ errors, completed }, { errors: [], completed: 1 });
                assert.deepEqual(
                    sent.map(({ outcome }) => outcome),
                    [{ written: false, reason }],
                );
            }
        });

        it('names those whom the PBX does not know, but not where there is nothing to set', async () => {
            const warnings: string[] = [];
            flow.node('pbx-out').warn = text => void warnings.push(String(text));
            const leaver = 'leaver@contoso.com';
            const { sent } = await flow.send('pbx-out', { topic: leaver, payload: { clear: true } });
            const reason = `No PBX user with the address ${leaver} takes part`;
            assert.deepEqual(sent[0]?.outcome, { written: false, reason });
            await flow.send('pbx-out', { topic: nobody, payload: pbxWords });
            await flow.unload();
            assert.deepEqual(
                warnings.map(text => text.split(': ')[1]),
                [nobody],
            );
        });

        it('sets calls only where that is the choice', async () => {
            await flow.unload();
            const callsOnly = { ...teamsWriter, sets: 'calls' };
            flow = await LoadedFlow.load(modules, [app, pbx, simulator, callsOnly, pbxOut]);
            await Promise.all(['simulator', 'teams-writer', 'pbx-out'].map(id => flow.statusOf(id, 'green')));
            const preferred = { availability: 'DoNotDisturb', activity: 'DoNotDisturb' };
            await flow.send('teams-writer', { topic: anna, payload: { ...teamsWords, preferred } });
            assert.equal((await shown()).teams, 'Busy/InACall');
            const { sent } = await flow.send('teams-writer', { topic: anna, payload: preferred });
            assert.equal(sent[0]?.outcome?.written, true);
            assert.equal((await shown()).teams, 'Available/Available');
        });

        it('names the pair that Teams does not take', async () => {
            const payload = { availability: 'Busy', activity: 'InTheSauna' };
            const { errors, ...rest } = await flow.send('teams-writer', { topic: anna, payload });
            assert.deepEqual(rest, nothing);
            assert.deepEqual(errors, ['Teams accepts no presence Busy/InTheSauna']);
        });
    });

    describe('without a connection', () => {
        beforeEach(async () => {
            flow = await LoadedFlow.load(modules, [teamsWriter, pbxOut]);
        });

        it("refuses the other side's words and says what to do", async () => {
            const inPbx = await flow.send('pbx-out', { topic: anna, payload: teamsWords });
            const what = 'put a presence-map before this node';
            assert.deepEqual(inPbx, { ...nothing, errors: [`'InACall' is a Teams activity; ${what}`] });
            const inTeams = await flow.send('teams-writer', { topic: anna, payload: pbxWords });
            assert.deepEqual(inTeams, { ...nothing, errors: [`'dnd' is a PBX activity; ${what}`] });
        });

        it('reports a payload that is no presence', async () => {
            for (const id of ['teams-writer', 'pbx-out']) {
                for (const payload of [undefined, null, 5, 'Busy', [], {}]) {
                    const { errors, ...rest } = await flow.send(id, { topic: anna, payload });
                    assert.deepEqual(rest, nothing);
                    assert.match(errors.join(), /^msg\.payload holds no presence: expected \{/);
                }
            }
        });

        it('reports the setting that is missing', async () => {
            const inTeams = await flow.send('teams-writer', { topic: anna, payload: teamsWords });
            assert.match(inTeams.sent[0]?.outcome?.reason ?? '', /^\S.* is missing$/);
            const inPbx = await flow.send('pbx-out', { topic: anna, payload: pbxWords });
            assert.match(inPbx.sent[0]?.outcome?.reason ?? '', /^PBX.* is missing$/);
            // The status and the log say it once; a thousand people are no thousand errors.
            assert.deepEqual([...inTeams.errors, ...inPbx.errors], []);
        });
    });

    it('closes in time while messages wait for a closed office', async () => {
        flow = await LoadedFlow.load(modules, [app, pbx, teamsWriter, pbxOut]);
        flow.node('teams-writer').receive({ topic: anna, payload: teamsWords } as never);
        flow.node('pbx-out').receive({ topic: anna, payload: pbxWords } as never);
        await flow.statusOf('pbx-out', 'yellow');
        const begun = performance.now();
        await flow.unload();
        assert.ok(performance.now() - begun < 10_000);
    });
});
