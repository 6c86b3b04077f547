import type { Browser, Locator, Page } from 'playwright-core';
import { nodeTypes } from './checkout';
import { rawKeysIn } from './raw-keys';

/** The part of the editor's own global that the tests look into. */
declare const RED: {
    nodes: {
        node(id: string): { valid: boolean } | null;
        filterNodes(filter: { type: string }): { id: string }[];
        eachConfig(call: (node: { id: string; type: string }) => void): void;
    };
    editor: { editConfig(property: string, type: string, id: string): void };
};

const wait = { timeout: 10_000 };

/** Node-RED's editor in a browser, handled as a person does. */
export class EditorPage {
    readonly page: Page;
    /** What went wrong unseen: errors on the console, uncaught exceptions, requests to other machines. */
    readonly complaints: string[] = [];

    private constructor(page: Page) {
        this.page = page;
    }

    /** @param locale the browser's language, which the editor takes over */
    static async open(browser: Browser, url: string, locale = 'en-US'): Promise<EditorPage> {
        const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } });
        const editor = new EditorPage(await context.newPage());
        editor.#listen(new URL(url).origin);
        await editor.page.goto(url);
        await editor.#palette(nodeTypes.at(-1)!).waitFor({ ...wait, state: 'attached' });
        await editor.page.locator('#red-ui-loading-progress').waitFor({ ...wait, state: 'hidden' });
        return editor;
    }

    close(): Promise<void> {
        return this.page.context().close();
    }

    /** Drags a node from the palette onto the canvas. @returns its id */
    async drag(type: string, x: number, y: number): Promise<string> {
        const before = await this.#idsOf(type);
        const item = this.#palette(type);
        await item.scrollIntoViewIfNeeded();
        const from = (await item.boundingBox())!;
        const canvas = (await this.page.locator('#red-ui-workspace-chart').boundingBox())!;
        const { mouse } = this.page;
        await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
        await mouse.down();
        await mouse.move(canvas.x + x, canvas.y + y, { steps: 5 });
        await mouse.up();
        const id = (await this.#idsOf(type)).find(one => !before.includes(one));
        if (!id) throw new Error(`${type} did not land on the canvas`);
        return id;
    }

    /** What the palette calls a node, without spaces. */
    async paletteLabel(type: string): Promise<string> {
        // The palette breaks a label into lines as it sees fit.
        return ((await this.#palette(type).textContent()) ?? '').replace(/\s/g, '');
    }

    /** Opens the dialog of a node on the canvas. */
    async openDialog(id: string): Promise<void> {
        await this.node(id).locator('.red-ui-flow-node').first().dblclick();
        await this.#dialogSettled('node-dialog-ok');
    }

    node(id: string): Locator {
        return this.page.locator(`[id="${id}"]`);
    }

    /** The dialog on top. */
    get dialog(): Locator {
        return this.page.locator('.red-ui-tray').last();
    }

    /** A field of the dialog of a node on the canvas. */
    field(property: string): Locator {
        return this.dialog.locator(`[id="node-input-${property}"]`);
    }

    /** A field of the dialog of a config node. */
    configField(property: string): Locator {
        return this.dialog.locator(`[id="node-config-input-${property}"]`);
    }

    /** Enters a value into a field and leaves it, whereupon the editor looks whether it is right. */
    async enter(field: Locator, value: string): Promise<void> {
        await field.fill(value);
        await field.blur();
    }

    /** Opens the dialog of a new config node with the "+" beside a field. */
    async addConfig(property: string): Promise<void> {
        await this.dialog.locator(`[id="node-input-btn-${property}-add"]`).click();
        await this.#dialogSettled('node-config-dialog-ok');
    }

    /** Opens the dialog of a config node. */
    async openConfig(type: string, id: string): Promise<void> {
        await this.page.evaluate(([one, which]) => RED.editor.editConfig('', one!, which!), [type, id]);
        await this.#dialogSettled('node-config-dialog-ok');
    }

    /** Closes the dialog of a config node that was opened by itself, saving. */
    closeConfig(): Promise<void> {
        return this.#saveWith('node-config-dialog-ok');
    }

    /** The properties whose fields are marked as wrong. */
    async wrongFields(): Promise<string[]> {
        const ids = await this.dialog.locator('.input-error[id]').evaluateAll(fields => fields.map(field => field.id));
        return ids.map(id => id.replace(/^node-(config-)?input-/, '')).sort();
    }

    /** Catalog keys that show in the dialog because nothing translates them. */
    async rawKeys(): Promise<string[]> {
        const texts = await this.dialog.evaluate(dialog => [
            dialog.textContent ?? '',
            ...[...dialog.querySelectorAll('[placeholder], [title], [aria-label]')].flatMap(one =>
                ['placeholder', 'title', 'aria-label'].map(name => one.getAttribute(name) ?? ''),
            ),
        ]);
        return rawKeysIn(texts);
    }

    /** Closes the dialog of a config node, saving. @returns the new node's id */
    async saveConfig(type: string): Promise<string> {
        const before = await this.#configIdsOf(type);
        await this.#saveWith('node-config-dialog-ok');
        await this.#dialogSettled('node-dialog-ok');
        const id = (await this.#configIdsOf(type)).find(one => !before.includes(one));
        if (!id) throw new Error(`${type} was not added`);
        return id;
    }

    /** Closes the dialog of a node on the canvas, saving. */
    done(): Promise<void> {
        return this.#saveWith('node-dialog-ok');
    }

    /** Whether the editor finds nothing wrong with a node. */
    isValid(id: string): Promise<boolean> {
        return this.page.evaluate(one => RED.nodes.node(one)?.valid === true, id);
    }

    /** Imports an example into a flow of its own with the import menu. */
    async importExample(module: string, name: string): Promise<void> {
        await this.page.locator('#red-ui-workspace-chart').hover();
        await this.page.keyboard.press('Control+i');
        const dialog = this.page.locator('#red-ui-clipboard-dialog');
        await dialog.locator('a[href="#red-ui-clipboard-dialog-import-tab-examples"]').click();
        const library = dialog.locator('#red-ui-clipboard-dialog-import-tab-examples');
        for (const part of [module, name]) await library.getByText(part, { exact: true }).click();
        await dialog.locator('#red-ui-clipboard-dialog-import-opt-new').click();
        await this.page.locator('#red-ui-clipboard-dialog-ok').click();
        await dialog.waitFor({ ...wait, state: 'hidden' });
    }

    /** Everything there is, as the export menu puts it into words. */
    async exportAll(): Promise<string> {
        await this.#press('Control+e');
        await this.page.locator('#red-ui-clipboard-dialog-export-rng-full').click();
        const text = this.page.locator('#red-ui-clipboard-dialog-export-text');
        // The text comes a moment after the choice.
        await this.page.waitForFunction(
            () => document.querySelector<HTMLTextAreaElement>('#red-ui-clipboard-dialog-export-text')?.value,
        );
        const exported = await text.inputValue();
        await this.page.locator('#red-ui-clipboard-dialog-cancel').click();
        await this.page.locator('#red-ui-clipboard-dialog').waitFor({ ...wait, state: 'hidden' });
        return exported;
    }

    /** Imports what {@link exportAll} gave. */
    async importText(exported: string): Promise<void> {
        await this.#press('Control+i');
        const dialog = this.page.locator('#red-ui-clipboard-dialog');
        await dialog.locator('#red-ui-clipboard-dialog-import-text').fill(exported);
        await this.page.locator('#red-ui-clipboard-dialog-ok').click();
        await dialog.waitFor({ ...wait, state: 'hidden' });
    }

    /** Copies all nodes of the flow and puts the copies down beside them. */
    async duplicateAll(): Promise<void> {
        for (const keys of ['Control+a', 'Control+c', 'Control+v']) await this.#press(keys);
        await this.page.locator('#red-ui-workspace-chart').click({ position: { x: 600, y: 400 } });
    }

    async #press(keys: string): Promise<void> {
        await this.page.locator('#red-ui-workspace-chart').hover();
        await this.page.keyboard.press(keys);
    }

    /** Presses Deploy. @returns the warnings and errors that show once it is through; none when all went well */
    async deploy(): Promise<string[]> {
        await this.page.locator('#red-ui-header-button-deploy').click();
        const success = this.page.locator('.red-ui-notification-success');
        const problems = this.page.locator('.red-ui-notification-error, .red-ui-notification-warning');
        await success.or(problems).first().waitFor(wait);
        return problems.allTextContents();
    }

    #palette(type: string): Locator {
        return this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    }

    #idsOf(type: string): Promise<string[]> {
        return this.page.evaluate(one => RED.nodes.filterNodes({ type: one }).map(node => node.id), type);
    }

    #configIdsOf(type: string): Promise<string[]> {
        return this.page.evaluate(one => {
            const ids: string[] = [];
            RED.nodes.eachConfig(node => {
                if (node.type === one) ids.push(node.id);
            });
            return ids;
        }, type);
    }

    async #dialogSettled(button: string): Promise<void> {
        await this.page.locator(`#${button}`).waitFor(wait);
        // The dialog slides in; what is clicked on its way would miss. An animation that was cancelled is over, too.
        await this.dialog.evaluate(dialog =>
            Promise.allSettled(dialog.getAnimations().map(animation => animation.finished)),
        );
    }

    async #saveWith(button: string): Promise<void> {
        await this.page.locator(`#${button}`).click();
        await this.page.locator(`#${button}`).waitFor({ ...wait, state: 'detached' });
    }

    #listen(origin: string): void {
        this.page.on('pageerror', error => this.complaints.push(`uncaught: ${error.message}`));
        this.page.on('console', message => {
            if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`);
        });
        this.page.on('request', request => {
            const url = new URL(request.url());
            if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== origin) {
                this.complaints.push(`request to ${url.origin}`);
            }
        });
    }
}
