import { SyncError } from '../../lib/errors/errors';
import type { Delivery } from '../../lib/teams/teams-system';
import type { ScopeDescription } from '../../lib/teams/users/scope-description';
import { entered } from './entered';

/** Who is followed. */
export type ScopeKind = ScopeDescription['kind'];

/** What the dialog of a subscriber saves, as far as it says whom to follow and how. Flows of old have none of it. */
export interface FollowingFields {
    scope?: string;
    /** Name or object id. */
    group?: string;
    /** `plans`: only users with one of the service plans. */
    licence?: string;
    plans?: unknown;
    delivery?: string;
    /** Seconds. */
    fast?: number | string;
    slow?: number | string;
}

const scopes: readonly string[] = ['pbx', 'all', 'group', 'list'] satisfies ScopeKind[];
const modes: readonly string[] = ['notifications', 'polling', 'automatic'] satisfies Delivery['mode'][];
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws SyncError FIELD_INVALID */
export function scopeKind({ scope }: FollowingFields): ScopeKind {
    const kind = entered(scope) || 'pbx';
    if (scopes.includes(kind)) return kind as ScopeKind;
    throw new SyncError('FIELD_INVALID', { field: 'Users to follow', why: 'it is none of the choices' });
}

/** @throws SyncError FIELD_INVALID */
export function deliveryOf(fields: FollowingFields): Delivery {
    const mode = entered(fields.delivery) || 'automatic';
    if (!modes.includes(mode))
        throw new SyncError('FIELD_INVALID', { field: 'The way changes arrive', why: 'it is none of the choices' });
    const fast = seconds(fields.fast, 2, 1, 60);
    const slow = seconds(fields.slow, 10, 2, 300);
    if (fast === undefined)
        throw new SyncError('FIELD_INVALID', {
            field: 'The interval for people in a call',
            why: 'it must be 1 to 60 seconds',
        });
    if (slow === undefined)
        throw new SyncError('FIELD_INVALID', {
            field: 'The interval for everybody else',
            why: 'it must be 2 to 300 seconds',
        });
    return { mode: mode as Delivery['mode'], fast: fast * 1_000, slow: slow * 1_000 };
}

/** The service plans of which a followed user needs one; none: no matter which. @throws SyncError */
export function plansOf({ licence, plans }: FollowingFields): string[] {
    if (entered(licence) !== 'plans') return [];
    const ids = Array.isArray(plans) ? plans.map(entered).filter(Boolean) : [];
    if (ids.length === 0) throw new SyncError('FIELD_MISSING', { field: 'A service plan' });
    if (!ids.every(id => guid.test(id)))
        throw new SyncError('FIELD_INVALID', { field: 'A service plan', why: 'it is no GUID' });
    return ids;
}

function seconds(value: unknown, usual: number, least: number, most: number): number | undefined {
    const number = entered(value) === '' ? usual : Number(entered(value));
    return number >= least && number <= most ? number : undefined;
}
