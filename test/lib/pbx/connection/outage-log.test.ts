import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { OutageLog } from '../../../../lib/pbx/connection/pbx-links';

const away = () => new SyncError('PBX_UNREACHABLE', { host: 'pbx', detail: 'ECONNREFUSED' });
const refused = () => new SyncError('PBX_LOGIN_REFUSED', { host: 'pbx', app: 'sync' });

describe('The outage log', () => {
    let lines: string[];
    let outages: OutageLog;

    beforeEach(() => {
        lines = [];
        outages = new OutageLog((level, text) => level !== 'debug' && lines.push(`${level} ${text}`));
    });

    it('has one line for an outage and one for its end', () => {
        for (let attempt = 0; attempt < 50; attempt++) outages.began(away());
        outages.over('pbx');
        outages.over('pbx');
        assert.deepEqual(lines, ['warn PBX pbx cannot be reached (ECONNREFUSED)', 'info PBX pbx is connected again']);
    });

    it('says once more when an administrator must act', () => {
        outages.began(away());
        outages.began(refused());
        outages.began(away());
        outages.began(refused());
        assert.equal(lines.length, 2);
        outages.over('pbx');
        outages.began(away());
        assert.equal(lines.length, 4);
    });

    it('says what may be the reason once each, ten at most', () => {
        for (let turn = 0; turn < 2; turn++) {
            for (let host = 0; host < 20; host++) {
                const isNews = outages.noted(
                    new SyncError('PBX_CALL_REFUSED', { host: `10.0.0.${host}`, app: 'sync' }),
                );
                assert.equal(isNews, turn === 0 && host < 10);
            }
        }
        outages.over('pbx');
        assert.equal(lines.length, 11);
        assert.ok(outages.noted(refused()));
    });
});
