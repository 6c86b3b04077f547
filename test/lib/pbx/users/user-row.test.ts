import assert from 'node:assert/strict';
import { completed, userOf as rowOf, userColumns } from '../../../../lib/pbx/users/user-row';
import { userOf } from './user-of';

const row = {
    guid: '66eaaee6',
    h323: 'charlottemaihoff',
    cn: 'Charlotte Maihoff',
    e164: '403',
    node: 'master',
    loc: 'pbx-main',
};

describe('A row of the user table', () => {
    it('becomes a user', () => {
        assert.deepEqual(userOf({ ...row, dn: 'Maihoff, Charlotte', emails: [{ email: 'C.Maihoff@Example.com' }] }), {
            addresses: ['c.maihoff@example.com'],
            displayName: 'Maihoff, Charlotte',
            pbx: {
                guid: '66eaaee6',
                name: 'charlottemaihoff',
                longName: 'Charlotte Maihoff',
                displayName: 'Maihoff, Charlotte',
                number: '403',
                node: 'master',
                loc: 'pbx-main',
            },
        });
    });

    it('completes what has no "@" by the domain of the PBX', () => {
        const columns = { ...row, emails: [{ email: 'charlotte' }], 'h323-email': true };
        const both = ['charlotte@example.com', 'charlottemaihoff@example.com'];
        assert.deepEqual(userOf(columns, 'Example.com')?.addresses, both);
        assert.deepEqual(userOf(columns)?.addresses, []);
    });

    it('names an address once', () => {
        const emails = [{ email: 'a@b.example' }, { email: 'A@B.example' }];
        assert.deepEqual(userOf({ ...row, emails })?.addresses, ['a@b.example']);
    });

    it('shows the long name or the name where the display name is left out', () => {
        assert.equal(userOf(row)?.displayName, 'Charlotte Maihoff');
        assert.equal(userOf({ guid: '1', h323: 'fax', node: 'root' })?.displayName, 'fax');
    });

    it('tells the node in the numbering plan and the PBX apart [D9]', () => {
        const placeOf = (columns: object) => {
            const { node, loc } = userOf({ guid: '1', h323: 'fax', ...columns })!.pbx;
            return { node, loc };
        };
        assert.deepEqual(placeOf({ node: 'master', loc: 'pbx-main' }), { node: 'master', loc: 'pbx-main' });
        assert.deepEqual(placeOf({ node: 'root' }), { node: 'root', loc: undefined });
        assert.deepEqual(placeOf({ loc: 'pbx-main' }), { node: '', loc: 'pbx-main' });
    });

    for (const columns of [undefined, null, 'row', [], {}, { h323: 'x' }, { guid: 7, h323: 'x' }]) {
        it(`is no user: ${JSON.stringify(columns)}`, () => assert.equal(userOf(columns), undefined));
    }

    it('without a name is somebody still, called by what else there is', () => {
        const user = userOf({ ...row, h323: undefined, 'h323-email': true }, 'example.com');
        assert.deepEqual([user?.displayName, user?.pbx.name, user?.addresses], ['Charlotte Maihoff', '', []]);
        assert.equal(userOf({ guid: '1', e164: '403' })?.displayName, '403');
        assert.equal(userOf({ guid: '1' })?.displayName, '1');
    });

    it('bears nonsense in place of the addresses', () => {
        for (const emails of [7, 'a@b', {}, [null, 7, { email: 7 }, { email: '  ' }]]) {
            assert.deepEqual(userOf({ ...row, emails }, 'example.com')?.addresses, []);
        }
    });

    it('bears nonsense and texts without end in place of everything else', () => {
        const long = 'x'.repeat(70_000);
        for (const odd of [long, 7, null, true, [], { mt: 1 }, '  ']) {
            assert.equal(userOf({ ...row, guid: odd }), undefined);
            const all = {
                cn: odd,
                dn: odd,
                e164: odd,
                node: odd,
                loc: odd,
                config: odd,
                hide: odd,
                emails: [{ email: odd }],
            };
            const user = userOf(
                { guid: '1', h323: 'anna', ...all, grps: [{ name: odd }], 'h323-email': odd },
                'firm.example',
            );
            assert.deepEqual(user, {
                ...{ addresses: odd === true ? ['anna@firm.example'] : [], displayName: 'anna' },
                pbx: {
                    ...{ guid: '1', name: 'anna', longName: '', displayName: '', number: '', node: '' },
                    ...(odd === true && { hidden: true }),
                },
            });
            assert.equal(userOf({ ...row, h323: odd })?.pbx.name, '');
        }
    });

    it('tells groups, Config Template and whether the user is hidden', () => {
        const grps = [{ name: 'Sales', mode: 'active' }, { name: 'Support', dyn: 'in' }, {}];
        const user = userOf({ ...row, grps, config: 'Staff', hide: true });
        assert.deepEqual(user?.pbx.groups, ['Sales', 'Support']);
        assert.equal(user?.pbx.template, 'Staff');
        assert.equal(user?.pbx.hidden, true);
        for (const field of ['groups', 'template', 'hidden']) assert.ok(!(field in userOf(row)!.pbx), field);
    });

    it('keeps once what many users have in common', () => {
        const users = ['1', '2'].map(guid => rowOf({ ...row, guid, grps: [{ name: 'Sales' }] })!.pbx);
        assert.equal(users[0]!.groups, users[1]!.groups);
    });

    it('gets its addresses when the domain is known', () => {
        const emails = [{ email: 'charlotte' }, { email: 'c@other.example' }];
        const made = rowOf({ ...row, emails })!;
        const complete = rowOf({ ...row, emails: emails.slice(1) })!;
        assert.deepEqual(completed(made, undefined).addresses, ['c@other.example']);
        assert.deepEqual(completed(made, 'Example.com').addresses, ['charlotte@example.com', 'c@other.example']);
        assert.equal(completed(complete, 'Example.com'), complete);
    });

    it('never carries the password', () => assert.ok(!userColumns.some(column => column.startsWith('pwd'))));
});
