import assert from 'node:assert/strict';
import { loginDigest } from '../../../../lib/pbx/connection/login';

const admin: Parameters<typeof loginDigest>[0] = { app: 'pbxadminapi', domain: '', sip: '', guid: '', dn: '' };
const info =
    '{"appobj":"users","apps":[{"name":"users"},{"name":"profile"}],"appurl":"https://1.2.3.4/example.com/usersapp/innovaphone-users","unlicensed":true}';

/** The vectors published on https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm */
const vectors: [string, Parameters<typeof loginDigest>[0], string][] = [
    ['without info', admin, 'a205299ed2ef2786c311e0be1b14db343f2cadd906a6ae7b564eee34bda5e9a1'],
    [
        'with an empty info',
        { ...admin, info: '{}' },
        '57b23fe824b9222a7ac879597cb509bcdc865a1bfeb057d9d12118cef0c3ba34',
    ],
    [
        'with an info',
        { ...admin, info: '{"cn":"Test User"}' },
        '96db3c3f657230c2b68194becc6d2a77f05de9f79f01fc81e9ca0fb196b10d9d',
    ],
    [
        'with everything',
        {
            app: 'innovaphone-users',
            domain: 'example.com',
            sip: 'administrator',
            guid: '0123456789abcdef0123456789abcdef',
            dn: 'Administrator User',
            info,
        },
        'ef1b811ffaa8f9255c39c653d8fb26b4687b2d8c4d9ac91b4821bff6bae3ff44',
    ],
];

describe('The login digest', () => {
    for (const [name, login, digest] of vectors) {
        it(`is the published one ${name}`, () => {
            assert.equal(loginDigest(login, '0123456789abcdef', 'pwd'), digest);
        });
    }

    it('counts umlauts as UTF-8', () => {
        const composed = loginDigest({ ...admin, dn: 'Jürgen' }, 'abc', 'pwd');
        assert.notEqual(composed, loginDigest({ ...admin, dn: 'J?rgen' }, 'abc', 'pwd'));
        assert.match(composed, /^[0-9a-f]{64}$/);
    });
});
