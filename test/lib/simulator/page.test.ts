import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { createControl, servePage } from '../../../lib/simulator/control';
import { ControlServer } from '../../../lib/simulator/control-server';
import { SimulatedOffice } from '../../../lib/simulator/office';
import { defaultPeople, manyPeople, personOf } from '../../../lib/simulator/person';
import { launchBrowser } from '../../support/browser';

const anna = defaultPeople()[0]!;
const juergen = defaultPeople()[1]!;

describe('the page of the office', function () {
    this.timeout(120_000);
    let browser: Browser;
    let office: SimulatedOffice;
    let control: ControlServer;
    let address: string;
    let page: Page;
    let problems: string[];

    before(async () => {
        browser = await launchBrowser();
    });

    after(() => browser?.close());

    beforeEach(async () => {
        office = await SimulatedOffice.create();
        await office.start();
        control = new ControlServer(office, { port: 0 });
        address = await control.start();
        problems = [];
    });

    afterEach(async () => {
        await page?.context().close();
        await control.stop();
        await office.stop();
    });

    async function open(options: BrowserContextOptions = { locale: 'en-US' }, at = address): Promise<void> {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        page = await context.newPage();
        page.setDefaultTimeout(10_000);
        page.on('pageerror', error => problems.push(error.message));
        page.on('request', request => {
            if (!request.url().startsWith(new URL(at).origin)) problems.push(`request to ${request.url()}`);
        });
        await page.goto(at);
    }

    const row = ({ name }: { name: string }) => page.locator('#people tr', { hasText: name });
    const cell = (person: { name: string }, side: 'pbx' | 'teams') => row(person).locator(`td.${side}`);
    const shown = (place: Locator) => place.locator('.state strong');

    async function shows(place: Locator, words: string): Promise<void> {
        await place.filter({ hasText: words }).waitFor();
    }

    it('shows one row per person: the phone, the name, Teams', async () => {
        await open();
        await shows(row(juergen), juergen.mail);
        assert.equal(await page.locator('#people tr').count(), 8);
        assert.deepEqual(await row(anna).evaluate(element => [...element.children].map(child => child.className)), [
            'pbx',
            'person',
            'teams',
        ]);
        assert.equal(await shown(cell(anna, 'pbx')).textContent(), 'Available');
        assert.equal(await shown(cell(anna, 'teams')).textContent(), 'Available');
        assert.match(String(await page.locator('header p').textContent()), /Nothing leaves this machine/);
        assert.equal(await page.locator('[data-counter="pbxWrites"] dd').textContent(), '0');
        assert.deepEqual(problems, []);
    });

    it('shows who joins and who leaves', async () => {
        await open();
        await shows(row(anna), anna.mail);
        const nora = personOf({ name: 'Nora Lind', mail: 'nora.lind@office.example', number: '99' });
        office.addPerson(nora);
        await shows(row(nora), nora.mail);
        await cell(nora, 'pbx').getByRole('button', { name: 'Start call' }).click();
        await shows(shown(cell(nora, 'pbx')), 'On the phone');
        office.removePerson(nora.mail);
        await row(nora).waitFor({ state: 'detached' });
        assert.equal(await page.locator('#people tr').count(), 8);
        assert.deepEqual(problems, []);
    });

    it('starts and ends a call on either side', async () => {
        await open();
        for (const [side, words] of [
            ['pbx', 'On the phone'],
            ['teams', 'In a call'],
        ] as const) {
            await cell(anna, side).getByRole('button', { name: 'Start call' }).click();
            await shows(shown(cell(anna, side)), words);
            await cell(anna, side).getByRole('button', { name: 'End call' }).click();
            await shows(shown(cell(anna, side)), 'Available');
        }
        assert.deepEqual(problems, []);
    });

    it('sets presence on either side', async () => {
        await open();
        for (const side of ['pbx', 'teams'] as const)
            for (const words of ['Busy', 'Away', 'Do not disturb', 'Available']) {
                await cell(anna, side).getByRole('button', { name: words, exact: true }).click();
                await shows(shown(cell(anna, side)), words);
            }
        assert.equal(office.person(anna.mail).pbx.activity, '');
        assert.deepEqual(office.person(anna.mail).teams, { availability: 'Available', activity: 'Available' });
        assert.deepEqual(problems, []);
    });

    it('shows what happens elsewhere at once, marks it and tells screen readers', async () => {
        await open();
        await shows(row(anna), anna.mail);
        office.setPbx(anna.mail, { activity: 'dnd', note: 'back at <b>noon</b>' });
        await shows(shown(cell(anna, 'pbx')), 'Do not disturb');
        assert.equal(await cell(anna, 'pbx').locator('.detail').textContent(), 'back at <b>noon</b>');
        assert.match(String(await cell(anna, 'pbx').getAttribute('class')), /changed/);
        assert.doesNotMatch(String(await cell(anna, 'teams').getAttribute('class')), /changed/);
        const announced = await page.getByRole('log').textContent();
        assert.equal(announced, `Anna Brandt, Telephone (innovaphone PBX): Do not disturb`);
        office.setPbx(anna.mail, { call: 'start' });
        await shows(cell(anna, 'pbx'), 'below: Do not disturb');
        office.setTeams(juergen.mail, { availability: 'Busy', activity: 'InAMeeting' });
        await shows(cell(juergen, 'teams'), 'In a meeting');
        office.setPbx(juergen.mail, { activity: 'at the dentist' });
        await shows(cell(juergen, 'pbx'), 'at the dentist');
        assert.deepEqual(problems, []);
    });

    it('switches the office off and on', async () => {
        await open();
        const officeSwitch = page.getByRole('switch');
        await shows(officeSwitch, 'Office is on');
        await officeSwitch.click();
        await shows(officeSwitch, 'Office is off');
        assert.equal(office.running, false);
        assert.match(String(await page.getByRole('alert').textContent()), /The office is off/);
        assert.equal(await cell(anna, 'pbx').getByRole('button').first().isDisabled(), true);
        await officeSwitch.click();
        await shows(officeSwitch, 'Office is on');
        assert.equal(office.running, true);
        assert.equal(await page.locator('#notice').isVisible(), false);
    });

    it('can be used with the keyboard alone', async () => {
        await open();
        await shows(row(anna), anna.mail);
        await page.keyboard.press('Tab');
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate('document.activeElement.textContent'), 'Start call');
        await page.keyboard.press('Enter');
        await shows(shown(cell(anna, 'pbx')), 'On the phone');
        assert.equal(await page.evaluate('document.activeElement.textContent'), 'End call');
    });

    it('speaks German where the browser does', async () => {
        await open({ locale: 'de-AT', colorScheme: 'dark' });
        await cell(anna, 'pbx').getByRole('button', { name: 'Nicht stören', exact: true }).click();
        await shows(shown(cell(anna, 'pbx')), 'Nicht stören');
        assert.match(String(await page.locator('header p').textContent()), /Nichts verlässt diesen Rechner/);
        assert.equal(await page.locator('html').getAttribute('lang'), 'de');
        const texts = await page.locator('body').textContent();
        for (const english of ['Start call', 'Available', 'requests', 'Person to'])
            assert.ok(!texts?.includes(english));
        assert.deepEqual(problems, []);
    });

    it('reconnects by itself', async () => {
        await open();
        await shows(row(anna), anna.mail);
        const { port } = new URL(address);
        await control.stop();
        await shows(page.getByRole('alert'), 'No connection to Node-RED');
        office.setPbx(anna.mail, { activity: 'away' });
        control = new ControlServer(office, { port: Number(port) });
        await control.start();
        await shows(shown(cell(anna, 'pbx')), 'Away');
        assert.equal(await page.locator('#notice').isVisible(), false);
        assert.deepEqual(problems, []);
    });

    it('finds somebody among many', async () => {
        const large = await SimulatedOffice.create({ people: manyPeople(300) });
        const largeControl = new ControlServer(large, { port: 0 });
        try {
            await open(undefined, await largeControl.start());
            await shows(page.locator('#filter .shown'), '100 of 300');
            await page.getByRole('searchbox', { name: 'Find a person' }).fill('nair 3');
            await shows(page.locator('#filter .shown'), '10 of 300');
            large.setPbx('juergen.nair.3@brandt-partner.example', { activity: 'busy' });
            await shows(cell({ name: 'Jürgen Nair 3' }, 'pbx').locator('.state'), 'Busy');
        } finally {
            await largeControl.stop();
        }
    });

    describe('behind the sign-in of Node-RED', () => {
        let server: Server;
        let protectedAddress: string;

        beforeEach(async () => {
            const handle = createControl(office);
            server = createServer((request, response) => {
                request.url = request.url?.replace('/admin/presence-simulator', '');
                servePage(request, response, () => {
                    if (request.headers.authorization === 'Bearer secret')
                        handle(request, response, () => response.end());
                    else response.writeHead(401).end('Unauthorized');
                });
            });
            await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
            protectedAddress = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin/presence-simulator/`;
        });

        afterEach(() => {
            server.closeAllConnections();
            server.close();
        });

        it("asks to sign in first, then uses the editor's token", async () => {
            await open(undefined, protectedAddress);
            await shows(page.getByRole('alert'), 'Sign in to the Node-RED editor first');
            assert.equal(await page.locator('#people tr').count(), 0);
            // Where the editor at /admin/ keeps it.
            await page.evaluate(
                'localStorage.setItem("auth-tokens-admin", JSON.stringify({ access_token: "secret" }))',
            );
            await cell(anna, 'pbx').getByRole('button', { name: 'Busy' }).click();
            await shows(shown(cell(anna, 'pbx')), 'Busy');
            assert.equal(await page.locator('#notice').isVisible(), false);
            await page.evaluate('localStorage.clear()');
            await cell(anna, 'pbx').getByRole('button', { name: 'Away' }).click();
            await shows(page.getByRole('alert'), 'Sign in to the Node-RED editor first');
            assert.equal(office.person(anna.mail).pbx.activity, 'busy');
        });
    });
});
