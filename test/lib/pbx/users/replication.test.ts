import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import { ReadingPace } from '../../../../lib/pbx/users/reading-pace';
import { type Replication, replicate } from '../../../../lib/pbx/users/replication';
import { RowMaker } from '../../../../lib/pbx/users/user-row';
import { SyncError } from '../../../../lib/support/errors';
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
            newSource: () => `src-${++count}`,
            request: (_api: string, mt: string, _fields: object, src: string) => {
                if (mt === 'ReplicateStart') {
                    asked = 0;
                    return Promise.resolve({ mt: `${mt}Result`, src } as Frame);
                }
                const next = behaviours[count - 1] ?? behaviours.at(-1)!;
                const guid = next(asked++);
                if (guid === undefined) return new Promise<Frame>(() => undefined);
                const columns = guid ? { guid, h323: guid } : undefined;
                return settle().then(() => ({ mt: `${mt}Result`, src, columns }));
            },
        };
        let isDone = false;
        const options = { session, maker: new RowMaker(), pace, clock };
        const reading = replicate(options, undefined, begun => attempts.push(begun)).finally(() => {
            isDone = true;
        });
        reading.catch(() => undefined);
        while (!isDone) await clock.advance(isStuck() ? 1_000 : 0);
        return reading;
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

    it('reads again and singly where an answer is missing, and that way from then on', async () => {
        const loses = (lost: number) => (asked: number) => (asked === lost ? undefined : rowOrEnd(asked));
        assert.equal((await read(loses(20), rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.size, 1);
        assert.equal((await read(rowOrEnd)).told.size, 100);
        assert.equal(pace.size, 1);
    });

    it('finds out that a PBX answers nothing beyond the end, and trusts it from then on', async () => {
        const endsOnce = (asked: number) => (asked > 100 ? undefined : rowOrEnd(asked));
        assert.equal((await read(endsOnce)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal((await read(endsOnce)).told.size, 100);
        assert.equal(attempts.length, 3);
        assert.equal(pace.size, 64);
    });

    it('does not trust it where the first read has lost somebody', async () => {
        const loses = (asked: number) => (asked === 90 || asked > 100 ? undefined : rowOrEnd(asked));
        assert.equal((await read(loses, rowOrEnd)).told.size, 100);
        assert.equal(pace.endsSilently, false);
        assert.equal(pace.size, 1);
    });

    it('reads again and singly where two requests have got the same row', async () => {
        const races = (asked: number) => rowOrEnd(asked < 10 ? asked : asked - 1);
        assert.equal((await read(races, rowOrEnd)).told.size, 100);
        assert.equal(attempts.length, 2);
        assert.equal(pace.size, 1);
    });

    it('does not mind a PBX that gives every row twice', async () => {
        assert.equal((await read(asked => rowOrEnd(asked >> 1))).told.size, 100);
        assert.equal(pace.size, 64);
    });

    it('passes on why the session has ended', async () => {
        const error = new SyncError('PBX_CONNECTION_LOST', { host: 'pbx' });
        const session = { end: error, newSource: () => '1', request: () => Promise.reject(error) };
        const reading = replicate({ session, maker: new RowMaker(), pace, clock }, undefined, () => undefined);
        await assert.rejects(reading, { code: 'PBX_CONNECTION_LOST' });
        assert.equal(clock.waiting, 0);
    });
});
