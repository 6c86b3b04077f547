import type { Sentence } from '../errors/sentence';

/**
 * Why something is written, taken back, read or left alone: the rows of the table of conflicts and the reasons of single
 * steps, by the name that the journal and `msg.outcome` give them. See docs/conflicts.md.
 */
export const rules = {
    call: {
        en: 'A call of the other side is shown as long as it lasts.',
        de: 'Ein Anruf der anderen Seite wird gezeigt, solange er dauert.',
    },
    setting: {
        en: 'The setting of the other side is shown as long as it stands.',
        de: 'Die Einstellung der anderen Seite wird gezeigt, solange sie gilt.',
    },
    note: {
        en: 'The note of the other side is shown as status message as long as it stands.',
        de: 'Die Notiz der anderen Seite wird als Statusmeldung gezeigt, solange sie gilt.',
    },
    entry: {
        en: 'The presence of the other side is shown as an entry as long as it stands.',
        de: 'Die Präsenz der anderen Seite wird als Eintrag gezeigt, solange sie gilt.',
    },
    lease: {
        en: 'What we have set ends by itself soon, so it is renewed.',
        de: 'Was wir gesetzt haben, endet bald von selbst und wird deshalb erneuert.',
    },
    equal: {
        en: 'The person has already chosen exactly this, so nothing is written, and nothing is ours to take back.',
        de: 'Die Person hat genau das schon selbst gewählt: Es wird nichts geschrieben, und uns gehört nichts, was zurückzunehmen wäre.',
    },
    offline: {
        en: 'The person is signed out of Teams or appears offline, so nothing is shown before they come back.',
        de: 'Die Person ist in Teams abgemeldet oder wird als offline angezeigt: Es wird nichts gezeigt, bis sie wieder da ist.',
    },
    'beneath a call': {
        en: 'A call is shown, and this setting would hide it: it waits until the call has ended.',
        de: 'Ein Anruf wird gezeigt, den diese Einstellung verdecken würde: Sie wartet, bis er zu Ende ist.',
    },
    'do not disturb by hand': {
        en: 'The person has chosen Do not disturb, which is never lifted by a weaker state of the other side.',
        de: 'Die Person hat „Nicht stören“ gewählt; ein schwächerer Zustand der anderen Seite hebt das nie auf.',
    },
    'chosen in Teams': {
        en: 'The person has chosen another status in Teams since, which stands until the setting of the other side changes.',
        de: 'Die Person hat seither in Teams einen anderen Status gewählt; er gilt, bis sich die Einstellung der anderen Seite ändert.',
    },
    'chosen in the PBX': {
        en: 'The person has chosen another presence in the PBX since, which stands until the setting of the other side changes.',
        de: 'Die Person hat seither in der PBX eine andere Präsenz gewählt; sie gilt, bis sich die Einstellung der anderen Seite ändert.',
    },
    'the PBX leads': {
        en: 'The person has chosen another status in Teams, and the PBX leads here, so it is set again.',
        de: 'Die Person hat in Teams einen anderen Status gewählt; hier führt die PBX, deshalb wird neu gesetzt.',
    },
    'written by hand': {
        en: 'The person has written a status message of their own, which is never replaced.',
        de: 'Die Person hat selbst eine Statusmeldung geschrieben, und die wird nie ersetzt.',
    },
    missing: {
        en: 'What we have set was gone although nothing stronger showed, so it is set again once.',
        de: 'Was wir gesetzt hatten, war verschwunden, obwohl nichts Stärkeres zu sehen war: Es wird einmal neu gesetzt.',
    },
    gone: {
        en: 'The PBX no longer had the entry that we have set, so it is set again.',
        de: 'Die PBX hatte den Eintrag nicht mehr, den wir gesetzt haben: Er wird neu gesetzt.',
    },
    'the tenant forgot': {
        en: 'Teams has lost what was set for many people at once, so nobody has chosen anything, and all of it is set again.',
        de: 'Teams hat für viele Personen auf einmal verloren, was gesetzt war: Niemand hat etwas gewählt, und alles wird neu gesetzt.',
    },
    'takes no part': {
        en: 'The person takes no part any more, so what we have set is taken back.',
        de: 'Die Person nimmt nicht mehr teil: Was wir gesetzt haben, wird zurückgenommen.',
    },
    'calls cannot be made': {
        en: 'The PBX does not let us make calls on behalf of users, so an entry stands for the call.',
        de: 'Die PBX lässt uns keine Anrufe im Namen von Benutzern machen: Ein Eintrag steht für den Anruf.',
    },
    'the call is refused': {
        en: 'The PBX refuses the call on behalf of the person for now, so an entry stands for it.',
        de: 'Die PBX lehnt den Anruf im Namen der Person zurzeit ab: Ein Eintrag steht dafür.',
    },
    'it is found out which contact the PBX takes': {
        en: 'The write of another person is finding out which contact the PBX takes; this one waits for it.',
        de: 'Gerade zeigt sich bei einer anderen Person, welchen Kontakt die PBX annimmt; so lange wird gewartet.',
    },
    'our call ends first': {
        en: 'A call that we have made is ending; what lies beneath it is written afterwards.',
        de: 'Ein Anruf von uns geht gerade zu Ende; was darunter liegt, wird danach geschrieben.',
    },
    'no source speaks of it': {
        en: 'Since the start no source has spoken of it, so what was set before is taken back.',
        de: 'Seit dem Start hat keine Quelle davon gesprochen: Was vorher gesetzt war, wird zurückgenommen.',
    },
    'its registration is gone': {
        en: 'Only the app registration that has set this could take it back, and no node uses it now: it ends with its lease.',
        de: 'Nur die App-Registrierung, die das gesetzt hat, könnte es zurücknehmen, und kein Node nutzt sie jetzt: Es endet mit seiner Frist.',
    },
    'its source has not spoken yet': {
        en: 'What was set before the start stays until its source has spoken, for a few minutes at most.',
        de: 'Was vor dem Start gesetzt war, bleibt, bis seine Quelle gesprochen hat, höchstens einige Minuten.',
    },
    'nothing is known of the person': {
        en: 'What the person shows is not known yet and is read first.',
        de: 'Was die Person zeigt, ist noch nicht bekannt und wird zuerst gelesen.',
    },
    'whose call shows': {
        en: 'No log tells whether the call that shows is ours; it is found out before anything else is set.',
        de: 'Kein Protokoll sagt, ob der gezeigte Anruf von uns ist; das zeigt sich, bevor etwas anderes gesetzt wird.',
    },
    'whose choice shows': {
        en: 'It is read first whether what shows is ours or a choice of the person.',
        de: 'Zuerst wird gelesen, ob das Gezeigte von uns ist oder eine Wahl der Person.',
    },
    'whose message shows': {
        en: 'It is read first whether the status message is ours or the person’s own.',
        de: 'Zuerst wird gelesen, ob die Statusmeldung von uns ist oder von der Person selbst.',
    },
    'before it is taken back': {
        en: 'Before it is taken back it is read whether the person has chosen something else meanwhile.',
        de: 'Vor dem Zurücknehmen wird gelesen, ob die Person inzwischen etwas anderes gewählt hat.',
    },
    'before it is renewed': {
        en: 'Before it is renewed it is read whether the person has chosen something else meanwhile.',
        de: 'Vor dem Erneuern wird gelesen, ob die Person inzwischen etwas anderes gewählt hat.',
    },
    doubt: {
        en: 'What is known may be untrue, so the person is read before anything is concluded.',
        de: 'Was bekannt ist, könnte nicht mehr stimmen: Die Person wird gelesen, bevor etwas geschlossen wird.',
    },
    look: {
        en: 'The person is read to see what has come of the last change.',
        de: 'Die Person wird gelesen, um zu sehen, was aus der letzten Änderung geworden ist.',
    },
    paused: {
        en: 'An administrator has paused the person, so nothing of ours shows until the pause ends.',
        de: 'Ein Administrator hat die Person pausiert: Bis zum Ende der Pause zeigt sich nichts von uns.',
    },
    resting: {
        en: 'Our changes and somebody else’s have answered each other more than six times in a minute; probably another sync product or a second flow sets this presence, too. Nothing of ours shows for 5 minutes.',
        de: 'Unsere Änderungen und fremde haben einander mehr als sechsmal in einer Minute beantwortet; vermutlich setzt ein anderes Synchronisierungsprodukt oder ein zweiter Flow diese Präsenz ebenfalls. 5 Minuten lang zeigt sich nichts von uns.',
    },
    copied: {
        en: 'What shows here has followed the other side within 3 s three times running; another sync product seems to be at work. It is not passed back until it changes alone.',
        de: 'Was hier zu sehen ist, ist der anderen Seite dreimal nacheinander binnen 3 s gefolgt; vermutlich ist ein anderes Synchronisierungsprodukt am Werk. Es wird nicht zurückgegeben, bis es sich allein ändert.',
    },
    'pause asked for': {
        en: 'A pause was asked for in the editor.',
        de: 'Im Editor wurde eine Pause verlangt.',
    },
    'resume asked for': {
        en: 'The end of the pause was asked for in the editor.',
        de: 'Im Editor wurde das Ende der Pause verlangt.',
    },
    'resync asked for': {
        en: 'It was asked for in the editor that the person is read anew.',
        de: 'Im Editor wurde verlangt, die Person neu zu lesen.',
    },
} as const satisfies Record<string, Sentence>;

/** The name of a rule; one without its sentences does not compile. */
export type Rule = keyof typeof rules;
