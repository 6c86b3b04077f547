import assert from 'node:assert/strict';
import { endClaims, type Statement } from '../../../../lib/presence/record';
import { pairOf, type TeamsTarget } from '../../../../lib/presence/teams-states';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import type { Person } from '../../../../lib/simulator/person';
import type { StampedPresence } from '../../../../lib/teams/connection/read-presence';
import { TeamsPeople } from '../../../../lib/teams/people';
import { Following, type TeamsChange } from '../../../../lib/teams/reading/following';
import type { PresenceReader, ReadPresences } from '../../../../lib/teams/reading/presence-reader';
import { FakeClock, settle } from '../../../support/fake-clock';
import { anna, ben, person, readAll, userOf } from '../teams-fixture';

const lease = 15 * 60_000;
const inACall = pairOf('Busy/InACall')!;
const inAMeeting = pairOf('Busy/InAMeeting')!;
const available = pairOf('Available/Available')!;
const away = pairOf('Away/Away')!;
const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;

describe('PresenceReader', () => {
    let clock: FakeClock;
    let people: TeamsPeople;
    let reader: PresenceReader;
    let following: Following;
    let changes: TeamsChange[];
    let reads: string[][];
    let priorities: string[];
    /** What Teams shows, as a read finds it. */
    let shown: Map<string, StampedPresence>;
    let read: ReadPresences;

    beforeEach(() => {
        clock = new FakeClock();
        people = new TeamsPeople({ clock });
        reader = people.reader;
        following = new Following({ reader, clock });
        changes = [];
        reads = [];
        priorities = [];
        shown = new Map();
        read = async ids => new Map([...shown].filter(([id]) => ids.includes(id)));
        following.on('change', change => changes.push(change));
        following.follow([userOf(anna), userOf(ben)]);
        following.read = (ids, priority) => {
            reads.push([...ids]);
            priorities.push(priority);
            return read(ids, priority);
        };
    });
    afterEach(() => {
        following.read = undefined;
        people.stop();
    });

    function emitted(): string[] {
        return changes.map(({ user, presence }) => `${user.displayName.split(' ')[0]} ${presence.activity}`);
    }

    function notify(presence: TeamsPresence, who = anna): void {
        shown.set(who.teamsId, presence);
        reader.observe(who.teamsId, presence, 'notification');
    }

    /** Our own write, accepted by Teams; what is not in the target is taken back. */
    function hold(target: TeamsTarget): void {
        const now = clock.monotonic();
        const record = people.reconciler.recordOf(anna.teamsId, userOf(anna));
        const writer = { node: 'writer', way: 'app', lease };
        const by: Statement = { source: 'pbx', writer, person: userOf(anna), at: now };
        for (const part of ['session', 'preferred', 'statusMessage'] as const) {
            const state = record.parts[part] ?? { claims: [] };
            record.parts[part] = state;
            endClaims(state, now);
            const value = target[part];
            state.desired = value === undefined ? { by } : { by, value };
            const times = { from: now, renew: now + lease, ends: now + lease };
            if (value !== undefined) state.claims.unshift({ value, ...times, certainty: 'confirmed', way: 'app' });
        }
        record.writtenAt = now;
        record.epoch += 1;
        record.look = { at: now + 1_500, urgency: 'renewal' };
        people.reconciler.touch(record.key);
    }

    function takeBack(): void {
        hold({});
    }

    it('tells differences only', async () => {
        shown.set(anna.teamsId, available);
        shown.set(ben.teamsId, away);
        await readAll(following, 'snapshot');
        await readAll(following, 'poll');
        notify(available);
        notify(inACall);
        notify(inACall);
        await clock.advance(0);
        assert.deepEqual(emitted(), ['Anna Available', 'Ben Away', 'Anna InACall']);
        assert.deepEqual(changes.at(-1), {
            user: userOf(anna),
            presence: inACall,
            previous: available,
            via: 'notification',
            at: new Date(clock.date()).toISOString(),
        });
        assert.deepEqual(
            changes.map(({ via }) => via),
            ['snapshot', 'snapshot', 'notification'],
        );
    });

    it('keeps the status message that was read when a notification brings none', async () => {
        shown.set(anna.teamsId, { ...available, statusMessage: 'at my desk', outOfOffice: true });
        await readAll(following, 'snapshot');
        reader.observe(anna.teamsId, inACall, 'notification', '2');
        assert.deepEqual(changes.at(-1)?.presence, { ...inACall, statusMessage: 'at my desk', outOfOffice: true });
        shown.set(anna.teamsId, inACall);
        await readAll(following, 'poll');
        assert.deepEqual(changes.at(-1)?.presence, inACall);
    });

    it('tells where somebody works as a change of its own, and keeps it where a notification does not say [E6]', async () => {
        const workLocation = { workLocationType: 'office', source: 'manual' };
        shown.set(anna.teamsId, { ...available, workLocation });
        await readAll(following, 'poll');
        assert.deepEqual(changes.at(-1)?.presence, { ...available, workLocation });
        const told = changes.length;
        shown.set(anna.teamsId, { ...available, workLocation: { ...workLocation } });
        await readAll(following, 'poll');
        assert.equal(changes.length, told);
        reader.observe(anna.teamsId, inACall, 'notification', '2');
        assert.deepEqual(changes.at(-1)?.presence, { ...inACall, workLocation });
        shown.set(anna.teamsId, inACall);
        await readAll(following, 'poll');
        assert.deepEqual(changes.at(-1)?.presence, inACall);
    });

    describe('follows', () => {
        it('the users it is told to, and no longer those it is told to leave', async () => {
            following.follow([userOf(ben), { addresses: ['x@x.example'], displayName: 'Only in the PBX' }]);
            assert.equal(following.users.size, 2);
            following.unfollow([anna.teamsId, 'somebody else']);
            assert.equal(following.users.size, 1);
            assert.equal(following.users.has(anna.teamsId), false);
            notify(inACall, anna);
            notify(inACall, ben);
            assert.deepEqual(emitted(), ['Ben InACall']);
        });

        it('on with what it knows of those that stay, and under a new name', () => {
            notify(inACall);
            following.follow([{ ...userOf(anna), displayName: 'Annegret' }]);
            notify(inACall);
            notify(available);
            assert.deepEqual(emitted(), ['Anna InACall', 'Annegret Available']);
        });

        it('somebody who is another PBX user than before: it is taken back from the one and told of the other', () => {
            const inPbx = (who: Person, guid: string) => {
                const pbx = { guid, name: guid, longName: '', displayName: '', number: '', node: '' };
                return { ...userOf(who), pbx };
            };
            const told = () => changes.splice(0).map(({ user, presence }) => `${user.pbx?.guid} ${presence.activity}`);
            notify(inACall);
            const annaInPbx = inPbx(anna, 'one');
            following.follow([annaInPbx, inPbx(ben, 'two')]);
            notify(away, ben);
            assert.deepEqual(told(), ['undefined InACall', 'two Away']);
            following.follow([annaInPbx]);
            assert.deepEqual(told(), []);
            following.follow([inPbx(anna, 'one')]);
            assert.deepEqual(told(), ['one InACall'], 'a new row of the PBX, which may have forgotten it');
            following.follow([inPbx(anna, 'two'), inPbx(ben, 'one')]);
            assert.deepEqual(told(), ['one PresenceUnknown', 'two PresenceUnknown', 'two InACall', 'one Away']);
        });

        it('those that come back from the start', () => {
            notify(inACall);
            following.unfollow([anna.teamsId]);
            following.follow([userOf(anna)]);
            notify(inACall);
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna PresenceUnknown', 'Anna InACall']);
        });

        it('nobody further without taking back what it has told', () => {
            notify(inACall);
            following.unfollow([anna.teamsId]);
            const { user, presence, previous } = changes.at(-1)!;
            assert.deepEqual([user.displayName, presence.availability], [anna.name, 'PresenceUnknown']);
            assert.deepEqual(previous, inACall);
            following.unfollow([anna.teamsId, ben.teamsId]);
            assert.equal(changes.length, 2);
        });
    });

    describe('knows our own writes', () => {
        it('and is silent about what we hold', async () => {
            notify(available);
            hold({ session: inACall });
            notify(inACall);
            notify(inAMeeting);
            await clock.advance(10_000);
            await readAll(following, 'poll');
            assert.deepEqual(emitted(), ['Anna Available']);
        });

        it('and tells nothing at all of a call of ours and its end', async () => {
            notify(available);
            hold({ session: inACall });
            notify(inACall);
            await clock.advance(60_000);
            takeBack();
            notify(available);
            await clock.advance(5_000);
            assert.deepEqual(emitted(), ['Anna Available']);
            assert.equal(reads.length, 2, 'once after each write');
        });

        it('and reads the user again where a late notification may be an echo or real', async () => {
            notify(available);
            hold({ session: inACall });
            takeBack();
            reader.observe(anna.teamsId, inACall, 'notification');
            shown.set(anna.teamsId, available);
            assert.deepEqual(emitted(), ['Anna Available']);
            await clock.advance(2_000);
            assert.deepEqual(reads, [[anna.teamsId]]);
            assert.deepEqual(emitted(), ['Anna Available']);
        });

        it('and reads the user again for a notification that comes half a minute late, or is real', async () => {
            notify(available);
            hold({ session: inACall });
            takeBack();
            await clock.advance(30_000);
            reads.length = 0;
            shown.set(anna.teamsId, available);
            reader.observe(anna.teamsId, inACall, 'notification');
            await clock.advance(2_000);
            assert.deepEqual(reads, [[anna.teamsId]]);
            assert.deepEqual(emitted(), ['Anna Available']);
            notify(inACall);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
        });

        it('and does not lose a real call that begins right after ours was taken back', async () => {
            notify(available);
            hold({ session: inACall });
            notify(inACall);
            takeBack();
            notify(inACall);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
        });

        it('and finds what began beneath our call once that has ended', async () => {
            notify(available);
            hold({ session: inACall });
            notify(inACall);
            shown.set(anna.teamsId, inAMeeting);
            await clock.advance(60_000);
            takeBack();
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InAMeeting']);
        });

        it('and takes back a DoNotDisturb that ends while our call shows', async () => {
            notify(dnd);
            hold({ session: inACall });
            await clock.advance(10_000);
            notify(inACall);
            assert.deepEqual(emitted(), ['Anna DoNotDisturb']);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna DoNotDisturb', 'Anna PresenceUnknown']);
            takeBack();
            notify(available);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna DoNotDisturb', 'Anna PresenceUnknown', 'Anna Available']);
        });

        it('and does not tell the status message that we have written', async () => {
            hold({ statusMessage: 'in the PBX till noon' });
            await clock.advance(10_000);
            shown.set(anna.teamsId, { ...available, statusMessage: 'in the PBX till noon' });
            await readAll(following, 'poll');
            assert.deepEqual(changes.at(-1)!.presence, available);
            shown.set(anna.teamsId, { ...available, statusMessage: 'my own words' });
            await readAll(following, 'poll');
            assert.deepEqual(changes.at(-1)!.presence, { ...available, statusMessage: 'my own words' });
        });

        it('and takes what shows for real once our lease has ended by itself', async () => {
            notify(available);
            hold({ session: inACall });
            await clock.advance(lease);
            notify(inACall);
            assert.deepEqual(emitted(), ['Anna Available']);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
        });

        it('and does not take the state before a slow write for real', async () => {
            notify(available);
            hold({ session: inACall });
            notify(inACall);
            await clock.advance(10_000);
            people.reconciler.records.get(anna.teamsId)!.parts.session!.claims[0]!.certainty = 'sent';
            await clock.advance(10_000);
            await readAll(following, 'poll');
            assert.deepEqual(emitted(), ['Anna Available']);
            takeBack();
            shown.set(anna.teamsId, available);
            await clock.advance(5_000);
            assert.deepEqual(emitted(), ['Anna Available']);
        });
    });

    describe('reads', () => {
        it('again where a write went out meanwhile', async () => {
            notify(available);
            hold({ session: inACall });
            shown.set(anna.teamsId, available);
            await readAll(following, 'poll');
            shown.set(anna.teamsId, inACall);
            await clock.advance(2_000);
            assert.equal(reads.length, 2);
            assert.deepEqual(emitted(), ['Anna Available']);
        });

        it('of somebody whom the answer lacks, so that what the notification has told counts', async () => {
            shown.set(anna.teamsId, available);
            await readAll(following, 'snapshot');
            read = async () => new Map();
            reader.observe(anna.teamsId, inACall, 'notification');
            await clock.advance(0);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
        });

        it('of somebody whom the answer lacks, after a gap and in the middle of a call as well', async () => {
            shown.set(anna.teamsId, available);
            await readAll(following, 'snapshot');
            read = async () => new Map();
            people.gap();
            reader.observe(anna.teamsId, inACall, 'notification');
            await clock.advance(1_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
            reader.observe(anna.teamsId, inAMeeting, 'notification');
            await clock.advance(2_500);
            assert.deepEqual(emitted().slice(2), ['Anna InAMeeting']);
        });

        it('of somebody whom the answer lacks, so that only the newest notification counts', async () => {
            shown.set(anna.teamsId, available);
            await readAll(following, 'snapshot');
            read = async () => new Map();
            reader.observe(anna.teamsId, inACall, 'notification');
            reader.observe(anna.teamsId, available, 'notification');
            await clock.advance(1_000);
            assert.deepEqual(emitted(), ['Anna Available']);
        });

        it('again where a notification came in meanwhile: an old answer never replaces it', async () => {
            notify(available);
            let answer: (() => void) | undefined;
            const before = new Map([...shown, [ben.teamsId, away]]);
            read = () =>
                new Promise(resolve => {
                    answer = () => resolve(before);
                });
            const sweep = readAll(following, 'poll');
            notify(inACall);
            read = async () => shown;
            answer?.();
            await sweep;
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall', 'Ben Away']);
            await clock.advance(1_000);
            assert.deepEqual(reads.at(-1), [anna.teamsId]);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall', 'Ben Away']);
        });

        it('first where a notification without a stamp contradicts a read: it may have been held back [C3]', async () => {
            shown.set(anna.teamsId, { ...available, sequenceNumber: '7' });
            await readAll(following, 'snapshot');
            reads.length = 0;
            reader.observe(anna.teamsId, inACall, 'notification');
            await clock.advance(60_000);
            assert.deepEqual(emitted(), ['Anna Available']);
            assert.equal(reads.length, 2, 'the second time since the first answer may have come too early');
        });

        it('at once where such a notification is true, and with others in one request where many follow', async () => {
            const people = Array.from({ length: 60 }, (_, index) => person(index));
            following.follow(people.map(userOf));
            for (const { teamsId } of people) shown.set(teamsId, available);
            await readAll(following, 'snapshot');
            reads.length = 0;
            changes.length = 0;
            notify(inACall, people[0]!);
            await clock.advance(0);
            assert.deepEqual([changes.length, reads.length], [1, 1]);
            assert.equal(priorities.at(-1), 'edge', 'a change waits for it');
            assert.equal(changes[0]!.via, 'notification');
            for (const who of people) notify(inAMeeting, who);
            await clock.advance(0);
            assert.deepEqual([changes.length, reads.length], [25, 2], 'half of what is allowed in a second');
            await clock.advance(300);
            assert.deepEqual([changes.length, reads.length], [60, 3]);
        });

        it('as a change where it is to be looked at later anyway', async () => {
            notify(available);
            await readAll(following, 'snapshot');
            reader.verify(anna.teamsId);
            notify(inACall);
            await clock.advance(0);
            assert.deepEqual(priorities, ['sweep', 'edge']);
        });

        it('a second time where the answer is from a server that may not know it yet', async () => {
            shown.set(anna.teamsId, { ...available, sequenceNumber: '7' });
            await readAll(following, 'snapshot');
            reader.observe(anna.teamsId, inACall, 'notification');
            await clock.advance(1_000);
            shown.set(anna.teamsId, { ...inACall, sequenceNumber: '8' });
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall']);
        });

        it('many users in one', async () => {
            reader.verify(anna.teamsId);
            reader.verify(ben.teamsId);
            reader.verify(anna.teamsId);
            reader.verify('somebody else');
            await clock.advance(1_000);
            assert.deepEqual(reads, [[anna.teamsId, ben.teamsId]]);
        });

        it('until it succeeds, with back-off', async () => {
            const working = read;
            read = () => Promise.reject(new Error('away'));
            shown.set(anna.teamsId, inACall);
            reader.verify(anna.teamsId);
            await clock.advance(120_000);
            assert.ok(reads.length >= 4 && reads.length <= 12, String(reads.length));
            read = working;
            await clock.advance(60_000);
            assert.deepEqual(emitted(), ['Anna InACall']);
            assert.equal(clock.waiting, 0);
        });

        it('nobody in vain who is no longer followed', async () => {
            read = () => Promise.reject(new Error('away'));
            reader.verify(anna.teamsId);
            await clock.advance(1_000);
            following.unfollow([anna.teamsId]);
            await clock.advance(10_000);
            const count = reads.length;
            await clock.advance(600_000);
            assert.ok(reads.length - count <= 1);
        });

        it('and tells its caller when a full read fails', async () => {
            read = () => Promise.reject(new Error('away'));
            await assert.rejects(readAll(following, 'snapshot'), /away/);
        });

        it('and copes with users that the answer lacks', async () => {
            shown.set(ben.teamsId, away);
            await readAll(following, 'snapshot');
            assert.deepEqual(emitted(), ['Ben Away']);
        });
    });

    describe('after the date was set back', () => {
        let changed: FakeClock;
        beforeEach(async () => {
            following.read = undefined;
            clock = changed = new FakeClock();
            people = new TeamsPeople({ clock });
            reader = people.reader;
            following = new Following({ reader, clock });
            following.on('change', change => changes.push(change));
            following.follow([userOf(anna)]);
            following.read = ids => {
                reads.push([...ids]);
                return read(ids, 'sweep');
            };
        });

        it('reads a user after our own write as soon as before', async () => {
            hold({ session: inACall });
            changed.stepDate(-60 * 60_000);
            shown.set(anna.teamsId, dnd);
            reader.verify(anna.teamsId);
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna DoNotDisturb']);
            assert.equal(reads.length, 1);
        });

        it('does not take the answers of an hour for outdated', async () => {
            reader.observe(anna.teamsId, available, 'notification', '20');
            changed.stepDate(-60 * 60_000);
            await clock.advance(3 * 60_000);
            shown.set(anna.teamsId, { ...away, sequenceNumber: '10' });
            await readAll(following, 'poll');
            assert.deepEqual(emitted(), ['Anna Available', 'Anna Away']);
        });
    });

    describe('keeps the order', () => {
        const stamped = (presence: TeamsPresence, sequenceNumber: string): StampedPresence => ({
            ...presence,
            sequenceNumber,
        });
        const observe = (presence: TeamsPresence, sequenceNumber?: string): void =>
            reader.observe(anna.teamsId, presence, 'notification', sequenceNumber);

        it('of notifications: a duplicate or an older one tells nothing', () => {
            observe(available, '10');
            observe(inACall, '12');
            observe(away, '11');
            observe(available, '12');
            observe(dnd, '13');
            observe(away);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall', 'Anna DoNotDisturb', 'Anna Away']);
        });

        it('of reads and notifications, and tells no stamps', async () => {
            shown.set(anna.teamsId, stamped(away, '20'));
            await readAll(following, 'snapshot');
            assert.deepEqual(changes.at(-1)!.presence, away);
            observe(inACall, '19');
            assert.deepEqual(emitted(), ['Anna Away']);
        });

        it('and reads again what a server answers that is behind', async () => {
            observe(inACall, '21');
            shown.set(anna.teamsId, stamped(available, '20'));
            await readAll(following, 'poll');
            assert.deepEqual(emitted(), ['Anna InACall']);
            shown.set(anna.teamsId, stamped(away, '22'));
            await clock.advance(3_000);
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna Away']);
            assert.equal(reads.length, 2);
        });

        it('but believes in stamps that have begun anew', async () => {
            observe(inACall, '21');
            shown.set(anna.teamsId, stamped(available, '1'));
            await readAll(following, 'poll');
            await clock.advance(3 * 60_000);
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna Available']);
            const count = reads.length;
            assert.ok(count < 70, String(count));
            await clock.advance(60_000);
            assert.equal(reads.length, count);
            observe(away, '2');
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna Available', 'Anna Away']);
        });

        it('and finds our own echo with stamps too', async () => {
            observe(available, '30');
            hold({ session: inACall });
            takeBack();
            observe(inACall, '31');
            shown.set(anna.teamsId, stamped(inACall, '31'));
            await clock.advance(2_000);
            assert.deepEqual(emitted(), ['Anna Available', 'Anna InACall'], 'it was real after all');
        });
    });

    describe('in the middle of a call', () => {
        it('tells nothing of a meeting that shows for a moment', async () => {
            notify(inACall);
            notify(inAMeeting);
            notify(inACall);
            await clock.advance(10_000);
            assert.deepEqual(emitted(), ['Anna InACall']);
        });

        it('tells of a meeting that still shows after two seconds, and of anything else at once', async () => {
            notify(inACall);
            notify(inAMeeting);
            await clock.advance(1_000);
            assert.deepEqual(emitted(), ['Anna InACall']);
            await clock.advance(1_500);
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna InAMeeting']);
            notify(inACall);
            await clock.advance(0);
            notify(available);
            await clock.advance(300);
            assert.deepEqual(emitted(), ['Anna InACall', 'Anna InAMeeting', 'Anna InACall', 'Anna Available']);
        });
    });

    it('reads users of whom it gets hints together, once a second, before any sweep', async () => {
        const people = Array.from({ length: 50 }, (_, index) => person(index));
        following.follow(people.map(userOf));
        await clock.advance(1_000 - (clock.monotonic() % 1_000));
        for (const { teamsId } of people) {
            reader.hint(teamsId);
            await clock.advance(15);
        }
        reader.hint('somebody else');
        await clock.advance(1_000);
        assert.equal(reads.length, 1);
        assert.equal(reads[0]!.length, 50);
        assert.deepEqual(priorities, ['renewal']);
    });

    it('reads for a tenth of the budget at most, whomever it gets hints of, and each of them [C1]', async () => {
        const people = Array.from({ length: 2_000 }, (_, index) => person(index));
        const { read: counted } = following;
        following.end();
        following = new Following({ reader, clock, limit: { requests: 100, period: 30_000 } });
        following.read = counted;
        following.follow(people.map(userOf));
        for (let round = 0; round < 60; round++) {
            for (const { teamsId } of people) reader.hint(teamsId);
            await clock.advance(1_000);
        }
        assert.ok(reads.length >= 18 && reads.length <= 20, String(reads.length));
        assert.equal(new Set(reads.flat()).size, 2_000);
    });

    it('reads users of whom it gets hints as soon as their own registration allows, whatever another one does', async () => {
        const slow = new Following({ reader, clock, limit: { requests: 10, period: 30_000 } });
        slow.read = following.read;
        const other = person(7);
        slow.follow([userOf(other)]);
        await clock.advance(30_000 - (clock.monotonic() % 30_000));
        reader.hint(other.teamsId);
        reader.hint(anna.teamsId);
        await clock.advance(1_000);
        assert.deepEqual(reads, [[anna.teamsId]]);
        slow.end();
    });

    it('has four reads of doubtful users under way at most', async () => {
        const people = Array.from({ length: 20 }, (_, index) => person(index));
        following.follow(people.map(userOf));
        const answers: (() => void)[] = [];
        read = () => new Promise(resolve => answers.push(() => resolve(shown)));
        for (const { teamsId } of people) {
            reader.verify(teamsId);
            await clock.advance(500);
        }
        assert.equal(reads.length, 4);
        for (const answer of answers.splice(0)) answer();
        await clock.advance(1_000);
        assert.equal(reads.length, 5);
        assert.equal(new Set(reads.flat()).size, 20);
        for (const answer of answers.splice(0)) answer();
        await clock.advance(1_000);
        assert.equal(clock.waiting, 0);
    });

    it('tells which users show something else than before, our own writes included', async () => {
        shown.set(anna.teamsId, available).set(ben.teamsId, away);
        assert.deepEqual(await following.readSome([anna.teamsId, ben.teamsId], 'snapshot'), []);
        shown.set(anna.teamsId, { ...available, statusMessage: 'at my desk' });
        assert.deepEqual(await following.readSome([anna.teamsId, ben.teamsId], 'poll'), []);
        hold({ session: inACall });
        await clock.advance(10_000);
        shown.set(anna.teamsId, inACall);
        assert.deepEqual(await following.readSome([anna.teamsId, ben.teamsId], 'poll'), [anna.teamsId]);
        assert.deepEqual(emitted(), ['Anna Available', 'Ben Away', 'Anna Available']);
    });

    it('takes in the bulks that come when another fails', async () => {
        const people = Array.from({ length: 700 }, (_, index) => person(index));
        following.follow(people.map(userOf));
        shown.set(person(0).teamsId, inACall);
        const working = read;
        read = async (ids, priority) => {
            if (ids.length < 650) throw new Error('away');
            return working(ids, priority);
        };
        await assert.rejects(readAll(following, 'poll'), /away/);
        assert.equal(changes.length, 1);
    });

    it('stops, twice if need be, and holds neither timer nor listener', async () => {
        reader.verify(anna.teamsId);
        following.read = undefined;
        people.stop();
        people.stop();
        assert.equal(clock.waiting, 0);
        following.end();
        following.end();
        reader.verify(anna.teamsId);
        await readAll(following, 'poll');
        assert.deepEqual(reads, []);
    });

    it('tells nothing of a read that ends after the stop, and tries no more', async () => {
        let fail: (() => void) | undefined;
        read = () =>
            new Promise((_, reject) => {
                fail = () => reject(new Error('closed'));
            });
        reader.verify(anna.teamsId);
        await clock.advance(1_000);
        following.read = undefined;
        people.stop();
        fail?.();
        await settle();
        assert.equal(clock.waiting, 0);
    });
});
