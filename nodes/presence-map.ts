import type { NodeAPI } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import { defaultTables, type MappingRow, mapToPbx, mapToTeams } from '../lib/presence/mapping';
import { preferredPairs, sessionPairs } from '../lib/presence/teams-states';
import { pbxActivities, teamsActivities } from '../lib/presence/vocabulary';
import { isClear, isPbxPresence, isTeamsPresence } from '../lib/presence/words';
import { type RunningNode, registerNode } from './runtime/running-node';

/** The dialog shows these rows and suggests these words. */
const settings = {
    presenceMapTables: { value: defaultTables, exportable: true },
    presenceMapWords: {
        value: { teamsActivities, teamsPairs: [...new Set([...sessionPairs, ...preferredPairs])], pbxActivities },
        exportable: true,
    },
};

export = (RED: NodeAPI): void => {
    const create = (own: RunningNode): void => {
        const tableOf = (direction: keyof typeof defaultTables): MappingRow[] => {
            const rows = own.config[direction] as MappingRow[];
            return rows.length > 0 ? rows : defaultTables[direction];
        };
        const [toPbx, toTeams] = [tableOf('toPbx'), tableOf('toTeams')];

        own.onInput(message => {
            const mapped = mapEither(message.payload, message.presence?.previous);
            if (mapped === 'leave') return undefined;
            message.payload = mapped;
            return message;
        });

        function mapEither(payload: unknown, previous: unknown) {
            if (isClear(payload)) return payload;
            if (isTeamsPresence(payload)) {
                return mapToPbx(toPbx, payload, isTeamsPresence(previous) ? previous : undefined);
            }
            if (!isPbxPresence(payload)) {
                throw new SyncError('PRESENCE_WORDS_MISSING', { expected: 'a presence of Teams or of the PBX' });
            }
            return mapToTeams(toTeams, payload, isPbxPresence(previous) ? previous : undefined);
        }
    };
    registerNode(RED, 'presence-map', create, { settings });
};
