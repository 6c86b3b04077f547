import assert from 'node:assert/strict';
import type { AppClient } from './app-client';
import { anna, app, Fixture, juergen } from './fixture';

describe('numbers of alien calls in the simulated PBX', () => {
    let fixture: Fixture;
    let client: AppClient;

    beforeEach(async () => {
        fixture = await Fixture.start({ app: { ...app, apis: [...app.apis, 'PbxImpersonation', 'RCC'] } });
        client = await fixture.login();
        await actAs(client, 'anna.brandt');
    });
    afterEach(() => fixture.stop());

    it('are those of RCC', async () => {
        const id = await add(client);
        assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [id]);
    });

    it('may be others, of which there are no two in the system', async () => {
        fixture.pbx.behaviour.alienCallIds = 'own';
        const other = await fixture.login();
        await actAs(other, 'juergen.vogel');
        const ids = [await add(client), await add(other), await add(client)];
        const handles = [anna, juergen].flatMap(({ guid }) => fixture.pbx.alienCalls(guid));
        assert.equal(new Set([...ids, ...handles]).size, 6);
        for (const handle of handles) assert.ok(await remove(client, handle));
        assert.equal(await remove(client, ids[0]), undefined);
        assert.equal(fixture.pbx.alienCalls(anna.guid).length, 1);
    });

    describe('counted for each connection', () => {
        beforeEach(() => {
            fixture.pbx.behaviour.alienCallIds = 'per-connection';
        });

        it('begin with 1 and name the call that the connection has made for the user', async () => {
            const other = await fixture.login();
            await actAs(other, 'anna.brandt');
            await actAs(client, 'juergen.vogel');
            assert.deepEqual([await add(client), await add(client, 'PbxApi.1'), await add(other)], [1, 2, 1]);
            const [, second] = fixture.pbx.alienCalls(anna.guid);
            assert.ok(await remove(client, 2));
            assert.equal(await remove(client, 1), undefined);
            assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [second]);
            assert.ok(await remove(client, 1));
            assert.equal(await remove(client, 2, 'PbxApi.1'), undefined);
        });

        it('name the oldest call of the user where the calls are kept and the connection has made none', async () => {
            fixture.pbx.behaviour.alienCalls = 'kept';
            for (let count = 0; count < 2; count++) {
                assert.equal(await add(client), 1);
                fixture.pbx.dropConnections();
                client = await fixture.login();
                await actAs(client, 'anna.brandt');
            }
            const [, newer] = fixture.pbx.alienCalls(anna.guid);
            assert.equal(await remove(client, 1), undefined);
            assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [newer]);
            assert.equal(await add(client), 1);
            assert.equal(await remove(client, 1), undefined);
            assert.deepEqual(fixture.pbx.alienCalls(anna.guid), [newer]);
        });
    });

    it('that name no call are refused, or taken if so configured', async () => {
        assert.ok(await remove(client, 99));
        fixture.pbx.behaviour.unknownAlienCall = 'ok';
        const answer = await client.request({ api: 'PbxApi.0', mt: 'DelAlienCall', id: 99, src: 'd' });
        assert.deepEqual(answer, { api: 'PbxApi.0', mt: 'DelAlienCallResult', src: 'd' });
    });
});

async function actAs(client: AppClient, sip: string): Promise<void> {
    const { target } = await client.request({ api: 'PbxImpersonation', mt: 'CreateApi', sip, target: 'PbxApi' });
    assert.match(String(target), /^PbxApi\.\d$/);
}

async function add(client: AppClient, api = 'PbxApi.0'): Promise<number> {
    return (await client.request({ api, mt: 'AddAlienCall' })).id as number;
}

async function remove(client: AppClient, id: unknown, api = 'PbxApi.0'): Promise<unknown> {
    return (await client.request({ api, mt: 'DelAlienCall', id })).error;
}
