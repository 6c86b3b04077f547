/**
 * Kinds of actions and trouble that random sequences leave out, because the product does not get them right yet: each
 * entry is a kind, or kinds that are not to meet in one sequence. What is mended comes off the list, which is to be empty.
 */
export const off: readonly (readonly string[])[] = [];
