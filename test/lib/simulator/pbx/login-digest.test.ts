import assert from 'node:assert/strict';
import { loginDigest } from '../../../../lib/simulator/pbx/login-digest';

const nobody = { app: 'pbxadminapi', domain: '', sip: '', guid: '', dn: '' };
const challenge = '0123456789abcdef';

/** @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm */
describe('digest of the simulated PBX: the published vectors', () => {
    it('without info', () => {
        const digest = 'a205299ed2ef2786c311e0be1b14db343f2cadd906a6ae7b564eee34bda5e9a1';
        assert.equal(loginDigest(nobody, challenge, 'pwd'), digest);
    });

    it('with an empty info', () => {
        const digest = '57b23fe824b9222a7ac879597cb509bcdc865a1bfeb057d9d12118cef0c3ba34';
        assert.equal(loginDigest({ ...nobody, info: '{}' }, challenge, 'pwd'), digest);
    });

    it('with a small info', () => {
        const digest = '96db3c3f657230c2b68194becc6d2a77f05de9f79f01fc81e9ca0fb196b10d9d';
        assert.equal(loginDigest({ ...nobody, info: '{"cn":"Test User"}' }, challenge, 'pwd'), digest);
    });

    it('with everything', () => {
        const login = {
            app: 'innovaphone-users',
            domain: 'example.com',
            sip: 'administrator',
            guid: '0123456789abcdef0123456789abcdef',
            dn: 'Administrator User',
            info: '{"appobj":"users","apps":[{"name":"users"},{"name":"profile"}],"appurl":"https://1.2.3.4/example.com/usersapp/innovaphone-users","unlicensed":true}',
        };
        const digest = 'ef1b811ffaa8f9255c39c653d8fb26b4687b2d8c4d9ac91b4821bff6bae3ff44';
        assert.equal(loginDigest(login, challenge, 'pwd'), digest);
    });
});
