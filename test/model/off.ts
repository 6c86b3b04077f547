/**
 * Kinds of actions and trouble that random sequences leave out, because the product does not get them right yet: each
 * entry is a kind, or kinds that are not to meet in one sequence. What is mended comes off the list, which is to be empty.
 */
export const off: readonly (readonly string[])[] = [
    // O1
    ['pbx-setting', 'pbx-call'],
    // O2, O5, equal states, a dnd by hand
    ['pbx-setting', 'teams-choice'],
    // A choice that showed above our session
    ['pbx-call', 'teams-choice'],
    // O3
    ['graph-away'],
    ['sleep'],
    // O6, and our own entry taken for the user's
    ['option-tel'],
    // O7
    ['pbx-refuses'],
    ['graph-refuses'],
    // O8, O9
    ['kill'],
    // Who comes back to the PBX within a second, and who comes back to Teams
    ['pbx-leaver'],
    ['teams-leaver', 'pbx-setting'],
    ['teams-leaver', 'pbx-call'],
    // O11
    ['tenant-forgets'],
];
