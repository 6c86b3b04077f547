import type { User } from '@microsoft/microsoft-graph-types';
import type { PresenceUser } from '../../presence/message';
import type { Sender } from '../graph/first-that-works';

/** The longest page that Graph gives. @see https://learn.microsoft.com/graph/api/user-list */
const firstPage = '/users?$select=id,displayName,mail,userPrincipalName,proxyAddresses&$top=999';

interface Page {
    value: User[];
    '@odata.nextLink'?: string;
}

/** The users of a tenant, found by Entra object id or by address. */
export class UserDirectory {
    readonly #graph: Sender;
    readonly #byId = new Map<string, PresenceUser>();
    readonly #byAddress = new Map<string, PresenceUser>();

    constructor(graph: Sender) {
        this.#graph = graph;
    }

    get size(): number {
        return this.#byId.size;
    }

    all(): Iterable<PresenceUser> {
        return this.#byId.values();
    }

    /** Reads all users, page by page; what was known before stays until the new state is complete. */
    async load(): Promise<void> {
        const users: PresenceUser[] = [];
        let path: string | undefined = firstPage;
        while (path) {
            const page: Page = await this.#graph.send<Page>({
                what: 'read the users of the tenant',
                method: 'GET',
                path,
            });
            for (const user of page.value) users.push(presenceUserOf(user));
            path = page['@odata.nextLink'];
        }
        this.#byId.clear();
        this.#byAddress.clear();
        for (const user of users) {
            this.#byId.set(user.teams!.id, user);
            for (const address of user.addresses) this.#byAddress.set(address, user);
        }
    }

    /** The user by Teams id, else by the first address that is known here; a bare text is either of the two. */
    find(who: Pick<PresenceUser, 'addresses' | 'teams'> | string): PresenceUser | undefined {
        if (typeof who === 'string') return this.#byId.get(who) ?? this.#byAddress.get(who.toLowerCase());
        const byId = who.teams && this.#byId.get(who.teams.id);
        if (byId) return byId;
        for (const address of who.addresses) {
            const user = this.#byAddress.get(address.toLowerCase());
            if (user) return user;
        }
        return undefined;
    }
}

function presenceUserOf(user: User): PresenceUser {
    const principal = user.userPrincipalName ?? '';
    const aliases = (user.proxyAddresses ?? []).map(address => address.replace(/^(smtp|sip):/i, ''));
    const addresses = [user.mail ?? '', principal, ...aliases].filter(text => text.includes('@'));
    return {
        addresses: [...new Set(addresses.map(address => address.toLowerCase()))],
        displayName: user.displayName ?? principal,
        teams: { id: user.id ?? '', userPrincipalName: principal, mail: user.mail ?? null },
    };
}
