import { launchBrowser } from '../support/browser';
import { tryItExample } from '../support/checkout';
import { EditorPage } from '../support/editor-page';
import { NodeRedProcess } from '../support/node-red-process';
import { connectingNodes } from '../support/our-nodes';

/** Writes a picture of the editor with the example flow, connected, to a PNG file. */
async function takeScreenshot(path: string): Promise<void> {
    const flows = tryItExample();
    const nodeRed = new NodeRedProcess();
    try {
        await nodeRed.start();
        await nodeRed.deploy(flows);
        await nodeRed.waitForGreen(connectingNodes(flows));
        const browser = await launchBrowser();
        const editor = await EditorPage.open(browser, nodeRed.baseUrl);
        await editor.showAll(flows);
        await editor.page.screenshot({ path });
        await browser.close();
    } finally {
        await nodeRed.dispose();
    }
}

const [path] = process.argv.slice(2);
if (path) {
    takeScreenshot(path).catch(error => {
        console.error(error);
        process.exitCode = 1;
    });
} else {
    console.error('Usage: npm run screenshot -- FILE.png');
    process.exitCode = 2;
}
