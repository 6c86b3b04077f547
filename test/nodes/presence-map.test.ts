import assert from 'node:assert/strict';

import presenceMap = require('../../nodes/presence-map');

import { LoadedFlow } from '../support/loaded-flow';

const inTeams = (pair: string) => {
    const [availability, activity] = pair.split('/');
    return { availability, activity };
};
const inPbx = (activity: string, note = '', onThePhone = false) => ({ activity, note, onThePhone });

describe('presence-map', () => {
    let flow: LoadedFlow;

    const load = async (rows: Record<string, unknown> = {}): Promise<void> => {
        const node = { id: 'map', type: 'presence-map', z: 'tab', toPbx: [], toTeams: [], ...rows, wires: [['sent']] };
        flow = await LoadedFlow.load([presenceMap], [node]);
    };

    afterEach(() => flow?.unload());

    /** What becomes of a payload; undefined if no message comes out. */
    async function mapped(payload: unknown): Promise<unknown> {
        const { sent, errors, completed } = await flow.send('map', { payload });
        assert.deepEqual({ errors, completed }, { errors: [], completed: 1 });
        assert.ok(sent.length <= 1);
        return sent[0]?.payload;
    }

    it('turns Teams words into PBX words', async () => {
        await load();
        const expected: Record<string, unknown> = {
            'Busy/InACall': inPbx('on-the-phone', '', true),
            'Busy/InAConferenceCall': inPbx('on-the-phone', '', true),
            'DoNotDisturb/Presenting': inPbx('on-the-phone', '', true),
            'Busy/InAMeeting': inPbx('meeting'),
            'Busy/Busy': inPbx('busy'),
            'DoNotDisturb/DoNotDisturb': inPbx('dnd'),
            'Away/Away': inPbx('away'),
            'BeRightBack/BeRightBack': inPbx('away'),
            'Available/Available': { clear: true },
            'Offline/Offline': { clear: true },
        };
        for (const [pair, payload] of Object.entries(expected)) {
            assert.deepEqual(await mapped(inTeams(pair)), payload, pair);
        }
    });

    it('makes the status message of Teams the note in the PBX', async () => {
        await load();
        assert.deepEqual(
            await mapped({ ...inTeams('Busy/Busy'), statusMessage: 'Accounts' }),
            inPbx('busy', 'Accounts'),
        );
    });

    it('turns PBX words into Teams words', async () => {
        await load();
        const expected: [ReturnType<typeof inPbx>, unknown][] = [
            [inPbx('', '', true), inTeams('Busy/InACall')],
            [inPbx('busy'), inTeams('Busy/Busy')],
            [inPbx('meeting'), inTeams('Busy/Busy')],
            [inPbx('dnd', 'Until three'), { ...inTeams('DoNotDisturb/DoNotDisturb'), statusMessage: 'Until three' }],
            [inPbx('', 'Back at four'), { clear: true }],
            [inPbx('away'), inTeams('Away/Away')],
            [inPbx(''), { clear: true }],
            [inPbx('dnd', '', true), { ...inTeams('Busy/InACall'), preferred: inTeams('DoNotDisturb/DoNotDisturb') }],
        ];
        for (const [payload, words] of expected)
            assert.deepEqual(await mapped(payload), words, JSON.stringify(payload));
    });

    it('passes on "take back" as it is', async () => {
        await load();
        assert.deepEqual(await mapped({ clear: true }), { clear: true });
    });

    it('follows the rows of the node, in both directions', async () => {
        await load({
            toPbx: [
                { when: 'InAMeeting', set: 'At the table' },
                { when: 'InACall', set: 'leave' },
                { when: '*', set: 'clear' },
            ],
            toTeams: [
                { when: 'Lunch', set: 'BeRightBack/BeRightBack' },
                { when: 'available', set: 'leave' },
                { when: '*', set: 'clear' },
            ],
        });
        assert.deepEqual(await mapped(inTeams('Busy/InAMeeting')), inPbx('At the table'));
        assert.deepEqual(await mapped(inTeams('Away/Away')), { clear: true });
        assert.equal(await mapped(inTeams('Busy/InACall')), undefined);
        assert.deepEqual(await mapped(inPbx('lunch')), inTeams('BeRightBack/BeRightBack'));
        assert.deepEqual(await mapped(inPbx('dnd')), { clear: true });
        assert.equal(await mapped(inPbx('')), undefined);
    });

    it('takes back what was set for words that it does not know: they are unknown, not available', async () => {
        await load();
        assert.deepEqual(await mapped(inTeams('Busy/InTheSauna')), { clear: true });
        assert.deepEqual(await mapped(inPbx('lunch')), { clear: true });
    });

    it('leaves everything but the payload alone', async () => {
        await load();
        const rest = {
            topic: 'anna@contoso.com',
            user: { addresses: ['anna@contoso.com'], displayName: 'Anna' },
            presence: { source: 'teams', via: 'notification', at: '2026-01-05T08:00:00Z' },
            room: { number: 4 },
            _msgid: '1',
        };
        const { sent } = await flow.send('map', { ...rest, payload: inTeams('Busy/Busy') });
        assert.deepEqual(sent, [{ ...rest, payload: inPbx('busy') }]);
    });

    it('reports a payload that is no presence once, and sends nothing', async () => {
        await load();
        const garbage = [
            undefined,
            null,
            5,
            'Busy',
            true,
            [],
            {},
            { activity: 5 },
            { availability: 'Busy' },
            { clear: 1 },
        ];
        for (const payload of garbage) {
            const { sent, errors, completed } = await flow.send('map', { payload });
            assert.deepEqual({ sent, completed }, { sent: [], completed: 0 }, JSON.stringify(payload));
            assert.equal(errors.length, 1);
            assert.match(errors[0] ?? '', /^msg\.payload holds no presence/);
        }
    });
});
