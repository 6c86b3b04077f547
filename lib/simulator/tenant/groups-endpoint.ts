import { demandAdvanced, demandEventual, wantsCount } from './advanced-query';
import { type Access, accessTo, demand } from './caller';
import { nextLink, pageSize, pageStart, refuseOptions } from './collection-page';
import { type Condition, parseFilter } from './filter-syntax';
import { badRequest, GraphError } from './graph-error';
import type { GraphRequest, GraphRoute } from './graph-request';
import type { Reply } from './http-exchange';
import { notSimulated } from './not-simulated';
import { guidPattern } from './presence-reading';
import { publishedGroupMembers, publishedGroupProperties } from './published-names';
import type { Group, Member, TenantGroups } from './tenant-groups';
import { canReadUsers, selectedNames, userResource } from './user-resource';
import { plainText, resourceNotFound } from './users-endpoint';

const toGroups = accessTo('GET /groups', 'Authorization_RequestDenied');
const toMembers = accessTo('GET /groups/{id}/transitiveMembers', 'Authorization_RequestDenied');
/** @see https://learn.microsoft.com/graph/api/group-list-transitivemembers (note on hidden membership) */
const seesHidden = 'Member.Read.Hidden';

const collections = ['members', 'transitiveMembers'] as const;
const casts = ['microsoft.graph.user', 'microsoft.graph.group'] as const;
type Cast = (typeof casts)[number];

/** The properties of a group that the simulated directory has, with Graph's names. */
function groupResource({ id, displayName, visibility }: Group): Record<string, unknown> {
    return {
        id,
        deletedDateTime: null,
        createdDateTime: '2025-01-01T00:00:00Z',
        description: null,
        displayName,
        groupTypes: [],
        mail: null,
        mailEnabled: false,
        mailNickname: displayName.replace(/[^A-Za-z0-9]/g, ''),
        securityEnabled: true,
        visibility: visibility ?? null,
    };
}

const groupProperties = Object.keys(groupResource({ id: '', displayName: '', members: [] }));

/**
 * Groups and their members.
 * @see https://learn.microsoft.com/graph/api/group-list
 * @see https://learn.microsoft.com/graph/api/group-list-transitivemembers
 */
export class GroupsEndpoint {
    readonly #groups: TenantGroups;
    readonly #url: () => string;

    constructor(groups: TenantGroups, url: () => string) {
        this.#groups = groups;
        this.#url = url;
    }

    get routes(): GraphRoute[] {
        const lists = collections.flatMap(name => [
            memberRoute(`groups/*/${name}`, (request, id) => this.#members(request, id, name)),
            memberRoute(`groups/*/${name}/$count`, (request, id) => this.#memberCount(request, id, name)),
            ...casts.map(cast =>
                memberRoute(`groups/*/${name}/${cast}`, (request, id) => this.#members(request, id, name, cast)),
            ),
        ]);
        return [
            ['GET', 'groups', request => this.#list(request)],
            memberRoute('groups/*', (request, id) => this.#one(request, id)),
            ...lists,
        ];
    }

    #list(request: GraphRequest): Reply {
        refuseOptions(request.query, ['$top', '$select', '$skiptoken', '$count', '$filter']);
        demand(request.caller, toGroups);
        const names = selectedGroupNames(request.query);
        const groups = this.#groups.all().filter(groupFilter(request));
        const page = this.#page(request, 'groups', groups, group => picked(groupResource(group), names));
        return { status: 200, body: { '@odata.context': `${this.#url()}/v1.0/$metadata#groups`, ...page } };
    }

    #one(request: GraphRequest, id: string): Reply {
        refuseOptions(request.query, ['$select']);
        const group = this.#group(request, id, toGroups);
        const names = selectedGroupNames(request.query);
        const context = `${this.#url()}/v1.0/$metadata#groups/$entity`;
        return { status: 200, body: { '@odata.context': context, ...picked(groupResource(group), names) } };
    }

    #members(request: GraphRequest, id: string, name: (typeof collections)[number], cast?: Cast): Reply {
        refuseOptions(request.query, ['$top', '$select', '$skiptoken', '$count']);
        const group = this.#group(request, id, toMembers);
        if (cast) demandAdvanced(request, 'OData cast');
        const members = this.#groups[name](group, request.caller.permissions.has(seesHidden)).filter(member =>
            isOf(member, cast),
        );
        const path = `groups/${id}/${name}${cast ? `/${cast}` : ''}`;
        const select = memberSelection(request, cast);
        const page = this.#page(request, path, members, member => select(member));
        const type = cast === undefined ? 'directoryObjects' : `${cast.slice('microsoft.graph.'.length)}s`;
        return { status: 200, body: { '@odata.context': `${this.#url()}/v1.0/$metadata#${type}`, ...page } };
    }

    #memberCount(request: GraphRequest, id: string, name: (typeof collections)[number]): Reply {
        const group = this.#group(request, id, toMembers);
        demandEventual(request);
        return plainText(this.#groups[name](group, request.caller.permissions.has(seesHidden)).length);
    }

    #group(request: GraphRequest, id: string, access: Access): Group {
        demand(request.caller, access);
        if (!guidPattern.test(id))
            throw new GraphError(400, 'Request_BadRequest', `Invalid object identifier '${id}'.`);
        const group = this.#groups.byId(id);
        if (!group) throw resourceNotFound(id);
        return group;
    }

    #page<T>(request: GraphRequest, path: string, all: T[], toEntity: (each: T) => object): object {
        const { query } = request;
        const from = pageStart(query);
        const to = from + pageSize(query);
        return {
            ...(wantsCount(request) ? { '@odata.count': all.length } : {}),
            ...(to < all.length ? { '@odata.nextLink': nextLink(`${this.#url()}/v1.0/${path}`, query, to) } : {}),
            value: all.slice(from, to).map(toEntity),
        };
    }
}

function memberRoute(path: string, answer: (request: GraphRequest, id: string) => Reply): GraphRoute {
    return ['GET', path, (request, id) => answer(request, id!)];
}

function isOf(member: Member, cast: Cast | undefined): boolean {
    return cast === undefined || 'user' in member === (cast === 'microsoft.graph.user');
}

/** Who may read groups but no users sees only the ids of users. */
function memberSelection({ query, caller }: GraphRequest, cast: Cast | undefined): (member: Member) => object {
    const select = query.get('$select');
    const userNames = cast === 'microsoft.graph.group' ? [] : selectedNames(select);
    const groupNames = cast === 'microsoft.graph.group' ? selectedGroupNames(query) : knownGroupNames(select);
    const mayReadUsers = canReadUsers(caller);
    return member => {
        if ('group' in member) return typed('group', picked(groupResource(member.group), groupNames), cast);
        const { user } = member;
        const all = mayReadUsers ? userResource(user) : { id: user.id };
        return typed('user', picked(all, userNames), cast);
    };
}

function typed(type: string, entity: object, cast: Cast | undefined): object {
    return cast ? entity : { '@odata.type': `#microsoft.graph.${type}`, ...entity };
}

/** What is not there is null. */
function picked(all: Record<string, unknown>, names: string[]): Record<string, unknown> {
    return Object.fromEntries(names.map(name => [name, all[name] ?? null]));
}

/** Without a cast a property of users may be selected, too; groups do not have it. */
function knownGroupNames(select: string | null): string[] {
    return select ? select.split(',').filter(name => groupProperties.includes(name.trim())) : groupProperties;
}

function selectedGroupNames(query: URLSearchParams): string[] {
    const select = query.get('$select');
    if (!select) return groupProperties;
    const names = select.split(',').map(name => name.trim());
    for (const name of names)
        if (!groupProperties.includes(name)) throw propertyMissing(name, '$select', 'Select and Expand');
    return names;
}

/** 501 for what Graph's groups have and these here do not, else 400. @param part of the query, as Graph names it */
function propertyMissing(name: string, option: string, part: string): GraphError {
    const key = name.toLowerCase();
    if (publishedGroupProperties.has(key) || publishedGroupMembers.has(key))
        return notSimulated(`'${name}' of a group in ${option}`);
    return badRequest(
        `Parsing OData ${part} failed: Could not find a property named '${name}' on type 'microsoft.graph.group'.`,
    );
}

/** Known are equality and the beginning of the display name, both without advanced query parameters. */
function groupFilter({ query }: GraphRequest): (group: Group) => boolean {
    const filter = query.get('$filter')?.trim();
    if (!filter) return () => true;
    const condition = parseFilter(filter);
    for (const name of namesIn(condition))
        if (!groupProperties.includes(name)) throw propertyMissing(name, '$filter', 'Filter');
    const isByName = 'path' in condition && condition.path.join('/') === 'displayName';
    if (isByName && condition.kind === 'compare' && condition.operator === 'eq') {
        const wanted = String(condition.value).toLowerCase();
        return group => group.displayName.toLowerCase() === wanted;
    }
    if (isByName && condition.kind === 'call' && condition.name === 'startswith') {
        const wanted = String(condition.value).toLowerCase();
        return group => group.displayName.toLowerCase().startsWith(wanted);
    }
    throw notSimulated(`the $filter "${filter}" of groups`);
}

/** The properties that a condition is about. */
function namesIn(condition: Condition): string[] {
    if (condition.kind === 'not') return namesIn(condition.part);
    return 'parts' in condition ? condition.parts.flatMap(namesIn) : condition.path.slice(0, 1);
}
