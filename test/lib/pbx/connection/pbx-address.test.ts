import assert from 'node:assert/strict';
import { checkPbxName, hostOf, webSocketUrl } from '../../../../lib/pbx/connection/pbx-address';

describe('The address of a PBX', () => {
    for (const [address, module, url] of [
        ['pbx.firm.example', undefined, 'wss://pbx.firm.example/PBX0/APPS/websocket'],
        ['pbx.firm.example', '', 'wss://pbx.firm.example/PBX0/APPS/websocket'],
        [' 10.1.2.3:8443 ', 'PBX7', 'wss://10.1.2.3:8443/PBX7/APPS/websocket'],
        ['[::1]:443', undefined, 'wss://[::1]/PBX0/APPS/websocket'],
        ['ws://127.0.0.1', 'PBX1', 'ws://127.0.0.1/PBX1/APPS/websocket'],
        ['ws://[::1]:80', undefined, 'ws://[::1]/PBX0/APPS/websocket'],
        ['wss://pbx/PBX3/APPS/websocket', 'PBX1', 'wss://pbx/PBX3/APPS/websocket'],
    ] as const) {
        it(`is completed: ${address}${module ? ` with ${module}` : ''}`, () => {
            assert.equal(webSocketUrl(address, module).href, url);
        });
    }

    for (const [address, why] of [
        ['', /Address of the PBX is missing/],
        ['pbx one', /enter a host, a host and port/],
        ['https://pbx/', /must start with wss:/],
        ['ws://pbx', /must start with wss:/],
        ['ws://127.0.0.1.firm.example', /must start with wss:/],
        ['wss://pbx/#x', /must not contain "#"/],
        ['wss://anna:secret@pbx/', /must not contain a user name/],
    ] as const) {
        it(`is refused in words: "${address}"`, () => assert.throws(() => webSocketUrl(address), why));
    }

    it('gives its host to sentences', () => {
        assert.equal(hostOf('wss://pbx:8443/x'), 'pbx:8443');
        assert.equal(hostOf('pbx one'), 'pbx one');
    });

    it('gives no password to sentences', () => {
        for (const user of ['admin:S3cret', 'admin:S3cr@t', 'admin:S3/cret', 'S3cret'])
            for (const scheme of ['', 'wss://', 'https://'])
                for (const host of ['pbx:8443', 'pbx one'])
                    assert.match(hostOf(`${scheme}${user}@${host}`), /^([a-z]+:\/\/)?pbx( one|:8443)$/);
    });
});

describe('A PBX name', () => {
    it('is a name alone', () => {
        for (const name of ['pbx', 'PBX-Main', 'pbx_1', 'zentrale süd', '']) checkPbxName(name);
    });

    it('is no DNS name: the right form is shown', () => {
        assert.throws(() => checkPbxName('pbx.firm.example'), {
            code: 'PBX_NAME_IS_DNS',
            message: 'PBX name must be the name alone, not a DNS name: enter pbx instead of pbx.firm.example',
        });
    });

    it('is no address', () => {
        for (const name of ['https://pbx', '10.1.2.3', '::1']) {
            assert.throws(() => checkPbxName(name), /PBX name is not valid: it is an address, not a name/);
        }
    });
});
