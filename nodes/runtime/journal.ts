import { Journal } from '../../lib/presence/journal';

/** The decisions of this process, the newest 20,000, of both directions and all systems. */
export const journal = new Journal();
