import type { GraphRequest } from './graph-request';

/** Requests that share a limit. */
export const requestClasses = [
    'presence',
    'subscriptionWrites',
    'subscriptionReauthorizations',
    'subscriptionReads',
    'subscriptionLists',
    'directory',
    'other',
] as const;

export type RequestClass = (typeof requestClasses)[number];

/** What a request is charged with. */
export interface Charge {
    kind: RequestClass;
    /** 1, or resource units for the directory. */
    cost: number;
}

/** Resource units of the requests that cost more than one. */
const directoryCosts: [path: RegExp, units: number][] = [
    [/^users$/, 2],
    [/^groups\/[^/]+\/members/, 3],
    [/^groups\/[^/]+\/transitivemembers/, 5],
    [/^users\/[^/]+\/(memberof|transitivememberof|licensedetails)/, 2],
];

/** @see https://learn.microsoft.com/graph/throttling-limits */
export function chargeOf({ method, segments, query }: Pick<GraphRequest, 'method' | 'segments' | 'query'>): Charge {
    const path = segments.join('/').toLowerCase();
    if (/^(users\/[^/]+\/presence|communications)(\/|$)/.test(path)) return { kind: 'presence', cost: 1 };
    if (/^subscriptions(\/|$)/.test(path)) return { kind: subscriptionClass(method, segments), cost: 1 };
    if (/^(users|groups)(\/|$)/.test(path)) return { kind: 'directory', cost: resourceUnits(path, query) };
    return { kind: 'other', cost: 1 };
}

function subscriptionClass(method: string, segments: string[]): RequestClass {
    if (method === 'GET') return segments.length === 1 ? 'subscriptionLists' : 'subscriptionReads';
    return segments.length === 3 ? 'subscriptionReauthorizations' : 'subscriptionWrites';
}

/** @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits */
function resourceUnits(path: string, query: URLSearchParams): number {
    const base = directoryCosts.find(([pattern]) => pattern.test(path))?.[1] ?? 1;
    const top = query.get('$top');
    const fewer = Number(query.has('$select')) + Number(top !== null && Number(top) < 20);
    return Math.max(1, base + Number(query.has('$expand')) - fewer);
}
