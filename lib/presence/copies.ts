import { entryOf, type PbxRecord } from './pbx-record';
import { lookAt } from './record';

/** What changes within so many ms with Teams follows it, or goes before it by another way. */
const following = 3_000;
/** So many times running are no coincidence. */
const running = 3;

/** The user's own setting is another one. */
export function noteSetting(record: PbxRecord, activity: string, now: number): void {
    const { copying } = record;
    record.copying = { activity, at: now, times: copying?.isCopy ? copying.times : 0, isCopy: false };
}

/**
 * Judges whether the user's own setting is what another product copies there from Teams. One that says the same as Teams
 * within a moment tells nothing that Teams does not show; three times running it is no coincidence.
 * @returns true if it has just been found out that there is such a product
 */
export function judgeCopy(record: PbxRecord, now: number): boolean {
    const { copying } = record;
    if (!copying) return false;
    const { activity, at, times } = copying;
    const { desired, since } = entryOf(record) ?? {};
    const { value } = desired ?? {};
    const wanted = value ? value.activity || (value.instead?.activity ?? '') : '';
    if (copying.isCopy) {
        if (activity === wanted || times >= running || since === undefined) return false;
        // Teams says something else, which a copy would have followed by then.
        if (now <= since + following) lookAt(record, since + following + 1, 'renewal');
        else Object.assign(copying, { isCopy: false, times: 0 });
        return false;
    }
    if (since !== undefined && activity === wanted && Math.abs(at - since) <= following) {
        copying.isCopy = true;
        copying.times += 1;
        return copying.times === running;
    }
    if (times < running) return false;
    // Until then it may still turn out to be one.
    if (now <= at + following) lookAt(record, at + following + 1, 'renewal');
    else copying.times = 0;
    return false;
}

/** What the user has set is a copy, as far as that is known. */
export function isCopied({ copying, state }: PbxRecord): boolean {
    if (copying === undefined || copying.activity !== state?.list?.presence.activity) return false;
    return copying.isCopy || copying.times >= running;
}
