import * as v from 'valibot';
import type { Reason } from '../../lib/errors/phrases';
import type { Delivery } from '../../lib/teams/teams-system';
import type { ScopeDescription } from '../../lib/teams/users/scope-description';
import { entered } from './entered';
import { choice, missing, named, number, readFields, rows, text } from './fields';

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

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const scope = choice('Users to follow', ['pbx', 'all', 'group', 'list']);
const following = {
    delivery: choice('The way changes arrive', ['automatic', 'notifications', 'polling']),
    fast: number('The interval for people in a call', 'it must be 1 to 60 seconds', { usual: 2, least: 1, most: 60 }),
    slow: number('The interval for everybody else', 'it must be 2 to 300 seconds', { usual: 10, least: 2, most: 300 }),
};
const noGuid: Reason = 'it is no GUID';
const plans = v.pipe(
    rows(text),
    named('A service plan'),
    v.filterItems(Boolean),
    v.nonEmpty(missing),
    v.everyItem(id => guid.test(id), noGuid),
);

/** Who is followed. @throws SyncError FIELD_INVALID */
export function scopeKind(config: FollowingFields): ScopeDescription['kind'] {
    return readFields({ scope }, config).scope;
}

/** @throws SyncError FIELD_INVALID */
export function deliveryOf(config: FollowingFields): Delivery {
    const { delivery, fast, slow } = readFields(following, config);
    return { mode: delivery, fast: fast * 1_000, slow: slow * 1_000 };
}

/** The service plans of which a followed user needs one; none: no matter which. @throws SyncError */
export function plansOf(config: FollowingFields): string[] {
    return entered(config.licence) === 'plans' ? readFields({ plans }, config).plans : [];
}
