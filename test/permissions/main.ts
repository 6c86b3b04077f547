import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../support/checkout';
import { documentedCalls, madeCalls, rowsOf } from './published-table';

const source =
    'https://github.com/microsoftgraph/microsoft-graph-devx-content/blob/master/permissions/new/permissions.json';

const [file, date = ''] = process.argv.slice(2);
if (!file || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    console.error(`npm run permissions -- FILE DATE

Takes from FILE, a local copy of ${source},
the rows of the calls that we make. DATE is the day of its last commit, such as 2026-08-07.`);
    process.exit(2);
}

const rows = { ...rowsOf(JSON.parse(readFileSync(file, 'utf8')), madeCalls), ...documentedCalls };
const calls = Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)));
const target = join(checkout, 'lib', 'published', 'graph-permissions.json');
writeFileSync(target, `${JSON.stringify({ source, date, calls }, null, 2)}\n`);
