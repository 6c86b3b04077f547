import type { Clock } from '../../time/clock';
import { demand } from './caller';
import { type DeltaState, readDeltaToken, toDeltaToken } from './delta-token';
import { deltaLifetime, type LoggedEvent } from './directory-log';
import { badRequest, GraphError } from './graph-error';
import type { GraphRequest, GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import { guidPattern } from './presence-reading';
import type { TenantDirectory, TenantUser } from './tenant-directory';
import { fullAccess, selectedNames, userResource } from './user-resource';

const defaultPage = 200;
const largestPage = 999;
const mostFilteredIds = 50;

interface Options {
    directory: TenantDirectory;
    clock: Clock;
    /** The address of the service, without a slash. */
    url: () => string;
}

/** What one page tells of a user: which properties have changed, or that the user left. */
type Told = { properties: Set<string> | 'all' } | { removed: string };

/**
 * `/users/delta`: everybody in the first round, from then on what has changed.
 * @see https://learn.microsoft.com/graph/api/user-delta
 * @see https://learn.microsoft.com/graph/delta-query-overview
 */
export class UsersDeltaEndpoint {
    readonly #options: Options;

    constructor(options: Options) {
        this.#options = options;
    }

    get routes(): GraphRoute[] {
        return ['delta', 'delta()', 'microsoft.graph.delta', 'microsoft.graph.delta()'].map(name => [
            'GET',
            `users/${name}`,
            request => this.#answer(request),
        ]);
    }

    #answer(request: GraphRequest): Reply {
        demand(request.caller, { ...fullAccess, own: [] });
        const query = new Map([...request.query].map(([name, value]) => [name.toLowerCase(), value]));
        refuseOptions(query);
        const { state, latest } = this.#stateOf(query);
        const preferences = preferencesOf(request.headers);
        const page = latest
            ? { value: [], next: { ...state, kind: 'delta' } as const }
            : this.#page(state, preferences);
        const applied: Record<string, string> = preferences.minimal ? { 'preference-applied': 'return=minimal' } : {};
        const names = selectedNames(state.select);
        const fragment = state.select ? `users(${names.join(',')})` : 'users';
        const body = {
            '@odata.context': `${this.#options.url()}/v1.0/$metadata#${fragment}`,
            [page.next.kind === 'skip' ? '@odata.nextLink' : '@odata.deltaLink']: this.#link(page.next),
            value: page.value,
        };
        return { status: 200, headers: applied, body };
    }

    #stateOf(query: Map<string, string>): { state: DeltaState; latest: boolean } {
        const [skip, delta] = [query.get('$skiptoken'), query.get('$deltatoken')];
        const select = query.get('$select') ?? null;
        if (skip) {
            if (select) throw unsupported("'$select' cannot be combined with '$skiptoken'.");
            return { state: this.#read(skip, 'skip', select), latest: false };
        }
        if (delta && delta !== 'latest') return { state: this.#read(delta, 'delta', select), latest: false };
        const first: DeltaState = {
            kind: 'skip',
            generation: this.#options.directory.log.generation,
            issued: this.#options.clock.date(),
            select,
            ids: filteredIds(query.get('$filter')),
            place: delta === 'latest' ? null : 0,
            version: this.#options.directory.log.version,
        };
        return { state: first, latest: delta === 'latest' };
    }

    #read(token: string, kind: DeltaState['kind'], select: string | null): DeltaState {
        const state = readDeltaToken(token);
        if (state?.kind !== kind) throw syncStateNotFound('The sync state is not found. The token is damaged.');
        if (state.generation !== this.#options.directory.log.generation) throw this.#gone(state);
        if (this.#options.clock.date() - state.issued >= deltaLifetime)
            throw syncStateNotFound(
                'The sync state generation is not found. The delta token is expired and data must be synchronized again.',
            );
        return select ? { ...state, select } : state;
    }

    #gone({ select }: DeltaState): GraphError {
        const kept = select ? `&$select=${encodeURIComponent(select)}` : '';
        const location = `${this.#options.url()}/v1.0/users/delta?$deltatoken=${kept}`;
        const message = 'The delta token is no longer valid, and the app must reset the sync state.';
        return new GraphError(410, 'resyncRequired', message, { location });
    }

    #page(state: DeltaState, preferences: Preferences): { value: object[]; next: DeltaState } {
        const current = { ...state, issued: this.#options.clock.date(), kind: 'skip' as const };
        return state.place === null ? this.#changes(current, preferences) : this.#everybody(current, preferences);
    }

    /** After the last page of the first round come the changes that happened meanwhile. */
    #everybody(state: DeltaState, { size }: Preferences): { value: object[]; next: DeltaState } {
        const { directory } = this.#options;
        const { users, next } = directory.page(state.place ?? 0, size);
        const value = users.filter(user => isWanted(state, user.id)).map(user => this.#entity(user, state, 'all'));
        if (next !== undefined) return { value, next: { ...state, place: next } };
        const kind = directory.log.version > state.version ? 'skip' : 'delta';
        return { value, next: { ...state, kind, place: null } };
    }

    #changes(state: DeltaState, { size, minimal }: Preferences): { value: object[]; next: DeltaState } {
        const { directory } = this.#options;
        const tracked = new Set(selectedNames(state.select));
        const page = new Map<string, Told>();
        let version = state.version;
        for (const entry of directory.log.after(state.version)) {
            const told = isWanted(state, entry.userId) ? this.#told(entry, tracked) : undefined;
            if (told && !page.has(entry.userId) && page.size === size)
                return { value: this.#entities(page, state, minimal), next: { ...state, version } };
            if (told) page.set(entry.userId, merged(page.get(entry.userId), told));
            version = entry.version;
        }
        return { value: this.#entities(page, state, minimal), next: { ...state, kind: 'delta', version } };
    }

    /** Undefined for what nobody hears of: other properties, and what a later entry takes back. */
    #told({ userId, event }: LoggedEvent, tracked: Set<string>): Told | undefined {
        const isThere = this.#options.directory.byId(userId) !== undefined;
        if (event.kind === 'removed') return isThere ? undefined : { removed: event.reason };
        if (!isThere) return undefined;
        if (event.kind === 'told') return { properties: 'all' };
        const properties = event.properties.filter(name => tracked.has(name));
        return properties.length === 0 ? undefined : { properties: new Set(properties) };
    }

    #entities(page: Map<string, Told>, state: DeltaState, minimal: boolean): object[] {
        return [...page].map(([id, told]) => {
            if ('removed' in told) return { id, '@removed': { reason: told.removed } };
            return this.#entity(this.#options.directory.byId(id)!, state, minimal ? told.properties : 'all');
        });
    }

    /** Properties that never had a value are left out, as in Graph. */
    #entity(user: TenantUser, state: DeltaState, only: Set<string> | 'all'): object {
        const resource = userResource(user);
        const emptied = this.#options.directory.emptiedProperties(user.id);
        const names = selectedNames(state.select).filter(
            name => (only === 'all' || only.has(name)) && (resource[name] !== null || emptied.has(name)),
        );
        return Object.fromEntries([...new Set(['id', ...names])].map(name => [name, resource[name]]));
    }

    #link(state: DeltaState): string {
        const name = state.kind === 'skip' ? '$skiptoken' : '$deltatoken';
        return `${this.#options.url()}/v1.0/users/delta?${name}=${toDeltaToken(state)}`;
    }
}

interface Preferences {
    /** Users per page. */
    size: number;
    /** Only what has changed of each user. */
    minimal: boolean;
}

/** Whether the real service honours a preferred page size for users is not documented: clients must take any size. */
function preferencesOf(headers: Record<string, string>): Preferences {
    const prefer = headers.prefer ?? '';
    const wanted = Number(/odata\.maxpagesize=(\d+)/i.exec(prefer)?.[1] ?? defaultPage);
    return { size: Math.min(Math.max(1, wanted), largestPage), minimal: /return=minimal/i.test(prefer) };
}

function merged(before: Told | undefined, now: Told): Told {
    if (!before || 'removed' in before || 'removed' in now) return now;
    if (before.properties === 'all' || now.properties === 'all') return { properties: 'all' };
    return { properties: new Set([...before.properties, ...now.properties]) };
}

function isWanted({ ids }: DeltaState, id: string): boolean {
    return ids === null || ids.includes(id);
}

/** `$top` is ignored without a word. @see https://github.com/microsoftgraph/microsoft-graph-docs/issues/17516 */
function refuseOptions(query: Map<string, string>): void {
    const known = ['$select', '$filter', '$top', '$skiptoken', '$deltatoken'];
    for (const name of query.keys())
        if (name.startsWith('$') && !known.includes(name))
            throw unsupported(`'${name}' is not supported for delta queries.`);
    selectedNames(query.get('$select') ?? null);
}

/** The only filter of a delta query: up to fifty object ids. */
function filteredIds(filter: string | undefined): string[] | null {
    if (!filter) return null;
    const parts = filter.split(/ or /i).map(part => /^\s*id eq '([^']*)'\s*$/i.exec(part)?.[1]?.toLowerCase());
    const ids = parts.filter(id => id !== undefined && guidPattern.test(id)) as string[];
    if (ids.length !== parts.length) throw unsupported('A delta query can be filtered by object id only.');
    if (ids.length > mostFilteredIds) throw badRequest(`A filter can name at most ${mostFilteredIds} objects.`);
    return ids;
}

function unsupported(message: string): GraphError {
    return new GraphError(400, 'Request_UnsupportedQuery', message);
}

function syncStateNotFound(message: string): GraphError {
    return new GraphError(400, 'syncStateNotFound', message);
}
