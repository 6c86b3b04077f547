import assert from 'node:assert/strict';
import { type Row, UserDirectory } from '../../../../lib/teams/users/user-directory';

const plans = ['plan'];

/** The oldest accounts have the lowest years. */
function row(id: string, addresses: string[], changed: Partial<Row> & { name?: string; year?: number } = {}): Row {
    const { name = id, year = 2020, isGuest = false, isEnabled = true } = changed;
    return {
        user: { addresses, displayName: name, teams: { id, userPrincipalName: addresses[0] ?? '', mail: null } },
        createdAt: Date.UTC(year),
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
        const older = row('b', ['b@x', 'info@x'], { year: 2010 });
        const newer = row('a', ['a@x', 'info@x'], { year: 2024 });

        it('lets the older account have it, in whatever order they come', () => {
            for (const [first, second] of [
                [older, newer],
                [newer, older],
            ] as const) {
                table = new UserDirectory();
                apply(first);
                apply(second);
                assert.equal(table.byAddress('info@x')?.teams?.id, 'b');
                assert.deepEqual(table.byId('a')?.addresses, ['a@x']);
                assert.deepEqual(table.byId('b')?.addresses, ['b@x', 'info@x']);
            }
        });

        it('lets the lower id have it if they are equally old', () => {
            apply(row('b', ['info@x']), row('a', ['info@x']));
            assert.equal(table.byAddress('info@x')?.teams?.id, 'a');
        });

        it('names both', () => {
            apply(older);
            assert.deepEqual(table.shared(), []);
            apply(newer);
            const shared = table.shared().map(({ address, owner, others }) => ({
                address,
                owner: owner.displayName,
                others: others.map(other => other.displayName),
            }));
            assert.deepEqual(shared, [{ address: 'info@x', owner: 'b', others: ['a'] }]);
        });

        it('tells that the newer one has lost it, and that it gets it when the older one leaves', () => {
            apply(newer);
            assert.deepEqual(ids(apply(older)), { ...nothing, added: ['b'], changed: ['a'] });
            assert.deepEqual(ids(apply(['b'])), { ...nothing, removed: ['b'], changed: ['a'] });
            assert.deepEqual(table.byAddress('info@x')?.addresses, ['a@x', 'info@x']);
            assert.deepEqual(table.shared(), []);
        });

        it('makes no difference of it when the same is told again', () => {
            apply(older, newer);
            assert.deepEqual(ids(apply(newer, older)), nothing);
            assert.deepEqual(ids(apply(row('b', ['b@x', 'info@x'], { year: 2010, name: 'B' }))).changed, ['b']);
            assert.deepEqual(table.byAddress('info@x')?.displayName, 'B');
        });
    });
});
