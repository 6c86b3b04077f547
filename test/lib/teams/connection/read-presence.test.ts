import assert from 'node:assert/strict';
import { bulksOf, presenceOf, readPresences } from '../../../../lib/teams/connection/read-presence';

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

    it('of which something is no text is read without it, and no other is lost with it [C12]', async () => {
        const outOfOfficeSettings = { isOutOfOffice: true, message: { text: 'x' } };
        const odd = { availability: 5, activity: ['Busy'], outOfOfficeSettings } as never;
        assert.deepEqual(presenceOf(odd), {
            availability: 'PresenceUnknown',
            activity: 'PresenceUnknown',
            outOfOffice: true,
        });
        const graph = { send: async () => ({ value: [null, { id: 'anna', availability: 'Busy' }] }) as never };
        assert.deepEqual([...(await readPresences(graph, ['anna'], 'sweep')).keys()], ['anna']);
    });

    it('is out of office by a flag of its own, whatever the activity is', () => {
        const busy = { availability: 'Busy', activity: 'InACall' };
        assert.equal(presenceOf({ ...busy, outOfOfficeSettings: { isOutOfOffice: true } }).outOfOffice, true);
        for (const outOfOfficeSettings of [undefined, null, {}, { isOutOfOffice: false, message: 'Back on Monday' }])
            assert.deepEqual(presenceOf({ ...busy, outOfOfficeSettings }), busy);
    });

    it('tells the automatic reply of who is out of office, as people read it [E6]', () => {
        const outOfOfficeSettings = { isOutOfOffice: true, message: '<p>Back on Monday</p>' };
        assert.deepEqual(presenceOf({ availability: 'Away', outOfOfficeSettings }), {
            ...{ availability: 'Away', activity: 'Away' },
            ...{ outOfOffice: true, outOfOfficeMessage: 'Back on Monday' },
        });
        for (const message of [null, ''])
            assert.equal(
                'outOfOfficeMessage' in presenceOf({ outOfOfficeSettings: { isOutOfOffice: true, message } }),
                false,
            );
    });

    it('tells where people work, where they have said so [E6]', () => {
        const busy = { availability: 'Busy', activity: 'InACall' };
        const office = { workLocationType: 'office', source: 'scheduled', placeId: 'vienna' };
        assert.deepEqual(presenceOf({ ...busy, workLocation: office }), { ...busy, workLocation: office });
        const remote = { workLocationType: 'remote', source: 'manual' };
        assert.deepEqual(presenceOf({ ...busy, workLocation: { ...remote, placeId: null } }).workLocation, remote);
        const unsaid = { workLocationType: 'unspecified', source: 'none', placeId: null };
        for (const workLocation of [undefined, null, {}, unsaid])
            assert.deepEqual(presenceOf({ ...busy, workLocation }), busy);
    });

    it('is asked for 650 at a time', () => {
        const sizes = bulksOf(Array.from({ length: 1_301 }, String)).map(({ length }) => length);
        assert.deepEqual(sizes, [650, 650, 1]);
        assert.deepEqual(bulksOf([]), []);
    });
});
