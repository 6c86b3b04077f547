import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { tryItExample } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { OfficeControl } from '../support/office-control';
import { mails } from '../support/people';
import { greenWithin, nodeOf, startTryIt, type TryIt } from '../support/try-it';

const [anna] = mails;
const receiver = nodeOf(tryItExample(), 'teams-notification-receiver');

describe('the receiver of notifications, in the editor', function () {
    this.timeout(120_000);
    let tryIt: TryIt;
    let browser: Browser;
    let editor: EditorPage;

    before(async () => {
        tryIt = await startTryIt();
        browser = await launchBrowser();
    });

    after(async () => {
        await browser?.close();
        await tryIt?.nodeRed.dispose();
    });

    afterEach(() => editor?.close());

    const lines = (): Locator => editor.dialog.locator('#teams-notification-receiver-test-result li[data-ok]');

    async function test(): Promise<string> {
        await editor.page.locator('#teams-notification-receiver-test').click();
        await lines().first().waitFor({ timeout: 20_000 });
        await editor.page.locator('#teams-notification-receiver-test:enabled').waitFor({ timeout: 20_000 });
        const told = (await lines().all()).map(
            async line => `${await line.getAttribute('data-ok')} ${await line.innerText()}`,
        );
        return (await Promise.all(told)).join('\n');
    }

    for (const [locale, leadsHere, came] of [
        ['en-US', /true 127\.0\.0\.1:\d+ leads here and answers/, /true Microsoft came last on 2\d{3}/],
        ['de-DE', /true 127\.0\.0\.1:\d+ führt hierher und antwortet/, /true Microsoft kam zuletzt am 2\d{3}/],
    ] as const)
        it(`asks the public address, and says when Microsoft came last (${locale}) [B6]`, async () => {
            const office = new OfficeControl(tryIt.nodeRed);
            await office.teams(anna, { call: 'start' });
            await office.shows({ [anna]: { teams: 'Busy/InACall' } }, greenWithin);
            await office.teams(anna, { call: 'end' });
            editor = await EditorPage.open(browser, tryIt.nodeRed.baseUrl, locale);
            await editor.openDialog(receiver.id);
            assert.deepEqual(await editor.rawKeys(), []);
            const told = await test();
            assert.match(told, leadsHere);
            assert.match(told, came);
        });

    it('says of what is not deployed that nothing listens, and what is wrong with the address [B6]', async () => {
        editor = await EditorPage.open(browser, tryIt.nodeRed.baseUrl, 'en-US');
        await editor.openDialog(receiver.id);
        const address = editor.page.locator('#node-input-publicUrl');
        await address.fill('https://192.168.7.7/notify?x=1');
        const told = await test();
        assert.match(told, /warning Microsoft cannot reach 192\.168\.7\.7/);
        assert.match(told, /warning The public address ends in "\?x=1"/);
        assert.match(told, /warning Nothing listens for this address yet/);
        await address.fill('http://presence.contoso.com/notify');
        assert.match(await test(), /false .*must begin with https/);
    });
});
