import * as fc from 'fast-check';
import type { Action } from './actions';
import type { Office } from './office';

/** Who lets the product's own troubles happen: its process, and the host that it runs on. */
export interface Host {
    /** Nothing runs there for so many ms. */
    pause(kind: 'asleep' | 'frozen', ms: number): void;
    /** @param by ms */
    stepDate(by: number): void;
    /** @param way whether it ends well, without a word, or as a deploy does; @param down ms until it runs again */
    restart(way: 'stop' | 'kill' | 'deploy', down: number): void;
}

/** Kinds of trouble by the names that `off.ts` and `--kinds` know. Each ends by itself or has its end in it. */
export const troubles = {
    'notifications-lost': fc.integer({ min: 1, max: 5 }).map(count => `notifications lose ${count}`),
    'notifications-doubled': fc.integer({ min: 1, max: 5 }).map(count => `notifications double ${count}`),
    'notifications-late': fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(800, 4_000, 9_000))
        .map(([count, ms]) => `notifications delay ${count} ${ms}`),
    'notifications-reordered': fc.integer({ min: 2, max: 4 }).map(count => `notifications reorder ${count}`),
    'notifications-silent': fc.constantFrom(30, 200).map(seconds => `notifications silent ${seconds}`),
    'subscriptions-lost': fc.constant('notifications forget'),
    'graph-throttles': fc.integer({ min: 1, max: 6 }).map(count => `graph fail ${count} 429`),
    'graph-fails': fc.integer({ min: 1, max: 8 }).map(count => `graph fail ${count} 503`),
    'graph-hangs': fc.integer({ min: 1, max: 2 }).map(count => `graph hang ${count}`),
    'graph-slow': fc.constantFrom(100, 700, 2_000).map(ms => `graph slow 120 ${ms}`),
    'graph-away': fc.constantFrom(20, 330, 1_200).map(seconds => `graph away ${seconds}`),
    'graph-refuses': fc.constantFrom(403, 400).map(status => `graph refuse 3 ${status}`),
    'tenant-forgets': fc.constant('tenant forgets'),
    'pbx-drops': fc.constant('pbx drop'),
    'pbx-away': fc.constantFrom(5, 60, 700).map(seconds => `pbx away ${seconds}`),
    'pbx-half-open': fc.constantFrom(10, 60).map(seconds => `pbx deaf ${seconds}`),
    // Two refusals of the very first write say that the PBX takes no contact of ours, for five minutes.
    'pbx-refuses': fc.integer({ min: 1, max: 7 }).map(count => `pbx refuse-later ${count}`),
    'pbx-ignores': fc.integer({ min: 1, max: 2 }).map(count => `pbx ignore ${count}`),
    restart: fc.constantFrom(1, 60).map(seconds => `product stop ${seconds}`),
    kill: fc.constantFrom(1, 60, 1_200).map(seconds => `product kill ${seconds}`),
    redeploy: fc.constant('product deploy 0'),
    sleep: fc.constantFrom(60, 600, 3_600).map(seconds => `host sleep ${seconds}`),
    freeze: fc.constantFrom(6, 60).map(seconds => `host freeze ${seconds}`),
    'date-step': fc.constantFrom(1_200, 7_200, 93_600, -7_200, -3).map(seconds => `host step ${seconds}`),
} satisfies Record<string, fc.Arbitrary<Action>>;

export type TroubleKind = keyof typeof troubles;

/** Lets one trouble happen; resolves at once. @returns ms until it is over */
export function trouble(office: Office, host: Host, act: Action): number {
    const [what, verb, ...rest] = act.split(' ');
    const [count = 0, more = 0] = rest.map(Number);
    if (what === 'notifications') return notifications(office, verb!, count, more);
    if (what === 'graph') return graph(office, verb!, count, more);
    if (what === 'pbx') return pbx(office, verb!, count);
    if (what === 'tenant') return forget(office);
    if (what === 'product') host.restart(verb as 'stop' | 'kill' | 'deploy', count * 1_000);
    else if (verb === 'step') host.stepDate(count * 1_000);
    else host.pause(verb === 'sleep' ? 'asleep' : 'frozen', count * 1_000);
    return verb === 'step' ? 0 : count * 1_000;
}

function notifications(office: Office, verb: string, count: number, ms: number): number {
    const { tenant } = office;
    const { notifications: faults } = tenant.faults;
    if (verb === 'lose') faults.lose(count);
    else if (verb === 'double') faults.duplicate(count);
    else if (verb === 'delay') faults.delay(count, ms);
    else if (verb === 'reorder') faults.reorder(count);
    else if (verb === 'forget') tenant.loseSubscriptions();
    else if (verb === 'silent') {
        tenant.faults.silence(true);
        return ends(office, count * 1_000, () => tenant.faults.silence(false));
    }
    return ms;
}

function graph(office: Office, verb: string, count: number, more: number): number {
    const { faults } = office.tenant;
    const writes = /POST .*\/presence\/(set|clear)/;
    if (verb === 'fail') faults.failNext(count, more, undefined, more === 429 ? { 'retry-after': '2' } : {});
    else if (verb === 'refuse') faults.failNext(count, more, undefined, {}, writes);
    else if (verb === 'hang') faults.hangNext(count);
    else if (verb === 'slow') {
        faults.latency = more;
        return ends(office, count * 1_000, () => office.clearFaults());
    } else {
        faults.failNext(Number.POSITIVE_INFINITY, 503, undefined, {}, /./);
        return ends(office, count * 1_000, () => office.clearFaults());
    }
    // What an administrator seems to have to change is asked for again after a minute.
    const asksAgain = verb === 'refuse' && more === 403 ? 60_000 : 0;
    // A request that hangs from the last moment on is given up so much later.
    const givesUp = verb === 'hang' ? 30_000 : 0;
    return asksAgain + givesUp + ends(office, verb === 'hang' ? 35_000 : 15_000, () => office.clearFaults());
}

function pbx(office: Office, verb: string, count: number): number {
    const { pbx } = office;
    const ms = count * 1_000;
    if (verb === 'drop') pbx.dropConnections();
    else if (verb === 'refuse') pbx.faults.failNext('SetPresence', count);
    else if (verb === 'refuse-later') {
        if (office.hasShownOurs) pbx.faults.failNext('SetPresence', count);
    } else if (verb === 'ignore') pbx.faults.ignoreNext('SetPresence', count);
    else if (verb === 'deaf') {
        pbx.deaf = true;
        return ends(office, ms, () => {
            pbx.deaf = false;
            // Who was not heard for so long has been given up.
            pbx.dropConnections();
        });
    } else if (verb === 'away') {
        void pbx.stop();
        return ends(office, ms, () => void pbx.start());
    }
    return ends(office, verb === 'drop' ? 0 : 20_000, () => pbx.faults.clear());
}

/** @returns ms */
function ends({ clock }: Office, ms: number, end: () => void): number {
    clock.after(ms, end);
    return ms;
}

function forget({ tenant, people, site }: Office): number {
    tenant.forgetApps(
        [site.reads.clientId, site.writes.clientId],
        people.map(({ teamsId }) => teamsId.toLowerCase()),
    );
    return 0;
}
