import assert from 'node:assert/strict';
import { bulksOf, presenceOf } from '../../../../lib/teams/connection/read-presence';

describe('a presence of Graph', () => {
    it('is taken in either spelling, and what is not known as it is', () => {
        assert.deepEqual(presenceOf({ availability: 'busy', activity: 'inACall' }), {
            availability: 'Busy',
            activity: 'InACall',
        });
        assert.deepEqual(presenceOf({ availability: 'AvailableInactive', activity: 'somethingNew' }), {
            availability: 'AvailableInactive',
            activity: 'somethingNew',
        });
    });

    it('may lack anything', () => {
        assert.deepEqual(presenceOf({}), { availability: 'PresenceUnknown', activity: 'PresenceUnknown' });
        assert.deepEqual(presenceOf({ availability: 'Away' }), { availability: 'Away', activity: 'Away' });
    });

    it('is out of office by a flag of its own, whatever the activity is', () => {
        const busy = { availability: 'Busy', activity: 'InACall' };
        assert.equal(presenceOf({ ...busy, outOfOfficeSettings: { isOutOfOffice: true } }).outOfOffice, true);
        for (const outOfOfficeSettings of [undefined, null, {}, { isOutOfOffice: false, message: 'Back on Monday' }])
            assert.deepEqual(presenceOf({ ...busy, outOfOfficeSettings }), busy);
    });

    it('is asked for 650 at a time', () => {
        const sizes = bulksOf(Array.from({ length: 1_301 }, String)).map(({ length }) => length);
        assert.deepEqual(sizes, [650, 650, 1]);
        assert.deepEqual(bulksOf([]), []);
    });
});
