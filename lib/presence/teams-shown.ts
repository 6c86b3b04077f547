import type { Sentence } from '../errors/sentence';
import type { Shown } from './explain';
import { liveClaims, type PartState } from './record';
import { appearOffline, type HiddenReason, preferredOf, sessionOf, type TeamsRecord } from './teams-record';
import { pairText, rankOf, showsAs } from './teams-states';
import type { TeamsPair, TeamsPresence } from './vocabulary';

/** What Teams shows, and whether it is ours. */
export function shownInTeams(record: TeamsRecord, now: number): Shown | undefined {
    const { shown, shownSince: since, own, hidden } = record;
    if (!shown) return undefined;
    const isOurs = (state: PartState<TeamsPair> | undefined, isPreferred: boolean): boolean =>
        liveClaims(state, now).some(({ value }) => showsAs(value, isPreferred, shown));
    const call = isOurs(sessionOf(record), false) ? 'session' : undefined;
    const part = isOurs(preferredOf(record), true) ? 'preferred' : call;
    return {
        text: pairText(shown),
        ...(since === undefined ? {} : { since }),
        ...(part && { part }),
        ...(own && { own: pairText(own) }),
        ...(hidden && !part ? { hidden: hiddenReasons[hidden] } : {}),
    };
}

/** Why something that Teams has accepted does not show, in words. */
export const hiddenReasons: Readonly<Record<HiddenReason, Sentence>> = {
    'set-by-hand': {
        en: 'The person has chosen another status in Teams, which hides what we have set.',
        de: 'Die Person hat in Teams einen anderen Status gewählt, der verdeckt, was wir gesetzt haben.',
    },
    'appears-offline': {
        en: 'The person has chosen to appear offline in Teams, which hides what we have set.',
        de: 'Die Person hat in Teams „Als offline anzeigen“ gewählt; das verdeckt, was wir gesetzt haben.',
    },
    'do-not-disturb': {
        en: 'The person is in Do not disturb or presents, which hides what we have set.',
        de: 'Die Person steht auf „Nicht stören“ oder präsentiert; das verdeckt, was wir gesetzt haben.',
    },
    stronger: {
        en: 'A stronger state of the person hides what we have set.',
        de: 'Ein stärkerer Zustand der Person verdeckt, was wir gesetzt haben.',
    },
    unknown: {
        en: 'What we have set does not show, and Teams does not say why.',
        de: 'Was wir gesetzt haben, ist nicht zu sehen, und Teams sagt nicht, weshalb.',
    },
};

/** Why what we hold does not show; undefined for what shows, and for a setting while the user is signed out. */
export function hiddenReason(
    record: TeamsRecord,
    shown: TeamsPresence | undefined,
    now: number,
): HiddenReason | undefined {
    const [setting] = liveClaims(preferredOf(record), now);
    const [call] = liveClaims(sessionOf(record), now);
    const held = setting ?? call;
    if (!held || held.certainty === 'suspected') return undefined;
    if (!shown || shown.availability === 'PresenceUnknown') return 'unknown';
    if (setting ? showsAs(setting.value, true, shown) : showsAs(held.value, false, shown)) return undefined;
    if (shown.availability === 'Offline') {
        if (shown.activity === appearOffline) return 'appears-offline';
        return setting ? undefined : 'unknown';
    }
    if (setting || rankOf(shown.availability) <= rankOf(held.value.availability)) return 'set-by-hand';
    return shown.availability === 'DoNotDisturb' ? 'do-not-disturb' : 'stronger';
}
