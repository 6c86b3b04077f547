import { type KnownPresence, nothing, type Setting, sameSetting } from '../../presence/pbx-list';
import type { UserState } from '../../presence/pbx-record';
import type { PbxPresence } from '../../presence/vocabulary';
import { readNote } from './coded-note';

/** What a node wants to be told of the users' presence. */
export interface PresenceView {
    /**
     * Where it is known from that a user is in a call: from `on-the-phone` in the presence, which needs a visibility
     * right, from the calls that RCC tells, or from either, so that RCC serves those whose right is missing.
     */
    lineState: 'presence' | 'rcc' | 'automatic';
    /** Whether a calendar's entry counts where the user has set nothing. */
    calendar: boolean;
}

/** What is known as a node wants to see it; `undefined` where there is nothing to tell. */
export function viewOf(state: UserState, view: PresenceView): PbxPresence | undefined {
    const { list, inCall, isEcho, isStale, isUnclear, isCopied } = state;
    const callsCount = view.lineState !== 'presence';
    if ((!list || isUnclear) && !(callsCount && inCall !== undefined)) return undefined;
    const told = isStale ? undefined : list;
    const seen = view.lineState !== 'rcc' && !isEcho && (told?.presence.onThePhone ?? false);
    const { activity, note } = isCopied ? nothing : settingOf(told, view);
    const { text, until } = readNote(note);
    const onThePhone = seen || (callsCount && inCall === true);
    return { activity, note: text, onThePhone, ...(until !== undefined && { until: new Date(until).toISOString() }) };
}

/** Both say the same to others. */
export function samePresence(one: PbxPresence | undefined, other: PbxPresence | undefined): boolean {
    if (!one || !other) return one === other;
    return sameSetting(one, other) && one.onThePhone === other.onThePhone && one.until === other.until;
}

/** Both look the same in every view. */
export function sameState(one: UserState, other: UserState): boolean {
    if (one.inCall !== other.inCall || one.isEcho !== other.isEcho) return false;
    if (one.isStale !== other.isStale || one.isUnclear !== other.isUnclear) return false;
    if (one.isCopied !== other.isCopied) return false;
    return (
        samePresence(one.list?.presence, other.list?.presence) &&
        sameSetting(one.list?.calendar ?? nothing, other.list?.calendar ?? nothing)
    );
}

/** What the user has set goes before what a calendar says. */
function settingOf(list: KnownPresence | undefined, { calendar }: PresenceView): Setting {
    if (!list) return nothing;
    const isUnset = sameSetting(list.presence, nothing);
    return (calendar && isUnset && list.calendar) || list.presence;
}
