import assert from 'node:assert/strict';
import type { OptionalApi } from '../../../../lib/pbx/check/check-pbx';
import { type CheckOptions, checkPbx } from '../../../../lib/pbx/check/check-pbx';
import type { PbxSettings } from '../../../../lib/pbx/connection/pbx-settings';
import type { ParticipationSettings } from '../../../../lib/pbx/users/participation';
import { CertificateAuthority } from '../../../../lib/simulator/certificate-authority';
import { SimulatedPbx, type SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../../../lib/simulator/pbx/visibility';
import { defaultPeople, manyPeople } from '../../../../lib/simulator/person';
import type { CheckReport } from '../../../../lib/support/check-report';
import { FakeClock } from '../../../support/fake-clock';
import { app, LinksBench } from '../connection/links-bench';
import { userOf } from '../users/user-of';

const every: OptionalApi[] = ['PbxAdminApi', 'PbxImpersonation', 'RCC'];
const apis = ['PbxApi', 'PbxTableUsers', ...every];

/** The report's lines as `ok id code`. */
function told({ lines }: CheckReport): string[] {
    return lines.map(({ ok, id, code }) => `${ok} ${id} ${code}`);
}

function sentence({ lines }: CheckReport, id: string): string {
    return lines.find(line => line.id === id)?.sentence.en ?? 'no such line';
}

describe('The check of a PBX that we call', () => {
    let pbx: SimulatedPbx;
    const clock = new FakeClock();

    afterEach(async () => {
        for (const each of [pbx, ...pbx.slaves]) await each.stop();
    });

    async function start(options: Partial<SimulatedPbxOptions> = {}, slaves: string[] = []): Promise<void> {
        pbx = new SimulatedPbx({
            people: defaultPeople(),
            app: { ...app, apis: [...apis] },
            defaultVisibility: allRights,
            clock,
            ...options,
        });
        for (const name of slaves) pbx.addSlave({ name });
        for (const each of [pbx, ...pbx.slaves]) await each.start();
    }

    async function check(
        settings: Partial<PbxSettings> = {},
        wanted: OptionalApi[] = [],
        options: CheckOptions = {},
    ): Promise<CheckReport> {
        const addresses = [pbx, ...pbx.slaves].map(({ url }) => url);
        const whole: PbxSettings = {
            role: 'client',
            addresses,
            appName: app.name,
            password: app.password,
            ...settings,
        };
        let report: CheckReport | undefined;
        const checking = checkPbx(whole, wanted, { clock, ...options }).then(done => {
            report = done;
        });
        for (let waited = 0; !report && waited < 40_000; waited += 250) await clock.advance(250);
        await checking;
        return report!;
    }

    it('finds everything as it should be', async () => {
        await start();
        const report = await check({ pbxName: 'pbx-main' }, every);
        assert.equal(report.ok, true);
        assert.deepEqual(told(report), [
            'true connection CHECK_PBX_REACHED',
            'warning certificate CHECK_PBX_NO_TLS',
            'true login CHECK_PBX_LOGGED_IN',
            'true name CHECK_PBX_NAME',
            'true api:PbxApi CHECK_PBX_API_TICKED',
            'true api:PbxTableUsers CHECK_PBX_API_TICKED',
            'true api:PbxImpersonation CHECK_PBX_API_TICKED',
            'true api:PbxAdminApi CHECK_PBX_API_TICKED',
            'true api:RCC CHECK_PBX_API_TICKED',
            'true users CHECK_PBX_USERS',
            'true participants CHECK_PBX_PARTICIPANTS',
            'true visibility CHECK_PBX_ALL_VISIBLE',
        ]);
        assert.equal(sentence(report, 'users'), 'The PBX has 8 users');
        assert.equal(sentence(report, 'participants'), '8 of 8 users take part');
        assert.equal(pbx.connections, 0);
        assert.equal(clock.waiting, 0);
    });

    for (const untickedApi of ['silent', 'error'] as const) {
        it(`says where each missing tick is set, and what it adds (unticked: ${untickedApi})`, async () => {
            await start({ app: { ...app, apis: ['PbxApi', 'PbxTableUsers'] }, behaviour: { untickedApi } });
            const report = await check({}, every);
            assert.equal(report.ok, true);
            const warnings = told(report).filter(line => line.startsWith('warning'));
            assert.deepEqual(warnings, [
                'warning certificate CHECK_PBX_NO_TLS',
                'warning name CHECK_PBX_NAME_UNKNOWN',
                'warning api:PbxImpersonation CHECK_PBX_IMPERSONATION_MISSING',
                'warning api:PbxAdminApi CHECK_PBX_ADMIN_MISSING',
                'warning api:RCC CHECK_PBX_RCC_MISSING',
            ]);
            assert.match(sentence(report, 'api:PbxAdminApi'), /PBX > Objects > presence-sync > tick "Admin"/);
            assert.equal(sentence(report, 'visibility'), 'The presence of all 8 users who take part may be seen');
        });

        for (const missing of ['PbxApi', 'PbxTableUsers']) {
            it(`fails without ${missing} (unticked: ${untickedApi})`, async () => {
                const ticked = ['PbxApi', 'PbxTableUsers'].filter(api => api !== missing);
                await start({ app: { ...app, apis: ticked }, behaviour: { untickedApi } });
                const report = await check();
                assert.equal(report.ok, false);
                const failed = told(report).filter(line => line.startsWith('false'));
                assert.deepEqual(failed, [`false api:${missing} CHECK_PBX_API_NEEDED`]);
            });
        }
    }

    it('does not wait long for the answers of a PBX that is silent about what is not ticked', async () => {
        for (const ticked of [['PbxApi', 'PbxTableUsers'], ['PbxApi'], ['PbxTableUsers'], []]) {
            await start({ app: { ...app, apis: ticked } });
            const begin = clock.monotonic();
            await check({}, every);
            const took = clock.monotonic() - begin;
            // Once for what can be asked for at once, and once for what a user is needed for.
            assert.ok(took < 8_000, `${ticked}: ${took}`);
            await pbx.stop();
        }
        await start();
    });

    it('waits for a PBX that is slow, but answers', async () => {
        await start({ people: defaultPeople().slice(0, 1), behaviour: { latency: 3_000 } });
        const report = await check({}, ['PbxAdminApi']);
        assert.deepEqual(
            told(report).filter(line => !line.startsWith('true')),
            ['warning certificate CHECK_PBX_NO_TLS'],
        );
    });

    it('needs no answer to the end of a subscription', async () => {
        await start({}, ['pbx-north']);
        for (const each of [pbx, ...pbx.slaves]) each.faults.ignoreNext('UnsubscribePresence', 100);
        const report = await check();
        assert.equal(report.ok, true);
        assert.equal(told(report).filter(line => /^true api:PbxApi/.test(line)).length, 2);
    });

    for (const unallowedSubscription of ['silent', 'down'] as const) {
        it(`counts those whose presence may not be seen (${unallowedSubscription})`, async () => {
            await start({ behaviour: { unallowedSubscription } });
            const [anna, juergen] = defaultPeople();
            for (const person of [anna!, juergen!]) pbx.visibility(person.guid, { presence: false });
            const report = await check();
            assert.equal(report.ok, true);
            assert.match(
                sentence(report, 'visibility'),
                /^The presence of 2 of 8 users who take part may not be seen \(anna.brandt, juergen.vogel\): PBX > .* > add presence-sync /,
            );
        });
    }

    it('does not take one user who cannot be acted for as a missing right', async () => {
        await start();
        pbx.faults.failNext('CreateApi', 100);
        assert.ok(told(await check({}, every)).includes('true api:PbxImpersonation CHECK_PBX_API_TICKED'));
    });

    it('finds that a slave lacks the right to act as its users', async () => {
        await start({}, ['pbx-north']);
        const [north] = pbx.slaves;
        Object.assign(north!.app, { apis: apis.filter(api => api !== 'PbxImpersonation') });
        const lines = told(await check({}, every));
        assert.ok(lines.includes('true api:PbxImpersonation CHECK_PBX_API_TICKED'));
        const host = `127.0.0.1:${north!.port}`;
        assert.ok(lines.includes(`warning api:PbxImpersonation:${host} CHECK_PBX_IMPERSONATION_MISSING`));
    });

    const everybody = defaultPeople().map(({ mail }) => mail);
    const choices: [ParticipationSettings, string][] = [
        [{ who: 'all', exclude: ['anna.brandt'] }, '7 of 8 users take part'],
        [{ who: 'group', groups: ['Sales'] }, '2 of 8 users take part'],
        [{ who: 'licence', licence: 'innovaphone-microsoft365' }, '3 of 8 users take part'],
        [{ who: 'listed', include: ['anna.brandt', 'nobody'] }, '1 of 8 users take part'],
        [
            { who: 'group', groups: ['nobody', 'no one'] },
            'None of the 8 users takes part: nobody is a member of these groups (nobody, no one)',
        ],
        [{ who: 'licence', licence: 'other' }, 'None of the 8 users takes part: nobody holds this licence (other)'],
        [
            { who: 'listed', include: ['a', 'b', 'c', 'd', 'e', 'f'] },
            'None of the 8 users takes part: nobody goes by a name under "Always" (a, b, c, d, e, …)',
        ],
        [
            { who: 'all', exclude: everybody },
            `None of the 8 users takes part: everybody is listed under "Never" (${everybody.slice(0, 5).join(', ')}, …)`,
        ],
    ];
    for (const [participation, expected] of choices) {
        it(`says of ${participation.who} (${JSON.stringify(participation)}): ${expected}`, async () => {
            const userOptions = (_: unknown, index: number) => ({
                groups: index < 2 ? ['sales'] : [],
                licences: index < 3 ? ['App(innovaphone-microsoft365)'] : [],
            });
            await start({ userOptions });
            const report = await check({}, [], { participation });
            const { ok } = report.lines.find(({ id }) => id === 'participants')!;
            assert.deepEqual(
                [ok, sentence(report, 'participants')],
                [expected.startsWith('None') ? 'warning' : true, expected],
            );
        });
    }

    it('looks at the presence of those who take part, and of nobody else', async () => {
        await start();
        const [anna, juergen] = defaultPeople();
        for (const person of [anna!, juergen!]) pbx.visibility(person.guid, { presence: false });
        const participation: ParticipationSettings = { who: 'all', exclude: [anna!.mail] };
        assert.match(
            sentence(await check({}, [], { participation }), 'visibility'),
            /^The presence of 1 of 7 users who take part may not be seen \(juergen.vogel\)/,
        );
        const nobody = await check({}, [], { participation: { who: 'listed', include: ['nobody'] } });
        assert.equal(sentence(nobody, 'visibility'), 'no such line');
    });

    it('fails where a licence decides and cannot be looked up', async () => {
        await start({ app: { ...app, apis: ['PbxApi', 'PbxTableUsers'] } });
        const report = await check({}, ['PbxAdminApi'], { participation: { who: 'licence', licence: 'sync' } });
        assert.ok(told(report).includes('false participants PBX_API_MISSING'));
    });

    it('does not ask after the licences of a great many users', async () => {
        await start({ people: manyPeople(1_001) });
        const report = await check({}, [], { participation: { who: 'licence', licence: 'sync' } });
        assert.ok(told(report).includes('true participants CHECK_PBX_HOLDERS_NOT_COUNTED'));
        assert.equal(pbx.traffic.received.of('CheckAppLic'), 0);
    });

    it('says that there are no users', async () => {
        await start({ people: [] });
        assert.ok(told(await check()).includes('warning users CHECK_PBX_NO_USERS'));
    });

    it('says what is wrong with the login', async () => {
        await start();
        const report = await check({ password: 'guess' });
        assert.equal(report.ok, false);
        assert.equal(told(report).at(-1), 'false login PBX_LOGIN_REFUSED');
        assert.ok(!JSON.stringify(report).includes('guess'));
    });

    it('says that nobody is there', async () => {
        await start();
        await pbx.stop();
        assert.deepEqual(told(await check()), ['false connection PBX_UNREACHABLE']);
    });

    it('says that the PBX has another name, and that a DNS name is none', async () => {
        await start();
        const report = await check({ pbxName: 'pbx-head' });
        assert.equal(told(report)[3], 'false name PBX_NAME_MISMATCH');
        assert.deepEqual(told(await check({ pbxName: 'pbx-main.firm.example' })), ['false settings PBX_NAME_IS_DNS']);
    });

    it('checks slaves, too, and gives their lines ids of their own', async () => {
        await start({}, ['pbx-north']);
        const [north] = pbx.slaves;
        const host = `127.0.0.1:${north!.port}`;
        const lines = told(await check());
        assert.ok(lines.includes(`true name:${host} CHECK_PBX_NAME`));
        assert.equal(new Set(lines.map(line => line.split(' ')[1])).size, lines.length);
        await north!.stop();
        const report = await check();
        assert.equal(report.ok, false);
        assert.ok(told(report).includes(`false connection:${host} PBX_UNREACHABLE`));
        assert.ok(told(report).includes('true users CHECK_PBX_USERS'));
    });

    it('shows the certificate, trusted or not', async () => {
        const authority = await CertificateAuthority.create();
        await start({ authority });
        const untrusted = await check();
        assert.deepEqual(told(untrusted), [
            'false connection PBX_CERTIFICATE_UNTRUSTED',
            'warning certificate CHECK_PBX_FINGERPRINT',
        ]);
        assert.equal(untrusted.lines[1]?.parameters.fingerprint, pbx.fingerprint);
        assert.match(String(untrusted.lines[1]?.parameters.date), /^\d{4}-\d\d-\d\d$/);
        const trusted = await check({ ca: authority.certificate });
        assert.equal(told(trusted)[1], 'true certificate CHECK_PBX_CERTIFICATE');
        assert.equal((await check({ fingerprint: pbx.fingerprint })).ok, true);
        await pbx.changeCertificate('self-signed');
        const pinned = await check({ fingerprint: trusted.lines[1]?.parameters.fingerprint as string });
        assert.equal(told(pinned)[0], 'false connection PBX_CERTIFICATE_CHANGED');
        assert.equal(pinned.lines[1]?.parameters.fingerprint, pbx.fingerprint);
    });

    it('asks nobody to compare a trusted certificate because something else keeps it from connecting [B7]', async () => {
        const authority = await CertificateAuthority.create();
        await start({ authority });
        const address = `${pbx.url.split('/').slice(0, 3).join('/')}/PBX7/APPCLIENT/APPWEBSOCKET`;
        for (const trust of [{ ca: authority.certificate }, { fingerprint: pbx.fingerprint }]) {
            const report = await check({ ...trust, addresses: [address] });
            assert.deepEqual(told(report), [
                'false connection PBX_NO_WEBSOCKET',
                'true certificate CHECK_PBX_CERTIFICATE',
            ]);
        }
    });
});

describe('The check of a PBX that calls us', () => {
    const settings: PbxSettings = { role: 'server', addresses: [], appName: app.name, password: app.password };

    it('can do nothing before it runs', async () => {
        const report = await checkPbx(settings, every);
        assert.deepEqual(told(report), ['warning connection CHECK_PBX_WAITING']);
    });

    it('looks at what runs, with the choice that the dialog shows', async () => {
        const bench = await LinksBench.online('server', { slaves: ['pbx-north'] });
        const { links } = bench;
        const [anna, juergen, priya] = ['anna.brandt', 'juergen.vogel', 'priya.nair'].map(h323 =>
            userOf({ guid: h323, h323 }),
        );
        const running = { links, participants: [anna!, juergen!], others: [priya!], hidden: ['anna.brandt'] };
        const report = await checkPbx({ ...settings, pbxName: 'pbx-main' }, ['PbxImpersonation'], {
            running,
            participation: { who: 'listed', include: ['anna.brandt', 'priya.nair'] },
        });
        assert.deepEqual(told(report), [
            'true login CHECK_PBX_LOGGED_IN',
            'true name CHECK_PBX_NAME_AND_VERSION',
            'true api:PbxApi CHECK_PBX_API_TICKED',
            'true api:PbxTableUsers CHECK_PBX_API_TICKED',
            'warning api:PbxImpersonation CHECK_PBX_IMPERSONATION_MISSING',
            'true users CHECK_PBX_USERS',
            'true participants CHECK_PBX_PARTICIPANTS',
            'warning visibility CHECK_PBX_NOT_VISIBLE',
            'true login:pbx-north CHECK_PBX_LOGGED_IN',
            'true name:pbx-north CHECK_PBX_NAME_AND_VERSION',
            'true api:PbxApi:pbx-north CHECK_PBX_API_TICKED',
            'true api:PbxTableUsers:pbx-north CHECK_PBX_API_TICKED',
            'warning api:PbxImpersonation:pbx-north CHECK_PBX_IMPERSONATION_MISSING',
        ]);
        assert.equal(sentence(report, 'participants'), '2 of 3 users take part');
        assert.match(sentence(report, 'visibility'), /^The presence of 1 of 1 users who take part may not be seen/);
        await bench.stop();
    });

    const nobody = { participants: [], others: [], hidden: [] };

    it('says why no PBX is there', async () => {
        const bench = await LinksBench.create('server');
        bench.links.start();
        const check = () => checkPbx(settings, [], { running: { links: bench.links, ...nobody } });
        assert.deepEqual(told(await check()), ['warning connection CHECK_PBX_WAITING']);
        await bench.clock.advance(60_000);
        assert.deepEqual(told(await check()), ['false connection PBX_NOT_CALLED']);
        await bench.stop();
    });
});
