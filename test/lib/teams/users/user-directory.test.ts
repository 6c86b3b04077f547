import assert from 'node:assert/strict';
import { type Row, UserDirectory } from '../../../../lib/teams/users/user-directory';

const plans = ['plan'];

function row(id: string, addresses: string[], changed: Partial<Row> & { name?: string } = {}): Row {
    const { name = id, isGuest = false, isEnabled = true } = changed;
    return {
        user: { addresses, displayName: name, teams: { id, userPrincipalName: addresses[0] ?? '', mail: null } },
        isGuest,
        isEnabled,
        plans: changed.plans,
    };
}

/** What a difference says, by id. */
function ids(difference: ReturnType<UserDirectory['apply']>) {
    const of = (users: typeof difference.added) => users.map(user => user.teams!.id).sort();
    return { added: of(difference.added), removed: of(difference.removed), changed: of(difference.changed) };
}

const nothing = { added: [], removed: [], changed: [] };

describe('UserDirectory', () => {
    let table: UserDirectory;
    const apply = (...rows: (Row | [id: string])[]) =>
        table.apply(rows.map(one => (Array.isArray(one) ? [one[0], undefined] : [one.user.teams!.id, one])));

    beforeEach(() => {
        table = new UserDirectory();
    });

    it('tells exactly what is different', () => {
        assert.deepEqual(ids(apply(row('a', ['a@x']), row('b', ['b@x']), row('c', []))), {
            ...nothing,
            added: ['a', 'b', 'c'],
        });
        assert.deepEqual(ids(apply(row('a', ['a@x']), row('b', ['b@x']))), nothing);
        const changes = apply(row('a', ['a@x'], { name: 'A' }), row('b', ['b@x', 'b2@x']), ['c'], row('d', []), ['e']);
        assert.deepEqual(ids(changes), { added: ['d'], removed: ['c'], changed: ['a', 'b'] });
        assert.deepEqual(
            [[...table.all()].length, table.byId('c'), table.byAddress('b2@x')?.displayName],
            [3, undefined, 'b'],
        );
    });

    it('tells of plans and kinds that changed, too', () => {
        apply(row('a', []), row('b', []));
        assert.deepEqual(ids(apply(row('a', [], { plans }))).changed, ['a']);
        assert.deepEqual(ids(apply(row('a', [], { plans }))).changed, []);
        assert.deepEqual(ids(apply(row('b', [], { isGuest: true }))).changed, ['b']);
    });

    it('forgets the addresses of leavers, and those that were given up', () => {
        apply(row('a', ['a@x', 'alias@x']), row('b', ['b@x']));
        apply(row('a', ['a@x']), ['b']);
        assert.equal(table.byAddress('alias@x'), undefined);
        assert.equal(table.byAddress('b@x'), undefined);
        assert.ok(table.byAddress('a@x'));
    });

    describe('with an address that two users have', () => {
        const member = row('b', ['b@x', 'info@x']);
        const another = row('c', ['c@x', 'info@x']);
        const guest = row('a', ['a@x', 'info@x'], { isGuest: true });
        const room = row('d', ['d@x', 'info@x'], { isEnabled: false });

        for (const [title, other] of [
            ['a guest', guest],
            ['an account that may not sign in', room],
        ] as const)
            it(`lets the member have it and not ${title}, in whatever order they come [A2]`, () => {
                const id = other.user.teams!.id;
                for (const [first, second] of [
                    [member, other],
                    [other, member],
                ] as const) {
                    table = new UserDirectory();
                    apply(first);
                    apply(second);
                    assert.equal(table.byAddress('info@x')?.teams?.id, 'b');
                    assert.deepEqual(table.byId(id)?.addresses, [`${id}@x`]);
                    assert.deepEqual(table.byId('b')?.addresses, ['b@x', 'info@x']);
                }
            });

        it('guesses nobody of two members, nor of two who are none [A5]', () => {
            for (const rows of [
                [member, another],
                [guest, room],
                [member, another, guest],
            ]) {
                table = new UserDirectory();
                apply(...rows);
                assert.equal(table.byAddress('info@x'), undefined);
                for (const { user } of rows) assert.ok(!table.byId(user.teams!.id)?.addresses.includes('info@x'));
            }
        });

        it('names all, the owner apart', () => {
            const named = () =>
                table.shared().map(({ owner, others }) => [owner?.displayName, others.map(each => each.displayName)]);
            apply(member);
            assert.deepEqual(table.shared(), []);
            apply(room, guest);
            assert.deepEqual(named(), [['b', ['a', 'd']]]);
            apply(another);
            assert.deepEqual(named(), [[undefined, ['b', 'c', 'a', 'd']]]);
        });

        it('tells who has lost it, and who gets it when others leave or are let in', () => {
            apply(member);
            assert.deepEqual(ids(apply(another)), { ...nothing, added: ['c'], changed: ['b'] });
            assert.deepEqual(ids(apply(['c'])), { ...nothing, removed: ['c'], changed: ['b'] });
            assert.deepEqual(table.byAddress('info@x')?.addresses, ['b@x', 'info@x']);
            apply(room);
            assert.deepEqual(ids(apply({ ...room, isEnabled: true })).changed, ['b', 'd']);
            assert.equal(table.byAddress('info@x'), undefined);
        });

        it('makes no difference of it when the same is told again', () => {
            apply(member, guest);
            assert.deepEqual(ids(apply(guest, member)), nothing);
            assert.deepEqual(ids(apply(row('b', ['b@x', 'info@x'], { name: 'B' }))).changed, ['b']);
            assert.deepEqual(table.byAddress('info@x')?.displayName, 'B');
        });
    });

    it('finds a user by an id in capitals [A15]', () => {
        apply(row('ad87c9c0', ['a@x']));
        const teams = { id: 'AD87C9C0', userPrincipalName: '', mail: null };
        assert.deepEqual(
            [table.find('AD87C9C0'), table.find({ addresses: [], teams })].map(user => user?.teams?.id),
            ['ad87c9c0', 'ad87c9c0'],
        );
    });

    it('finds who is no member only by id or by a bare text: a message may mean somebody else by an address', () => {
        apply(row('a', ['a@x'], { isGuest: true }), row('b', ['b@x'], { isEnabled: false }), row('c', ['c@x']));
        const found = (addresses: string[]) => table.find({ addresses })?.teams?.id;
        assert.deepEqual([found(['a@x']), found(['b@x']), found(['a@x', 'c@x'])], [undefined, undefined, 'c']);
        assert.deepEqual(
            ['a@x', 'b'].map(text => table.find(text)?.teams?.id),
            ['a', 'b'],
        );
    });
});
