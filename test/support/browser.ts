import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { checkout } from './checkout';

const cache = join(checkout, 'node_modules', '.cache', 'chromium');

/**
 * A headless browser: the one that CHROME_PATH names, else the Chromium that comes inside a development dependency,
 * which runs on a bare Linux, else an installed Chrome.
 */
export async function launchBrowser(): Promise<Browser> {
    // A root user, as on many build machines, has no sandbox; only pages of this machine are opened.
    return chromium.launch({ ...(await executable()), args: ['--no-sandbox', '--font-render-hinting=none'] });
}

async function executable(): Promise<LaunchOptions> {
    if (process.env.CHROME_PATH) return { executablePath: process.env.CHROME_PATH };
    if (process.platform !== 'linux' || process.arch !== 'x64') return { channel: 'chrome' };
    if (!existsSync(cache)) await unpack();
    return {
        executablePath: join(cache, 'chromium'),
        env: {
            ...process.env,
            LD_LIBRARY_PATH: join(cache, 'al2023', 'lib'),
            FONTCONFIG_FILE: join(cache, 'fonts.conf'),
        },
    };
}

/**
 * Unpacks Chromium with the shared libraries and fonts that it needs. They are meant for a cloud function: the
 * dependency unpacks them only where it believes to run in one, and all into the folder for temporary files.
 * @see https://github.com/Sparticuz/chromium
 */
async function unpack(): Promise<void> {
    const parent = join(cache, '..');
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, 'unpacking-'));
    const before = { ...process.env };
    Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: 'nodejs24.x' });
    try {
        const { default: bundled } = await import('@sparticuz/chromium');
        await bundled.executablePath();
    } finally {
        for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
        Object.assign(process.env, before);
    }
    await writeFile(join(folder, 'fonts.conf'), fontConfiguration);
    // Whoever comes first wins: a half unpacked browser is never used.
    await rename(folder, cache).catch(() => rm(folder, { recursive: true, force: true }));
}

const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
    <dir>${join(cache, 'fonts')}</dir>
    <dir>/usr/share/fonts</dir>
    <cachedir>${join(cache, 'fonts-cache')}</cachedir>
</fontconfig>
`;
