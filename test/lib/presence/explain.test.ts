import assert from 'node:assert/strict';
import { SyncError } from '../../../lib/errors/errors';
import { explain, sentences } from '../../../lib/presence/explain';
import { Losses } from '../../../lib/presence/losses';
import type { PresenceUser } from '../../../lib/presence/message';
import { ourContact } from '../../../lib/presence/pbx-list';
import { type PbxRecord, type PbxSide, pbxParts, shownInPbx } from '../../../lib/presence/pbx-record';
import { type Claim, newRecord, type PartState, type Statement } from '../../../lib/presence/record';
import { rules } from '../../../lib/presence/rules';
import { type TeamsRecord, type TeamsSide, teamsParts } from '../../../lib/presence/teams-record';
import { hiddenReasons, shownInTeams } from '../../../lib/presence/teams-shown';
import { pairOf } from '../../../lib/presence/teams-states';

const person: PresenceUser = { addresses: [], displayName: 'Anna' };
const date = new Date(2026, 0, 5, 8, 0, 0).getTime();
const now = 1_000_000;
const iso = (seconds: number) => new Date(date + seconds * 1_000).toISOString();
const by: Statement = {
    source: 'pbx',
    writer: { node: 'writer', way: 'app', lease: 900_000 },
    person,
    at: now - 60_000,
};
const available = pairOf('Available/Available')!;
const inACall = pairOf('Busy/InACall')!;
const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;

function claim<V>(value: V, more: Partial<Claim<V>> = {}): Claim<V> {
    const times = { from: now - 60_000, renew: now + 480_000, ends: now + 840_000 };
    return { value, ...times, certainty: 'confirmed', way: 'app', ...more };
}

describe('Why a person shows what they show in Teams', () => {
    let record: TeamsRecord;
    let common: TeamsSide;
    beforeEach(() => {
        record = Object.assign(newRecord('anna', person), {
            shown: available,
            own: available,
            shownSince: date - 30_000,
        });
        const shared = { heldOffUntil: Number.NEGATIVE_INFINITY, served: 0, servedAt: 0, sourcesKnownBy: 0 };
        common = {
            ...shared,
            mayHaveSessions: false,
            way: 'app',
            losses: new Losses(),
        };
    });

    const explained = () =>
        explain(record, {
            side: 'teams',
            parts: teamsParts,
            common,
            shown: shownInTeams(record, now),
            now,
            date,
        });
    const call = () => {
        record.shown = inACall;
        record.parts = { session: { desired: { value: inACall, by }, claims: [claim(inACall)] } as PartState };
    };

    it('is told for a person for whom nothing is wanted', () => {
        assert.deepEqual(explained(), {
            ...{ side: 'teams', person, at: iso(0), parts: [], lately: [] },
            shows: { text: 'Available/Available', since: iso(-30), own: 'Available/Available' },
        });
        assert.deepEqual(sentences(explained(), 'en'), [
            'Teams shows Available/Available since 07:59:30.',
            'That is what the person’s own sources say there.',
            'Nothing is to be done.',
        ]);
    });

    it('is a call that we show, until when, and when it is renewed', () => {
        call();
        const { shows, parts, next } = explained();
        assert.deepEqual(shows?.part, { en: 'Call', de: 'Anruf' });
        assert.deepEqual(parts, [
            {
                ...{ part: 'session', label: { en: 'Call', de: 'Anruf' }, rule: 'call' },
                wants: { text: 'Busy/InACall', source: 'pbx', node: 'writer', since: iso(-60) },
                holds: {
                    ...{ text: 'Busy/InACall', certainty: 'confirmed', since: iso(-60) },
                    ...{ renewed: iso(480), until: iso(840) },
                },
            },
        ]);
        assert.deepEqual(next, {
            ...{ do: 'renew', part: { en: 'Call', de: 'Anruf' }, text: 'Busy/InACall', rule: 'lease', at: iso(480) },
        });
    });

    it('is said in both languages', () => {
        call();
        assert.deepEqual(sentences(explained(), 'en'), [
            'Teams shows Busy/InACall since 07:59:30.',
            'That is what we have set (Call).',
            'The person’s own sources there say Available/Available.',
            'Call: the PBX wants Busy/InACall since 07:59:00 (node writer).',
            'Ours there is Busy/InACall since 07:59:00, until 08:14:00 at the latest (confirmed).',
            rules.call.en,
            'Next, Busy/InACall is renewed (Call), 08:08:00.',
            rules.lease.en,
        ]);
        assert.deepEqual(sentences(explained(), 'de'), [
            'Teams zeigt seit 07:59:30 Busy/InACall.',
            'Das haben wir gesetzt (Anruf).',
            'Die eigenen Quellen der Person sagen dort Available/Available.',
            'Anruf: Seit 07:59:00 verlangt die PBX Busy/InACall (Node writer).',
            'Von uns steht dort seit 07:59:00 Busy/InACall, längstens bis 08:14:00 (bestätigt).',
            rules.call.de,
            'Als Nächstes wird Busy/InACall erneuert (Anruf), 08:08:00.',
            rules.lease.de,
        ]);
    });

    it('is a choice by hand above what is wanted', () => {
        const yields = { since: now, rule: 'chosen in Teams', value: dnd } as const;
        record.parts = { preferred: { desired: { value: dnd, by }, claims: [], yields } as PartState };
        assert.equal(explained().parts[0]?.rule, 'chosen in Teams');
        assert.ok(sentences(explained(), 'de').includes(rules['chosen in Teams'].de));
    });

    it('is a status set by hand that hides our call', () => {
        call();
        record.shown = pairOf('BeRightBack/BeRightBack')!;
        record.hidden = 'set-by-hand';
        assert.deepEqual(explained().shows?.hidden, hiddenReasons['set-by-hand']);
        assert.ok(sentences(explained(), 'de').includes(hiddenReasons['set-by-hand'].de));
    });

    it('is an outage, a refusal and when it is tried again', () => {
        common.heldOffUntil = now + 5_000;
        common.heldOffBy = new SyncError('TEAMS_THROTTLED');
        const error = new SyncError('TEAMS_SERVICE_ERROR', { detail: '503' });
        const trouble = { error, failures: 2, until: now + 2_000 };
        record.parts = { session: { desired: { value: inACall, by }, claims: [], trouble } as PartState };
        const said = sentences(explained(), 'en');
        assert.ok(said.includes('Nothing can be written there now: Microsoft asks to slow down.'));
        const reason = 'Microsoft reports a temporary fault (503)';
        assert.ok(said.includes(`It has failed (2): ${reason}. It is tried again at 08:00:02.`));
        assert.ok(said.includes('Next, Busy/InACall is written (Call), 08:00:05.'), said.join('\n'));
    });

    it('is a fault in the words of another program, which may be a sentence already', () => {
        const error = new SyncError('TEAMS_REQUEST_REFUSED', { what: 'read', detail: 'It is not there.' });
        const trouble = { error, failures: 1, until: now + 2_000 };
        record.parts = { session: { desired: { value: inACall, by }, claims: [], trouble } as PartState };
        const said = sentences(explained(), 'en').join('\n');
        assert.match(said, /It is not there\. It is tried again/);
    });

    it('is a status message, whose text is not told in any language', () => {
        record.parts = { statusMessage: { desired: { value: 'secret', by }, claims: [claim('secret')] } as PartState };
        const said = sentences(explained(), 'de').join('\n');
        assert.match(said, /verlangt die PBX die Statusmeldung .*\n.* die Statusmeldung, längstens/);
        assert.doesNotMatch(said, /secret|the status message/);
    });

    it('is a pause, which is said once and takes ours back now', () => {
        call();
        record.pausedUntil = now + 60_000;
        const { stopped, next } = explained();
        assert.deepEqual(stopped, { rule: 'paused', until: iso(60) });
        assert.deepEqual([next?.do, next?.at], ['clear', undefined]);
        const said = sentences(explained(), 'en');
        assert.equal(said.filter(line => line === rules.paused.en).length, 1);
        assert.ok(said.includes('Next, Busy/InACall is taken back (Call), now.'));
    });

    it('is a pause, and what is written after it, though something else is held back then', () => {
        const away = pairOf('Away/Away')!;
        record.parts = {
            preferred: { desired: { value: away, by }, claims: [], rule: 'paused' },
            session: { desired: { value: inACall, by }, claims: [], rule: 'paused' },
        };
        record.pausedUntil = now + 60_000;
        const { next } = explained();
        assert.deepEqual([next?.do, next?.at], ['write', iso(60)]);
    });

    it('names the date where it is another one, and leaves out what has no end', () => {
        record.shownSince = date - 24 * 3_600_000;
        record.pausedUntil = Number.POSITIVE_INFINITY;
        assert.equal(sentences(explained(), 'de')[0], 'Teams zeigt seit 4.1.2026 08:00:00 Available/Available.');
        assert.deepEqual(explained().stopped, { rule: 'paused' });
        assert.deepEqual(JSON.parse(JSON.stringify(explained())), explained());
    });
});

describe('Why a person shows what they show in the PBX', () => {
    const common: PbxSide = {
        ...{ heldOffUntil: Number.NEGATIVE_INFINITY, served: 0, servedAt: 0, sourcesKnownBy: 0 },
        ...{ untaken: new Set<string>(), takesContact: true },
    };
    let record: PbxRecord;
    beforeEach(() => {
        record = Object.assign(newRecord('anna', person), { isMember: true } as const);
    });

    const explained = () =>
        explain(record, { side: 'pbx', parts: pbxParts, common, shown: shownInPbx(record, now), now, date });

    function shows(own: string, ours: string, onThePhone = false): void {
        const nothing = { activity: '', note: '' };
        record.state = {
            list: {
                presence: { activity: own, note: 'secret', onThePhone },
                tel: { activity: own, note: 'secret' },
                ...(ours ? { ours: { ...nothing, activity: ours } } : {}),
                besideCalls: true,
            },
            isEcho: false,
            at: date - 30_000,
        };
    }

    it('is not known before the PBX has told it', () => {
        assert.deepEqual(sentences(explained(), 'en'), [
            'What is shown there is not known yet.',
            'Nothing is to be done.',
        ]);
    });

    it('is our entry beside the own setting', () => {
        shows('away', 'busy');
        const ends = Number.POSITIVE_INFINITY;
        const value = { activity: 'busy', note: '', contact: 'own' };
        const entry = {
            desired: { value, by: { ...by, source: 'teams' } },
            claims: [claim(value, { renew: ends, ends, handle: { contact: ourContact } })],
        };
        record.parts = { entry: entry as PartState };
        assert.deepEqual(sentences(explained(), 'en'), [
            'The PBX shows busy since 07:59:30.',
            'That is what we have set (Entry).',
            'The person’s own sources there say away.',
            'Entry: Teams wants busy since 07:59:00 (node writer).',
            'Ours there is busy since 07:59:00, without an end (confirmed).',
            rules.entry.en,
            'Nothing is to be done.',
        ]);
    });

    it('is a call of the user, and no note is told', () => {
        shows('away', '', true);
        assert.deepEqual(explained().shows, { text: 'on-the-phone', since: iso(-30) });
        assert.doesNotMatch(JSON.stringify(explained()), /secret/);
    });
});

describe('The rules', () => {
    it('have a whole sentence in each language', () => {
        for (const [name, { en, de }] of [...Object.entries(rules), ...Object.entries(hiddenReasons)]) {
            assert.match(en, /^[A-Z].*\.$/, name);
            assert.match(de, /^[A-ZÄÖÜ].*\.$/, name);
            assert.notEqual(en, de);
        }
    });
});
