import assert from 'node:assert/strict';
import { rawMember } from '../../../../lib/simulator/pbx/raw-json';

describe('the raw text of a member', () => {
    const cases: [why: string, json: string, raw: string | undefined][] = [
        ['is undefined if there is none', '{"mt":"AppLogin"}', undefined],
        ['is undefined in an empty object', ' { } ', undefined],
        ['is an empty object', '{"info":{}}', '{}'],
        [
            'keeps key order, escapes and white space',
            '{"info" : {"b":"\\u00e4\\/", "a": 1} ,"x":2}',
            '{"b":"\\u00e4\\/", "a": 1}',
        ],
        [
            'is not ended by brackets in strings',
            '{"info":{"a":"}]\\"}","b":["{"]},"z":"info"}',
            '{"a":"}]\\"}","b":["{"]}',
        ],
        ['is not taken from a nested object', '{"x":{"info":1},"y":["info",{"info":2}]}', undefined],
        ['is not taken from a value', '{"x":"info","y":"\\"info\\":1"}', undefined],
        ['is found under an escaped name', '{"\\u0069nfo":[1,[2]]}', '[1,[2]]'],
        ['is the last one of several', '{"info":{"a":1},"info":{"a":2}}', '{"a":2}'],
        ['is a number', '{"info":-1.5e3\n}', '-1.5e3'],
        ['is a string that ends in a backslash', '{"info":"a\\\\","b":1}', '"a\\\\"'],
        ['is null', '{"a":true,"info":null,"b":false}', 'null'],
    ];
    for (const [why, json, raw] of cases) {
        it(why, () => {
            JSON.parse(json);
            assert.equal(rawMember(json, 'info'), raw);
        });
    }
});
