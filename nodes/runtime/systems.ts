import { PeopleList } from '../../lib/monitor/people-list';
import type { Watched } from '../../lib/monitor/watched';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import { Journal } from '../../lib/presence/journal';
import { TeamsSystems } from '../../lib/teams/teams-systems';
import { systemClock } from '../../lib/time/clock';
import { systemContinuity } from '../../lib/time/continuity';

/** The decisions of this process, the newest 20,000, of both directions and all systems. */
export const journal = new Journal();

/** Both directions and all registrations of a tenant meet there, and deploys do not end it. */
export const teamsSystems = new TeamsSystems(systemClock, systemContinuity, journal);

/** Those that are connected or try to be, by the id of their node. */
export const pbxSystems = new Map<string, Watched<PbxSystem>>();

export const peopleList = new PeopleList({
    systems: { pbxs: () => pbxSystems.values(), tenants: () => teamsSystems.all() },
    journal,
    clock: systemClock,
});
