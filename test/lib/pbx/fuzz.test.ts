import assert from 'node:assert/strict';
import { defaultPeople } from '../../../lib/simulator/person';
import { nonsenseFrame, randomNumbers } from './connection/nonsense';
import { allApis, app, PbxBench, until } from './pbx-bench';

const people = defaultPeople();
const [anna] = people;
const frames = 4_000;

/** Values of a field that is a text. */
const noText: unknown[] = [null, true, 0, -1, 1e308, [], {}, [[]], { activity: '' }];
/** Values of the field `presence` that say nothing that can be relied on. */
const noLists: unknown[] = [null, true, 0, 'dnd', {}, { length: 1 }, [null], [[]], [''], [0, { contact: 'tel:' }]];

/** An update of somebody's presence, well-formed but for one thing. */
function brokenUpdate(random: () => number): string {
    const pick = <Item>(items: Item[]): Item => items[Math.floor(random() * items.length)]!;
    const field = pick(['contact', 'activity', 'note']);
    const entry = { contact: 'tel:', status: 'open', activity: '', note: '', [field]: pick(noText) };
    const presence = random() < 0.5 ? pick(noLists) : [{ contact: 'im:', status: 'open' }, entry];
    const src = `presence-${1 + Math.floor(random() * 40)}`;
    return JSON.stringify({ api: 'PbxApi', mt: 'PresenceUpdate', src, presence });
}

/** What is sent to whom: parts of frames, deep and long ones, and types that nobody knows. */
function hostileFrame(random: () => number): string {
    const kind = random();
    if (kind < 0.5) return brokenUpdate(random);
    if (kind < 0.55) return `{"mt":"PresenceUpdate","presence":${'['.repeat(20_000)}`;
    if (kind < 0.6) return `{"mt":"PresenceUpdate","presence":${'[{"activity":'.repeat(5_000)}1${'}]'.repeat(5_000)}}`;
    if (kind < 0.62) return JSON.stringify({ mt: 'x'.repeat(60_000) });
    const frame = nonsenseFrame(random);
    // A list without entries is a list, and so is one whose contacts nobody knows: those would be no nonsense.
    return frame.includes('"PresenceUpdate"') ? brokenUpdate(random) : frame;
}

for (const role of ['client', 'server'] as const)
    describe(`A PBX that sends what no PBX sends (${role} role)`, () => {
        let bench: PbxBench;

        afterEach(() => bench.stop());

        for (const seed of [1, 2, 3])
            it(`changes nobody's presence and loses no connection (seed ${seed})`, async () => {
                bench = await PbxBench.create(
                    { role, app: { ...app, apis: [...allApis] } },
                    {},
                    { lineState: 'automatic' },
                );
                bench.pbx.setPresence(anna!.guid, { activity: 'dnd', note: 'Audit' });
                bench.system.start();
                await bench.settled();
                await bench.clock.advance(1_000);
                const before = [...bench.follower.snapshot()].map(({ presence }) => presence);
                bench.changes.length = 0;

                const random = randomNumbers(seed);
                for (let sent = 0; sent < frames; sent++) {
                    bench.pbx.sendRaw(hostileFrame(random));
                    if (sent % 100 === 0) await bench.quiet();
                }
                await bench.quiet();
                const known = new Set(people.map(({ guid }) => guid));
                const told = bench.changes.filter(({ user }) => known.has(user.pbx?.guid ?? ''));
                assert.deepEqual(told, []);
                const after = [...bench.follower.snapshot()].filter(({ user }) => known.has(user.pbx?.guid ?? ''));
                assert.deepEqual(
                    after.map(({ presence }) => presence),
                    before,
                );
                assert.equal(bench.phase, 'online');
                assert.equal(bench.pbx.traffic.logins, 1);

                bench.pbx.startCall(anna!.guid);
                await until(() => bench.changes.at(-1)?.presence.onThePhone === true);
                assert.equal(bench.changes.at(-1)?.user.displayName, anna!.name);
            });

        it('loses no connection for a user whose name no request can hold, and names them', async () => {
            bench = await PbxBench.create({ role });
            bench.system.start();
            await bench.settled();
            bench.changes.length = 0;
            const columns = { guid: 'c'.repeat(32), h323: 'x'.repeat(70_000), dn: 'Endless' };
            bench.pbx.sendRaw(JSON.stringify({ api: 'PbxTableUsers', mt: 'ReplicateAdd', columns }));
            await bench.quiet();
            const named = () => [...bench.system.leftOut].map(({ user, reason }) => [user.displayName, reason.code]);
            await until(() => named().length > 0);
            assert.deepEqual(named(), [['Endless', 'PBX_USER_NAMELESS']]);
            const note = 'y'.repeat(100_000);
            bench.pbx.setPresence(anna!.guid, { activity: 'dnd', note });
            await until(() => bench.changes.at(-1)?.presence.note === note);
            assert.equal(bench.phase, 'online');
            assert.equal(bench.pbx.traffic.logins, 1);
        });
    });
