import type { PersonRecord, Settling, Volley } from './record';

/**
 * When a change goes that has come now: the first at once; what follows within `window` ms once it has stood still for
 * half as long, and at the latest two and a half times as long after the first. What goes on changing goes that often.
 * @param window ms, above 0
 */
export function settled(before: Settling | undefined, now: number, window: number): Settling {
    if (!before || now >= before.until + window) return { first: now, until: now };
    // What has waited until then has gone, so it is the first by now.
    const first = now < before.until ? before.first : before.until;
    return { first, until: Math.min(now + window / 2, first + window * 2.5) };
}

/** A change within so many ms after one of the other kind answers it. */
const answering = 3_000;
/** So many changes that answer each other are more than people make within {@link spell}. */
const most = 6;
const spell = 60_000;
/** How long nothing is written for a person afterwards, in ms. */
const rest = 5 * 60_000;

/**
 * Takes in that we, or others, have changed what the person shows. After more than 6 changes within a minute that answer
 * each other the person's writes rest for 5 minutes.
 * @param now monotonic
 * @returns true if they rest from now on
 */
export function noteChange(record: PersonRecord, by: Volley['by'], now: number): boolean {
    if ((record.restsUntil ?? now) > now) return false;
    const { volley } = record;
    const last = volley?.times.at(-1) ?? Number.NEGATIVE_INFINITY;
    const isAnswer = volley !== undefined && volley.by !== by && now - last <= answering;
    // Two changes of one kind in a row answer nothing: the newer one may be answered.
    const before = isAnswer ? volley.times.filter(time => now - time < spell) : [];
    record.volley = { by, times: [...before, now] };
    if (record.volley.times.length <= most) return false;
    record.volley = undefined;
    record.restsUntil = now + rest;
    return true;
}
