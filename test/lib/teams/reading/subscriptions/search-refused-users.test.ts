import assert from 'node:assert/strict';
import { searchRefusedUsers } from '../../../../../lib/teams/reading/subscriptions/suspected-users';

function users(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `user-${index}`);
}

/** Searches at a service that takes no list with one of these: who is found, and the lists that were tried. */
function run(
    search: ReturnType<typeof searchRefusedUsers>,
    guilty: string[],
    isDown = (_tries: number) => false,
): { refused: readonly string[]; tried: string[][] } {
    const tried: string[][] = [];
    let step = search.next();
    while (!step.done) {
        const list = step.value;
        assert.equal(new Set(list).size, list.length, 'nobody twice');
        tried.push(list);
        assert.ok(tried.length < 200, 'it ends');
        const isTaken = !isDown(tried.length) && !list.some(userId => guilty.includes(userId));
        step = search.next(isTaken);
    }
    return { refused: step.value, tried };
}

describe('RefusedUsersSearch', () => {
    for (const index of [0, 1, 324, 325, 648, 649])
        it(`finds one among 650 in some fifteen tries and ends with all others taken (number ${index})`, () => {
            const { refused, tried } = run(searchRefusedUsers(users(650)), [`user-${index}`]);
            assert.deepEqual(refused, [`user-${index}`]);
            assert.ok(tried.length <= 16, String(tried.length));
            assert.deepEqual(
                tried.at(-1)!.sort(),
                users(650)
                    .filter(id => id !== `user-${index}`)
                    .sort(),
            );
        });

    it('covers at least half of the users after two tries', () => {
        const { tried } = run(searchRefusedUsers(users(650)), ['user-0']);
        const [first, second] = tried;
        assert.ok(first!.includes('user-0'));
        assert.equal(second!.length, 325);
        assert.ok(!second!.includes('user-0'));
    });

    it('finds several, wherever they are', () => {
        for (const guilty of [
            ['user-0', 'user-649'],
            ['user-3', 'user-4'],
            ['user-9', 'user-300', 'user-400'],
            users(5),
        ]) {
            const { refused, tried } = run(searchRefusedUsers(users(650)), guilty);
            assert.deepEqual([...refused].sort(), [...guilty].sort());
            assert.equal(tried.at(-1)!.length, 650 - guilty.length);
            assert.ok(tried.length <= 70, String(tried.length));
        }
    });

    it('suspects those first who were not there when it last went well', () => {
        const { refused, tried } = run(
            searchRefusedUsers([...users(600), 'joiner-1', 'joiner-2'], new Set(users(600))),
            ['joiner-2'],
        );
        assert.deepEqual(refused, ['joiner-2']);
        assert.equal(tried.length, 4);
    });

    it('works for two', () => {
        for (const guilty of users(2)) {
            const { refused } = run(searchRefusedUsers(users(2)), [guilty]);
            assert.deepEqual(refused, [guilty]);
        }
    });

    it('accuses nobody when nothing works: the service is at fault', () => {
        for (const count of [2, 3, 650]) {
            const { refused, tried } = run(searchRefusedUsers(users(count)), [], () => true);
            assert.deepEqual(refused, []);
            assert.ok(tried.length <= 12, String(tried.length));
        }
    });

    it('accuses nobody when the service fails for a moment, whenever that is', () => {
        for (let first = 0; first < 8; first++) {
            for (let last = first; last < 12; last++) {
                const { refused, tried } = run(
                    searchRefusedUsers(users(650)),
                    [],
                    tries => tries > first && tries <= last,
                );
                assert.deepEqual(refused, [], `${first} to ${last}`);
                assert.equal(tried.at(-1)!.length, 650);
            }
        }
    });

    it('ends when what was taken before is refused: the service has failed meanwhile', () => {
        const { tried } = run(searchRefusedUsers(users(4)), ['user-0'], tries => tries > 3);
        assert.ok(tried.length < 10);
    });
});
