import assert from 'node:assert/strict';
import { failureOf, isSameName, parseFrame, wordOf } from '../../../../lib/pbx/connection/frame';

describe('A frame', () => {
    it('is a JSON object with a message type', () => {
        assert.deepEqual(parseFrame('{"mt":"PresenceUpdate","src":"1","presence":[]}'), {
            mt: 'PresenceUpdate',
            api: undefined,
            src: '1',
            presence: [],
        });
    });

    for (const text of ['', 'null', '7', '"mt"', '[]', '{}', '{"mt":7}', '{"mt":"A"', '[{"mt":"A"}]']) {
        it(`is not ${text || 'an empty text'}`, () => assert.equal(parseFrame(text), undefined));
    }

    it('loses a source that is no text', () => {
        assert.equal(parseFrame('{"mt":"A","src":{"x":1},"api":[]}')?.src, undefined);
    });

    it('tells a failure by its text, its number or both', () => {
        assert.equal(failureOf({ mt: 'SetPresenceResult' }), undefined);
        assert.equal(failureOf({ mt: 'SetPresenceResult', error: 0 }), undefined);
        assert.equal(failureOf({ mt: 'SetPresenceResult', error: 5 }), 'error 5');
        assert.equal(failureOf({ mt: 'SetPresenceResult', error: 5, errorText: 'no such user' }), 'no such user');
        assert.equal(failureOf({ mt: 'SetPresenceResult', errorText: 'refused' }), 'refused');
    });

    it('tells no failure where the fields of one have nothing in them, and a text in either [D5]', () => {
        for (const fields of [
            { error: 0, errorText: '' },
            { error: 0, errorText: 'no error' },
            { errorText: '' },
            { error: null, errorText: null },
            { error: false },
            { error: '' },
        ])
            assert.equal(failureOf({ mt: 'SetPresenceResult', ...fields }), undefined, JSON.stringify(fields));
        assert.equal(failureOf({ mt: 'AppLoginResult', error: 'no such user' }), 'no such user');
        assert.equal(failureOf({ mt: 'AppLoginResult', error: 5, errorText: '' }), 'error 5');
        assert.equal(failureOf({ mt: 'AppLoginResult', error: { code: 5 } }), 'error {"code":5}');
    });

    it('names one PBX in any form of Unicode [A6]', () => {
        assert.ok(isSameName('pbx-b\u00fcro', 'PBX-Bu\u0308ro'));
        assert.ok(isSameName('pbx-main', 'pbx-main\u200b'));
        assert.ok(!isSameName('pbx-main', 'pbx-south'));
    });

    it('names nothing that is too long to be sent back', () => {
        assert.equal(wordOf(' pbx-main '), 'pbx-main');
        for (const none of [undefined, null, 7, {}, '   ', 'x'.repeat(70_000)]) assert.equal(wordOf(none), '');
    });
});
