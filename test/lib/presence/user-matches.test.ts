import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../lib/presence/message';
import { type MatchSettings, UserMatches } from '../../../lib/presence/user-matches';

type Pbx = { name?: string; longName?: string; number?: string; addresses?: string[] };
type Teams = { upn?: string; mail?: string; phones?: string[]; addresses?: string[] };

function pbx(guid: string, { name = guid, longName = '', number = '', addresses = [] }: Pbx = {}): PresenceUser {
    const displayName = longName || name;
    return { addresses, displayName, pbx: { guid, name, longName, displayName, number, node: '' } };
}

function teams(id: string, { upn = '', mail, phones, addresses = [] }: Teams = {}, displayName = id): PresenceUser {
    const identity = { id, userPrincipalName: upn, mail: mail ?? null, ...(phones && { businessPhones: phones }) };
    return { addresses, displayName, teams: identity };
}

describe('Users of both sides', () => {
    let matches: UserMatches;

    function begin(settings: MatchSettings, ...users: PresenceUser[]): void {
        matches = new UserMatches(settings);
        for (const user of users) user.pbx ? matches.putPbx(user) : matches.putTeams(user);
    }

    /** Who is whom, as ids, and how many are ambiguous. */
    function assertMatches(pairs: [PresenceUser, PresenceUser][], ambiguous: Record<string, string[]> = {}): void {
        for (const [one, other] of pairs) {
            assert.equal(matches.pbxOf(other), one);
            assert.equal(matches.teamsOf(one), other);
        }
        const found = matches.ambiguous().map(({ user, candidates }) => [idOf(user), candidates.map(idOf).sort()]);
        assert.deepEqual(Object.fromEntries(found), ambiguous);
    }

    const assertNoMatch = (...users: PresenceUser[]) => {
        for (const user of users) assert.equal(user.pbx ? matches.teamsOf(user) : matches.pbxOf(user), undefined);
    };

    it('are matched by any address', () => {
        const one = pbx('p1', { addresses: ['a@x', 'b@x'] });
        const other = teams('t1', { addresses: ['c@x', 'b@x'] });
        const stranger = teams('t2', { addresses: ['d@x'] });
        begin({ by: 'address' }, one, other, stranger);
        assertMatches([[one, other]]);
        assertNoMatch(stranger);
    });

    it('are matched by the PBX name and the local part of the principal name', () => {
        const one = pbx('p1', { name: 'Anna.Brandt' });
        const other = teams('t1', { upn: 'anna.brandt@Firm.example', mail: 'x@firm.example' });
        const stranger = teams('t2', { upn: 'x@firm.example', mail: 'anna.brandt@firm.example' });
        begin({ by: 'name-upn' }, one, other, stranger);
        assertMatches([[one, other]]);
        assertNoMatch(stranger);
    });

    it('are matched by long name and display name, whatever the spaces', () => {
        const one = pbx('p1', { longName: ' Jürgen  Vogel ' });
        const other = teams('t1', {}, 'jU\u0308rgen vogel');
        begin({ by: 'long-name' }, one, other, teams('t2', {}, 'Vogel, Jürgen'), pbx('p2'), teams('t3', {}, ''));
        assertMatches([[one, other]]);
    });

    describe('by number', () => {
        for (const [number, phone, mainNumber] of [
            ['4970317300911', '+49 (0) 7031 73009-11'],
            ['07031 7300911', '+49 7031 7300911'],
            ['7300911', '07031/7300911'],
            ['0049 7031 7300911', '7300911'],
            ['403', '403'],
            ['4-03', ' 40 3'],
            ['45', '+49 7 123-45', '123'],
            ['11', '+49 7031 73009-11', '+49 7031 73009'],
            ['11', '11', '+49 7031 73009'],
            ['012', '+49 7031 73009-012', '+49 (7031) 73009-'],
            ['4970317300911', '+4970317300911;ext=11'],
            ['4970317300911', '\u202a0049 7031 73009-11\u202c'],
            ['11', '+4970317300911;ext=11', '+49 7031 73009'],
            ['4255551234', 'tel:+1-425-555-1234;ext=1234'],
            ['11', '+49 7031 730090;ext=11', '+49 7031 73009'],
            ['4970317300911', '+49 7031 730090;ext=11', '+49 7031 73009'],
            ['4970317300911', '+49 (07031) 73009-11'],
            ['11', '+49 (07031) 73009-11', '+49 (07031) 73009'],
            ['12', '+43 1 2345670 DW 12', '+43 1 234567'],
            ['12', '+43 (0)1 234567-0, Durchwahl: 12', '+43 1 234567'],
            ['77', '+1 (425) 555-0100 x77', '+1 425 555 01'],
            ['1234', 'tel:+14255551234;ext=1234', '+1 425 555'],
            ['11', '+49 7031 73009;ext=11', '07031 73009'],
            ['11', '+49 7031 73009;ext=11', '49703173009'],
            ['0612345678', '+39 06 12345678'],
            ['4970317300911', '+４９ (０) ７０３１ ７３００９－１１'],
            ['4970317300911', '+٤٩ ٧٠٣١ ٧٣٠٠٩١١'],
            ['4970317300911', 'Tel. (+49) 07031 / 73009-11'],
            ['4970317300911', '+49 171 1234567 / +49 7031 73009-11'],
            ['4970317300911', '0171 1234567 oder 07031 73009-11'],
            ['4970317300911', 'sip:+4970317300911@10.0.0.1;user=phone'],
            ['4970317300911', 'tel:7300911;phone-context=+49-7031'],
            ['4970317300911', '+4970317300911;isub=1411'],
            ['11', 'Durchwahl 11'],
            ['11', '+49 7031 730090;isub=1;ext=11;phone-context=x.example', '+49 7031 73009'],
            ...[
                '//11',
                ' poste 11',
                ' toestel 11',
                ' interno 11',
                'DW11',
                ' Neb. 11',
                'p11',
                ' #11',
                ' Durchw.: 11',
                ' lokal 11',
                ' linje 11',
                ', ankn. 11',
                '内線11',
                ' 分机 11',
                '(내선 11)',
                ' שלוחה 11',
            ].map(end => ['11', `+49 7031 730090${end}`, '+49 7031 73009'] as const),
        ] as const) {
            it(`go together: ${number} and ${phone}${mainNumber ? ` after ${mainNumber}` : ''} [A4]`, () => {
                const one = pbx('p1', { number });
                const other = teams('t1', { phones: ['+1 555 0000000', phone] });
                begin({ by: 'number', mainNumber }, one, other);
                assertMatches([[one, other]]);
            });
        }

        for (const [number, phone, mainNumber] of [
            ['4970317300911', '+49 7032 7300911'],
            ['1', '+49 7031 7300911'],
            ['11', '+49 7031 73009-11'],
            ['11', '+43 1 5551211'],
            ['551211', '+43 1 5551211'],
            ['', ''],
            ['403', '1403'],
            ['123456', '456'],
            ['4970317300911', '00911'],
            ['11', '+49 30 12345-11', '+49 7031 73009'],
            ['11', '+49 30 123450;ext=11', '+49 7031 73009'],
            ['7031730090', '+49 7031 730090;ext=11'],
            ['11', '+49 89 555000 ext. 11'],
            ['11', '+4970317300911;ext=11'],
            ['4970317300911', '+43 70317300911'],
            ['730091', '+49 7031 73009;ext=11'],
            ['12', 'Room 12'],
            ['1800', '1-800-FLOWERS'],
            ['49', '+49'],
            ['12', '+49 7031 7300911, Raum 12', '+49 7031 73009'],
        ] as const) {
            it(`do not: ${number} and ${phone}${mainNumber ? ` after ${mainNumber}` : ''} [A4]`, () => {
                const one = pbx('p1', { number });
                const other = teams('t1', { phones: [phone] });
                begin({ by: 'number', mainNumber }, one, other);
                assertNoMatch(one, other);
                assert.deepEqual(matches.ambiguous(), []);
            });
        }

        it('an extension that two have goes with neither', () => {
            const one = pbx('p1', { number: '11' });
            const other = teams('t1', { phones: ['11'] });
            const branch = teams('t2', { phones: ['11'] });
            begin({ by: 'number' }, one, other, branch);
            assertNoMatch(one, other, branch);
            assertMatches([], { p1: ['t1', 't2'] });
            matches.removeTeams('t2');
            assertMatches([[one, other]]);
            matches.putPbx(pbx('p2', { number: '11' }));
            assertMatches([], { t1: ['p1', 'p2'] });
        });
    });

    for (const by of ['address', 'long-name', 'number'] as const)
        it(`are members before all others, who go together with somebody by hand only: ${by} [A3]`, () => {
            const one = pbx('p1', { longName: 'Anna', number: '11', addresses: ['a@x'] });
            const member = teams('t1', { addresses: ['a@x'], phones: ['11'] }, 'Anna');
            const guest = teams('t2', { addresses: ['a@x'], phones: ['11'] }, 'Anna');
            begin({ by }, one, member);
            matches.putTeams(guest, false);
            assertMatches([[one, member]]);
            assert.equal(matches.pbxOf(guest), undefined);
            matches.removeTeams('t1');
            assert.equal(matches.teamsOf(one), undefined);
            assert.equal(matches.pbxOf(guest), undefined);
            begin({ by, pairs: [{ pbx: 'p1', teams: 't2' }] }, one, member);
            matches.putTeams(guest, false);
            assert.equal(matches.teamsOf(one), guest);
            assert.equal(matches.pbxOf(member), undefined);
        });

    it('are never guessed: one who matches two', () => {
        const one = pbx('p1', { addresses: ['a@x'] });
        const two = pbx('p2', { addresses: ['b@x'] });
        const both = teams('t1', { addresses: ['a@x', 'b@x'] });
        begin({ by: 'address' }, one, two, both);
        assertNoMatch(one, two, both);
        assertMatches([], { t1: ['p1', 'p2'] });
        assert.deepEqual(matches.ambiguityOf(one), { user: both, candidates: [one, two] });
        matches.putTeams({ ...both, addresses: ['a@x'] });
        assert.equal(matches.pbxOf({ ...both, addresses: ['a@x'] }), one);
        assertMatches([]);
    });

    it('are never guessed: two who match one', () => {
        const one = pbx('p1', { addresses: ['a@x'] });
        const first = teams('t1', { addresses: ['a@x'] });
        const second = teams('t2', { addresses: ['a@x', 'c@x'] });
        begin({ by: 'address' }, one, first, second);
        assertNoMatch(one, first, second);
        assertMatches([], { p1: ['t1', 't2'] });
        assert.deepEqual(matches.ambiguityOf(one), { user: one, candidates: [first, second] });
        matches.removeTeams('t2');
        assertMatches([[one, first]]);
        assert.equal(matches.ambiguityOf(one), undefined);
        assert.equal(matches.ambiguityOf(pbx('p2')), undefined);
        matches.putTeams(second);
        matches.removePbx('p1');
        assertMatches([]);
    });

    it('can be asked for somebody who has not been put', () => {
        const one = pbx('p1', { addresses: ['a@x'] });
        begin({ by: 'address' }, one);
        assert.equal(matches.pbxOf(teams('t1', { addresses: ['a@x', 'a@x'] })), one);
        matches.putTeams(teams('t2', { addresses: ['a@x'] }));
        assertNoMatch(teams('t1', { addresses: ['a@x'] }));
        assert.equal(matches.pbxOf(teams('t2', { addresses: ['a@x'] })), one);
    });

    it('are matched by hand before anything else', () => {
        const one = pbx('p1', { name: 'anna', addresses: ['a@x'] });
        const two = pbx('p2', { longName: 'Ben Okafor', addresses: ['b@x'] });
        const first = teams('t1', { addresses: ['b@x'], upn: 'b@x' });
        const second = teams('t2', { addresses: ['a@x'], mail: 'a@x' });
        const pairs = [
            { pbx: ' Anna ', teams: 'B@x' },
            { pbx: 'ben okafor', teams: 'T2' },
        ];
        begin({ by: 'address', pairs }, one, two, first, second);
        assertMatches([
            [one, first],
            [two, second],
        ]);
    });

    it('are matched by nothing else when they are in a pair whose other half is missing', () => {
        const one = pbx('p1', { addresses: ['a@x'] });
        const other = teams('t1', { addresses: ['a@x'] });
        begin({ by: 'address', pairs: [{ pbx: 'p1', teams: 'gone@x' }] }, one, other);
        assertNoMatch(one, other);
    });

    it('are listed when pairs contradict each other', () => {
        const one = pbx('p1');
        const first = teams('t1');
        const pairs = [
            { pbx: 'p1', teams: 't1' },
            { pbx: 'p1', teams: 't2' },
            { pbx: '', teams: '' },
        ];
        begin({ by: 'address', pairs }, one, first, teams('t2'));
        assertMatches([], { p1: ['t1', 't2'] });
    });

    it('tell that somebody may have another match, or several', () => {
        begin({ by: 'address' }, pbx('p1', { addresses: ['a@x'] }), teams('t1', { addresses: ['a@x'] }));
        const told: number[] = [];
        matches.on('change', () => told.push(matches.ambiguous().length));
        matches.putTeams(teams('t2', { addresses: ['a@x'] }));
        matches.removeTeams('t1');
        assert.deepEqual(told, [1, 0]);
    });

    it('without id are ignored, and so is the removal of strangers', () => {
        begin({ by: 'address' });
        matches.putPbx({ addresses: ['a@x'], displayName: '' });
        matches.putTeams(teams('', { addresses: ['a@x'] }));
        matches.removePbx('p');
        matches.removeTeams('t');
        assertNoMatch(pbx('p', { addresses: ['a@x'] }));
    });

    it('are as right after any order of comings and goings', () => {
        const addresses = ['a@x', 'b@x', 'c@x'];
        begin({ by: 'address' });
        const present = new Map<string, PresenceUser>();
        for (let step = 0; step < 3_000; step++) {
            const pick = (step * 7_919) % 8191;
            const side = pick % 2 ? 'p' : 't';
            const id = `${side}${pick % 5}`;
            const own = addresses.filter((_, index) => (pick >> (index + 3)) & 1);
            const user = side === 'p' ? pbx(id, { addresses: own }) : teams(id, { addresses: own });
            if (pick % 3 === 0) {
                present.delete(id);
                side === 'p' ? matches.removePbx(id) : matches.removeTeams(id);
            } else {
                present.set(id, user);
                side === 'p' ? matches.putPbx(user) : matches.putTeams(user);
            }
            const crowded = [...present.values()].filter(user => candidates(present, user).length > 1);
            assert.deepEqual(
                matches
                    .ambiguous()
                    .map(({ user }) => idOf(user))
                    .sort(),
                crowded.map(idOf).sort(),
                `step ${step}`,
            );
        }
    });

    it('by the thousand are quick, even when all have the same key', () => {
        begin({ by: 'address' });
        const same = ['info@x'];
        const begun = process.cpuUsage();
        for (let index = 0; index < 5_000; index++) {
            matches.putPbx(pbx(`p${index}`, { addresses: [...same, `u${index}@x`] }));
            matches.putTeams(teams(`t${index}`, { addresses: [`u${index}@x`, ...same] }));
        }
        assertNoMatch(pbx('p1', { addresses: same }));
        assert.equal(matches.ambiguous().length, 10_000);
        assert.ok(process.cpuUsage(begun).user < 5_000_000);
    });
});

function idOf(user: PresenceUser): string {
    return user.pbx?.guid ?? user.teams!.id;
}

function candidates(present: Map<string, PresenceUser>, user: PresenceUser): PresenceUser[] {
    return [...present.values()].filter(
        other => !other.pbx !== !user.pbx && other.addresses.some(address => user.addresses.includes(address)),
    );
}
