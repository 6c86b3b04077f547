import assert from 'node:assert/strict';
import { type Held, TeamsLedger } from '../../../../lib/presence/teams-ledger';
import type { HeldStore } from '../../../../lib/teams/writing/leased-presence';
import type { PresenceWriter } from '../../../../lib/teams/writing/presence-writer';
import { anna, ben, until } from '../teams-fixture';
import { available, dnd, inACall, known, lease, minute, users, WriterFixture } from './writer-fixture';

/** What survives a restart: JSON, as a file would hold it. */
class Disk implements HeldStore {
    readonly files = new Map<string, string>();
    load(): Promise<Held[]> {
        return Promise.resolve([...this.files.values()].map(text => JSON.parse(text)));
    }
    put(held: Held): void {
        this.files.set(held.userId, JSON.stringify(held));
    }
    remove(userId: string): void {
        this.files.delete(userId);
    }
}

describe('What is held in Teams survives a restart', () => {
    let fixture: WriterFixture;
    let disk: Disk;
    beforeEach(async () => {
        fixture = await WriterFixture.start();
        disk = new Disk();
    });
    afterEach(() => fixture.stop());

    /** As after SIGKILL: nothing is left but the disk. */
    async function restart(killed: PresenceWriter): Promise<PresenceWriter> {
        killed.removeAllListeners();
        killed.stop();
        fixture.office.forgetOurWrites();
        const { ledger, clock } = fixture.office;
        ledger.restoring(disk.load().then(all => all.forEach(held => void ledger.restore(held, clock))));
        await ledger.restored();
        const writer = fixture.writer({ store: disk });
        writer.adopt(known);
        return writer;
    }

    it('as ours: it is no state of the user', async () => {
        const { office } = fixture;
        const writer = fixture.writer({ store: disk });
        await writer.set(users.anna, dnd);
        await restart(writer);
        assert.equal(office.ledger.explain(anna.teamsId, dnd, office.clock.monotonic()), 'current');
        assert.deepEqual(office.ledger.held(), [anna.teamsId]);
    });

    it('also when the process ended between the write and its answer', async () => {
        const { office } = fixture;
        const writer = fixture.writer({ store: disk });
        writer.set(users.anna, inACall).catch(() => {});
        await until(() => fixture.writes() === 1);
        await restart(writer);
        assert.equal(office.ledger.explain(anna.teamsId, inACall, office.clock.monotonic()), 'current');
    });

    it('and goes on if a wish says so: with one write, then renewed', async () => {
        const writer = await restart(await holding());
        const before = fixture.writes();
        assert.equal((await writer.set(users.anna, inACall)).written, true);
        assert.equal(fixture.writes(), before + 1);
        for (let passed = 0; passed < 2 * lease; passed += minute) {
            await fixture.office.clock.advance(minute);
            await fixture.office.rest();
            assert.equal(fixture.shown(), 'Busy/InACall');
        }
    });

    it('and is taken back if a wish says so', async () => {
        const writer = await restart(await holding());
        assert.equal((await writer.clear(users.anna)).written, true);
        assert.equal(fixture.shown(), 'Available/Available');
        assert.equal(disk.files.size, 0);
    });

    it('and is taken back if nobody says anything for five minutes, but not what a wish confirmed', async () => {
        const first = await holding();
        await first.set(users.ben, inACall);
        const writer = await restart(first);
        await writer.set(users.ben, inACall);
        await fixture.office.clock.advance(4 * minute);
        await fixture.office.rest();
        assert.equal(fixture.shown(), 'Busy/InACall');
        await fixture.office.passTime(() => fixture.shown() === 'Available/Available', 10_000);
        await fixture.office.rest();
        assert.equal(fixture.shown(ben), 'Busy/InACall');
        assert.equal(disk.files.size, 1);
    });

    it('but is never set again before a wish says so: it may have been taken back meanwhile', async () => {
        const first = await holding();
        const stale = new Map(disk.files);
        await first.clear(users.anna);
        for (const [id, text] of stale) disk.files.set(id, text);
        await restart(first);
        const sets = fixture.office.count(/setPresence/);
        await fixture.office.clock.advance(2 * lease);
        await fixture.office.rest();
        assert.equal(fixture.office.count(/setPresence/), sets);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('but leaves alone what the user has chosen since', async () => {
        const writer = fixture.writer({ store: disk });
        await writer.set(users.anna, dnd);
        const next = await restart(writer);
        await fixture.choose('BeRightBack/BeRightBack');
        await next.clear(users.anna);
        assert.equal(fixture.shown(), 'BeRightBack/BeRightBack');
    });

    it('no longer than its lease', async () => {
        const first = await holding();
        first.stop();
        await fixture.office.clock.advance(lease);
        await restart(first);
        assert.deepEqual(fixture.office.ledger.held(), []);
        assert.equal(fixture.shown(), 'Available/Available');
    });

    it('without a trace of what was taken back', async () => {
        const writer = await holding();
        await writer.set(users.ben, dnd);
        assert.equal(disk.files.size, 2);
        await writer.clear(users.anna);
        await writer.clear(users.ben);
        assert.equal(disk.files.size, 0);
    });

    async function holding(): Promise<PresenceWriter> {
        const writer = fixture.writer({ store: disk });
        await writer.set(users.anna, inACall);
        return writer;
    }

    describe('for whoever reads', () => {
        it('waits for everything that is being brought back, also where that fails', async () => {
            const ledger = new TeamsLedger();
            await ledger.restored();
            let finish = (): void => {};
            ledger.restoring(new Promise<void>(resolve => (finish = resolve)));
            ledger.restoring(Promise.reject(new Error('The disk is gone')));
            let isRestored = false;
            const restored = ledger.restored().then(() => {
                isRestored = true;
            });
            await new Promise(resolve => setImmediate(resolve));
            assert.equal(isRestored, false);
            finish();
            await restored;
        });

        it('keeps what this process knows better', async () => {
            const { ledger, clock } = fixture.office;
            const writer = fixture.writer();
            await writer.set(users.anna, inACall);
            const claims = [{ target: { preferred: dnd }, until: clock.date() + lease }];
            ledger.restore({ userId: anna.teamsId, displayName: anna.name, claims }, clock);
            assert.deepEqual(ledger.heldFor(anna.teamsId), { session: inACall });
            assert.equal(ledger.isRestored(anna.teamsId), false);
            assert.equal(ledger.explain(anna.teamsId, available, clock.monotonic()), 'none');
        });
    });
});
