import assert from 'node:assert/strict';
import { Cohorts } from '../../../../../lib/teams/reading/subscriptions/cohorts';

function users(count: number, prefix = 'user'): string[] {
    return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`);
}

function accounts(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `sync-${index + 1}`);
}

/** Users who are somewhere else than before. */
function moved(before: Map<string, string[]>, after: Map<string, string[]>): string[] {
    const placeOf = (lists: Map<string, string[]>) =>
        new Map([...lists].flatMap(([account, list]) => list.map(userId => [userId, account] as const)));
    const [old, now] = [placeOf(before), placeOf(after)];
    return [...old.keys()].filter(userId => now.get(userId) !== old.get(userId));
}

function placed(count: number, accountCount: number, capacity?: number): Cohorts {
    const cohorts = new Cohorts(accounts(accountCount), capacity);
    cohorts.place(users(count));
    return cohorts;
}

describe('Cohorts', () => {
    it('deals users out evenly, which leaves room for joiners everywhere', () => {
        const sizes = [...placed(10_000, 16).lists().values()].map(({ length }) => length);
        assert.deepEqual(new Set(sizes), new Set([625]));
        assert.deepEqual(
            [...placed(7, 2).lists().values()].map(({ length }) => length),
            [4, 3],
        );
    });

    it('deals the same users out the same way from start to start, in whatever order they come', () => {
        const other = new Cohorts(accounts(3));
        other.place(users(1_000).reverse());
        assert.deepEqual(moved(placed(1_000, 3).lists(), other.lists()), []);
    });

    it('puts a few joiners together into the cohort with most room', () => {
        const cohorts = placed(1_200, 3);
        const before = cohorts.lists();
        cohorts.retain(new Set(users(1_200).filter((_, index) => index % 3 !== 1 || index > 60)));
        cohorts.place([...users(1_200), ...users(10, 'joiner')].filter(userId => userId.startsWith('joiner')));
        const after = cohorts.lists();
        const disturbed = [...after].filter(([account, list]) => list.some(id => !before.get(account)!.includes(id)));
        assert.deepEqual(
            disturbed.map(([account]) => account),
            ['sync-2'],
        );
    });

    it('leaves everybody else where they are when people join and leave', () => {
        const cohorts = placed(1_000, 3);
        const before = cohorts.lists();
        const stay = users(1_000).filter((_, index) => index % 7 !== 0);
        assert.equal(cohorts.retain(new Set(stay)), true);
        assert.equal(cohorts.retain(new Set(stay)), false);
        cohorts.place([...stay, ...users(300, 'joiner')]);
        const leavers = users(1_000).filter((_, index) => index % 7 === 0);
        assert.deepEqual(moved(before, cohorts.lists()).sort(), leavers);
        assert.equal(cohorts.size, stay.length + 300);
    });

    it('takes 650 users per account and leaves the others without a place until there is room', () => {
        const cohorts = placed(1_303, 2);
        assert.deepEqual(
            [...cohorts.lists().values()].map(({ length }) => length),
            [650, 650],
        );
        const homeless = users(1_303).filter(userId => !cohorts.hasHome(userId));
        assert.deepEqual(homeless, users(1_303).slice(-3));
        assert.equal(cohorts.placeOf(homeless[0]!), undefined);
        cohorts.retain(new Set(users(1_303).slice(2)));
        cohorts.place(users(1_303).slice(2));
        assert.equal(homeless.filter(userId => cohorts.hasHome(userId)).length, 2);
    });

    it('gives a user who comes back to the account that still covers them', () => {
        const cohorts = placed(100, 2);
        const [user] = cohorts.lists().get('sync-2')!;
        cohorts.retain(new Set(users(100).filter(userId => userId !== user)));
        cohorts.retain(new Set(users(90).filter(userId => userId !== user)));
        cohorts.place([user!], () => 'sync-2');
        assert.equal(cohorts.placeOf(user!), 'sync-2');
    });

    describe('when an account fails', () => {
        it('makes its users guests of the others, and sends them home when it works again', () => {
            const cohorts = placed(30, 3, 15);
            const before = cohorts.lists();
            cohorts.setFailed('sync-1', true);
            cohorts.place(users(30));
            for (const userId of users(30)) assert.notEqual(cohorts.placeOf(userId) ?? 'sync-1', 'sync-1');
            assert.deepEqual([cohorts.lists().get('sync-2')!.length, cohorts.lists().get('sync-3')!.length], [15, 15]);
            cohorts.setFailed('sync-1', false);
            cohorts.place(users(30));
            assert.deepEqual(moved(before, cohorts.lists()), []);
            assert.deepEqual([cohorts.lists().get('sync-2')!.length, cohorts.lists().get('sync-3')!.length], [10, 10]);
        });

        it('knows those without a host, and keeps them in its own list to be tried with', () => {
            const cohorts = placed(20, 2, 12);
            cohorts.setFailed('sync-1', true);
            cohorts.place(users(20));
            const without = users(20).filter(userId => cohorts.placeOf(userId) === undefined);
            assert.equal(without.length, 8);
            assert.ok(without.every(userId => cohorts.hasHome(userId)));
            assert.equal(cohorts.lists().get('sync-1')!.length, 10);
            assert.equal(cohorts.lists().get('sync-2')!.length, 12);
        });

        it('finds other hosts for its guests', () => {
            const cohorts = placed(30, 3, 30);
            cohorts.setFailed('sync-1', true);
            cohorts.place(users(30));
            cohorts.setFailed('sync-2', true);
            cohorts.place(users(30));
            assert.ok(users(30).every(userId => cohorts.placeOf(userId) === 'sync-3'));
            assert.equal(cohorts.lists().get('sync-2')!.length, 10);
        });

        it('gives joiners a home in it only when nobody else has room', () => {
            const cohorts = placed(20, 2, 12);
            cohorts.setFailed('sync-1', true);
            cohorts.retain(new Set(users(18)));
            cohorts.place([...users(18), 'z-1', 'z-2', 'z-3', 'z-4', 'z-5']);
            const joiners = ['z-1', 'z-2', 'z-3', 'z-4', 'z-5'];
            assert.ok(joiners.some(userId => cohorts.placeOf(userId) === undefined && cohorts.hasHome(userId)));
            assert.ok(cohorts.lists().get('sync-1')!.length <= 12 && cohorts.lists().get('sync-2')!.length <= 12);
        });
    });
});
