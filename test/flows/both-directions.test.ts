import assert from 'node:assert/strict';
import type { PersonState } from '../../lib/simulator/office';
import { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { rawKeysIn } from '../support/raw-keys';
import { complaints, nodeOf, startTryIt, type TryIt } from '../support/try-it';
import { scenarios } from './scenarios';

const [anna, juergen, priya, lukas, marta, emre, sofia] = mails;
const available = 'Available/Available';

describe('presence in both directions', function () {
    this.timeout(120_000);
    let tryIt: TryIt;
    let office: OfficeControl;
    let atStart: PersonState[];

    before(async () => {
        tryIt = await startTryIt();
        office = tryIt.office;
        await office.quiet();
        atStart = await office.people();
    });

    after(() => tryIt?.nodeRed.dispose());

    /** Whatever a test has done is taken back: then both sides are exactly as they were. */
    async function allIsAsAtStart(): Promise<void> {
        await office.quiet();
        assert.deepEqual(await office.people(), atStart);
    }

    it('begins with everybody available on both sides, and without having written anything', async () => {
        for (const { pbx, teams } of atStart) {
            assert.deepEqual(pbx, { activity: '', note: '', onThePhone: false });
            assert.deepEqual(teams, { availability: 'Available', activity: 'Available' });
        }
        const { presenceWrites, pbxWrites } = await office.counters();
        assert.deepEqual({ presenceWrites, pbxWrites }, { presenceWrites: 0, pbxWrites: 0 });
    });

    it('shows a Teams call in the PBX and takes it back at its end', async () => {
        await office.teams(anna, { call: 'start' });
        await office.shows({ [anna]: { pbx: 'busy (On a Teams call)', onThePhone: false, teams: 'Busy/InACall' } });
        await office.teams(anna, { call: 'end' });
        await office.shows({ [anna]: { pbx: '', onThePhone: false, teams: available } });
    });

    describe('a PBX call shows in Teams, and its end restores what Teams showed before', () => {
        // Microsoft ranks DoNotDisturb above Busy, whoever says so.
        const cases = [
            { mail: anna, before: available, during: 'Busy/InACall', pbx: '' },
            { mail: juergen, before: 'Away/Away', during: 'Busy/InACall', pbx: 'away' },
            { mail: priya, before: 'BeRightBack/BeRightBack', during: 'Busy/InACall', pbx: 'away' },
            { mail: lukas, before: 'Busy/InAMeeting', during: 'Busy/InACall', pbx: 'meeting' },
            { mail: marta, before: 'DoNotDisturb/DoNotDisturb', during: 'DoNotDisturb/DoNotDisturb', pbx: 'dnd' },
            { mail: emre, before: 'Offline/Offline', during: 'Busy/InACall', pbx: '' },
            { mail: sofia, before: 'Busy/Busy', during: 'Busy/InACall', pbx: 'busy' },
        ];

        for (const { mail, before, during, pbx } of cases) {
            it(before, async () => {
                await office.teams(mail, before);
                await office.shows({ [mail]: { pbx, teams: before } });
                await office.pbx(mail, { call: 'start' });
                await office.shows({ [mail]: { pbx, onThePhone: true, teams: during } });
                await office.pbx(mail, { call: 'end' });
                await office.shows({ [mail]: { pbx, onThePhone: false, teams: before } });
            });
        }

        it('and goes on to show it', async () => {
            const shown = cases.map(({ mail, before, pbx }) => [mail, { pbx, onThePhone: false, teams: before }]);
            await office.keeps(Object.fromEntries(shown));
            for (const { mail } of cases) await office.teams(mail, available);
            await allIsAsAtStart();
        });
    });

    /** The example whose writers gather changes for so many seconds. */
    const settlingFor = (settle: number) => tryIt.flows().map(node => ('settle' in node ? { ...node, settle } : node));

    for (const [what, settle, promised] of [
        ['several things at once', 2, 5_000],
        ['several things at once, where each change goes at once', 0, 5_000],
    ] as const)
        describe(what, () => {
            let done: Promise<PromiseSettledResult<void>[]>;

            // Each person goes through some of them, so that eight of them run at the same time.
            before(async () => {
                await tryIt.nodeRed.deploy(settlingFor(settle));
                await tryIt.nodeRed.waitForGreen(connectingNodes(tryIt.flows()));
                const office = new OfficeControl(tryIt.nodeRed, promised);
                const lastOf = new Map<string, Promise<unknown>>();
                const runs = scenarios.map(({ run }, index) => {
                    const mail = mails[index % mails.length] ?? anna;
                    const begun = (lastOf.get(mail) ?? Promise.resolve()).then(() => run(office, mail));
                    lastOf.set(
                        mail,
                        begun.catch(() => undefined),
                    );
                    return begun;
                });
                done = Promise.allSettled(runs);
            });

            for (const [index, { what }] of scenarios.entries()) {
                it(what, async () => {
                    const result = (await done)[index];
                    if (result?.status === 'rejected') throw result.reason;
                });
            }

            it('and all is as at the start', allIsAsAtStart);
        });

    it('shows a page in words to a browser that opens the notification address, and only there', async () => {
        const { id } = nodeOf(tryIt.flows(), 'teams-notification-receiver');
        const address = new URL(`teams-notifications/${id}`, tryIt.nodeRed.baseUrl);
        const response = await fetch(address);
        const text = await response.text();
        assert.equal(response.status, 200);
        assert.match(text, /^\w+ \w+ \w+/);
        assert.deepEqual(rawKeysIn([text]), []);
        assert.equal((await fetch(`${address}0`)).status, 404);
    });

    describe('afterwards', () => {
        it('nothing has been complained of', () => {
            // Whoever has chosen a status above a call of ours for long enough to be seen is named, and rightly so.
            const others = complaints(tryIt.nodeRed).filter(line => !line.includes('hidden by a status'));
            assert.deepEqual(others, []);
        });
    });
});
