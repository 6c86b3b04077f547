import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { checkout } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { mails } from '../support/people';
import { rawKeysIn } from '../support/raw-keys';
import { startTryIt, type TryIt } from '../support/try-it';

declare const RED: { sidebar: { show(id: string): void } };
declare const axe: {
    run(context: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};

const [anna] = mails;

describe('The presence sidebar', function () {
    this.timeout(120_000);
    let tryIt: TryIt;
    let browser: Browser;
    let editor: EditorPage;
    let page: Page;
    /** What was asked of the runtime about people. */
    let asked: string[];

    before(async () => {
        browser = await launchBrowser();
        tryIt = await startTryIt();
        await tryIt.office.pbx(anna, { call: 'start' });
        await tryIt.office.shows({ [anna]: { teams: 'Busy/InACall' } });
    });
    after(async () => {
        await browser?.close();
        await tryIt?.nodeRed.dispose();
    });

    async function open(locale?: string): Promise<void> {
        editor = await EditorPage.open(browser, tryIt.nodeRed.baseUrl, locale);
        ({ page } = editor);
        asked = [];
        page.on('request', request => request.url().includes('/presence-sync/') && asked.push(request.url()));
    }
    afterEach(async () => {
        const { complaints } = editor;
        await editor.close();
        assert.deepEqual(complaints, []);
    });

    const show = (id: string): Promise<void> => page.evaluate(name => RED.sidebar.show(name), id);
    const rows = () => page.locator('.presence-monitor-row');
    const person = () => page.locator('.presence-monitor-person');

    it('tells by keys alone why somebody shows busy', async () => {
        await open();
        await show('presence-monitor');
        await rows().first().waitFor();
        assert.equal(await rows().count(), 8);
        await page.locator('.presence-monitor-list').focus();
        await page.keyboard.press('/');
        await page.keyboard.type('ANNA ran');
        await page.waitForFunction(() => document.querySelectorAll('.presence-monitor-row').length === 1);
        assert.match((await rows().first().textContent()) ?? '', /Anna Brandt.*on the phone.*In a call/);
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await person().getByText('That is what we have set (Call).').waitFor();
        const [newest] = await person().locator('.presence-monitor-decisions li').allTextContents();
        assert.match(newest ?? '', /Teams: nothing of ours → In a call.*A call of the other side is shown/);
        await page.keyboard.press('Escape');
        await rows().first().waitFor();
    });

    it('shows only who is meant', async () => {
        await open();
        await show('presence-monitor');
        await page.getByRole('button', { name: 'Set by us 1' }).click();
        await page.waitForFunction(() => document.querySelectorAll('.presence-monitor-row').length === 1);
        // What finds nobody is not offered.
        assert.equal(await page.getByRole('button', { name: /^Left out/ }).count(), 0);
        await page.getByRole('button', { name: 'All 8' }).click();
        await page.waitForFunction(() => document.querySelectorAll('.presence-monitor-row').length === 8);
    });

    it('gives a table of those who are shown', async () => {
        await open();
        await show('presence-monitor');
        await page.getByRole('button', { name: 'Set by us 1' }).click();
        const coming = page.waitForEvent('download');
        await page.getByRole('button', { name: 'Table (CSV)' }).click();
        const lines = readFileSync(await (await coming).path(), 'utf8')
            .trim()
            .split('\r\n');
        assert.equal(lines.length, 2);
        assert.match(lines[1]!, /^Anna Brandt,.*,on-the-phone,.*,Busy\/InACall,/);
    });

    it('follows what changes, and asks nothing while nobody sees it', async () => {
        await open();
        await show('presence-monitor');
        await rows().first().waitFor();
        await tryIt.office.pbx(anna, { call: 'end' });
        await page.getByText('Anna Brandt').locator('xpath=../..').getByText('PBX: available').waitFor();
        await show('info');
        await page.locator('.presence-monitor').waitFor({ state: 'hidden' });
        await page.waitForLoadState('networkidle');
        const before = asked.length;
        // Longer than the time between two questions.
        await page.waitForTimeout(2_500);
        assert.equal(asked.length, before);
        await show('presence-monitor');
        await page.waitForRequest(/presence-sync\/people/);
        await tryIt.office.pbx(anna, { call: 'start' });
    });

    it('says at the edge of the editor how many are in step, also while it is closed', async () => {
        await open();
        const widget = page.locator('.presence-monitor-widget');
        await widget.getByText('8 of 8 people in step').waitFor();
        assert.deepEqual(asked, []);
        await widget.click();
        await page.getByRole('tab', { name: 'Health', selected: true }).waitFor();
    });

    it('has a mark for each node, which leads there', async () => {
        await open();
        await show('presence-monitor');
        await page.getByRole('tab', { name: 'Health' }).click();
        await page.locator('.presence-monitor').getByText('8 of 8 people in step').waitFor();
        assert.deepEqual(rawKeysIn([await page.locator('.presence-monitor').innerText()]), []);
        await page.locator('.presence-monitor').getByRole('link', { name: 'teams subscriber' }).click();
        await page.locator('.presence-monitor').getByRole('link', { name: 'Simulated PBX' }).click();
        await page.locator('.red-ui-sidebar-node-config').waitFor();
    });

    it('pauses a person, and goes on', async () => {
        await open();
        await show('presence-monitor');
        await rows().first().click();
        await page.getByRole('button', { name: 'Pause 1 h' }).click();
        await person().getByText('An administrator has paused the person').first().waitFor();
        await tryIt.office.shows({ [anna]: { teams: 'Available/Available' } });
        await page.getByRole('button', { name: 'Resume' }).click();
        await tryIt.office.shows({ [anna]: { teams: 'Busy/InACall' } });
        await page.getByRole('button', { name: 'Pause until tomorrow' }).waitFor();
    });

    it('has nothing that a screen reader or a weak eye would miss', async () => {
        await open();
        await show('presence-monitor');
        await rows().first().waitFor();
        /** Rules of ours that are broken, with where. */
        const broken = async (): Promise<string[]> => {
            await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
            return await page.evaluate(async () => {
                const { violations } = await axe.run('.presence-monitor');
                return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
            });
        };
        assert.deepEqual(await broken(), []);
        await rows().first().click();
        await person().getByRole('heading', { name: 'Anna Brandt' }).waitFor();
        assert.deepEqual(await broken(), []);
        await page.getByRole('tab', { name: 'Health' }).click();
        await page.locator('.presence-monitor').getByText('8 of 8 people in step').waitFor();
        assert.deepEqual(await broken(), []);
    });

    it('speaks German', async () => {
        await open('de');
        await show('presence-monitor');
        await rows().first().click();
        await person().getByText('Das haben wir gesetzt (Anruf).').waitFor();
        assert.deepEqual(rawKeysIn([await page.locator('.presence-monitor').innerText()]), []);
    });

    it('has every text in both languages', () => {
        const keysOf = (catalog: object, prefix = ''): string[] =>
            Object.entries(catalog).flatMap(([key, value]) =>
                typeof value === 'object' ? keysOf(value, `${prefix}${key}.`) : `${prefix}${key}`,
            );
        const [english, german] = ['en-US', 'de'].map(language =>
            keysOf(
                JSON.parse(readFileSync(join(checkout, 'nodes/locales', language, 'presence-monitor.json'), 'utf8')),
            ),
        );
        assert.deepEqual(german, english);
    });
});
