import { isEventual } from './advanced-query';
import { badRequest, GraphError } from './graph-error';
import type { GraphRequest } from './graph-request';
import { notSimulated } from './not-simulated';
import type { UserFilter } from './user-filter';
import { userResource } from './user-resource';

/** What can be searched; of names each word counts, of everything else the beginning. */
const searchable = [
    'displayName',
    'givenName',
    'mail',
    'mailNickname',
    'otherMails',
    'proxyAddresses',
    'surname',
].concat(['userPrincipalName']);

const clause = /^"(\w+):((?:[^"\\]|\\.)*)"$/;

/**
 * The `$search` of a request for users: `"displayName:Anna" OR "mail:ben"`; undefined if there is none. Throws 400 where
 * it is no search, or no advanced query.
 * @see https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections
 */
export function userSearch(request: GraphRequest): UserFilter | undefined {
    const search = request.query.get('$search')?.trim();
    if (!search) return undefined;
    if (!isEventual(request)) {
        const message =
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
        throw new GraphError(400, 'Request_UnsupportedQuery', message);
    }
    if (/[()]|\bNOT\b/.test(search.replace(/"(?:[^"\\]|\\.)*"/g, '')))
        throw notSimulated('brackets and NOT in $search');
    const alternatives = search.split(/ OR (?=")/).map(part => part.split(/ AND (?=")/).map(matcherOf));
    return user => alternatives.some(matchers => matchers.every(matches => matches(user)));
}

function matcherOf(text: string): UserFilter {
    const [, name, quoted] = clause.exec(text.trim()) ?? [];
    if (name === undefined || quoted === undefined) throw badRequest(`Syntax error in the search clause: ${text}`);
    if (!searchable.includes(name))
        throw new GraphError(400, 'Request_UnsupportedQuery', `Property '${name}' cannot be searched.`);
    const wanted = quoted.replace(/\\(.)/g, '$1').trim().toLowerCase();
    return user => {
        const values = [userResource(user)[name] ?? []].flat().map(value => String(value).toLowerCase());
        const texts =
            name === 'displayName' ? values.flatMap(value => [value, ...value.split(/[^\p{L}\p{N}]+/u)]) : values;
        return wanted.split(/\s+/).every(word => texts.some(each => each.startsWith(word)));
    };
}
