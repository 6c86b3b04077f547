import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { SyncError } from '../../../../lib/errors/errors';
import { Link, type LinkEvents } from '../../../../lib/pbx/connection/pbx-links';
import type { PbxSession } from '../../../../lib/pbx/connection/pbx-session';

const away = () => new SyncError('PBX_UNREACHABLE', { host: 'pbx', detail: 'ECONNREFUSED' });
const refused = () => new SyncError('PBX_LOGIN_REFUSED', { host: 'pbx', app: 'sync' });

describe('The log of a link', () => {
    let lines: string[];
    let link: Link;

    beforeEach(() => {
        lines = [];
        const log = (level: string, text: string) => level !== 'debug' && lines.push(`${level} ${text}`);
        const events = new EventEmitter<LinkEvents>();
        link = new Link({ role: 'master', host: 'pbx', events, log });
    });

    async function connectAndLose(): Promise<void> {
        const session = Object.assign(new EventEmitter(), { info: {}, ended: Promise.resolve(away()) });
        const used = link.use(session as unknown as PbxSession);
        session.emit('ready');
        await used;
    }

    it('has one line for an outage and one for its end', async () => {
        for (let attempt = 0; attempt < 50; attempt++) link.failed(away());
        await connectAndLose();
        await connectAndLose();
        assert.deepEqual(lines, ['warn PBX pbx cannot be reached (ECONNREFUSED)', 'info PBX pbx is connected again']);
    });

    it('says once more when an administrator must act', async () => {
        for (const error of [away(), refused(), away(), refused()]) link.failed(error);
        assert.equal(lines.length, 2);
        await connectAndLose();
        link.failed(away());
        assert.equal(lines.length, 4);
    });

    it('says what may be the reason once each, ten at most', async () => {
        for (let turn = 0; turn < 2; turn++)
            for (let host = 0; host < 20; host++) {
                link.refused(new SyncError('PBX_CALL_REFUSED', { host: `10.0.0.${host}`, app: 'sync' }), true);
                assert.equal(lines.length, turn === 0 ? Math.min(host + 1, 10) : 10);
            }
        await connectAndLose();
        assert.equal(lines.length, 11);
        link.refused(refused(), true);
        assert.equal(lines.length, 12);
    });
});
