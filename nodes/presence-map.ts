import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import { defaultTables, type MappingRow, mapToPbx, mapToTeams } from '../lib/presence/mapping';
import { preferredPairs, sessionPairs } from '../lib/presence/teams-states';
import { pbxActivities, teamsActivities } from '../lib/presence/vocabulary';
import { isClear, isPbxPresence, isTeamsPresence } from '../lib/presence/words';
import { onInput } from './runtime/handlers';
import type { FlowMessage } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { sentenceIn } from './runtime/status';

interface PresenceMapConfig extends NodeDef {
    toPbx: MappingRow[];
    toTeams: MappingRow[];
}

export = (RED: NodeAPI): void => {
    function PresenceMap(this: Node, config: PresenceMapConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('presence-map', config);
        const toPbx = config.toPbx.length > 0 ? config.toPbx : defaultTables.toPbx;
        const toTeams = config.toTeams.length > 0 ? config.toTeams : defaultTables.toTeams;

        onInput(this, sentenceIn(RED), (message: FlowMessage) => {
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
    }

    // The dialog shows these rows and suggests these words.
    RED.nodes.registerType('presence-map', PresenceMap, {
        settings: {
            presenceMapTables: { value: defaultTables, exportable: true },
            presenceMapWords: {
                value: {
                    teamsActivities,
                    teamsPairs: [...new Set([...sessionPairs, ...preferredPairs])],
                    pbxActivities,
                },
                exportable: true,
            },
        },
    });
};
