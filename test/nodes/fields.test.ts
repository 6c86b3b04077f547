import assert from 'node:assert/strict';
import * as fields from '../../nodes/runtime/fields';

const {
    choice,
    list,
    number,
    origin,
    plain,
    port,
    readFields,
    required,
    requiredSecret,
    rows,
    secret,
    text,
    tick,
    words,
} = fields;

describe('Fields of a configuration', () => {
    const range = { usual: 2, least: 1, most: 60, whole: true };
    const schema = {
        address: required('Address of the PBX'),
        graphUrl: origin('Graph address'),
        call: choice('The choice what a call becomes', ['busy', 'dnd']),
        rate: number('The rate', 'it must be 1 to 60 seconds', range),
        names: list(/[,;]/),
        slaves: rows(text),
        calendar: tick,
        note: text,
    };
    const least = { address: ' pbx ', graphUrl: 'https://graph.example/v1' };

    function refusal(config: object, shape: Parameters<typeof readFields>[0] = schema): string {
        try {
            readFields(shape, config);
            return '';
        } catch (thrown) {
            return (thrown as Error).message;
        }
    }

    it('have their usual values where nothing was entered, as in flows of older versions', () => {
        const usual = { call: 'busy', rate: 2, names: [], slaves: [], calendar: false, note: '' };
        const expected = { address: 'pbx', graphUrl: 'https://graph.example', ...usual };
        assert.deepEqual(readFields(schema, least), expected);
        assert.deepEqual(readFields(schema, { ...least, call: ' ', rate: '', slaves: 'x', id: 'other' }), expected);
    });

    it('are taken as text, as environment variables give them', () => {
        const entered = { call: 'dnd', rate: ' 60 ', names: ' a, b;;c ', slaves: ['x ', 7], calendar: 'true', note: 5 };
        const { address, graphUrl, ...others } = readFields(schema, { ...least, ...entered });
        assert.deepEqual(others, {
            ...{ call: 'dnd', rate: 60, names: ['a', 'b', 'c'], slaves: ['x', '7'], calendar: true, note: '5' },
        });
    });

    it('name the variable of the environment that is not set, and never pass its name on as a value [A8]', () => {
        for (const address of ['$', ' $'].map(sign => `${sign}{PBX_ADDRESS}\n`).concat('$(PBX_ADDRESS)'))
            assert.equal(refusal({ ...least, address }), 'The environment variable PBX_ADDRESS is not set');
        for (const address of ['$PBX', `a\${PBX}`, `\${}`, `\${a}b}`, '$(a}'])
            assert.equal(readFields(schema, { ...least, address }).address, address);
    });

    it('are taken alike whatever comes along with them from an environment or a copied text [A8]', () => {
        const id = 'AD87C9C0-3E1D-4A5B-8F25-5F8E4D3C2B1A';
        for (const [written, meant] of [
            ['pbx.contoso.com\r\n', 'pbx.contoso.com'],
            ['\ufeff"pbx.contoso.com"\n', 'pbx.contoso.com'],
            ["' pbx.contoso.com '", 'pbx.contoso.com'],
            ['\u200bpbx.contoso.com\u202c', 'pbx.contoso.com'],
            [`{${id}}`, id],
            [` urn:uuid:${id} `, id],
            ['"a" and "b"', '"a" and "b"'],
        ])
            assert.equal(readFields(schema, { ...least, address: written }).address, meant);
        const quoted = { call: '"dnd"', rate: "'60'", names: '"a, b"', slaves: ['"x"\r'], calendar: '"TRUE"' };
        const { address, graphUrl, note, ...others } = readFields(schema, { ...least, ...quoted });
        assert.deepEqual(others, { call: 'dnd', rate: 60, names: ['a', 'b'], slaves: ['x'], calendar: true });
        for (const on of ['1', 'Yes', 'on', true])
            assert.equal(readFields(schema, { ...least, calendar: on }).calendar, true);
        for (const off of ['0', 'no', 'off', 'false', ''])
            assert.equal(readFields(schema, { ...least, calendar: off }).calendar, false);
        assert.equal(readFields({ note: words }, { note: ' "Back soon" ' }).note, '"Back soon"');
        assert.equal(secret('\ufeff pass word \r\n', 'Client secret'), ' pass word ');
    });

    it('of several variables, of which Node-RED replaces none, say so and are sent nowhere [A8]', () => {
        const two = ['A', 'B'].map(name => `\${${name}}`).join('');
        const message = `A field takes one environment variable and nothing beside it, not ${two}`;
        assert.equal(refusal({ ...least, address: ` ${two}` }), message);
        assert.throws(() => secret(two, 'Client secret'), { message });
    });

    it('of a variable in quotes, which Node-RED does not replace either, say so though it is set [A8]', () => {
        const quoted = '"$'.concat('{PBX_ADDRESS}"');
        const message = `A field takes one environment variable and nothing beside it, not ${quoted}`;
        assert.equal(refusal({ ...least, address: quoted }), message);
    });

    it('of a list and ticks that name such a variable are no other value in its place [A8]', () => {
        const variable = '$'.concat('{DRY_RUN}');
        assert.equal(refusal({ ...least, names: `a, ${variable}` }), 'The environment variable DRY_RUN is not set');
        assert.equal(refusal({ ...least, calendar: variable }), 'The environment variable DRY_RUN is not set');
    });

    it('of credentials are never told where they may be no name of a variable [A8]', () => {
        const why = 'it names an environment variable that is not set';
        const shape = { password: requiredSecret('Password of the App object') };
        for (const [value, field] of [
            ['$(hunter2)', 'Client secret'],
            [' $(hunter2)', 'Certificate'],
        ] as const)
            assert.throws(() => secret(value, field), { message: `${field} is not valid: ${why}` });
        assert.equal(refusal({ password: ' $(hunter2)' }, shape), `Password of the App object is not valid: ${why}`);
        const name = '$'.concat('{PBX_PASSWORD}');
        assert.equal(refusal({ password: name }, shape), 'The environment variable PBX_PASSWORD is not set');
        for (const written of [`"${name}"`, `' ${name} '`, `\u200b${name}`])
            assert.equal(refusal({ password: written }, shape), 'The environment variable PBX_PASSWORD is not set');
        assert.equal(refusal({}, shape), 'Password of the App object is missing');
        for (const value of ['$(Kx9!pTq)', ' a ', '$x', '"a"'])
            assert.deepEqual(
                [secret(value, 'Certificate'), readFields(shape, { password: value }).password],
                [value, value],
            );
    });

    it('hold up nothing, however many blanks are in them [C12]', () => {
        const long = `a${' '.repeat(100_000)}b`;
        const begin = performance.now();
        assert.deepEqual([plain(long), secret(long, 'Certificate')], [long, long]);
        const lines = `a${'\n'.repeat(100_000)}b`;
        assert.equal(secret(lines, 'Certificate'), lines);
        assert.ok(performance.now() - begin < 1_000);
    });

    it('are named when they are missing or wrong, the first one alone', () => {
        const invalid = 'is not valid: it is none of the choices';
        assert.equal(refusal({ call: 'alien' }), 'Address of the PBX is missing');
        assert.equal(refusal({ ...least, graphUrl: ' ' }), 'Graph address is missing');
        assert.equal(
            refusal({ ...least, graphUrl: 'http://graph.example' }),
            'Graph address is not valid: it must begin with https://',
        );
        assert.equal(refusal({ ...least, call: 'alien', rate: 0 }), `The choice what a call becomes ${invalid}`);
        for (const rate of [0, 61, 1.5, 'many', Number.NaN])
            assert.equal(refusal({ ...least, rate }), 'The rate is not valid: it must be 1 to 60 seconds');
        for (const entered of [undefined, '', 0, 65_536, 'x'])
            assert.equal(refusal({ port: entered }, { port }), 'Port is not valid: it must be 1 to 65535');
    });
});
