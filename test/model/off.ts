/**
 * Kinds of actions and trouble that random sequences leave out, because the product does not get them right yet: each
 * entry is a kind, or kinds that are not to meet in one sequence. What is mended comes off the list, which is to be empty.
 */
export const off: readonly (readonly string[])[] = [
    // Five refusals in a row are taken for a PBX that takes no contact of ours: the entry goes in the user's place.
    ['pbx-refuses'],
    // Found in the PBX after a start, of somebody who left Teams meanwhile: no source speaks of them, so it is held 5 min.
    ['kill', 'teams-leaver'],
];
