import { type AzureApp, askedApp, asUse, unchanged } from './azure-app.js';
import { Dialog, type Wrong } from './dialog.js';
import { prepareTest, type ReportList } from './report-list.js';
import { ask } from './requests.js';
import { entered, RowEditor } from './row-editor.js';
import { isVariable, textOf } from './values.js';

interface Account {
    username?: string;
    /** Its password is the credential of this number, whatever happens to the other rows. */
    slot: number;
    /** `browser` or `device-code`; absent for a password. */
    method?: string;
    /** Which sign-in by hand it uses; blank before the first. */
    signIn?: string;
}

interface AccountRow extends Account {
    usernameInput: JQuery;
    passwordInput: JQuery;
}

interface Begun {
    signIn: string;
    /** Until it expires. */
    seconds: number;
    /** By device code: what to enter, and where. */
    userCode: string;
    verificationUri: string;
    /** In a browser: Microsoft's page, and where it leads back to. */
    address: string;
    redirectUri: string;
    /** Nothing answers there: its address must be pasted here. */
    isPasted: boolean;
}

const dialog = new Dialog<{ app: string; accounts: Account[] }>('teams-accounts', 'node-config');
const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const slots = Array.from({ length: 128 }, (_, slot) => slot);
const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
const wait = (time: number): Promise<void> => new Promise(resolve => setTimeout(resolve, time));
let list: RowEditor<AccountRow>;

const isByHand = ({ method = '' }: { method?: string }): boolean => ['browser', 'device-code'].includes(method);
const chosenApp = (): (EditorNode & AzureApp) | undefined => RED.nodes.node<AzureApp>(dialog.field('app').val());

/** What is wrong with an account among all user names of the list. */
function wrong({ username, method, signIn }: Partial<Account>, usernames: string[]): Wrong {
    if (isByHand({ method }) && !signIn) return 'not-signed-in';
    if (!username) return 'username-missing';
    if (isVariable(username)) return undefined;
    if (!address.test(username)) return ['username', { username }];
    const same = usernames.filter(other => other.toLowerCase() === username.toLowerCase());
    return same.length > 1 && ['duplicate', { username }];
}

function check(rows: AccountRow[]): void {
    const usernames = rows.map(row => entered(row.usernameInput));
    for (const [index, row] of rows.entries()) {
        dialog.mark(row.usernameInput, wrong({ ...row, username: usernames[index] }, usernames));
        dialog.mark(row.passwordInput, !isByHand(row) && !row.passwordInput.val() && 'password-missing');
    }
    dialog.element('count').text(dialog.text('count', { used: rows.length, all: slots.length }));
    list.permitAdding(rows.length < slots.length);
}

/** Tries every account, one after the other: each sign-in that fails counts against an account. */
async function test({ id }: EditorNode, report: ReportList): Promise<void> {
    const chosen = chosenApp();
    if (!chosen) {
        report.add(false, dialog.text('device-code.app-first'));
        return;
    }
    const app = askedApp(chosen);
    const { rows } = list;
    const isUser = ({ accounts, delivery }: EditorNode): boolean => accounts === id && delivery !== 'polling';
    const uses = RED.nodes.filterNodes({ type: 'teams-subscriber' }).filter(isUser).map(asUse);
    if (rows.length === 0 && app.cloud === 'simulated') await report.check('teams-accounts/check', { app, uses });
    else if (rows.length === 0) report.add(false, dialog.text('invalid.none'));
    for (const [index, { usernameInput, passwordInput, slot, method, signIn }] of rows.entries()) {
        const username = entered(usernameInput);
        const password = { [`password${slot}`]: passwordInput.val() };
        const asked = { id, app, uses, index, username, slot, method, signIn, ...password };
        await report.part(username || `${index + 1}.`).check('teams-accounts/check', asked);
    }
}

/** What to do for a sign-in; of another way than by device code its page has too long an address to be shown. */
function instructions(method: string, begun: Begun): JQuery {
    const shown = dialog.element(method).clone().removeAttr('id').show();
    const isByCode = method === 'device-code';
    shown
        .find('code')
        .attr({ id: 'teams-accounts-code' })
        .text(isByCode ? begun.userCode : begun.redirectUri);
    const page = isByCode ? begun.verificationUri : begun.address;
    const link = shown.find('a');
    if (isByCode) link.text(page);
    if (/^https:/.test(page)) link.attr({ href: page });
    if (!begun.isPasted) shown.find('.teams-accounts-pasted').remove();
    return shown;
}

/** Has the address that Microsoft has led back to pasted, and says what is wrong with it. */
function takePasted(content: JQuery): void {
    const told = content.find('.teams-accounts-pasted div');
    const field = content.find('.teams-accounts-pasted input').attr({ id: 'teams-accounts-pasted' });
    field.on('change', () => {
        told.text('');
        const address = field.val();
        if (address) void ask('teams-accounts/browser/pasted', { address }).catch(({ message }) => told.text(message));
    });
}

/** Signs the account of a row in: shows what to do until that is done, or cancelled. @throws Error with a sentence */
async function signInByHand(row: AccountRow, asked: { id: string; app: object }): Promise<void> {
    const { method = '' } = row;
    const begun = await ask<Begun>(`teams-accounts/${method}`, { ...asked, editor: location.href });
    const { signIn, seconds } = begun;
    const ends = Date.now() + seconds * 1000;
    const content = instructions(method, begun);
    takePasted(content);
    const left = content.children('span');
    let isCancelled = false;
    const cancel = (): void => {
        isCancelled = true;
        notification.close();
    };
    const buttons = [{ text: dialog.text('device-code.cancel'), click: cancel }];
    const notification = RED.notify(content.toArray()[0], { modal: true, fixed: true, buttons });
    try {
        for (let turn = 1; !isCancelled; turn += 1) {
            const rest = Math.max(0, Math.round((ends - Date.now()) / 1000));
            left.text(dialog.text(`${method}.left`, { time: clock(rest) }));
            await wait(1000);
            if (turn % 2 === 0 || isCancelled) continue;
            const { username } = await ask<{ username?: string }>('teams-accounts/sign-in/state', { signIn });
            if (!username) continue;
            row.signIn = signIn;
            row.usernameInput.val(username);
            return;
        }
    } finally {
        notification.close();
    }
    await ask('teams-accounts/sign-in/cancel', { signIn }).catch(() => {});
}

/** Signs the account of a row in by hand, and says why where that fails. */
async function signIn({ id }: EditorNode, row: AccountRow): Promise<void> {
    const chosen = chosenApp();
    if (!chosen) {
        RED.notify(dialog.text('device-code.app-first'), 'warning');
        return;
    }
    try {
        await signInByHand(row, { id, app: askedApp(chosen) });
    } catch (thrown) {
        const { message } = thrown as Error;
        RED.notify($('<span>').text(message).toArray()[0], 'error');
    }
}

/** @param password what is stored */
function buildRow(node: EditorNode, container: JQuery, row: AccountRow, password: string): void {
    const field = (element: string, label: string, value?: string): JQuery =>
        list
            .cell(element, dialog.text(`label.${label}`), value)
            .attr({ autocomplete: 'new-password' })
            .css({ flex: '1 1 30%', width: 'auto', marginBottom: 0 });
    row.method ||= 'password';
    row.usernameInput = field('<input type="text">', 'username', row.username);
    row.passwordInput = field('<input type="password">', 'password', password);
    const method = field('<select>', 'method').css({ flex: '0 1 22%' });
    for (const one of ['password', 'browser', 'device-code'])
        method.append(new Option(dialog.text(`method.${one}`), one));
    method.val(row.method);
    const button = $('<button type="button" class="red-ui-button">').css({ flex: '1 1 30%', minWidth: 0 });
    const told = $('<div>').css({ flex: '1 0 100%', fontSize: '0.9em', color: 'var(--red-ui-secondary-text-color)' });
    const show = (): void => {
        const byHand = isByHand(row);
        const placeholder = dialog.text(`label.${byHand ? 'username-follows' : 'username'}`);
        row.usernameInput.prop('readonly', byHand).attr({ placeholder });
        row.passwordInput.toggle(!byHand);
        button.toggle(byHand).text(dialog.text(`device-code.${row.signIn ? 'again' : 'sign-in'}`));
        const state = row.signIn ? 'signed-in' : 'not-signed-in';
        told.toggle(byHand).text(dialog.text(`device-code.${state}`, { username: row.usernameInput.val() }));
        list.check();
    };
    method.on('change', () => {
        row.method = method.val();
        show();
    });
    button.on('click', () => {
        button.prop('disabled', true);
        void signIn(node, row).finally(() => {
            button.prop('disabled', false);
            show();
        });
    });
    container.css({ flexWrap: 'wrap' }).append(row.usernameInput, method, row.passwordInput, button, told);
    show();
}

function prepareList(node: EditorNode): void {
    const credentials = node.credentials ?? {};
    const passwordIn = (slot: number): string =>
        String(credentials[`password${slot}`] || (credentials[`has_password${slot}`] ? unchanged : ''));
    list = new RowEditor<AccountRow>(dialog, 'accounts', {
        label: dialog.text('label.accounts'),
        sortable: true,
        height: 240,
        build(container, row) {
            const isNew = row.slot === undefined;
            if (isNew) row.slot = slots.find(slot => !list.rows.some(other => other.slot === slot)) ?? 0;
            buildRow(node, container, row, isNew ? '' : passwordIn(row.slot));
        },
        check,
    });
    list.add(...dialog.newest(node).accounts.map(account => ({ ...account })));
}

/** Keeps the password of a slot, or removes what is there. */
function savePassword(credentials: Record<string, unknown>, slot: number, password: string): void {
    const known = credentials[`password${slot}`] || '';
    if (password === unchanged) return;
    if (password === known && (password || !credentials[`has_password${slot}`])) return;
    credentials[`password${slot}`] = password;
    credentials[`has_password${slot}`] = password !== '';
}

dialog.define({
    defaults: {
        app: { type: 'azure-app', required: true, label: 'label.app' },
        accounts: {
            needed({ app }) {
                const chosen = RED.nodes.node<AzureApp>(app);
                return chosen && chosen.cloud !== 'simulated' && 'none';
            },
            wrong(value) {
                const accounts = value.map(account => ({ ...account, username: textOf(account.username) }));
                const usernames = accounts.map(({ username }) => username);
                return accounts.map(account => wrong(account, usernames)).find(Boolean);
            },
        },
    },
    credentials: Object.fromEntries(slots.map(slot => [`password${slot}`, { type: 'password' }])),
    prepare(node) {
        prepareList(node);
        prepareTest(dialog.type, report => test(node, report));
        dialog.onChange(['app'], () => dialog.element('tip-simulated').toggle(chosenApp()?.cloud === 'simulated'));
    },
    save(node) {
        const kept = list.rows.filter(row => isByHand(row) || entered(row.usernameInput) || row.passwordInput.val());
        node.credentials ??= { _: {} };
        for (const slot of slots) {
            const row = kept.find(candidate => candidate.slot === slot);
            savePassword(node.credentials, slot, row && !isByHand(row) ? row.passwordInput.val() : '');
        }
        node.accounts = kept.map(row => ({
            username: entered(row.usernameInput),
            slot: row.slot,
            ...(isByHand(row) ? { method: row.method, signIn: row.signIn ?? '' } : {}),
        }));
    },
});
