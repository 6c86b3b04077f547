import type { RequestClass } from './request-class';
import type { ClassCounters } from './throttling';

/** What has happened since the tenant was made. */
export interface TenantCounters {
    /** Requests to Graph, each item of a batch on its own. */
    requests: number;
    /** Presence writes that Graph accepted. */
    presenceWrites: number;
    /** Single notifications that an endpoint has accepted. */
    notificationsSent: number;
    /** Requests that were refused with 429 by a limit. */
    readonly throttled: number;
    readonly classes: Readonly<Record<RequestClass, Readonly<ClassCounters>>>;
}
