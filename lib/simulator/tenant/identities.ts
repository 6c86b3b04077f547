import { type EntraErrorCode, toEntraErrorCode } from './entra-error-codes';
import type { Account, Registration } from './registration';

interface Trouble {
    trouble?: string;
}

/** What Entra knows of apps and of users who sign in; troubles come and go while it runs. */
export class Identities {
    readonly #registrations: Map<string, Registration>;
    readonly #accounts: Map<string, Account>;
    /** How often the refresh tokens of an account have been revoked, and when last. */
    readonly #revocations = new Map<string, { count: number; at: number }>();

    constructor(registrations: readonly Registration[], accounts: readonly Account[]) {
        this.#registrations = new Map(registrations.map(each => [each.clientId.toLowerCase(), { ...each }]));
        this.#accounts = new Map(accounts.map(each => [each.username.toLowerCase(), { ...each }]));
    }

    registration(clientId: string): Registration | undefined {
        return this.#registrations.get(clientId.toLowerCase());
    }

    /** The account of a user principal name; people without one have no password. */
    account(username: string): Account | undefined {
        return this.#accounts.get(username.toLowerCase());
    }

    /** What an administrator changes about an app; tokens given before keep what they say. Throws for an unknown app. */
    changeRegistration(clientId: string, change: Partial<Omit<Registration, 'clientId'>>): void {
        const registration = this.registration(clientId);
        if (!registration) throw new Error(`The simulated tenant has no app ${clientId}`);
        Object.assign(registration, change);
    }

    /** What an administrator changes about an account. Throws for an unknown name. */
    changeAccount(username: string, change: Partial<Omit<Account, 'username' | 'licence'>>): void {
        const account = this.account(username);
        if (!account) throw new Error(`The simulated tenant has no account ${username}`);
        Object.assign(account, change);
    }

    /**
     * From now on requests of the app, or sign-ins of the account, are refused; undefined ends it. Throws for an
     * unknown name and for an unknown number.
     * @param code the AADSTS number, such as "50076"
     */
    setTrouble(usernameOrClientId: string, code: string | undefined): void {
        const owner: Trouble | undefined = this.registration(usernameOrClientId) ?? this.account(usernameOrClientId);
        if (!owner) throw new Error(`The simulated tenant has no app and no account ${usernameOrClientId}`);
        if (code === undefined) delete owner.trouble;
        else owner.trouble = String(toEntraErrorCode(code));
    }

    /** All refresh tokens of the account until now are void. @param now milliseconds since the epoch */
    revokeRefreshTokens(username: string, now: number): void {
        this.#revocations.set(username.toLowerCase(), { count: this.revocations(username).count + 1, at: now });
    }

    revocations(username: string): { count: number; at: number } {
        return this.#revocations.get(username.toLowerCase()) ?? { count: 0, at: 0 };
    }
}

/** The trouble of an app or account, if it has one. */
export function troubleOf({ trouble }: Trouble): EntraErrorCode | undefined {
    return trouble === undefined ? undefined : toEntraErrorCode(trouble);
}
