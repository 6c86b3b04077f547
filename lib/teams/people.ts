import type { SyncError } from '../errors/errors';
import type { Outcome, PresenceUser } from '../presence/message';
import { liveClaims, type Statement } from '../presence/record';
import {
    Losses,
    preferredOf,
    sessionOf,
    type TeamsRecord,
    type TeamsSide,
    type TeamsWriter,
    teamsParts,
} from '../presence/teams-record';
import { type TeamsTarget, targetOf, type TargetChoice } from '../presence/teams-states';
