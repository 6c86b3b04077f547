import type { SimulatedOffice } from './office';
import { type Fields, noMore, object, oneOf, onlyTrue, whole, wrong, yesOrNo } from './order-values';
import { type Limit, throttleAt } from './tenant/throttling';

const mostRequests = 1_000_000;
const longestTime = 86_400_000;
const events = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const;

/** Trouble that is in force now. */
export interface FaultState {
    /** Milliseconds by which every answer of Microsoft 365 is late. */
    latency: number;
    /** Nothing is notified. */
    silence: boolean;
    /** The limits in force by class of requests; empty while throttling is off. */
    throttle: Partial<Record<string, Limit>>;
}

/**
 * Trouble for the simulated office in one JSON object; each field is an order of its own and `clear` comes first:
 *
 * | field | does |
 * |---|---|
 * | `clear: true` | takes back everything below, throttling and latency too |
 * | `latency: ms` | every answer of Microsoft 365 comes so much later |
 * | `fail: { count, status, path?, retryAfter? }` | the next requests to Microsoft 365 fail; `path` is a part of "METHOD /path" |
 * | `hang: { count, path? }` | the next requests are never answered |
 * | `throttle: requests or false` | the documented limits, with so many presence requests in 30 seconds; or none |
 * | `silence: boolean` | subscriptions stay valid, nothing is notified |
 * | `notifications: { lose?, duplicate?, reorder?, delay?: { count, ms } }` | what happens to the next notifications |
 * | `lifecycle: event` | tells all subscriptions |
 * | `loseSubscriptions: true` | all subscriptions are gone without a word |
 * | `dropConnections: true` | the PBX breaks all connections; clients may come back at once |
 * | `refuse: teamsId` | a subscription that names this user is refused |
 *
 * Nothing is done unless all of it is right. Throws an OfficeError that names the field and what is allowed.
 */
export function orderFaults(office: SimulatedOffice, body: unknown): FaultState {
    const fields = object(body, 'The body');
    const unknown = Object.keys(fields).find(name => !Object.hasOwn(orders, name));
    if (unknown !== undefined) throw wrong(`"${unknown}" is none of the faults: ${Object.keys(orders).join(', ')}`);
    const wanted = Object.entries(orders).filter(([name]) => fields[name] !== undefined);
    const ready = wanted.map(([name, prepare]) => prepare(fields[name]));
    for (const run of ready) run(office);
    return faultState(office);
}

/** What is in force now; what was ordered for a number of requests is not in it. */
export function faultState({ tenant }: SimulatedOffice): FaultState {
    const { latency, notifications } = tenant.faults;
    return { latency, silence: notifications.silent, throttle: { ...tenant.throttling.limits } };
}

/** Each checks its value, then returns what is to be done. */
const orders: Record<string, (value: unknown) => (office: SimulatedOffice) => void> = {
    clear: value => {
        onlyTrue(value, 'clear');
        return ({ tenant }) => {
            tenant.faults.clear();
            tenant.throttling.limits = {};
        };
    },
    latency: value => {
        const latency = whole(value, 'latency', 0, longestTime);
        return ({ tenant }) => {
            tenant.faults.latency = latency;
        };
    },
    fail: value => {
        const { count, status, path, retryAfter, ...rest } = object(value, 'fail');
        noMore(rest, 'fail');
        const times = whole(count, 'fail.count', 1, mostRequests);
        const code = whole(status, 'fail.status', 400, 599);
        const headers: Record<string, string> =
            retryAfter === undefined ? {} : { 'retry-after': String(whole(retryAfter, 'fail.retryAfter', 0, 86_400)) };
        const pattern = pathPattern(path, 'fail.path');
        return ({ tenant }) => tenant.faults.failNext(times, code, undefined, headers, pattern);
    },
    hang: value => {
        const { count, path, ...rest } = object(value, 'hang');
        noMore(rest, 'hang');
        const times = whole(count, 'hang.count', 1, mostRequests);
        const pattern = pathPattern(path, 'hang.path');
        return ({ tenant }) => tenant.faults.hangNext(times, pattern);
    },
    throttle: value => {
        const limits = value === false ? {} : throttleAt(whole(value, 'throttle', 1, mostRequests));
        return ({ tenant }) => {
            tenant.throttling.limits = limits;
        };
    },
    silence: value => {
        const silent = yesOrNo(value, 'silence');
        return ({ tenant }) => tenant.faults.silence(silent);
    },
    notifications: value => orderNotifications(object(value, 'notifications')),
    lifecycle: value => {
        const event = oneOf(value, 'lifecycle', events);
        return ({ tenant }) => tenant.sendLifecycle(undefined, event);
    },
    loseSubscriptions: value => {
        onlyTrue(value, 'loseSubscriptions');
        return ({ tenant }) => tenant.loseSubscriptions();
    },
    dropConnections: value => {
        onlyTrue(value, 'dropConnections');
        return ({ pbx }) => pbx.dropConnections();
    },
    refuse: value => {
        if (typeof value !== 'string' || value === '') throw wrong('refuse must be the Teams id of a user');
        return ({ tenant }) => tenant.faults.refuseUser(value);
    },
};

function orderNotifications({ lose, duplicate, reorder, delay, ...rest }: Fields): (office: SimulatedOffice) => void {
    noMore(rest, 'notifications');
    const counts = { lose, duplicate, reorder };
    const wanted = Object.entries(counts).filter(([, value]) => value !== undefined) as [
        keyof typeof counts,
        unknown,
    ][];
    const checked = wanted.map(
        ([name, value]) => [name, whole(value, `notifications.${name}`, 0, mostRequests)] as const,
    );
    const late = delay === undefined ? undefined : object(delay, 'notifications.delay');
    const lateCount = late && whole(late.count, 'notifications.delay.count', 0, mostRequests);
    const lateTime = late && whole(late.ms, 'notifications.delay.ms', 0, longestTime);
    return ({ tenant: { faults } }) => {
        for (const [name, count] of checked) faults.notifications[name](count);
        if (lateCount !== undefined && lateTime !== undefined) faults.notifications.delay(lateCount, lateTime);
    };
}

/** A plain part of "METHOD /path", in any case; undefined for the usual ones. */
function pathPattern(value: unknown, name: string): RegExp | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') throw wrong(`${name} must be a part of "METHOD /path"`);
    return new RegExp(value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
}
