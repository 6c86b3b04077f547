import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { defaultPeople } from '../../lib/simulator/person';
import { launchBrowser } from '../support/browser';
import { tryItExample } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { savePageCoverage, startPageCoverage } from '../support/page-coverage';
import { startTryIt, type TryIt } from '../support/try-it';

const pageFolder = join(__dirname, '..', '..', 'lib', 'simulator', 'page');
const anna = defaultPeople()[0]!.name;
const simulator = tryItExample().find(node => node.type === 'presence-simulator')!;

describe('the page of the simulated office, with the example flow', function () {
    this.timeout(120_000);
    let tryIt: TryIt;
    let browser: Browser;

    before(async () => {
        browser = await launchBrowser();
        tryIt = await startTryIt();
    });

    after(async () => {
        await browser?.close();
        await tryIt?.nodeRed.dispose();
    });

    it('is opened by the button of the presence-simulator node', async () => {
        const editor = await EditorPage.open(browser, tryIt.nodeRed.baseUrl);
        const opened = editor.page.waitForEvent('popup');
        await editor.node(simulator.id).locator('.red-ui-flow-node-button-button').click();
        assert.equal((await opened).url(), `${tryIt.nodeRed.baseUrl}presence-simulator/`);
        assert.deepEqual(editor.complaints, []);
        await editor.close();
    });

    describe('opened', () => {
        let page: Page;

        beforeEach(async () => {
            const context = await browser.newContext({ locale: 'en-US' });
            page = await context.newPage();
            page.setDefaultTimeout(10_000);
            await startPageCoverage(page);
            await page.goto(`${tryIt.nodeRed.baseUrl}presence-simulator/`);
        });

        afterEach(async () => {
            await savePageCoverage(page, pageFolder);
            await page.context().close();
        });

        const side = (name: 'pbx' | 'teams') => page.locator('#people tr', { hasText: anna }).locator(`td.${name}`);
        const click = (name: 'pbx' | 'teams', button: string) =>
            side(name).getByRole('button', { name: button, exact: true }).click();
        const shows = (name: 'pbx' | 'teams', words: string) =>
            side(name).locator('.state strong').getByText(words, { exact: true }).waitFor();

        it('shows a call in Teams at the phone, and its end', async () => {
            await click('teams', 'Start call');
            await shows('pbx', 'Busy');
            await click('teams', 'End call');
            await shows('pbx', 'Available');
        });

        it('shows a call at the phone in Teams, and its end', async () => {
            await click('pbx', 'Start call');
            await shows('teams', 'In a call');
            await click('pbx', 'End call');
            await shows('teams', 'Available');
        });

        it('shows what is set at the phone in Teams, and its end', async () => {
            await click('pbx', 'Do not disturb');
            await shows('teams', 'Do not disturb');
            await click('pbx', 'Available');
            await shows('teams', 'Available');
        });

        it('closes and opens the office', async () => {
            const office = page.getByRole('switch');
            await office.click();
            await office.getByText('Office is off').waitFor();
            await office.click();
            await office.getByText('Office is on').waitFor();
        });
    });
});
