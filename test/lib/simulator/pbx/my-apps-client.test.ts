import assert from 'node:assert/strict';
import { AppService } from './app-service';
import { MyAppsClient, userLogin } from './my-apps-client';

/** The fourth example of the documentation. */
const administrator = {
    ...{ sip: 'administrator', dn: 'Administrator User', domain: 'example.com', pbxObj: 'users' },
    guid: '0123456789abcdef0123456789abcdef',
    info: {
        appobj: 'users',
        apps: [{ name: 'users' }, { name: 'profile' }],
        appurl: 'https://1.2.3.4/example.com/usersapp/innovaphone-users',
        unlicensed: true,
    },
};

describe('client of somebody who opens an app in myApps', () => {
    it('makes the digest of the documentation', () => {
        const login = JSON.parse(userLogin('innovaphone-users', administrator, '0123456789abcdef', 'pwd')) as object;
        const digest = 'ef1b811ffaa8f9255c39c653d8fb26b4687b2d8c4d9ac91b4821bff6bae3ff44';
        assert.deepEqual(login, { mt: 'AppLogin', app: 'innovaphone-users', ...administrator, digest });
    });

    it("comes to the app's service, asks for the build and logs in", async () => {
        const service = await AppService.start();
        const client = await MyAppsClient.open(service.url);
        try {
            const connection = await service.connection();
            assert.deepEqual(service.paths, ['/firm.example/sync']);
            const build = client.checkBuild();
            assert.deepEqual(await connection.next(), { mt: 'CheckBuild', url: `${service.url}.htm` });
            connection.send({ mt: 'CheckBuildResult', url: service.url });
            assert.equal((await build).mt, 'CheckBuildResult');

            const result = client.login('pwd', administrator);
            assert.deepEqual(await connection.next(), { mt: 'AppChallenge', user: 'administrator' });
            connection.send({ mt: 'AppChallengeResult', challenge: '0123456789abcdef' });
            const { app, pbxObj, sip } = await connection.next();
            assert.deepEqual({ app, pbxObj, sip }, { app: 'presence-sync', pbxObj: 'users', sip: 'administrator' });
            connection.send({ mt: 'AppLoginResult', ok: true });
            assert.equal((await result).ok, true);
        } finally {
            client.connection.end();
            await service.stop();
        }
    });
});
