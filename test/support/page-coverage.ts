import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';

/** Begins to count which scripts of a page run. To be called before the page is loaded. */
export function startPageCoverage(page: Page): Promise<void> {
    return page.coverage.startJSCoverage({ resetOnNavigation: false });
}

/**
 * Ends the counting and hands the counts to the coverage report, as Node.js does with its own.
 * @param folder where the scripts lie that the page loads
 * @see https://nodejs.org/api/cli.html#node_v8_coveragedir
 */
export async function savePageCoverage(page: Page, folder: string): Promise<void> {
    const entries = await page.coverage.stopJSCoverage();
    const directory = process.env.NODE_V8_COVERAGE;
    if (!directory) return;
    const result = entries
        .map(({ url, scriptId, functions }) => ({
            file: join(folder, basename(new URL(url).pathname)),
            scriptId,
            functions,
        }))
        .filter(({ file }) => existsSync(file))
        .map(({ file, scriptId, functions }) => ({ scriptId, url: pathToFileURL(file).href, functions }));
    await writeFile(join(directory, `coverage-page-${process.hrtime.bigint()}.json`), JSON.stringify({ result }));
}
