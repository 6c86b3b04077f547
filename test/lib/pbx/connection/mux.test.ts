import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import { Mux } from '../../../../lib/pbx/connection/mux';

describe('What the PBX tells', () => {
    let mux: Mux;
    let told: string[];

    beforeEach(() => {
        mux = new Mux();
        told = [];
    });

    const listener = (name: string) => (frame: Frame) => told.push(`${name} ${frame.mt}`);

    it('goes to the listener of its source, whatever its kind', () => {
        const [one, other] = [mux.newSource(), mux.newSource()];
        mux.listen(one, listener('one'));
        mux.listen(other, listener('other'));
        mux.listen(mux.newSource(), listener('kind'), { api: 'RCC', kinds: ['UserInfo'] });
        mux.route({ mt: 'PresenceUpdate', src: other });
        mux.route({ mt: 'UserInfo', api: 'RCC', src: one });
        assert.deepEqual(told, ['other PresenceUpdate', 'one UserInfo']);
    });

    it('goes by API and kind where it has no source, or one that is not ours', () => {
        mux.listen(mux.newSource(), listener('rcc'), { api: 'RCC', kinds: ['UserInfo', 'CallAdd'] });
        mux.route({ mt: 'UserInfo', api: 'RCC' });
        mux.route({ mt: 'CallAdd', api: 'RCC', src: '7' });
        mux.route({ mt: 'CallAdd', api: '', src: '' });
        mux.route({ mt: 'CallAdd' });
        assert.deepEqual(told, ['rcc UserInfo', 'rcc CallAdd', 'rcc CallAdd', 'rcc CallAdd']);
    });

    it('goes nowhere where nobody listens to its kind, or only to that of another API', () => {
        mux.listen(mux.newSource(), listener('rcc'), { api: 'RCC', kinds: ['UserInfo'] });
        mux.route({ mt: 'PresenceUpdate', api: 'PbxApi' });
        mux.route({ mt: 'UserInfo', api: 'PbxAdminApi' });
        assert.deepEqual(told, []);
    });

    it('goes nowhere where it belongs to something of ours that is over', () => {
        const src = mux.newSource();
        mux.listen(mux.newSource(), listener('table'), { api: 'PbxTableUsers', kinds: ['ReplicateUpdate'] });
        mux.listen(src, listener('over'));
        mux.unlisten(src);
        mux.route({ mt: 'ReplicateUpdate', api: 'PbxTableUsers', src });
        assert.deepEqual(told, []);
    });

    it('reaches a request that was given up once, with its result only', () => {
        const [answered, disturbed] = [mux.newSource(), mux.newSource()];
        mux.awaitLate(answered, listener('late'));
        mux.awaitLate(disturbed, listener('late'));
        mux.route({ mt: 'CreateApiResult', src: answered });
        mux.route({ mt: 'CreateApiResult', src: answered });
        mux.route({ mt: 'PresenceUpdate', src: disturbed });
        mux.route({ mt: 'CreateApiResult', src: disturbed });
        assert.deepEqual(told, ['late CreateApiResult']);
    });

    it('reaches the latest 1,000 requests that were given up', () => {
        const sources = Array.from({ length: 1_001 }, () => mux.newSource());
        for (const src of sources) mux.awaitLate(src, listener('late'));
        for (const src of sources) mux.route({ mt: 'AddAlienCallResult', src });
        assert.equal(told.length, 1_000);
        mux.route({ mt: 'AddAlienCallResult', src: sources[0] });
        assert.equal(told.length, 1_000);
    });
});
