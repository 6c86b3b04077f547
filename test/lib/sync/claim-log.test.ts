import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memory } from '../../../lib/presence/record';
import { encodeRecord } from '../../../lib/support/record-file';
import type { Trouble } from '../../../lib/support/record-log';
import { ClaimLog } from '../../../lib/sync/claim-log';
import type { ClaimEntry, ClaimPart } from '../../../lib/sync/claim-store';
import { FakeClock } from '../../support/fake-clock';
import { failure, MemoryFiles } from '../../support/memory-files';

const path = '/data/claims.log';
const preferred: ClaimPart = { side: 'teams', system: 'global/contoso', part: 'preferred' };
const lease = 900_000;
const minute = 60_000;

/** A clock whose date can be set. */
class SetClock extends FakeClock {
    error = 0;

    override date(): number {
        return super.date() + this.error;
    }
}

async function setUp() {
    const files = new MemoryFiles();
    const clock = new SetClock();
    const troubles: (Trouble | undefined)[] = [];
    const open = (from = files) =>
        ClaimLog.open({ path, clock, onTrouble: trouble => troubles.push(trouble), files: from });
    const log = await open();
    await log.settle(preferred);
    /** The next process, after this one was killed. */
    const killed = async (from = files.copy()): Promise<ClaimLog> => {
        await from.rm(`${path}.lock`);
        return open(from);
    };
    const entryOf = (person: string): ClaimEntry => ({
        ...preferred,
        person,
        claims: [{ value: 'dnd', sure: 'confirmed', from: clock.monotonic(), ends: clock.monotonic() + lease }],
    });
    return { files, clock, log, troubles, killed, entryOf };
}

/** The same as the next process finds it, if no time has passed. */
function restored(entry: ClaimEntry): ClaimEntry {
    return { ...entry, claims: entry.claims.map(claim => ({ ...claim, latest: claim.ends! })) };
}

/** Milliseconds after which the only claim there is ends by its date, and at the latest; -1 where there is none. */
async function left(log: ClaimLog, clock: FakeClock): Promise<{ byDate: number; atMost: number }> {
    const [claim] = (await log.load(preferred)).entries.flatMap(({ claims }) => claims);
    if (!claim) return { byDate: -1, atMost: -1 };
    const [byDate, atMost] = [claim.ends!, claim.latest!].map(end => end - clock.monotonic()) as [number, number];
    return { byDate, atMost };
}

describe('ClaimLog', () => {
    it('knows everything after a kill', async () => {
        const { log, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        const next = await killed();
        assert.equal(next.doubt, undefined);
        assert.deepEqual(await next.load(preferred), { certainty: 'known', entries: [restored(entryOf('alice'))] });
    });

    it('gives a full lease where the date lies before that of the line', async () => {
        const { log, clock, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        await clock.advance(10 * minute);
        clock.error = -11 * minute;
        assert.deepEqual(await left(await killed(), clock), { byDate: lease, atMost: lease });
    });

    it('says that a claim may last a full lease from the start, whatever the date says', async () => {
        const { log, clock, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        await clock.advance(10 * minute);
        clock.error = 26 * 60 * minute;
        const next = await killed();
        await clock.advance(minute);
        assert.equal((await left(next, clock)).atMost, lease - minute);
        clock.error = 0;
        assert.deepEqual(await left(await killed(), clock), { byDate: lease - 11 * minute, atMost: lease });
    });

    it('forgets at last what it holds for longer than its date says', async () => {
        const { log, clock, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        await clock.advance(60 * minute);
        const next = await killed();
        await clock.advance(lease + memory - 1);
        assert.notEqual((await left(next, clock)).atMost, -1);
        await clock.advance(1);
        assert.equal((await left(next, clock)).atMost, -1);
    });

    it('keeps what has not been loaded yet as it was written', async () => {
        const { log, clock, killed, entryOf } = await setUp();
        await log.append([entryOf('alice'), entryOf('bob')]);
        const next = await killed();
        await clock.advance(minute);
        await next.append([{ ...entryOf('bob'), claims: [] }]);
        await next.close();
        const { entries } = await next.load(preferred);
        assert.deepEqual(
            entries.map(({ person }) => person),
            ['alice'],
        );
        assert.equal((await left(next, clock)).byDate, lease - minute);
    });

    it('forgets in the end what nothing asks for', async () => {
        const { files, log, clock, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        await log.close();
        await clock.advance(8 * 24 * 60 * minute);
        await killed(files);
        assert.equal(files.bytesOf(path).includes('alice'), false);
    });

    it('is unknown after a time in which claims could not be logged, until it has healed', async () => {
        const { files, log, clock, troubles, killed, entryOf } = await setUp();
        files.onOperation = ({ name, bytes }) => {
            if (name === 'write' && bytes!.length > 1) throw failure('ENOSPC');
        };
        assert.equal(await log.append([entryOf('alice')]), 'refused');
        assert.equal((await log.load(preferred)).certainty, 'known', 'this process knows what it has done');
        const next = await killed();
        assert.equal(next.doubt, 'incomplete');
        assert.equal((await next.load(preferred)).certainty, 'unknown');
        files.onOperation = () => {};
        await clock.advance(5_000);
        assert.deepEqual(
            troubles.map(trouble => trouble?.kind),
            ['failed', undefined],
        );
        const healed = await (await killed()).load(preferred);
        assert.equal(healed.certainty, 'known');
        assert.equal(healed.entries.length, 1);
    });

    it('works without a file that can be written, knowing nothing', async () => {
        const files = new MemoryFiles();
        const clock = new FakeClock();
        const kinds: (string | undefined)[] = [];
        files.onOperation = ({ name }) => {
            if (name !== 'readFile') throw failure('EROFS');
        };
        const log = await ClaimLog.open({ path, clock, onTrouble: trouble => kinds.push(trouble?.kind), files });
        const claims = [{ value: 1, sure: 'sent' as const, from: 0 }];
        assert.equal(await log.append([{ ...preferred, person: 'alice', claims }]), 'refused');
        const { certainty, entries } = await log.load(preferred);
        assert.equal(certainty, 'unknown');
        assert.equal(entries.length, 1);
        assert.deepEqual(kinds, ['failed']);
        await log.close();
    });

    it('passes over lines of another shape, and does not know everything then', async () => {
        const { files, log, killed, entryOf } = await setUp();
        await log.append([entryOf('alice')]);
        const odd = [null, { ...preferred, person: 'bob', date: 0, claims: [{ sure: 'sent', value: 1, age: -1 }] }];
        const bytes = Buffer.concat([files.bytesOf(path), Buffer.from(odd.map(encodeRecord).join(''))]);
        files.put(path, bytes);
        const next = await killed();
        const { certainty, entries } = await next.load(preferred);
        assert.equal(certainty, 'unknown');
        assert.deepEqual(entries, [restored(entryOf('alice'))]);
    });

    it('opens on anything at all, with no claim that was not made', async () => {
        const { files, log, killed, entryOf } = await setUp();
        await log.append([entryOf('alice'), entryOf('bob')]);
        const whole = files.bytesOf(path);
        const change = fc.record({ at: fc.nat(whole.length - 1), bits: fc.nat(255), length: fc.nat(whole.length) });
        await fc.assert(
            fc.asyncProperty(change, async ({ at, bits, length }) => {
                const damaged = files.copy();
                const bytes = Buffer.from(whole.subarray(0, length));
                if (at < length) bytes[at]! ^= bits;
                damaged.put(path, bytes);
                const next = await killed(damaged);
                const { certainty, entries } = await next.load(preferred);
                // A file that ends with a line is what the log looked like at some time.
                const isPrefix = bytes.equals(whole.subarray(0, length)) && bytes.at(-1) === 10;
                if (!isPrefix) assert.equal(certainty, 'unknown');
                for (const entry of entries) assert.deepEqual(entry, restored(entryOf(entry.person)));
            }),
        );
    });
});
