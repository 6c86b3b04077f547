import assert from 'node:assert/strict';
import { isHeld } from '../../../../lib/pbx/writing/held';

const busy = { activity: 'busy', note: '' };
const user = { name: 'anna', displayName: 'Anna', loc: 'pbx-south' };
const entry = { wanted: busy, contact: 'tel:', sent: [busy], beneath: busy };

describe('The record of what we hold', () => {
    it('is taken as it was written', () => {
        for (const held of [{ entry }, { call: 0 }, { entry, call: 7, owner: 'node' }, {}, { user }]) {
            assert.ok(isHeld(JSON.parse(JSON.stringify({ guid: 'a', run: 'r', ...held }))));
        }
    });

    it('is refused when somebody has changed it', () => {
        const wrong = [
            undefined,
            'a',
            { run: 'r' },
            { guid: '', run: 'r' },
            { guid: 'a' },
            { guid: 'a', run: 'r', owner: 1 },
            { guid: 'a', run: 'r', user: 'anna' },
            { guid: 'a', run: 'r', user: { ...user, loc: 1 } },
            { guid: 'a', run: 'r', call: '7' },
            { guid: 'a', run: 'r', entry: busy },
            { guid: 'a', run: 'r', entry: { ...entry, sent: 'busy' } },
            { guid: 'a', run: 'r', entry: { ...entry, sent: [{}] } },
            { guid: 'a', run: 'r', entry: { ...entry, beneath: 1 } },
            { guid: 'a', run: 'r', entry: { ...entry, contact: '' } },
        ];
        for (const value of wrong) assert.equal(isHeld(value), false, JSON.stringify(value));
    });
});
