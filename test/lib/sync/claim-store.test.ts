import assert from 'node:assert/strict';
import { memory } from '../../../lib/presence/record';
import { ClaimLog } from '../../../lib/sync/claim-log';
import {
    type ClaimEntry,
    type ClaimPart,
    type ClaimStore,
    type LoggedClaim,
    MemoryClaimStore,
} from '../../../lib/sync/claim-store';
import { FakeClock } from '../../support/fake-clock';
import { MemoryFiles } from '../../support/memory-files';

const preferred: ClaimPart = { side: 'teams', system: 'global/contoso', part: 'preferred' };
const session: ClaimPart = { ...preferred, part: 'session' };
const entry: ClaimPart = { side: 'pbx', system: 'pbx.contoso.com', part: 'entry' };
const lease = 900_000;

function claim(clock: FakeClock, value: unknown, more: Partial<LoggedClaim> = {}): LoggedClaim {
    return { value, sure: 'confirmed', from: clock.monotonic(), ends: clock.monotonic() + lease, ...more };
}

function of(part: ClaimPart, person: string, ...claims: LoggedClaim[]): ClaimEntry {
    return { ...part, person, claims };
}

/** What may still show, without how long it may at most: that depends on when the process began. */
async function told(store: ClaimStore, part: ClaimPart): Promise<ClaimEntry[]> {
    const { entries } = await store.load(part);
    return entries.map(entry => ({ ...entry, claims: entry.claims.map(({ latest: _, ...claim }) => claim) }));
}

/** The stores there are, each with what brings it back after the process has ended, or after its user has. */
const stores: Record<string, (clock: FakeClock) => () => Promise<ClaimStore>> = {
    ClaimLog: clock => {
        const files = new MemoryFiles();
        return () => ClaimLog.open({ path: '/data/claims.log', clock, onTrouble: () => {}, files });
    },
    MemoryClaimStore: clock => {
        const store = new MemoryClaimStore(clock);
        return async () => store;
    },
};

for (const [name, make] of Object.entries(stores)) {
    describe(`${name} as a store of claims`, () => {
        const setUp = async () => {
            const clock = new FakeClock();
            const open = make(clock);
            let store = await open();
            const reopened = async (): Promise<ClaimStore> => {
                await store.close();
                store = await open();
                return store;
            };
            return { clock, store, reopened };
        };

        it('gives back all of a claim, by part', async () => {
            const { clock, store, reopened } = await setUp();
            const whole = claim(
                clock,
                { availability: 'Busy' },
                { handle: { clientId: 'x' }, replaced: null, sure: 'sent' },
            );
            const before = claim(clock, 'Away');
            const first = of(preferred, 'alice', whole, before);
            assert.equal(await store.append([first, of(session, 'alice', before)]), 'written');
            assert.equal(
                await store.append([of({ ...preferred, system: 'global/other' }, 'alice', before)]),
                'written',
            );
            for (const each of [store, await reopened()]) {
                assert.deepEqual(await told(each, preferred), [first]);
                assert.deepEqual((await each.load(entry)).entries, []);
            }
        });

        it('knows only the newest entry of a part and person', async () => {
            const { clock, store, reopened } = await setUp();
            const second = of(preferred, 'alice', claim(clock, 2));
            const answers = [of(preferred, 'alice', claim(clock, 1)), of(preferred, 'bob', claim(clock, 1)), second];
            await Promise.all(answers.map(each => store.append([each])));
            await store.append([of(preferred, 'bob')]);
            assert.deepEqual(await told(await reopened(), preferred), [second]);
        });

        it('counts the lease on while there is no process', async () => {
            const { clock, store, reopened } = await setUp();
            const written = of(preferred, 'alice', claim(clock, 1));
            await store.append([written]);
            await clock.advance(600_000);
            const again = await reopened();
            const entries = await told(again, preferred);
            assert.deepEqual(entries, [written]);
            assert.equal(entries[0]!.claims[0]!.ends! - clock.monotonic(), lease - 600_000);
        });

        it('forgets claims a while after their end, those that ended by themselves and those that were ended', async () => {
            const { clock, store, reopened } = await setUp();
            const now = clock.monotonic();
            const ended = { sure: 'ended', ends: now } as const;
            await store.append([
                of(preferred, 'alice', claim(clock, 2), claim(clock, 1, ended)),
                of(preferred, 'bob', claim(clock, 1, ended)),
            ]);
            const values = async (from: ClaimStore) =>
                (await from.load(preferred)).entries.map(({ person, claims }) => [person, claims.map(c => c.value)]);
            assert.deepEqual(await values(store), [
                ['alice', [2, 1]],
                ['bob', [1]],
            ]);
            await clock.advance(memory);
            assert.deepEqual(await values(await reopened()), [['alice', [2]]]);
            await clock.advance(lease - 1);
            const last = await reopened();
            assert.deepEqual(await values(last), [['alice', [2]]]);
            // The date may be wrong, so that the lease may have begun just before this process.
            await clock.advance(lease + memory);
            assert.deepEqual(await values(last), []);
        });

        it('keeps what has no lease until it is ended', async () => {
            const { clock, store, reopened } = await setUp();
            const held = of(entry, 'alice', claim(clock, 'busy', { ends: undefined, handle: 'sip:teams' }));
            await store.append([held]);
            await clock.advance(30 * 86_400_000);
            const again = await reopened();
            assert.equal((await again.load(entry)).entries.length, 1);
            await again.append([of(entry, 'alice')]);
            assert.deepEqual((await (await reopened()).load(entry)).entries, []);
        });

        it('keeps what yields until an entry comes without it', async () => {
            const { clock, store, reopened } = await setUp();
            const yields = { value: { activity: 'dnd' }, since: clock.monotonic(), rule: 'equal' };
            await store.append([{ ...of(preferred, 'alice'), yields }]);
            await clock.advance(86_400_000);
            const again = await reopened();
            assert.deepEqual((await again.load(preferred)).entries, [{ ...of(preferred, 'alice'), yields }]);
            await again.append([of(preferred, 'alice')]);
            assert.deepEqual((await (await reopened()).load(preferred)).entries, []);
        });

        it('is known for a part once that has been settled, and stays so', async () => {
            const { store, reopened } = await setUp();
            assert.equal((await store.load(preferred)).certainty, 'unknown');
            assert.equal((await (await reopened()).load(preferred)).certainty, 'unknown');
            const again = await reopened();
            assert.equal(await again.settle(preferred), 'written');
            assert.equal((await again.load(preferred)).certainty, 'known');
            const last = await reopened();
            assert.equal((await last.load(preferred)).certainty, 'known');
            assert.equal((await last.load(session)).certainty, 'unknown');
        });

        it('closes twice', async () => {
            const { store } = await setUp();
            await Promise.all([store.close(), store.close()]);
            await store.close();
        });
    });
}
