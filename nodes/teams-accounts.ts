import type { Node, NodeAPI } from 'node-red';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { Sentence } from '../lib/errors/sentence';
import { simulatedOffice } from '../lib/simulator/running-office';
import { reportOf } from '../lib/support/check-report';
import { type CheckReport, checkAccount } from '../lib/teams/check/check-registration';
import { createHttp } from '../lib/teams/connection/http';
import type { Account, TokenCache } from '../lib/teams/connection/sign-in/registration';
import type { AzureApp } from './azure-app';
import { configNode, deployedNodes } from './runtime/config-node';
import { type Asked, askedValues, onEditorRequest } from './runtime/editor-requests';
import { entered, secret } from './runtime/fields';
import { accountNeeds, askedSettings, type Checked, checkOnce, type UseOfApp } from './runtime/registrations';
import { type RunningNode, registerNode } from './runtime/running-node';
import { type SignInName, type SignInStore, signInStore } from './runtime/sign-in-store';
import { redirectPath, SignIns } from './runtime/sign-ins';

/** One account as its row holds it. */
interface AccountRow {
    username?: string;
    /** Its password is the credential of this number. */
    slot?: number | string;
    /** `browser` or `device-code`; absent for a password. */
    method?: string;
    /** By hand: which sign-in the row uses; blank before the first. */
    signIn?: string;
}

/** The config node as other nodes see it. */
export interface TeamsAccounts extends Node, Checked {
    app: AzureApp | undefined;
    /** The same objects at each call: nodes that work with one share its sign-in. @throws SyncError that names the row whose user name, password or sign-in is missing */
    accounts(): Promise<Account[]>;
}

/** Rows that a teams-accounts node has; each password lives in a credential of its own, by slot. */
const slots = 128;

const passwordNames = Array.from({ length: slots }, (_, slot) => `password${slot}`);

export = (RED: NodeAPI): void => {
    const store = signInStore(RED);

    const create = (own: RunningNode<TeamsAccounts>): void => {
        const { node, config } = own;
        node.app = configNode<AzureApp>(RED, config.app);
        const passwords = (node.credentials ?? {}) as Record<string, string | undefined>;
        const keep = savingAside(store, error => node.warn(own.sentence(error)));
        const read = async (): Promise<Account[]> => {
            const rows = rowsOf(config.accounts);
            if (rows.length === 0 && node.app?.simulated) return (await simulatedOffice()).identity.accounts;
            if (rows.length === 0) throw new SyncError('FIELD_MISSING', { field: 'A communication user' });
            return rows.map((row, index) => accountOf(node.id, row, index, passwords[`password${row.slot}`], keep));
        };
        let list: Promise<Account[]> | undefined;
        node.accounts = () => {
            list ??= read();
            return list;
        };
        own.tells = checkOnce(own, () => checkInUse(RED, node));
        own.flows
            .started()
            .then(() => store.removeUnused(signInsInUse(RED)))
            .catch(() => {});
        own.onClose(async removed => {
            // A node that is disabled is "removed" as well, though it may come back.
            if (removed && !deployedNodes(RED).some(({ id }) => id === node.id)) await store.remove(node.id);
        });
    };
    const credentials = Object.fromEntries(passwordNames.map(name => [name, { type: 'password' as const }]));
    registerNode(RED, 'teams-accounts', create, { credentials });
    answerDialog(RED, store);
};

/** Whether the accounts may do what following takes; there is no sign-in where no node follows with them. */
async function checkInUse(RED: NodeAPI, node: TeamsAccounts): Promise<CheckReport> {
    const uses = deployedNodes<UseOfApp & { accounts: string }>(RED).filter(
        ({ type, accounts, delivery }) => type === 'teams-subscriber' && accounts === node.id && delivery !== 'polling',
    );
    if (uses.length === 0 || !node.app) return reportOf([]);
    const { system, registration } = await node.app.teams;
    return system.check(registration, await node.accounts(), accountNeeds(uses));
}

function answerDialog(RED: NodeAPI, store: SignInStore): void {
    const signIns = new SignIns(store);

    onEditorRequest(RED, '/teams-accounts/check', async (asked, signal) => {
        const settings = await askedSettings(RED, asked.app, signal);
        const account = await askedAccount(RED, store, asked);
        const uses = Array.isArray(asked.uses) ? asked.uses.filter(Boolean) : [];
        const http = createHttp(settings.trust);
        try {
            return await checkAccount(settings, account, http, accountNeeds(uses));
        } finally {
            await http.close();
        }
    });
    onEditorRequest(RED, '/teams-accounts/device-code', async (asked, signal) => {
        const settings = await askedSettings(RED, asked.app, signal);
        return signIns.startByCode(settings, entered(asked.id));
    });
    onEditorRequest(RED, '/teams-accounts/browser', async (asked, signal) => {
        const settings = await askedSettings(RED, asked.app, signal);
        return signIns.startInBrowser(settings, entered(asked.id), entered(asked.editor));
    });
    onEditorRequest(RED, '/teams-accounts/browser/pasted', async asked => {
        const address = entered(asked.address);
        const answer = URL.canParse(address) ? new URL(address).searchParams : undefined;
        if (!answer?.has('state')) throw new SyncError('TEAMS_REDIRECT_PASTED_WRONG');
        return { username: await signIns.answer(answer) };
    });
    answerRedirect(RED, signIns);
    onEditorRequest(RED, '/teams-accounts/sign-in/state', async asked => ({
        username: await signIns.state(entered(asked.signIn)),
    }));
    onEditorRequest(RED, '/teams-accounts/sign-in/cancel', async asked => {
        signIns.cancel(entered(asked.signIn));
        return {};
    });
}

const signedIn: Sentence = {
    en: 'You have signed in. You may close this window.',
    de: 'Sie sind angemeldet. Sie können dieses Fenster schließen.',
};

/**
 * Where Microsoft leads a browser back to, which need not be logged in here: it brings the state of a sign-in that
 * somebody who may has begun, and can do nothing else.
 */
function answerRedirect(RED: NodeAPI, signIns: SignIns): void {
    RED.httpAdmin.get(`/${redirectPath}`, (request, response) => {
        const language = request.acceptsLanguages('en', 'de') === 'de' ? 'de' : 'en';
        const show = (status: number, text: string): void => {
            response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
            response.set({ 'X-Content-Type-Options': 'nosniff' }).status(status).type('text/plain').send(text);
        };
        // Whoever looks before the browser comes must not use it up.
        if (request.method !== 'GET') return show(405, '');
        signIns
            .answer(new URLSearchParams(request.originalUrl.replace(/^[^?]*/, '')))
            .then(() => show(200, signedIn[language]))
            .catch(thrown => show(400, toSyncError(thrown).sentence[language]));
    });
}

/** The account of a row in the dialog; one of the simulated office where there is no row. */
async function askedAccount(RED: NodeAPI, store: SignInStore, asked: Asked): Promise<Account> {
    const values = askedValues(RED, 'teams-accounts', asked, passwordNames);
    const { id = '', index, username, slot, method, signIn } = values;
    const [first] = index ? [] : (await simulatedOffice()).identity.accounts;
    if (first) return first;
    const keep = savingAside(store, () => {});
    return accountOf(id, { username, method, signIn }, Number(index), values[`password${slot}`], keep);
}

function accountOf(
    node: string,
    row: AccountRow,
    index: number,
    password: string | undefined,
    cacheOf: (name: SignInName) => TokenCache,
): Account {
    const username = entered(row.username);
    // DOMAIN\\user and a bare name are for other systems.
    if (username && !/^[^@\\\s:;,<>"{}()]+@[^@\\\s:;,<>"{}()]+$/.test(username))
        throw new SyncError('TEAMS_ACCOUNT_NAME_INVALID', { account: username });
    if (row.method === 'device-code' || row.method === 'browser') {
        // A row that never signed in stops no other: what reads its cache tells it by name.
        if (username) return { username, tokenCache: cacheOf({ node, signIn: entered(row.signIn), username }) };
        throw new SyncError('TEAMS_SIGN_IN_MISSING', { account: index + 1 });
    }
    if (!username) throw new SyncError('TEAMS_ACCOUNT_NAME_MISSING', { row: index + 1 });
    if (!password) throw new SyncError('TEAMS_PASSWORD_MISSING', { account: username });
    return { username, password: secret(password, 'A communication user') };
}

/**
 * Token caches in the store. A rotation that cannot be written is told once and stops nothing: the token works on until
 * Node-RED ends.
 */
function savingAside(store: SignInStore, tell: (error: SyncError) => void): (name: SignInName) => TokenCache {
    let told = false;
    return name => {
        let unsaved: string | undefined;
        return {
            load: async () => unsaved ?? (await store.load(name)),
            save: async text => {
                try {
                    await store.save(name, text);
                    unsaved = undefined;
                } catch (thrown) {
                    unsaved = text;
                    if (!told) tell(toSyncError(thrown));
                    told = true;
                }
            },
        };
    };
}

/** The sign-ins that rows of the running flows name. */
function signInsInUse(RED: NodeAPI): Pick<SignInName, 'node' | 'signIn'>[] {
    const nodes = deployedNodes<{ accounts: unknown }>(RED).filter(({ type }) => type === 'teams-accounts');
    return nodes.flatMap(node =>
        rowsOf(node.accounts).map(({ signIn }) => ({ node: node.id, signIn: entered(signIn) })),
    );
}

function rowsOf(accounts: unknown): AccountRow[] {
    return Array.isArray(accounts) ? accounts.filter(Boolean) : [];
}
