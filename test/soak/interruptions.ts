import { setTimeout as delay } from 'node:timers/promises';
import type { Member } from './crowd';
import type { Extent } from './extent';
import { type Site, settlingAfterReturn } from './site';
import type { Own } from './situations';
import { noneWrong, type Verdict } from './verdict';
import { settling, told, Watch } from './watch';

const minute = 60_000;
/** By then a first start knows that nothing of before shows: until then it suspects each call, and finds out. */
const knowing = 16 * minute;
const hour = 60 * minute;

/** Something that keeps Node-RED from its work for a while. */
export interface Interruption {
    /** What happens until just before the return. */
    begin?: (site: Site, extent: Extent) => Promise<void>;
    /** When it resolves all is there again, and the time counts. */
    end: (site: Site, extent: Extent) => Promise<void>;
    /** Whether what we have set in Teams may have ended by then, or be due. */
    endsLeases: boolean;
    /** Whether afterwards time passes until all tokens must be new. */
    tokens?: boolean;
}

/** Everything that Microsoft 365 is asked fails, and nothing is notified. */
export function graphAway(minutes: number): Interruption {
    return {
        begin: async (site, { changes }) => {
            await site.order('faults', { silence: true, fail: { count: 1_000_000, status: 503 } });
            await site.order('faults', { fail: { count: 1_000_000, status: 503, path: '/oauth2/' } });
            await site.pass(minutes * minute, changes);
        },
        end: site => site.order('faults', { clear: true }),
        endsLeases: true,
    };
}

/** The PBX takes connections and answers nothing, then starts anew: connections from before are gone. */
export function pbxAway(minutes: number): Interruption {
    return {
        begin: async (site, { changes }) => {
            await site.order('pbx', { deaf: true });
            await site.order('pbx', { drop: true });
            await site.pass(minutes * minute, changes);
        },
        end: async site => {
            await site.order('pbx', { deaf: false });
            await site.order('pbx', { drop: true });
        },
        endsLeases: true,
    };
}

export function sleep(hours: number): Interruption {
    return { end: (site, { changes }) => site.sleep(hours * hour, changes), endsLeases: true };
}

/** Really stopped: what Node-RED does not answer meanwhile, the others have to get over. */
export const freeze: Interruption = {
    end: (site, { freeze, changes }) =>
        site.clock.freeze(async () => {
            const end = performance.now() + freeze;
            for (let left = changes; left > 0; left--) {
                await site.crowd.change();
                await delay(Math.max(0, end - performance.now()) / left);
            }
        }),
    endsLeases: false,
};

/**
 * The date of Node-RED's host is set; that of the office stays right. Set forward it looks like a sleep, in which leases
 * end: they may be written anew.
 */
export function dateStep(by: number): Interruption {
    return { end: site => site.stepDate(by), endsLeases: by > 0, tokens: true };
}

/** Interrupts the work, and looks whether all is right in time and with no more writes than differences. */
export async function interrupted(site: Site, extent: Extent, interruption: Interruption): Promise<Verdict[]> {
    await site.pass(knowing);
    await site.crowd.begin(extent.calls);
    const begun = await site.right();
    // What lies beneath something else shows nothing, and may be written a little later: it counts before the interruption.
    await delay(settling);
    const before = site.crowd.members.map(({ situation }) => situation.own);
    await interruption.begin?.(site, extent);
    const counted = await site.control.counters();
    await interruption.end(site, extent);
    const returned = await afterReturn(site);
    const { presenceWrites, pbxWrites } = await site.control.counters();
    const after = site.crowd.members.map(({ situation }) => situation.own);
    const allowed = allowedWrites(before, after, interruption.endsLeases);
    return [
        noneWrong('before', begun.wrong),
        ...returned,
        atMost('writes to Teams', presenceWrites - counted.presenceWrites, allowed.teams),
        atMost('writes to the PBX', pbxWrites - counted.pbxWrites, allowed.pbx),
        ...(interruption.tokens && extent.tokens > 0 ? [await newTokens(site, extent)] : []),
        await allEnded(site),
    ];
}

/** Waits until all must be right, and longer. Who was right at the return must stay so. */
async function afterReturn(site: Site): Promise<Verdict[]> {
    const begin = performance.now();
    const wrong = new Set((await site.differences()).map(({ member }) => member));
    const excused = (member: Member) => (wrong.has(member) ? begin + settlingAfterReturn : begin);
    const watch = new Watch(site.control, site.crowd, excused);
    const { after, wrong: left } = await site.right();
    await delay(Math.max(0, settlingAfterReturn - after) + settling);
    await watch.end();
    const late = noneWrong(`of ${wrong.size} wrong after ${(after / 1_000).toFixed(1)} s`, left, 'none within 10 s');
    const spoiled = watch.mistakes.filter(({ member }) => !wrong.has(member)).map(told);
    return [late, noneWrong('wrong although right at the return', spoiled)];
}

/** Changes show as ever once all tokens have been renewed. */
async function newTokens(site: Site, { tokens, changes }: Extent): Promise<Verdict> {
    await site.pass(tokens);
    for (let change = 0; change < changes / 5; change++) await site.crowd.change();
    const { wrong } = await site.right(settling);
    return noneWrong(`${tokens / minute} minutes later, with new tokens`, wrong, 'none 5 s after the last change');
}

async function allEnded(site: Site): Promise<Verdict> {
    await site.crowd.end();
    const { wrong } = await site.right(settling);
    return noneWrong('once everything has ended', wrong, 'both sides at their base after 5 s');
}

/**
 * How many writes there may be: one for each part that people change by what they do. In Teams these are a call and a
 * setting, which may also be set anew or renewed; in the PBX there is one.
 */
function allowedWrites(
    before: readonly Own[],
    after: readonly Own[],
    endsLeases: boolean,
): { teams: number; pbx: number } {
    const allowed = { teams: 0, pbx: 0 };
    for (const [index, own] of after.entries()) {
        const old = before[index]!;
        if (own.pbxCall !== old.pbxCall || (endsLeases && own.pbxCall)) allowed.teams += 1;
        if (own.setting !== old.setting || (endsLeases && own.setting !== '')) allowed.teams += 1;
        if (own.client !== old.client || own.teamsCall !== old.teamsCall) allowed.pbx += 1;
    }
    return allowed;
}

function atMost(what: string, count: number, most: number): Verdict {
    return { what, value: String(count), isMet: count <= most, target: `at most ${most}` };
}
