import assert from 'node:assert/strict';
import { liveClaims, newRecord, type PersonRecord } from '../../../lib/presence/record';
import { ClaimLog } from '../../../lib/sync/claim-log';
import { type ClaimBook, partOf, writeDown } from '../../../lib/sync/logged-claims';
import { FakeClock } from '../../support/fake-clock';
import { MemoryFiles } from '../../support/memory-files';

const minute = 60_000;
const lease = 15 * minute;
const person = { addresses: ['alice@contoso.com'], displayName: 'Alice' };

describe('Claims that are written down', () => {
    let clock: FakeClock;
    let book: ClaimBook & { store: ClaimLog };
    const files = new MemoryFiles();

    beforeEach(async () => {
        clock = new FakeClock();
        await open();
        const record = newRecord('alice', person);
        const from = clock.monotonic();
        record.parts.session = {
            claims: [
                {
                    value: 'call',
                    from,
                    ends: from + lease,
                    renew: from + 10 * minute,
                    certainty: 'confirmed',
                    way: 'a',
                },
            ],
        };
        await writeDown(book, record, 'session');
    });
    afterEach(() => book.store.close());

    async function open(): Promise<void> {
        const store = await ClaimLog.open({ path: '/data/claims.log', clock, onTrouble: () => assert.fail(), files });
        book = { store, side: 'teams', system: 'firm' };
    }

    /** The record as the next process finds it. */
    async function restart(): Promise<PersonRecord> {
        await book.store.close();
        await open();
        const record = newRecord('alice', person);
        const { entries } = await book.store.load({ side: 'teams', system: 'firm', part: 'session' });
        for (const entry of entries) record.parts.session = partOf(entry);
        return record;
    }

    it('end by their date, however often the process starts, and a full lease later at most', async () => {
        for (let starts = 1; starts <= 3; starts++) {
            await clock.advance(minute);
            const record = await restart();
            const [claim] = record.parts.session!.claims;
            assert.deepEqual(
                [claim!.certainty, claim!.ends - clock.monotonic(), claim!.latest! - clock.monotonic()],
                ['restored', lease - starts * minute, lease],
            );
            await writeDown(book, record, 'session');
        }
    });

    it('say why something yields, as far as they say so', () => {
        const rulesOf = (rule?: string) =>
            (['teams', 'pbx'] as const).map(side => {
                const entry = { side, system: 'firm', part: 'a', person: 'alice', claims: [] };
                return partOf({ ...entry, yields: { value: 'dnd', since: 0, rule } }).yields?.rule;
            });
        assert.deepEqual(rulesOf('equal'), ['equal', 'equal']);
        for (const unknown of [undefined, 'of a later version', 'constructor'])
            assert.deepEqual(rulesOf(unknown), ['chosen in Teams', 'chosen in the PBX']);
    });

    it('may be in force though by their date they are over, but are not renewed', async () => {
        clock.stepDate(26 * 60 * minute);
        const { parts } = await restart();
        assert.deepEqual(
            liveClaims(parts.session, clock.monotonic()).map(({ renew }) => renew),
            [Number.POSITIVE_INFINITY],
        );
        assert.deepEqual(liveClaims(parts.session, clock.monotonic() + lease), []);
    });
});
