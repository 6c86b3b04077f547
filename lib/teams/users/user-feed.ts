import type { User } from '@microsoft/microsoft-graph-types';
import { SyncError } from '../../errors/errors';
import { comparable } from '../../presence/foreign-text';
import type { PresenceUser } from '../../presence/message';
import { type Page, pagesOf, type Sender } from '../connection/graph-client';
import { GraphRefusal } from '../connection/graph-error';
import type { Row, UserDifference, UserDirectory } from './user-directory';

/**
 * A user as Graph lists it. In a delta, what was never set is absent, and `@removed` tells of a leaver.
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview
 */
interface UserRecord extends User {
    '@removed'?: { reason?: string };
}

/** What is read of each user, and with it the service plans: those are more than all the rest together. */
const properties = 'id,displayName,mail,userPrincipalName,proxyAddresses,businessPhones,accountEnabled,userType';
const withPlans = `${properties},assignedPlans`;

/**
 * Plans that work: `Warning` is the time of grace after a subscription has ended.
 * @see https://learn.microsoft.com/graph/api/resources/assignedplan
 */
const inForce = /^(enabled|warning)$/i;

/**
 * In the principal name of whoever signs in elsewhere: guests of old, whose type is not told, and members of another
 * tenant, whose presence is told there.
 * @see https://learn.microsoft.com/entra/external-id/user-properties
 */
const external = /#EXT#@/i;

/** Called for each user of each page. */
type TakeUser = (record: UserRecord & { id: string }) => void;

/** Takes in what was read; nothing of it shows before. */
type TakeIn = () => UserDifference;

const what = 'read the users of the tenant';
/** The longest page that Graph gives. @see https://learn.microsoft.com/graph/api/user-list */
const longestPage = 999;

/**
 * Brings a table of users up to date: with all users at first, and with what has changed from then on.
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview
 */
export class UserFeed {
    readonly #table: UserDirectory;
    /** Users with the same service plans share one array, which most of a tenant do. */
    readonly #planSets = new Map<string, readonly string[]>();
    /** For the changes since the last time. */
    #link: string | undefined;
    #hasPlans = false;

    constructor(table: UserDirectory) {
        this.#table = table;
    }

    /** Whether the users in the table were read with their service plans. */
    get hasPlans(): boolean {
        return this.#hasPlans;
    }

    /** @throws SyncError; the table is then as it was, and the next time goes on where this one should have */
    async read(graph: Sender, wantsPlans: boolean): Promise<TakeIn> {
        // A link brings what was selected when it was made.
        const changes = wantsPlans && !this.#hasPlans ? undefined : await this.#readChanges(graph);
        return changes ?? this.#readAll(graph, wantsPlans);
    }

    /**
     * The same user may come several times, and changes that are known already may come again.
     * @returns undefined where there is no link, or the service has forgotten it
     */
    async #readChanges(graph: Sender): Promise<TakeIn | undefined> {
        if (!this.#link) return undefined;
        const changes = new Map<string, Row | undefined>();
        const take: TakeUser = record => {
            const known = changes.has(record.id) ? changes.get(record.id) : this.#table.row(record.id);
            changes.set(record.id, record['@removed'] ? undefined : this.#rowOf(record, known));
        };
        const link = await readPages(graph, this.#link, take).catch(error => {
            if (!(error instanceof GraphRefusal) || !isForgotten(error)) throw error;
        });
        if (!link) return undefined;
        return () => {
            this.#link = link;
            return this.#table.apply(changes);
        };
    }

    async #readAll(graph: Sender, plans: boolean): Promise<TakeIn> {
        const users = new Map<string, Row | undefined>();
        const select = `$select=${plans ? withPlans : properties}`;
        // The link for later changes is taken before the first page, so that nothing falls between.
        const link = await readPages(graph, `/users/delta?$deltatoken=latest&${select}`, () => {});
        if (!link) throw new SyncError('TEAMS_SERVICE_ERROR', { detail: 'the answer lacks its delta link' });
        await readPages(graph, `/users?${select}&$top=${longestPage}`, record => {
            users.set(record.id, this.#rowOf(record, undefined));
        });
        return () => {
            this.#link = link;
            this.#hasPlans = plans;
            for (const { teams } of this.#table.all()) if (!users.has(teams!.id)) users.set(teams!.id, undefined);
            return this.#table.apply(users);
        };
    }

    /** @param known what was known of the user before: what the record does not mention stays as it was */
    #rowOf(record: UserRecord & { id: string }, known: Row | undefined): Row {
        const plans = record.assignedPlans && this.#plansOf(record.assignedPlans);
        const user = userOf(record, known?.user);
        const isGuest =
            record.userType === undefined ? (known?.isGuest ?? false) : record.userType?.toLowerCase() === 'guest';
        return {
            user,
            isGuest: isGuest || external.test(user.teams!.userPrincipalName),
            isEnabled:
                record.accountEnabled === undefined ? (known?.isEnabled ?? true) : record.accountEnabled !== false,
            plans: plans ?? known?.plans,
        };
    }

    #plansOf(assigned: NonNullable<User['assignedPlans']>): readonly string[] {
        const working = assigned.filter(plan => inForce.test(plan.capabilityStatus ?? ''));
        const ids = [...new Set(working.map(plan => (plan.servicePlanId ?? '').toLowerCase()))].sort();
        const key = ids.join();
        const plans = this.#planSets.get(key) ?? ids;
        this.#planSets.set(key, plans);
        return plans;
    }
}

/** @returns the delta link of the last page, if it has one */
async function readPages(graph: Sender, first: string, take: TakeUser): Promise<string | undefined> {
    const read = (path: string): Promise<Page<UserRecord>> => graph.send({ what, method: 'GET', path });
    let link: string | undefined;
    for await (const page of pagesOf(first, read)) {
        for (const record of page.value ?? []) if (record.id) take(record as UserRecord & { id: string });
        link = page['@odata.deltaLink'];
    }
    return link;
}

/**
 * A delta link lives 7 days. The end of it is 410 Gone, or a 40x with a code such as `syncStateNotFound`; whatever else
 * the link is refused for, a full read needs no link.
 * @see https://learn.microsoft.com/en-us/graph/delta-query-overview (Synchronization reset, Token duration)
 */
function isForgotten({ status }: GraphRefusal): boolean {
    return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
}

function userOf(record: UserRecord & { id: string }, known: PresenceUser | undefined): PresenceUser {
    const principal = record.userPrincipalName ?? known?.teams?.userPrincipalName ?? '';
    const mail = record.mail === undefined ? (known?.teams?.mail ?? null) : record.mail;
    const aliases = record.proxyAddresses?.map(address => address.replace(/^(smtp|sip):/i, '')) ?? aliasesOf(known);
    const addresses = [mail ?? '', principal, ...aliases].filter(text => text.includes('@'));
    const phones = record.businessPhones ?? known?.teams?.businessPhones ?? [];
    return {
        addresses: [...new Set(addresses.map(comparable))],
        displayName: record.displayName ?? known?.displayName ?? principal,
        teams: {
            id: record.id,
            userPrincipalName: principal,
            mail,
            ...(phones.length > 0 && { businessPhones: phones }),
        },
    };
}

/** The addresses beside mail and principal name, which may have changed. */
function aliasesOf(user: PresenceUser | undefined): string[] {
    const named = [user?.teams?.mail ?? '', user?.teams?.userPrincipalName ?? ''].map(comparable);
    return user?.addresses.filter(address => !named.includes(address)) ?? [];
}
