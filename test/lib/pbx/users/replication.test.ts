import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import { ReadingPace, type Replication, replicate } from '../../../../lib/pbx/users/replication';
import { FakeClock, settle } from '../../../support/fake-clock';

/** A PBX that is asked for the next row: a GUID, "" at the end, nothing where it does not answer. */
type NextRow = (asked: number) => string | undefined;

const people = Array.from({ length: 100 }, (_, index) => `guid-${index}`);
const rowOrEnd = (index: number) => people[index] ?? '';

describe('A replication', () => {
    const clock = new FakeClock();
    let pace: ReadingPace;
    let attempts: Replication[];

    beforeEach(() => {
        pace = new ReadingPace();
        attempts = [];
    });

    /** Reads from PBXs that behave like this, one for each attempt, the last one for all further ones. */
    async function read(...behaviours: NextRow[]): Promise<Replication> {
        let asked = 0;
        let count = 0;
        const session = {
            end: undefined,
            host: 'pbx',
            newSource: () => `src-${++count}`,
            request: (_api: string, mt: string, _fields: object, src: string) => {
                if (mt === 'ReplicateStart') {
                    asked = 0;
                    return Promise.resolve({ mt: `${mt}Result`, src } as Frame);
                }
                const next = behaviours[count - 1] ?? behaviours.at(-1)!;
                const guid = next(asked++);
                if (guid === undefined) return unanswered();
                const columns = guid ? { guid, h323: guid } : undefined;
                return settle().then(() => ({ mt: `${mt}Result`, src, columns }));
            },
        };
        let isDone = false;
        const options = { session, pace, clock };
        const reading = replicate(options, begun => attempts.push(begun)).finally(() => {
            isDone = true;
        });
        reading.catch(() => undefined);
        while (!isDone) await clock.advance(isStuck() ? 1_000 : 0);
        return reading;
    }

    function unanswered(): Promise<Frame> {
        const error = new SyncError('PBX_SILENT', { host: 'pbx', seconds: 10 });
        return new Promise((_, reject) => void clock.after(10_000, () => reject(error)));
    }

    /** Time stands still as long as answers come. */
    let told = -1;
    function isStuck(): boolean {
        const before = told;
        told = attempts.reduce((sum, { told }) => sum + told.size, attempts.length);
        return before === told;
    }

    it('reads from a PBX that answers everything', async () => {
        assert.equal((await read(rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 1);
        assert.equal(pace.size, 64);
        assert.equal(clock.waiting, 0);
    });

    it('gives up a table without an end, of one row again and again, and of rows without a user', async () => {
        await assert.rejects(
            read(() => 'guid-0'),
            { code: 'PBX_TABLE_LOSSY' },
        );
        await assert.rejects(
            read(() => ' '),
            { code: 'PBX_TABLE_LOSSY' },
        );
        assert.equal((await read(asked => people[asked >> 4] ?? '')).told.size, 100);
    });

    const loses =
        (...lost: number[]): NextRow =>
        asked =>
            lost.includes(asked) ? undefined : rowOrEnd(asked);

    it('reads again with half as many at once where an answer is missing, and as before from then on', async () => {
        assert.equal((await read(loses(20), rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.size, 8);
        assert.equal((await read(rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 3);
        assert.equal(pace.size, 64);
    });

    it('never asks again for as many as were too many twice', async () => {
        for (let count = 0; count < 2; count++) await read(loses(20), rowOrEnd);
        assert.equal(attempts.length, 4);
        assert.equal((await read(rowOrEnd)).told.size, 100);
        assert.equal(pace.size, 8);
    });

    it('does not try a third time over the same connection', async () => {
        await assert.rejects(read(loses(20), loses(4), rowOrEnd), { code: 'PBX_TABLE_LOSSY' });
        assert.equal(attempts.length, 2);
        assert.equal((await read(rowOrEnd)).told.size, 100);
        assert.equal(pace.size, 2);
    });

    it('finds out that a PBX answers nothing beyond the end, and trusts it from then on', async () => {
        const endsOnce = (asked: number) => (asked > 100 ? undefined : rowOrEnd(asked));
        assert.equal((await read(endsOnce)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.endsSilently, true);
        const begun = clock.monotonic();
        assert.equal((await read(endsOnce)).told.size, 100);
        assert.equal(attempts.length, 3);
        assert.equal(pace.size, 64);
        assert.ok(clock.monotonic() - begun <= 3_000, `${clock.monotonic() - begun} ms`);
    });

    it('does not trust it where the first read has lost somebody', async () => {
        const losesLater = (asked: number) => (asked === 90 || asked > 100 ? undefined : rowOrEnd(asked));
        assert.equal((await read(losesLater, rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.endsSilently, false);
    });

    it('knows a loss from an end where some of what is asked for beyond it is answered', async () => {
        assert.equal((await read(loses(90), rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.size, 32);
    });

    it('reads again where two requests have got the same row', async () => {
        const races = (asked: number) => rowOrEnd(asked < 10 ? asked : asked - 1);
        assert.equal((await read(races, rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.size, 4);
    });

    it('does not mind a PBX that gives every row twice, once that is known', async () => {
        for (const attempt of [2, 3]) {
            assert.equal((await read(asked => rowOrEnd(asked >> 1))).told.size, 100);
            assert.equal(attempts.length, attempt);
            assert.equal(pace.size, 64);
        }
    });

    it('passes on why the session has ended', async () => {
        const error = new SyncError('PBX_CONNECTION_LOST', { host: 'pbx' });
        const session = { end: error, host: 'pbx', newSource: () => '1', request: () => Promise.reject(error) };
        const reading = replicate({ session, pace, clock }, () => undefined);
        await assert.rejects(reading, { code: 'PBX_CONNECTION_LOST' });
        assert.equal(clock.waiting, 0);
    });
});
