import { appearOffline, doNotDisturb, equals, type Pair } from './words';

/**
 * What may have become of the preferred presence in Teams, for which a hand in Teams and the setting in the PBX compete.
 * The sentences in quotes are those of the table of conflicts. Each function says everything that is right after
 * something has happened, since it can depend on what the product could know first.
 */
export interface Preferred {
    /** What was chosen by hand and still stands. */
    hand?: Pair;
    /** Whether the PBX setting stands there, yields to a hand, waits for the person to appear, or is none. */
    pbx: 'none' | 'stands' | 'yields' | 'waits';
}

/** What else there is to know. */
export interface Situation {
    /** What the PBX setting means in Teams; undefined for nothing. */
    meant: Pair | undefined;
    /** The same as far as it is written now: a call holds back away. */
    wanted: Pair | undefined;
    isSignedOut: boolean;
    /** What Teams shows without any preferred presence; undefined where the person is signed out. */
    own: Pair | undefined;
    /** The person has signed out beneath a call of the PBX, which hides that. */
    isSignOutHidden: boolean;
    /** The person has signed in beneath a call of the PBX, which hides that. */
    isSignInHidden: boolean;
    /** What happens now may be known late, or never. */
    isBlind: boolean;
    /** Whether a hand in Teams, the PBX setting, a sign-in or a sign-out is so near that the order may be seen as another one. */
    near: { hand: boolean; setting: boolean; signIn: boolean; signOut: boolean };
}

const stands: Preferred = { pbx: 'stands' };
const none: Preferred = { pbx: 'none' };

/** The PBX setting is another one. @param isSame whether it means the same in Teams as before */
export function afterSetting(each: Preferred, isSame: boolean, now: Situation): Preferred[] {
    const { meant, near } = now;
    if (!meant) {
        // Ours is taken back; what the user has chosen is not ours to clear, once it can be known.
        if (each.pbx === 'stands') return [none];
        return [{ hand: each.hand, pbx: 'none' }, ...(near.hand ? [none] : [])];
    }
    // Who has signed in beneath a call counts as offline, as far as can be seen.
    if (each.pbx === 'stands') return now.isSignInHidden ? [each, { hand: each.hand, pbx: 'waits' }] : [each];
    const decided = settingMeetsHand(each.hand, meant, now);
    return isSame ? [each, ...decided] : decided;
}

function settingMeetsHand(
    hand: Pair | undefined,
    meant: Pair,
    { isSignedOut, isSignOutHidden, isSignInHidden, wanted, near }: Situation,
): Preferred[] {
    const isHeldBack = wanted === undefined;
    const yields: Preferred = { hand, pbx: 'yields' };
    const orNot = near.hand ? [stands, yields] : [];
    // "Teams shows Offline without our session and the PBX has a setting: not written while Offline shows".
    const isOffline = isSignedOut || isSignInHidden || hand === appearOffline;
    const isKnownOffline = hand === appearOffline || (isSignedOut && !isSignOutHidden && !near.signOut);
    if (isOffline || near.signIn) return [{ hand, pbx: 'waits' }, ...orNot, ...(isKnownOffline ? [] : [stands])];
    // "Teams already shows exactly what the PBX setting means (equal): nothing is written".
    if (hand === meant && equals.includes(meant)) return [yields, ...orNot];
    // "dnd by hand: never lifted by a weaker state of the other side".
    if (hand === doNotDisturb) return [yields, ...orNot];
    // "the newest choice by hand wins", once what is chosen does not wait beneath a call.
    return [stands, ...orNot, ...(isHeldBack ? [{ hand, pbx: 'waits' as const }] : [])];
}

/** Something is chosen in Teams by hand, or reset. */
export function afterHand({ hand: before, pbx }: Preferred, hand: Pair | undefined, now: Situation): Preferred[] {
    const { meant, wanted, near, own } = now;
    const yields: Preferred = { hand, pbx: 'yields' };
    // What we write at the same moment may come later.
    const orOurs = near.setting ? [meant ? stands : none] : [];
    if (pbx === 'none' || !meant) return [{ hand, pbx: 'none' }, ...orOurs];
    // "from Offline nothing is concluded": it waits until the person appears.
    if (hand === appearOffline) return [{ hand, pbx: pbx === 'yields' ? 'yields' : 'waits' }, ...orOurs];
    if (pbx === 'waits') return hand === doNotDisturb ? [yields, ...orOurs] : [yields, stands];
    // What was held back by a dnd may be written once that is lifted; the table does not say.
    // What is reset and chosen again at the same moment looks as if nothing had happened.
    const isUnseen = hand === meant && near.hand;
    if (pbx === 'yields') return before === doNotDisturb || isUnseen ? [yields, stands] : [yields, ...orOurs];
    if (!wanted) return [{ hand, pbx: 'waits' }, yields];
    // "an equal state chosen after ours is not visible and counts as ours".
    if (hand === meant) return [stands];
    // Nor is what shows the same without it.
    if (hand === undefined && own === meant) return [yields, stands];
    // "Teams stays as chosen until the PBX setting changes", where it can be known that it was chosen after.
    // What was written over another choice a moment ago may come later.
    return [yields, ...orOurs, ...(near.hand ? [stands] : [])];
}

/** The person signs in to Teams: "set when the person appears", which can be seen only once no call hides it. */
export function afterSignIn({ hand, pbx }: Preferred, { meant, isSignInHidden }: Situation): Preferred[] {
    if (pbx !== 'waits' || !meant || hand === appearOffline) return [{ hand, pbx }];
    const orWaits: Preferred[] = isSignInHidden ? [{ hand, pbx }] : [];
    if (hand === doNotDisturb || (hand === meant && equals.includes(meant)))
        return [{ hand, pbx: 'yields' }, ...orWaits];
    return [stands, ...(hand ? [{ hand, pbx: 'yields' } as const] : []), ...orWaits];
}

/** The first call begins. @param overrides whether a choice by hand is reset then, "dnd excepted" */
export function afterCallBegins(
    each: Preferred,
    overrides: boolean,
    { meant, wanted, near, isBlind, isSignedOut }: Situation,
): Preferred[] {
    const { hand, pbx } = each;
    const reset = { hand: hand === doNotDisturb ? hand : undefined, pbx };
    // A call that is over before it can be known of resets nothing, nor does one of somebody who is signed out: what they
    // have chosen is not seen.
    if (overrides) return isBlind || isSignedOut ? [each, reset] : [reset];
    // Away is taken back for the call, and with it what was chosen at the same moment.
    const isHeldBack = meant !== undefined && wanted === undefined;
    return isHeldBack && near.hand ? [each, { pbx }] : [each];
}

/** The last call ends: what was held back is written, where no hand was there first. */
export function afterCallEnds(each: Preferred, { isSignedOut, meant, near }: Situation): Preferred[] {
    const { hand, pbx } = each;
    if (isSignedOut || hand === appearOffline) return [each];
    if (pbx === 'waits') return [stands, { hand, pbx: 'yields' }];
    return pbx === 'yields' && meant && near.hand ? [each, stands] : [each];
}
