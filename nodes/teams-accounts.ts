import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError } from '../lib/support/errors';
import type { Account } from '../lib/teams/sign-in/token-source';
import type { AzureApp } from './azure-app';
import { configNode } from './shared/config-node';
import { entered } from './shared/entered';

interface TeamsAccountsConfig extends NodeDef {
    app: string;
    accounts: { username: string; slot: number }[];
}

/** The config node as other nodes see it. */
export interface TeamsAccounts extends Node {
    app: AzureApp | undefined;
    /** @throws SyncError that names the row whose user name or password is missing */
    accounts(): Promise<Account[]>;
}

/** Rows that a teams-accounts node has; each password lives in a credential of its own, by slot. */
const slots = 64;

export = (RED: NodeAPI): void => {
    function TeamsAccountsNode(this: TeamsAccounts, config: TeamsAccountsConfig) {
        RED.nodes.createNode(this, config);
        this.app = configNode<AzureApp>(RED, config.app);
        const passwords = (this.credentials ?? {}) as Record<string, string | undefined>;
        this.accounts = async () => {
            const rows = Array.isArray(config.accounts) ? config.accounts.filter(Boolean) : [];
            if (rows.length === 0 && this.app?.simulated) return this.app.simulatedAccounts();
            if (rows.length === 0) throw new SyncError('FIELD_MISSING', { field: 'A communication user' });
            return rows.map(({ username, slot }, index) => accountOf(username, passwords[`password${slot}`], index));
        };
    }

    const credentials = Object.fromEntries(
        Array.from({ length: slots }, (_, slot) => [`password${slot}`, { type: 'password' as const }]),
    );
    RED.nodes.registerType('teams-accounts', TeamsAccountsNode, { credentials });
};

function accountOf(username: string, password: string | undefined, index: number): Account {
    const name = entered(username);
    if (!name) throw new SyncError('TEAMS_ACCOUNT_NAME_MISSING', { row: index + 1 });
    if (!password) throw new SyncError('TEAMS_PASSWORD_MISSING', { account: name });
    return { username: name, password };
}
