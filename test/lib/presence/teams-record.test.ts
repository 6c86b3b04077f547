import assert from 'node:assert/strict';
import { SyncError } from '../../../lib/errors/errors';
import { judgeTeams } from '../../../lib/presence/judge-teams';
import { Losses } from '../../../lib/presence/losses';
import { nextStep } from '../../../lib/presence/next-step';
import { type Claim, endClaims, memory, newRecord, type Statement, settling } from '../../../lib/presence/record';
import { type TeamsRecord, type TeamsSide, teamsParts } from '../../../lib/presence/teams-record';
import { pairOf } from '../../../lib/presence/teams-states';
import type { TeamsPair } from '../../../lib/presence/vocabulary';

const minute = 60_000;
const lease = 15 * minute;
const [inACall, dnd, busy] = ['Busy/InACall', 'DoNotDisturb/DoNotDisturb', 'Busy/Busy'].map(text => pairOf(text)!) as [
    TeamsPair,
    TeamsPair,
    TeamsPair,
];
const [available, away, offline] = ['Available/Available', 'Away/Away', 'Offline/Offline'].map(
    text => pairOf(text)!,
) as [TeamsPair, TeamsPair, TeamsPair];

const person = { addresses: ['anna@firm.example'], displayName: 'Anna' };
const writer = { node: 'writer', way: 'app', lease };

describe('The record of a person in Teams', () => {
    let record: TeamsRecord;
    let side: TeamsSide;

    beforeEach(() => {
        record = newRecord('anna', person);
        side = {
            ...{ heldOffUntil: Number.NEGATIVE_INFINITY, served: 0, servedAt: 0, sourcesKnownBy: 5_000 },
            ...{ mayHaveSessions: false, way: 'app', losses: new Losses() },
        };
    });

    function want(part: 'session' | 'preferred', value: TeamsPair | undefined, at = 0): void {
        const by: Statement = { source: 'pbx', writer, person, at };
        const claims = (record.parts[part]?.claims ?? []) as Claim<TeamsPair>[];
        record.parts[part] = { claims, desired: value ? { by, value } : { by } };
    }

    /** Teams has accepted it. */
    function hold(part: 'session' | 'preferred', value: TeamsPair, at = 0): void {
        want(part, value, at);
        const claim: Claim<TeamsPair> = {
            ...{ value, from: at, renew: at + 0.6 * lease, ends: at + lease },
            ...{ certainty: 'confirmed', way: 'app' },
        };
        record.parts[part]!.claims.unshift(claim);
        record.writtenAt = at;
    }

    /** @param begun when the read was sent; none for a notification */
    function judge(shown: TeamsPair, now: number, begun?: number) {
        return judgeTeams(record, shown, begun, side, now);
    }

    function step(now: number) {
        return nextStep(record, side, now, teamsParts);
    }

    describe('says whose state shows:', () => {
        it('our own, and nothing of what is beneath it', () => {
            hold('session', inACall);
            assert.deepEqual(judge(inACall, minute, minute), { shows: ['session'] });
            hold('preferred', dnd);
            assert.deepEqual(judge(dnd, minute, minute), { shows: ['preferred'] });
        });

        it('no choice where Teams does not know, or the person is signed out', () => {
            hold('preferred', dnd);
            for (const shown of [pairOf('PresenceUnknown/PresenceUnknown')!, offline])
                assert.equal(judge(shown, minute, minute).chosen, undefined);
            assert.equal(judge(available, minute, minute).chosen, true);
        });

        it('nobody’s where a read and our first session have overtaken each other', () => {
            hold('session', inACall, minute);
            record.writtenAt = Number.NEGATIVE_INFINITY;
            record.parts.session!.claims[0]!.certainty = 'sent';
            assert.equal(judge(offline, minute + 500, minute - 100).lookAt, minute + settling);
        });

        it('the user’s where nothing is held', () => {
            assert.deepEqual(judge(busy, 0), { own: busy, shows: [] });
        });

        it('either where two writes of ours can be in force', () => {
            hold('preferred', dnd);
            record.parts.preferred!.claims.unshift({
                ...record.parts.preferred!.claims[0]!,
                value: busy,
                certainty: 'sent',
            });
            for (const shown of [dnd, busy]) assert.deepEqual(judge(shown, 1_000), { shows: ['preferred'] });
        });

        it('for 90 seconds after its end a state of ours is looked at again, then it is the user’s', () => {
            hold('session', inACall);
            endClaims(record.parts.session!, minute);
            assert.equal(judge(inACall, minute + memory - 1).lookAt, minute + memory - 1);
            assert.deepEqual(judge(inACall, minute + memory - 1, minute + 2_000), { own: inACall, shows: [] });
            assert.deepEqual(judge(inACall, minute + memory), { own: inACall, shows: [] });
        });

        it('no heavier where ours was set and taken back again and again, and explained as long', () => {
            for (let at = 0; at < 60; at += 1) {
                hold('preferred', at % 2 ? dnd : busy, at);
                endClaims(record.parts.preferred!, at + 1);
            }
            assert.equal(record.parts.preferred!.claims.length, 2);
            for (const [shown, end] of [[dnd, 60] as const, [busy, 59] as const]) {
                assert.notEqual(judge(shown, end + memory - 1).lookAt, undefined);
                assert.deepEqual(judge(shown, end + memory), { own: shown, shows: [] });
            }
        });

        it('our own, so the choice is over that hid it when the call began', () => {
            for (const text of ['BeRightBack/BeRightBack', 'Offline/OffWork']) {
                record.own = pairOf(text)!;
                hold('session', inACall);
                assert.deepEqual(judge(inACall, settling, settling), { own: 'hidden', shows: ['session'] }, text);
            }
        });

        it('nobody’s as long as our session shows though a setting of ours should hide it', () => {
            hold('session', inACall);
            hold('preferred', dnd, 2_000);
            assert.equal(judge(inACall, 6_000).lookAt, 6_000);
            assert.deepEqual(judge(inACall, 7_500, 7_500), { chosen: true, shows: ['session'] });
        });
    });

    describe('concludes a choice by hand', () => {
        beforeEach(() => hold('preferred', dnd));

        it('only from a read that began when our last write must show', () => {
            assert.equal(judge(available, 1_000).lookAt, settling);
            assert.equal(judge(available, settling, settling - 1).lookAt, settling);
            assert.equal(judge(available, settling, settling).chosen, true);
        });

        it('never from Offline', () => {
            assert.deepEqual(judge(offline, minute, minute), { own: offline, shows: [] });
        });

        it('never against a claim that has ended, or of which Teams has not answered', () => {
            assert.equal(judge(available, lease, lease).chosen, undefined);
            record.parts.preferred!.claims[0]!.certainty = 'sent';
            assert.equal(judge(available, minute, minute).chosen, undefined);
        });

        it('never where the lease may have run out unseen', () => {
            Object.assign(record.parts.preferred!.claims[0]!, { ends: minute, latest: lease });
            assert.equal(judge(available, 2 * minute, 2 * minute).chosen, undefined);
        });
    });

    describe('says what comes next:', () => {
        it('each part keeps its own times', () => {
            hold('preferred', dnd);
            record.own = available;
            want('session', inACall, 7 * minute);
            assert.equal(step(7 * minute).do, 'write');
            hold('session', inACall, 7 * minute);
            assert.deepEqual(step(7 * minute), { do: 'wait', until: 0.6 * lease });
            want('session', undefined, 8 * minute);
            assert.equal(step(8 * minute).do, 'clear');
        });

        it('what is known from before an outage is no equal state: the person is read first', () => {
            Object.assign(record, { isFollowed: true, own: dnd, readAt: 0, readBegunAt: 0, readIn: 0 });
            want('preferred', dnd, 2 * minute);
            side.interruptedAt = 3 * minute;
            assert.deepEqual(step(4 * minute), { do: 'read', urgency: 'edge', rule: 'whose choice shows' });
            Object.assign(record, { own: available, readAt: 4 * minute, readBegunAt: 4 * minute });
            assert.equal(step(4 * minute).do, 'write');
        });

        it('a setting that is in force already yields by a read that began since, and a call never does', () => {
            Object.assign(record, { own: dnd, readBegunAt: -1, readAt: 0, readIn: 0 });
            want('preferred', dnd);
            assert.equal(step(0).do, 'read');
            record.readBegunAt = 0;
            assert.deepEqual(step(0), { do: 'yield', part: 'preferred', rule: 'equal' });
            record = newRecord('anna', person);
            record.own = inACall;
            want('session', inACall);
            assert.equal(step(0).do, 'write');
        });

        it('and is written like any other where the person could not be read for 10 s', () => {
            Object.assign(record, { own: dnd, readBegunAt: -1, readAt: 0, readIn: 0 });
            want('preferred', dnd);
            record.parts.preferred!.since = 0;
            const error = new SyncError('TEAMS_SERVICE_ERROR', { detail: '' });
            record.readTrouble = { error, failures: 1, at: 0, until: 0 };
            assert.equal(step(9_000).do, 'read');
            assert.equal(step(10_000).do, 'write');
        });

        it('who is offline is looked at again every minute where no node follows them', () => {
            Object.assign(record, { own: offline, readAt: 0, readIn: 0 });
            want('preferred', busy);
            assert.equal(step(0).do, 'hold');
            record.parts.preferred!.rule = 'offline';
            assert.deepEqual(step(0), { do: 'wait', until: minute });
            assert.deepEqual(step(minute), { do: 'read', urgency: 'edge', rule: 'offline' });
            record.isFollowed = true;
            assert.equal(step(minute).do, 'nothing');
        });

        it('a weaker setting waits for a do not disturb by hand, and any for who is offline', () => {
            Object.assign(record, { own: dnd, readAt: 0, readIn: 0 });
            want('preferred', busy);
            assert.equal(step(0).do, 'hold');
            record.own = offline;
            assert.equal(step(0).do, 'hold');
            record.own = available;
            assert.equal(step(0).do, 'write');
        });

        it('what would hide a call is taken back before it, and set after it', () => {
            hold('preferred', away);
            want('session', inACall);
            Object.assign(record, { own: available, readAt: 0, readIn: 0 });
            assert.equal(step(0).do, 'write');
            hold('session', inACall);
            const next = step(0);
            assert.deepEqual([next.do, 'part' in next && next.part], ['clear', 'preferred']);
        });

        it('a call ends although the person is in doubt and cannot be read', () => {
            hold('session', inACall);
            want('session', undefined);
            record.doubt = { why: 'gap', since: 0 };
            assert.equal(step(0).do, 'read');
            const error = new SyncError('TEAMS_SERVICE_ERROR', { detail: '' });
            record.readTrouble = { error, failures: 1, at: 0, until: minute };
            assert.equal(step(0).do, 'clear');
        });

        it('a call waits for a first read no longer than 3 s', () => {
            record.isFollowed = true;
            want('session', inACall);
            assert.equal(step(0).do, 'read');
            const error = new SyncError('TEAMS_SERVICE_ERROR', { detail: '' });
            record.readTrouble = { error, failures: 1, at: 0, until: 1_000 };
            assert.notEqual(step(500).do, 'write');
            record.readTrouble = { error, failures: 1, at: 0, until: minute };
            assert.equal(step(500).do, 'write');
        });

        it('a call waits for a read after an outage for 10 s, for 5 min as long as nobody is served', () => {
            Object.assign(record, { isFollowed: true, own: available, readAt: 0, readBegunAt: 0, readIn: 0 });
            want('session', inACall, 2 * minute);
            side.interruptedAt = 3 * minute;
            assert.equal(step(3 * minute + 9_000).do, 'read');
            assert.equal(step(3 * minute + 10_000).do, 'write');
            const error = new SyncError('TEAMS_SERVICE_ERROR', { detail: '' });
            const failed = (at: number) => {
                record.readTrouble = { error, failures: 1, at: 3 * minute + at, until: 3 * minute + at + 5_000 };
            };
            failed(14_000);
            assert.equal(step(3 * minute + 19_000).do, 'read');
            failed(20_000);
            assert.notEqual(step(3 * minute + 20_000).do, 'write', 'it would fail, or hide what is not known');
            failed(5 * minute);
            assert.equal(step(8 * minute).do, 'write');
            side.servedAt = 3 * minute + 10_000;
            failed(10_000);
            assert.equal(step(3 * minute + 10_000).do, 'write', 'it is this person who cannot be read');
            assert.notEqual(step(3 * minute + 12_000).do, 'write', 'who may be read again, as others are served again');
            failed(9_999);
            assert.notEqual(step(3 * minute + 10_000).do, 'write', 'for the try was before');
            failed(10_000);
            assert.equal(step(3 * minute + 15_000).do, 'read');
            assert.equal(step(3 * minute + 18_000).do, 'write', 'a read that is not answered');
        });

        it('a call waits for no read that is put off for minutes', () => {
            Object.assign(record, { isFollowed: true, own: available, readAt: 0, readBegunAt: 0, readIn: 0 });
            want('session', inACall, 2 * minute);
            side.interruptedAt = 3 * minute;
            const error = new SyncError('TEAMS_THROTTLED');
            record.readTrouble = { error, failures: 1, at: 3 * minute + 1_000, until: 8 * minute };
            assert.deepEqual(step(3 * minute + 3_000), { do: 'wait', until: 3 * minute + 20_000 });
            assert.equal(step(3 * minute + 20_000).do, 'write');
            side.servedAt = 3 * minute + 11_000;
            assert.equal(step(3 * minute + 11_000).do, 'write', 'others are served');
        });

        it('a call that was tried in an outage waits for a read that shows nothing of the try', () => {
            Object.assign(record, { isFollowed: true, own: available, readAt: 0, readBegunAt: 0, readIn: 0 });
            hold('session', inACall, 3 * minute);
            record.parts.session!.claims[0]!.certainty = 'sent';
            side.interruptedAt = 3 * minute + 100;
            Object.assign(record, { readBegunAt: 3 * minute + 1_000, readAt: 3 * minute + 1_100 });
            assert.notEqual(step(3 * minute + 1_200).do, 'write');
            assert.equal(step(3 * minute + 1_500).do, 'read');
            Object.assign(record, { readBegunAt: 3 * minute + 1_500, readAt: 3 * minute + 1_600 });
            assert.equal(step(3 * minute + 1_600).do, 'write');
        });

        it('what is the user’s by now is forgotten, though its end was never answered', () => {
            hold('preferred', dnd);
            want('preferred', undefined);
            record.parts.preferred!.claims[0]!.certainty = 'sent';
            Object.assign(record, { shown: busy, own: busy, readBegunAt: minute, readAt: minute, readIn: 0, epoch: 0 });
            assert.equal(step(minute).do, 'drop');
        });

        it('nothing of before is renewed or ended where all who write make a dry run', () => {
            hold('session', inACall);
            delete record.parts.session!.desired;
            record.restoredAt = 0;
            side.isDry = true;
            for (const time of [0, 0.7 * lease, 6 * minute])
                assert.ok(!['write', 'renew', 'clear'].includes(step(time).do), String(time));
        });

        it('an ended lease drops nothing that is desired', () => {
            hold('session', inACall);
            assert.equal(step(lease).do, 'write');
        });
    });

    it('concludes that a tenant has forgotten once most of those who were asked for are read, however late', () => {
        const losses = new Losses();
        const others = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'];
        const note = (key: string, what: 'lost' | 'none', at: number) => losses.note(key, what, at, () => others);
        note('a', 'lost', 0);
        note('b', 'lost', 5_000);
        assert.deepEqual(note('c', 'lost', 9_500), []);
        for (const each of others.slice(0, 5)) assert.deepEqual(note(each, 'none', 12_000), []);
        assert.deepEqual(note('k5', 'none', 12_000), ['a', 'b', 'c'], 'the last two may never be answered');
    });

    it('tells a tenant that has forgotten from people who choose', () => {
        const losses = new Losses();
        let others = 0;
        const note = (key: string, what: 'lost' | 'kept', at: number): string[] =>
            losses.note(key, what, at, (_, most) =>
                Array.from({ length: Math.min(most, others) }, (__, each) => `k${each}`),
            );
        assert.deepEqual(note('a', 'lost', 0), []);
        assert.deepEqual(note('b', 'lost', 0), []);
        assert.deepEqual(note('c', 'lost', 0), ['a', 'b', 'c']);
        for (let each = 0; each < 9; each++) note(`k${each}`, 'kept', 20_000);
        for (const each of ['a', 'b', 'c']) assert.deepEqual(note(each, 'lost', 20_000), []);
        // Whoever has lost it after a read that still showed it has not kept it.
        for (const each of ['a', 'b', 'c', 'd']) note(each, 'kept', 40_000);
        assert.deepEqual(
            ['a', 'b', 'c'].flatMap(each => note(each, 'lost', 41_000)),
            ['a', 'b', 'c'],
        );
        // Further people who hold something are looked at before anything is concluded.
        others = 40;
        for (const each of ['a', 'b', 'c']) assert.deepEqual(note(each, 'lost', 60_000), []);
        for (let each = 0; each < 17; each++) assert.deepEqual(note(`k${each}`, 'kept', 60_500), []);
        for (const each of ['a', 'b', 'c']) assert.deepEqual(note(each, 'lost', 80_000), []);
        const found = Array.from({ length: 17 }, (_, each) => note(`k${each}`, 'lost', 80_500));
        assert.equal(found.flat().length, 20);
    });
});
