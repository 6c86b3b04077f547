import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { defaultAuthorities, rootsWith } from '../../../lib/support/default-authorities';

describe('the authorities that are trusted without us', () => {
    it('are those that Node.js brings', () => {
        assert.ok(defaultAuthorities().length > 0);
        assert.deepEqual(rootsWith(), [...rootCertificates]);
    });

    it('and those of the file that its variable names, where that can be read', async () => {
        const directory = await mkdtemp(join(tmpdir(), 'authorities-'));
        try {
            const file = join(directory, 'more.pem');
            await writeFile(file, 'PEM');
            assert.deepEqual(rootsWith(file), [...rootCertificates, 'PEM']);
            assert.deepEqual(rootsWith(join(directory, 'none.pem')), [...rootCertificates]);
        } finally {
            await rm(directory, { recursive: true, force: true });
        }
    });
});
