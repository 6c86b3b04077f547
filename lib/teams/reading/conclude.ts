import type { Verdict } from '../../presence/judge-teams';
import {
    type Claim,
    endClaims,
    isTrusted,
    liveClaims,
    lookAt,
    type PartState,
    type Rule,
    unsure,
} from '../../presence/record';
import {
    type HiddenReason,
    isChoice,
    isOnlyByHand,
    preferredOf,
    sessionOf,
    type TeamsRecord,
    type TeamsSide,
    type TeamsWriter,
} from '../../presence/teams-record';
import { hiddenReason } from '../../presence/teams-shown';
import { isSamePair, pairText } from '../../presence/teams-states';
import type { TeamsPair, TeamsPresence } from '../../presence/vocabulary';
import type { Reconciler } from '../../sync/reconciler';

/** What is missing is set again at once, and once more only so many ms after it has shown again. */
const setAgainPause = 10_000;

/** Where a conclusion is noted, beside the record of the person. */
export interface Books {
    people: Reconciler<TeamsRecord>;
    side: TeamsSide;
}

/**
 * What has become of what we hold, as a read shows it.
 * @param begun monotonic time at which the read was sent
 * @returns why what we have set does not show, where that is news
 */
export function conclude(
    record: TeamsRecord,
    shown: TeamsPresence,
    verdict: Verdict,
    begun: number,
    now: number,
    books: Books,
): HiddenReason | undefined {
    const hidden = verdict.shows.length > 0 ? undefined : hiddenReason(record, shown, now);
    const news = noteHidden(record, hidden, begun);
    for (const part of verdict.shows) {
        const state = record.parts[part]!;
        for (const claim of liveClaims(state, now)) claim.seen = true;
        if (state.setAgainFrom) state.setAgainFrom = Math.min(state.setAgainFrom, now + setAgainPause);
    }
    const lose = (part: 'session' | 'preferred', rule: Rule): void => {
        const state = record.parts[part] as PartState;
        const from = liveClaims(state, now).map(({ value }) => pairText(value as TeamsPresence));
        // A session that does not show yet still explains itself when it does.
        if (part === 'session') for (const claim of state.claims) unsure(claim);
        else endClaims(state, now);
        books.people.decide(record, part, rule, from.join(), pairText(shown));
    };
    if (verdict.chosen) {
        const state = preferredOf(record)!;
        const leads = (state.desired?.by.writer as TeamsWriter | undefined)?.leads === true;
        // What was held yields; a setting that is another one by now is newer than the choice.
        const [{ value }] = liveClaims(state, now) as [Claim<TeamsPair>];
        const isHeld = !state.desired || isSamePair(state.desired.value, value);
        if (isHeld && !leads) state.yields = { since: now, rule: 'chosen in Teams', value };
        lose('preferred', leads ? 'the PBX leads' : 'chosen in Teams');
    }
    const state = sessionOf(record);
    const isMissing = verdict.missing === true && state !== undefined && (state.setAgainFrom ?? now) <= now;
    const hasShown = isMissing && liveClaims(state, now).some(({ seen }) => seen === true);
    if (isMissing) {
        // Beneath a choice by hand it does not show, so what becomes of it there is seen only once that has gone.
        state.setAgainFrom = isOnlyByHand(shown) ? now + setAgainPause : Number.POSITIVE_INFINITY;
        lose('session', 'missing');
    } else if (verdict.missing && state && state.setAgainFrom! < Number.POSITIVE_INFINITY)
        lookAt(record, state.setAgainFrom!, 'sweep');
    // What a hand alone can set was not forgotten.
    const isLost = (verdict.chosen || hasShown) && !isChoice(shown) && !isOnlyByHand(shown);
    noteFate(record, isLost ? 'lost' : verdict.shows.length > 0 ? 'kept' : 'none', now, books);
    return news;
}

/** @returns the reason where it is news */
export function noteHidden(
    record: TeamsRecord,
    reason: HiddenReason | undefined,
    begun: number,
): HiddenReason | undefined {
    if (reason && !isTrusted(record, begun)) return undefined;
    const news = reason === record.hidden ? undefined : reason;
    if (reason) record.hidden = reason;
    else if (record.hidden) record.hidden = undefined;
    return news;
}

/**
 * Where many are lost in one sweep the tenant has forgotten: those are no choices, and all is set again.
 * @param fate of what we hold; also none where a read says nothing of the person
 */
export function noteFate(
    record: TeamsRecord,
    fate: 'lost' | 'kept' | 'none',
    now: number,
    { people, side }: Books,
): void {
    const holds = ({ parts }: TeamsRecord): boolean =>
        [parts.preferred, parts.session].some(state => liveClaims(state, now).some(({ seen }) => seen));
    // Whether others have lost it, too, is read before anything is concluded.
    const ask = (isMeant: (key: string) => boolean, most: number): string[] => {
        const others: TeamsRecord[] = [];
        for (const each of people.records.values()) {
            if (others.length >= most) break;
            if (isMeant(each.key) && holds(each)) others.push(each);
        }
        for (const each of others) {
            lookAt(each, now, 'edge');
            people.touch(each.key);
        }
        return others.map(({ key }) => key);
    };
    for (const key of side.losses.note(record.key, fate, now, ask)) {
        const each = people.records.get(key);
        const state = each && preferredOf(each);
        if (!each || state?.yields?.rule !== 'chosen in Teams') continue;
        state.yields = undefined;
        people.decide(each, 'preferred', 'the tenant forgot', '', '');
        people.touch(key);
    }
}
