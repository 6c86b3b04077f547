import { createHash } from 'node:crypto';
import type { Person } from '../person';
import type { Account } from './registration';

/** A user of the simulated tenant. */
export interface TenantUser {
    /** Entra object id, lower case. */
    id: string;
    displayName: string;
    userPrincipalName: string;
    /** Communication users have no mailbox. */
    mail: string | null;
    /** Extension, where the user has a phone. */
    number: string | undefined;
    /** Has a Teams licence, and so a presence. */
    teams: boolean;
}

/** The users of the tenant: its people, then those communication users that are nobody of them. */
export class TenantDirectory {
    readonly users: readonly TenantUser[];
    readonly #byId: Map<string, TenantUser>;
    readonly #byName: Map<string, TenantUser>;
    readonly #domains: Set<string>;

    constructor(people: Person[], accounts: Account[]) {
        const names = new Set(people.map(person => person.mail.toLowerCase()));
        const others = accounts.filter(account => !names.has(account.username.toLowerCase()));
        this.users = [...people.map(toUser), ...others.map(toCommunicationUser)];
        this.#byId = new Map(this.users.map(user => [user.id, user]));
        this.#byName = new Map(this.users.map(user => [user.userPrincipalName.toLowerCase(), user]));
        this.#domains = new Set([...this.#byName.keys()].map(name => name.slice(name.lastIndexOf('@') + 1)));
    }

    byId(id: string): TenantUser | undefined {
        return this.#byId.get(id.toLowerCase());
    }

    byPrincipalName(name: string): TenantUser | undefined {
        return this.#byName.get(name.toLowerCase());
    }

    /** True for the verified domains of the tenant: those of its users. */
    hasDomain(domain: string): boolean {
        return this.#domains.has(domain.toLowerCase());
    }
}

function toUser(person: Person): TenantUser {
    return {
        id: person.teamsId.toLowerCase(),
        displayName: person.name,
        userPrincipalName: person.mail,
        mail: person.mail,
        number: person.number,
        teams: true,
    };
}

function toCommunicationUser({ username }: Account): TenantUser {
    const hex = createHash('sha256').update(`account ${username.toLowerCase()}`).digest('hex');
    const id = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
    return {
        id: id.join('-'),
        displayName: username.slice(0, username.indexOf('@')),
        userPrincipalName: username,
        mail: null,
        number: undefined,
        teams: false,
    };
}
