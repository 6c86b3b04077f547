import type { Clock } from '../../time/clock';
import { ClientLinks } from './client-links';
import type { PbxLinks } from './pbx-links';
import type { Log, PbxSettings } from './pbx-settings';
import { ServerLinks } from './server-links';

/** The connections of one system in the role that its settings name. */
export function linksOf(options: { settings: PbxSettings; clock: Clock; random: () => number; log: Log }): PbxLinks {
    return options.settings.role === 'server' ? new ServerLinks(options) : new ClientLinks(options);
}
