import assert from 'node:assert/strict';
import type { AppClient, Message } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

const api = 'PbxImpersonation';
const create = { api, mt: 'CreateApi', sip: 'anna.brandt', target: 'PbxApi', src: 'c' };

describe('impersonation in the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis: [...app.apis, api, 'RCC'] } });
        client = await fixture.login();
    });
    afterEach(() => fixture.stop());

    it('makes instances that are told apart by name, and deletes each once', async () => {
        assert.deepEqual(await client.request(create), { api, mt: 'CreateApiResult', src: 'c', target: 'PbxApi.0' });
        const signal = { ...create, target: 'PbxSignal' };
        assert.equal((await client.request(signal)).target, 'PbxSignal.1');
        const remove = { api, mt: 'DeleteApi', target: 'PbxApi.0' };
        assert.deepEqual(await client.request(remove), { api, mt: 'DeleteApiResult', ok: true });
        assert.equal((await client.request(remove)).ok, false);
        client.send({ api: 'PbxApi.0', mt: 'AddAlienCall' });
        client.send({ api: 'PbxSignal.1', mt: 'Register' });
        await client.nothing();
    });

    it('is refused for an unknown user or target', async () => {
        for (const wrong of [{ sip: 'nobody' }, { sip: undefined }, { target: 'RCC' }, { target: undefined }]) {
            const { error, target } = await client.request({ ...create, ...wrong });
            assert.deepEqual([typeof error, target], ['number', undefined]);
        }
    });

    it('is silent when it is not ticked', async () => {
        await fixture.stop();
        fixture = await Fixture.start();
        client = await fixture.login();
        client.send(create);
        client.send({ api: 'PbxApi.0', mt: 'AddAlienCall' });
        await client.nothing();
    });

    it('gives instances to their connection alone', async () => {
        await client.request(create);
        const other = await fixture.login();
        other.send({ api: 'PbxApi.0', mt: 'AddAlienCall' });
        await other.nothing();
    });

    it('serves presence under the name of the instance, with the rights of the user', async () => {
        fixture.pbx.visibility(anna.guid, { presence: false });
        await client.request(create);
        await client.request({ api: 'PbxApi.0', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        const [state, update] = [await client.next(), await client.next()];
        assert.deepEqual(
            [state.api, state.mt, update.api, update.mt],
            [...['PbxApi.0', 'PresenceState'], ...['PbxApi.0', 'PresenceUpdate']],
        );
        await client.request({ api, mt: 'DeleteApi', target: 'PbxApi.0' });
        fixture.pbx.setPresence(anna.guid, { activity: 'dnd' });
        await client.nothing();
    });

    it('writes for its user and nobody else', async () => {
        await client.request(create);
        const write = { api: 'PbxApi.0', mt: 'SetPresence', activity: 'dnd' };
        for (const who of [{ guid: juergen.guid }, { sip: 'juergen.vogel' }]) {
            assert.equal(typeof (await client.request({ ...write, ...who })).error, 'number');
        }
        assert.equal(fixture.pbx.presenceOf(juergen.guid).activity, '');
        for (const who of [{ guid: anna.guid }, { sip: 'anna.brandt' }]) {
            assert.equal((await client.request({ ...write, ...who })).error, undefined);
        }
    });

    describe('alien calls', () => {
        it('show as on-the-phone until they are deleted', async () => {
            await subscribe();
            await client.request(create);
            client.send({ api: 'PbxApi.0', mt: 'AddAlienCall', src: 'x' });
            assert.equal(activityOf(await client.next()), 'on-the-phone');
            const { mt, id } = await client.next();
            assert.equal(mt, 'AddAlienCallResult');
            assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [id]);
            assert.deepEqual(fixture.pbx.calls(anna.guid), []);
            assert.equal(fixture.pbx.presenceOf(anna.guid).onThePhone, true);
            client.send({ api: 'PbxApi.0', mt: 'DelAlienCall', id });
            assert.equal(activityOf(await client.next()), undefined);
            assert.deepEqual(await client.next(), { api: 'PbxApi.0', mt: 'DelAlienCallResult' });
            assert.ok((await client.request({ api: 'PbxApi.0', mt: 'DelAlienCall', id })).error);
        });

        it('of the App object itself make nobody busy', async () => {
            await subscribe();
            const { id } = await client.request({ api: 'PbxApi', mt: 'AddAlienCall' });
            assert.equal((await client.request({ api: 'PbxApi', mt: 'DelAlienCall', id })).error, undefined);
            await client.nothing();
            assert.deepEqual(
                [anna, juergen].flatMap(({ guid }) => fixture.pbx.alienCalls(guid)),
                [],
            );
        });

        it('are no calls of RCC, or are if so configured', async () => {
            await client.request(create);
            await client.request({ api: 'RCC', mt: 'Initialize', calls: true });
            while ((await client.next()).mt !== 'InitializeResult');
            const { id } = await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' });
            await client.request({ api: 'PbxApi.0', mt: 'DelAlienCall', id });
            fixture.pbx.behaviour.alienCallsInRcc = true;
            assert.equal((await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' })).mt, 'CallAdd');
        });

        const lives = { 'with-api': [0, 0], 'with-connection': [1, 0], kept: [1, 1] } as const;
        for (const [alienCalls, [afterDelete, afterDrop]] of Object.entries(lives)) {
            it(`are ${afterDelete ? 'kept' : 'dropped'} with the API and ${afterDrop ? 'kept' : 'dropped'} with the connection: ${alienCalls}`, async () => {
                fixture.pbx.behaviour.alienCalls = alienCalls as keyof typeof lives;
                const count = () => fixture.pbx.alienCalls(anna.guid).length;
                await client.request(create);
                await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' });
                await client.request({ api, mt: 'DeleteApi', target: 'PbxApi.0' });
                assert.equal(count(), afterDelete);
                fixture.pbx.dropConnections();
                assert.equal(count(), afterDrop);
                client = await fixture.login();
                await client.request(create);
                await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' });
                assert.equal(count(), afterDrop + 1);
                fixture.pbx.dropConnections();
                assert.equal(count(), 2 * afterDrop);
            });
        }

        it('that were kept can be deleted by whoever acts as the same user', async () => {
            fixture.pbx.behaviour.alienCalls = 'kept';
            await client.request(create);
            const { id } = await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' });
            fixture.pbx.dropConnections();
            client = await fixture.login();
            await client.request({ ...create, sip: 'juergen.vogel' });
            assert.ok((await client.request({ api: 'PbxApi.0', mt: 'DelAlienCall', id })).error);
            await client.request(create);
            assert.equal((await client.request({ api: 'PbxApi.1', mt: 'DelAlienCall', id })).error, undefined);
            assert.deepEqual(fixture.pbx.alienCalls(anna.guid), []);
        });

        it('end with the user', async () => {
            await client.request(create);
            await client.request({ api: 'PbxApi.0', mt: 'AddAlienCall' });
            fixture.pbx.removePerson(anna.guid);
            fixture.pbx.addPerson(anna);
            assert.equal(fixture.pbx.presenceOf(anna.guid).onThePhone, false);
        });
    });

    describe('at a PBX where the user is not homed', () => {
        it('works, or is refused like SetPresence if so configured', async () => {
            fixture.pbx.updatePerson(anna.guid, { loc: 'branch' });
            const write = { api: 'PbxApi', mt: 'SetPresence', sip: 'anna.brandt', activity: 'dnd' };
            assert.equal((await client.request(create)).error, undefined);
            assert.equal((await client.request(write)).error, undefined);
            fixture.pbx.behaviour.remoteWrites = 'refused';
            assert.ok((await client.request(create)).error);
            assert.ok((await client.request(write)).error);
        });

        it('shows no line state, or does if so configured', async () => {
            fixture.pbx.updatePerson(anna.guid, { loc: 'branch' });
            await subscribe();
            const call = fixture.pbx.startCall(anna.guid);
            await client.nothing();
            fixture.pbx.endCall(anna.guid, call);
            fixture.pbx.behaviour.remoteLineState = true;
            fixture.pbx.startCall(anna.guid);
            assert.equal(activityOf(await client.next()), 'on-the-phone');
        });
    });

    async function subscribe(): Promise<void> {
        await client.request({ api: 'PbxApi', mt: 'SubscribePresence', sip: 'anna.brandt', src: 's' });
        await client.next();
        await client.next();
    }
});

function activityOf({ presence }: Message): string | undefined {
    return (presence as { activity?: string }[])[0]?.activity;
}
