import { resolve } from 'node:path';
import { launchBrowser } from '../support/browser';
import { type FlowNode, tryItExample } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';
import { connectingNodes } from '../support/our-nodes';

/** The editor's own global. */
declare const RED: { actions: { invoke(action: string, state?: boolean): void } };

/** Writes a picture of the editor with the example flow, connected, to a PNG file. */
async function takeScreenshot(path: string): Promise<void> {
    const flows = tryItExample();
    const nodeRed = new NodeRedProcess();
    const browser = await launchBrowser();
    try {
        await nodeRed.start();
        await nodeRed.deploy(flows);
        await nodeRed.waitForGreen(connectingNodes(flows));
        const editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await arrange(editor, flows);
        await editor.page.screenshot({ path });
    } finally {
        await browser.close();
        await nodeRed.dispose();
    }
}

/** Room for the flow, our nodes in the palette, every status shown. */
async function arrange({ page }: EditorPage, flows: FlowNode[]): Promise<void> {
    await page.setViewportSize({ width: 1300, height: 660 });
    await page.evaluate(() => RED.actions.invoke('core:toggle-right-sidebar', false));
    await page.locator('#red-ui-palette-header-presence').evaluate(header => header.scrollIntoView());
    const connected = page.locator('.red-ui-flow-node-status-dot-green');
    await connected.nth(connectingNodes(flows).length - 1).waitFor();
}

const [path] = process.argv.slice(2);
if (path) {
    takeScreenshot(resolve(process.env.INIT_CWD ?? '.', path)).catch(error => {
        console.error(error);
        process.exitCode = 1;
    });
} else {
    console.error('Usage: npm run screenshot -- FILE.png');
    process.exitCode = 2;
}
