import assert from 'node:assert/strict';
import type { Mark } from '../../lib/monitor/health';
import type { PeoplePage, PersonReport, PersonRow, ToldDecision } from '../../lib/monitor/people-list';
import type { NodeRedProcess } from '../support/node-red-process';
import type { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { greenWithin, startTryIt, type TryIt } from '../support/try-it';

const [anna, juergen, priya, , marta] = mails;

/** Of config nodes, which have no status. */
const systemTypes = ['azure-app', 'pbx-connection', 'teams-accounts'];

describe('The list of people', function () {
    this.timeout(60_000);
    let tryIt: TryIt;
    let nodeRed: NodeRedProcess;
    let office: OfficeControl;

    before(async () => {
        tryIt = await startTryIt();
        ({ nodeRed, office } = tryIt);
        await office.quiet();
    });
    after(() => tryIt?.nodeRed.dispose());

    const list = (query = ''): Promise<PeoplePage> => nodeRed.adminRequest('GET', `presence-sync/people${query}`);
    const named = async (mail: string): Promise<PersonRow> => {
        const [found, second] = (await list(`?q=${mail}`)).rows;
        assert.ok(found && !second);
        return found;
    };
    const report = async (mail: string, language = 'en'): Promise<PersonReport> => {
        const { key } = await named(mail);
        const path = `presence-sync/people/${encodeURIComponent(key)}`;
        return nodeRed.adminRequest('GET', path, undefined, { 'accept-language': language });
    };

    it('has everybody of both systems once, sorted by name', async () => {
        const people = await office.people();
        const { total, found, rows } = await list();
        assert.deepEqual({ total, found }, { total: people.length, found: people.length });
        assert.deepEqual(rows.map(({ address }) => address).sort(), people.map(({ mail }) => mail).sort());
        const names = rows.map(({ name }) => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase());
        assert.deepEqual(names, [...names].sort());
        for (const { pbx, teams } of rows)
            assert.deepEqual([pbx?.shows, teams?.shows], ['available', 'Available/Available']);
    });

    it('is searched without accents and case, by parts of name, address and number', async () => {
        const { name, number } = await named(juergen);
        assert.match(name, /^Jürgen/);
        for (const text of ['JURGEN', `urg ${name.split(' ')[1]}`, juergen.split('@')[0]!, number!]) {
            const { rows } = await list(`?q=${encodeURIComponent(text)}`);
            assert.ok(
                rows.some(({ address }) => address === juergen),
                text,
            );
        }
        assert.equal((await list('?q=nobody-at-all')).found, 0);
    });

    it('comes in pages, and takes what is no question for none', async () => {
        const { rows } = await list();
        assert.deepEqual((await list('?state=none&offset=-1&limit=many&q=a&q=b')).rows, rows);
        const { rows: second, found } = await list('?offset=1&limit=2');
        assert.equal(found, rows.length);
        assert.deepEqual(second, rows.slice(1, 3));
    });

    it('says why somebody shows busy: what shows, whose it is, and what was decided', async () => {
        await office.pbx(anna, { call: 'start' });
        await office.shows({ [anna]: { teams: 'Busy/InACall' } });
        await office.quiet();
        const { pbx, teams } = await named(anna);
        assert.equal(pbx?.shows, 'on-the-phone');
        assert.deepEqual([teams?.shows, teams?.isOurs, teams?.holds], ['Busy/InACall', true, 'Busy/InACall']);
        assert.deepEqual(
            (await list('?state=held')).rows.map(({ address }) => address),
            [anna],
        );

        const told = await report(anna);
        assert.ok(told.teams?.sentences.includes('That is what we have set (Call).'), told.teams?.sentences.join('\n'));
        const [{ side, to, outcome, reason } = {}] = told.decisions;
        assert.deepEqual({ side, to, outcome }, { side: 'teams', to: 'Busy/InACall', outcome: 'accepted' });
        assert.equal(reason, 'A call of the other side is shown as long as it lasts.');
        assert.match((await report(anna, 'de')).decisions[0]!.reason, /^Ein Anruf der anderen Seite/);

        await office.pbx(anna, { call: 'end' });
        await office.shows({ [anna]: { teams: 'Available/Available' } });
        assert.equal((await list('?state=held')).found, 0);
    });

    it('finds who shows something else than the other side wants', async () => {
        await office.teams(priya, 'DoNotDisturb/DoNotDisturb');
        await office.shows({ [priya]: { pbx: 'dnd' } });
        await office.quiet();
        assert.equal((await list()).counts.differs, 0);
        await office.pbx(priya, { call: 'start' });
        await office.quiet();
        assert.deepEqual(
            (await list('?state=differs')).rows.map(({ address }) => address),
            [priya],
        );
    });

    it('pauses a person on both sides, and goes on, and notes who asked', async () => {
        const { key } = await named(marta);
        const act = (action: string, body: object): Promise<{ error?: { code: string } }> =>
            nodeRed.adminRequest('POST', `presence-sync/people/${encodeURIComponent(key)}/${action}`, body);
        await act('pause', { minutes: 60 });
        await office.pbx(marta, { call: 'start' });
        await office.teams(marta, 'Busy/InAMeeting');
        await office.keeps({ [marta]: { pbx: '', teams: 'Busy/InAMeeting' } });
        const paused = await report(marta);
        for (const side of [paused.pbx, paused.teams]) assert.equal(side?.stopped?.rule, 'paused');
        const isAsked = ({ rule, by }: ToldDecision): boolean => rule === 'pause asked for' && by === '';
        assert.deepEqual(
            paused.decisions
                .filter(isAsked)
                .map(({ side }) => side)
                .sort(),
            ['pbx', 'teams'],
        );
        await act('resume', {});
        await office.shows({ [marta]: { pbx: 'meeting', teams: 'Busy/InACall' } });
        assert.equal((await act('pause', { minutes: 'many' })).error?.code, 'PAUSE_END_INVALID');
        await act('resync', {});
    });

    describe('and how everything is', () => {
        const marks = async (): Promise<Mark[]> =>
            (await nodeRed.adminRequest<{ marks: Mark[] }>('GET', 'presence-sync/health')).marks;

        it('has a good mark for each node that connects, each PBX and each account', async () => {
            const all = await marks();
            assert.deepEqual([...new Set(all.map(({ level }) => level))], ['good'], JSON.stringify(all));
            const types = [...new Set(all.map(({ type }) => type))].sort();
            assert.deepEqual(types, [...connectingNodes(tryIt.flows()).map(({ type }) => type), ...systemTypes].sort());
            const kinds = all.flatMap(({ parts }) => parts.map(({ kind }) => kind)).sort();
            assert.deepEqual(kinds, ['account', 'budget', 'link']);
        });

        it('says what is wrong, the worst first', async () => {
            await office.switch(false);
            const end = performance.now() + 10_000;
            let found: Mark | undefined;
            while (!found && performance.now() < end)
                found = (await marks()).find(({ type, level }) => type === 'pbx-connection' && level === 'working');
            assert.match(found?.parts[0]?.text ?? '', /^Connection to PBX .* was lost|cannot be reached/);
            const levels = (await marks()).map(({ level }) => level);
            assert.equal(levels.indexOf('working') < levels.lastIndexOf('good') || !levels.includes('good'), true);
            await office.switch(true);
            await nodeRed.waitForGreen(connectingNodes(tryIt.flows()), greenWithin);
        });
    });

    it('knows nobody by a key that is none', async () => {
        const { status } = await fetch(`${nodeRed.baseUrl}presence-sync/people/nobody`);
        assert.equal(status, 404);
    });
});
