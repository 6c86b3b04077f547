import { type Claim, isTrusted, liveClaims, recentClaims, settling } from './record';
import { isOnlyByHand, messageOf, preferredOf, sessionOf, type TeamsRecord, type TeamsSide } from './teams-record';
import { isPreferable, rankOf, sessionPairs, showsAs } from './teams-states';
import type { TeamsPair, TeamsPresence } from './vocabulary';

/** What is concluded from what Teams shows. */
export interface Verdict {
    /** What the person's own sources say now; `hidden`: it is not what they said before, and it cannot be seen what. */
    own?: TeamsPresence | 'hidden';
    /** Read again then: it cannot be told yet. Monotonic. */
    lookAt?: number;
    /** The user has chosen another presence by hand since. */
    chosen?: true;
    /** Our session does not show, though nothing stronger does. */
    missing?: true;
    /** Our parts that show. */
    shows: readonly ('preferred' | 'session')[];
    /** It shows what we may have set before this start, in this part. */
    suspect?: 'session' | 'preferred';
    /** No log tells whether it is not ours. */
    isFound?: true;
    /** Whether it does is not known before the PBX has spoken of the person. */
    isOpen?: true;
}

/**
 * What the person's own sources say, as far as that can be known: Teams reports only an aggregate, and not who caused it,
 * so what shows is compared with all states that any of our parts can produce.
 * @param shown without a status message of ours
 * @param begun monotonic time at which the read was sent; none for a notification, which may be late
 * @see https://learn.microsoft.com/graph/cloud-communications-manage-presence-state
 */
export function judgeTeams(
    record: TeamsRecord,
    shown: TeamsPresence,
    begun: number | undefined,
    side: TeamsSide,
    now: number,
): Verdict {
    const setting = liveClaims(preferredOf(record), now);
    const call = liveClaims(sessionOf(record), now);
    const bySetting = setting.some(({ value }) => showsAs(value, true, shown));
    const byCall = call.some(({ value }) => showsAs(value, false, shown));
    // A session that is on its way may have come before or after the read.
    const isOvertaken = call[0]?.certainty === 'sent' && begun !== undefined && begun < call[0].from + settling;
    const trusted = isTrusted(record, begun) && !isOvertaken;
    const writtenAt = isOvertaken ? call[0]!.from : record.writtenAt;
    const later = { lookAt: Math.max(now, writtenAt + settling), shows: [] };
    if (setting.length > 0) {
        if (bySetting) {
            // A preferred presence shows only while the person has a session: it shows, so the person has come back.
            const hasComeBack = record.own?.availability === 'Offline' && call.length === 0;
            return { ...(hasComeBack ? { own: 'hidden' as const } : {}), shows: ['preferred'] };
        }
        // What was written since leaves the setting alone.
        const isLate =
            begun !== undefined && begun >= Math.max(setting[0]!.from + settling, record.doubt?.since ?? begun);
        if (!trusted && !isLate) return later;
        const isSure = setting[0]!.certainty !== 'sent' && setting[0]!.ends > now;
        const isChoice = isSure && shown.availability !== 'Offline' && shown.availability !== 'PresenceUnknown';
        return {
            ...(isChoice ? { chosen: true } : {}),
            // Beneath our session it is not visible what the person's own sources say.
            ...(byCall ? {} : { own: shown }),
            shows: byCall ? ['session'] : [],
        };
    }
    if (!byCall && !trusted && explainsLate(record, shown, now)) return later;
    // A session that only its own registration could have ended shows until its lease ends.
    const isLeft = recentClaims(sessionOf(record), now).some(
        ({ value, ends }) => ends > now && showsAs(value, false, shown),
    );
    if (!byCall && isLeft) return { shows: [] };
    if (call.length > 0) return judgeBesideCall(record, shown, { call, byCall, trusted, later });
    const isOpen = side.mayHaveSessions && !sessionOf(record)?.isFoundOut;
    // A session of ours may have been hidden until now by what ranked higher.
    if (isOpen && isLineState(shown)) return { shows: [], suspect: 'session' };
    if (isOpen && record.doubt?.why === 'start') return judgeAtStart(record, shown, side, now);
    return { own: shown, shows: [] };
}

/** No log tells what is ours: a setting that the PBX has now, too, may be. */
function judgeAtStart(record: TeamsRecord, shown: TeamsPresence, side: TeamsSide, now: number): Verdict {
    const wanted = preferredOf(record)?.desired?.value;
    if (wanted && showsAs(wanted, true, shown)) return { shows: [], suspect: 'preferred' };
    const canBeOurs = isPreferable(shown) && shown.availability !== 'Available';
    if (canBeOurs && !record.spoken && now < side.sourcesKnownBy)
        return { lookAt: Math.min(now + 1_000, side.sourcesKnownBy), shows: [], isOpen: true };
    return { own: shown, shows: [], ...(canBeOurs ? { isFound: true } : {}) };
}

function judgeBesideCall(
    record: TeamsRecord,
    shown: TeamsPresence,
    seen: { call: readonly Claim<TeamsPair>[]; byCall: boolean; trusted: boolean; later: Verdict },
): Verdict {
    const { call, byCall, trusted, later } = seen;
    const rank = rankOf(shown.availability);
    if (byCall) {
        // What outranks our session cannot be in force any more, and what is beneath it is not seen.
        const { own, isAbove } = record;
        const isOutranked =
            own !== undefined && (isAbove === true || isOnlyByHand(own) || rankOf(own.availability) > rank);
        if (!isOutranked) return { shows: ['session'] };
        return trusted ? { own: 'hidden', shows: ['session'] } : later;
    }
    const isWeaker = rank < rankOf(call[0]!.value.availability);
    if (isWeaker && !trusted) return later;
    // What only a hand can set hides ours.
    const isMissing = isWeaker && (call[0]!.seen || !isOnlyByHand(shown));
    return { own: shown, shows: [], ...(isMissing ? { missing: true } : {}) };
}

/** What we held a moment ago can be what shows. */
function explainsLate(record: TeamsRecord, shown: TeamsPair, now: number): boolean {
    return (
        recentClaims(preferredOf(record), now).some(({ value }) => showsAs(value, true, shown)) ||
        recentClaims(sessionOf(record), now).some(({ value }) => showsAs(value, false, shown))
    );
}

/** A pair of a call. The other pairs that a session can have are too common: nearly all people would be suspects. */
function isLineState({ availability, activity }: TeamsPair): boolean {
    return sessionPairs.some(text => text === `${availability}/${activity}`) && /Call|Presenting/.test(activity);
}

/** The presence without a status message that we wrote, or wrote a moment ago: it is the note of the PBX. */
export function withoutOurMessage<Presence extends TeamsPresence>(
    record: TeamsRecord,
    shown: Presence,
    now: number,
): Presence {
    const state = messageOf(record);
    if (!state || shown.statusMessage === undefined) return shown;
    const { statusMessage: text, ...rest } = shown;
    const isOurs = [...liveClaims(state, now), ...recentClaims(state, now)].some(({ value }) => value === text);
    return isOurs ? (rest as Presence) : shown;
}
