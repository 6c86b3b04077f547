import assert from 'node:assert/strict';
import * as fields from '../../nodes/runtime/fields';

const { choice, list, number, origin, port, readFields, required, requiredSecret, rows, secret, text, tick } = fields;

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
        assert.equal(refusal({}, shape), 'Password of the App object is missing');
        for (const value of ['$(Kx9!pTq)', ' a ', '$x'])
            assert.deepEqual(
                [secret(value, 'Certificate'), readFields(shape, { password: value }).password],
                [value, value],
            );
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
