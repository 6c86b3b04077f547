import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';

/** The compiled library, beside the compiled tests. */
const library = join(__dirname, '..', '..', 'lib');

/** What is no module of the library: a program, which loading runs, and the scripts of a page. */
const others = [join('simulator', 'main.js'), join('simulator', 'page') + sep];

const modules = readdirSync(library, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.js') && !others.some(other => file.startsWith(other)))
    .map(file => join(library, file));

describe('every module of the library', () => {
    it('loads, whichever comes first, and without Node-RED', async () => {
        await promisify(execFile)(process.execPath, [join(__dirname, 'load-modules.js'), library, ...modules]);
    });
});
