import assert from 'node:assert/strict';
import { rawMember } from '../../../../lib/pbx/connection/login';
import { randomNumbers } from './nonsense';

describe('The raw text of a member', () => {
    for (const [json, text] of [
        ['{"info":{"cn":"Jürgen"},"app":"a"}', '{"cn":"Jürgen"}'],
        ['{"app":"a","info":{"b":1,"a":2}}', '{"b":1,"a":2}'],
        ['{ "info" : { "cn" : "J\\u00fcrgen" , "url":"http:\\/\\/x" } , "app":"}"}', undefined],
        ['{"info":{}}', '{}'],
        ['{"info":[{"info":1},2]}', '[{"info":1},2]'],
        ['{"info":"a\\"b}"}', '"a\\"b}"'],
        ['{"info":12.5e3,"x":1}', '12.5e3'],
        ['{"info":null}', 'null'],
        ['{"\\u0069nfo":true}', 'true'],
        ['{"info":1,"info":{"x":2}}', '{"x":2}'],
        ['{"x":{"info":1},"y":[{"info":2}]}', ''],
        ['{"x":"\\"info\\":{}"}', ''],
        ['{"infos":1,"inf":2}', ''],
        ['{}', ''],
    ] as const) {
        it(`is as it was sent: ${json}`, () => {
            const found = rawMember(json, 'info');
            if (text === undefined) assert.equal(found, '{ "cn" : "J\\u00fcrgen" , "url":"http:\\/\\/x" }');
            else assert.equal(found ?? '', text);
            const parsed = (JSON.parse(json) as { info?: unknown }).info;
            assert.deepEqual(found === undefined ? undefined : JSON.parse(found), parsed);
        });
    }

    it('is what JSON.parse sees, in any object', () => {
        const random = randomNumbers(17);
        const pick = <Item>(items: Item[]): Item => items[Math.floor(random() * items.length)]!;
        const value = (depth: number): unknown => {
            const kind = depth > 4 ? 0 : Math.floor(random() * 3);
            if (kind === 1) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
            if (kind === 2) return object(depth + 1);
            return pick<unknown>([null, true, -1.5e-7, '', '"', '\\', '{"info":1}', ',', ']', 'ü\u2028😀', '\n']);
        };
        const object = (depth: number) =>
            Object.fromEntries(
                ['a', 'info', 'x"y', 'ü'].filter(() => random() < 0.7).map(name => [name, value(depth)]),
            );
        for (let index = 0; index < 500; index++) {
            const whole = object(0) as { info?: unknown };
            const text = JSON.stringify(whole, undefined, pick([undefined, 2, '\t']));
            const found = rawMember(text, 'info');
            assert.equal(found === undefined, !('info' in whole), text);
            if (found === undefined) continue;
            assert.deepEqual(JSON.parse(found), whole.info, text);
            assert.ok(text.includes(found) && found === found.trim());
        }
    });

    it('is found in a long text at once', () => {
        const long = `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)},"y":"${'\\"'.repeat(200_000)}","info":{"a":1}}`;
        const start = Date.now();
        assert.equal(rawMember(long, 'info'), '{"a":1}');
        assert.ok(Date.now() - start < 2_000);
    });
});
