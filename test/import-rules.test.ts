import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from './support/checkout';

/** A file, and what it imports. */
type Import = [file: string, source: string];

const forbidden: Import[] = [
    ['lib/presence/a.ts', 'node-red'],
    ['lib/teams/b.ts', '../../nodes/runtime/status'],
    ['lib/errors/c.ts', '../time/clock'],
    ['lib/published/cc.ts', './facts.json'],
    ['lib/time/d.ts', '../support/mutex'],
    ['lib/support/e.ts', '../presence/vocabulary'],
    ['lib/presence/f.ts', '../teams/teams-system'],
    ['lib/presence/ff.ts', '../sync/reconciler'],
    ['lib/support/ee.ts', '../sync/claim-store'],
    ['lib/sync/a.ts', '../teams/people'],
    ['lib/sync/b.ts', '../pbx/writing/pbx-executor'],
    ['lib/sync/c.ts', '../simulator/office'],
    ['lib/sync/d.ts', '../../nodes/runtime/claim-log'],
    ['lib/presence/record/g.ts', '../../pbx/pbx-system'],
    ['lib/teams/reading/h.ts', '../../pbx/users/user-row'],
    ['lib/teams/teams-i.ts', '../pbx/pbx-system'],
    ['lib/pbx/users/j.ts', '../../teams/users/user-record'],
    ['lib/pbx/k.ts', '../simulator/office'],
    ['lib/teams/connection/l.ts', '../teams-system'],
    ['lib/teams/users/ll.ts', '../teams-registration'],
    ['lib/teams/connection/sign-in/m.ts', '../../users/scope'],
    ['lib/pbx/users/n.ts', '../reading/line-states'],
    ['lib/pbx/reading/o.ts', '../writing/homes'],
    ['lib/pbx/reading/presence-reader.ts', '../writing/pbx-target'],
    ['lib/pbx/writing/oo.ts', '../reading/presence-reader'],
    ['lib/teams/writing/p.ts', '../reading/round'],
    ['lib/teams/check/q.ts', '../reading/round'],
    ['lib/simulator/r.ts', '../pbx/pbx-system'],
    ['lib/simulator/pbx/s.ts', '../../pbx/connection/frame'],
    ['lib/simulator/tenant/t.ts', '../../teams/connection/http'],
    ['lib/simulator/pbx/tt.ts', '../../sync/claim-store'],
    ['lib/simulator/tenant/u.ts', '../../presence/mapping'],
    ['lib/monitor/uu.ts', '../pbx/pbx-system'],
    ['lib/sync/vv.ts', '../monitor/people-list'],
    ['nodes/runtime/v.ts', '../azure-app'],
    ['nodes/runtime/w.ts', '../editor/dialog'],
    ['nodes/editor/x.ts', '../runtime/status'],
    ['nodes/editor/y.ts', '../../lib/presence/vocabulary'],
];

const allowed: Import[] = [
    ['lib/teams/connection/aa.ts', '../../errors/errors'],
    ['lib/teams/writing/bb.ts', '../../presence/mapping'],
    ['lib/pbx/cc.ts', './reading/presence-reader'],
    ['lib/sync/e.ts', '../presence/next-step'],
    ['lib/sync/f.ts', '../support/record-log'],
    ['lib/teams/reading/g.ts', '../../sync/reconciler'],
    ['lib/pbx/writing/h.ts', '../../sync/executor'],
    ['lib/monitor/cd.ts', '../presence/glance'],
    ['lib/simulator/dd.ts', './pbx/simulated-pbx'],
    ['lib/simulator/pbx/ee.ts', '../../presence/vocabulary'],
    ['lib/simulator/tenant/ee.ts', '../../published/graph-permissions.json'],
    ['lib/teams/check/ee.ts', '../../published/graph-permissions.json'],
    ['nodes/runtime/ff.ts', '../../lib/teams/teams-system'],
    ['nodes/gg.ts', 'node-red'],
    ['nodes/editor/hh.ts', './dialog.js'],
    ['nodes/editor/ii.ts', '../runtime/migrations.js'],
];

/** Files that import one another. */
const circle: Import[] = [
    ['lib/support/one.ts', './two'],
    ['lib/support/two.ts', './one'],
];

describe('Lint', function () {
    this.timeout(120_000);
    let complaints: string;

    before(async () => {
        const folder = await mkdtemp(join(tmpdir(), 'import-rules-'));
        try {
            for (const name of ['biome.json', 'import-rules.grit']) await cp(join(checkout, name), join(folder, name));
            for (const [file, source] of [...forbidden, ...allowed, ...circle]) {
                await mkdir(dirname(join(folder, file)), { recursive: true });
                await writeFile(join(folder, file), `import type { X } from '${source}';\nexport type Y = X;\n`);
            }
            complaints = await lint(folder);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    });

    for (const [file, source] of forbidden)
        it(`refuses ${source} to ${file}`, () => assert.match(complaints, new RegExp(`${file}:1:\\d+ plugin`)));

    for (const [file, source] of allowed)
        it(`leaves ${source} to ${file}`, () => assert.doesNotMatch(complaints, new RegExp(`${file}:`)));

    it('refuses a circle', () => {
        for (const [file] of circle)
            assert.match(complaints, new RegExp(`${file}:1:\\d+ lint/suspicious/noImportCycles`));
    });
});

/** What the linter says of a folder. */
function lint(folder: string): Promise<string> {
    const biome = join(checkout, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const options = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--colors=off', folder];
    return new Promise(resolve => {
        execFile(process.execPath, [biome, ...options], { cwd: folder }, (_, output, errors) =>
            resolve(output + errors),
        );
    });
}
