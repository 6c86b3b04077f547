import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import { checkPbx } from '../lib/pbx/check/check-pbx';
import { checkPbxName } from '../lib/pbx/connection/pbx-address';
import { PbxSystem } from '../lib/pbx/pbx-system';
import { systemContinuity } from '../lib/time/continuity';
import { claimLog, holdsClaims, journal } from './runtime/claim-log';
import { configNode, onSystemClose, type SystemNode } from './runtime/config-node';
import { type Asked, onEditorRequest, toldReport, type Waiting } from './runtime/editor-requests';
import { pbxEndpoints } from './runtime/endpoints';
import { flowsStarted } from './runtime/flows';
import { type Config, registerNode } from './runtime/handlers';
import {
    apisOf,
    askedPbx,
    callPlace,
    isCalled,
    isSimulated,
    matchingOf,
    participationOf,
    pbxCredentials,
    pbxSettings,
} from './runtime/pbx-settings';

/** The fields that say which PBX it is. */
const place: readonly string[] = ['system', 'role', 'address', 'module'];

/** The config node as other nodes see it. */
export interface PbxConnection extends Node<{ password?: string }>, SystemNode {
    /** The system, connecting from the first use on. Rejects with a SyncError that names the field, if one is wrong. */
    system(): Promise<PbxSystem>;
    /** The same, if a node uses it. */
    running(): Promise<PbxSystem> | undefined;
}

export = (RED: NodeAPI): void => {
    const takeCalls = pbxEndpoints(RED);

    const create = (node: PbxConnection, config: Config, closing: AbortSignal): void => {
        let system: Promise<PbxSystem> | undefined;
        let hangUp: (() => Promise<void>) | undefined;

        const log = (level: 'debug' | 'info' | 'warn', text: string): void =>
            node[level === 'info' ? 'log' : level](text);
        const connect = async (): Promise<PbxSystem> => {
            const { password } = node.credentials ?? {};
            const settings = await pbxSettings(RED, { ...config, password }, closing);
            checkPbxName(settings.pbxName ?? '');
            const created = new PbxSystem({
                ...{ settings, participation: participationOf(config), matching: matchingOf(config) },
                ...{ continuity: systemContinuity, log, journal },
                book: { store: claimLog(RED), side: 'pbx', system: node.id },
            });
            await created.people.restore();
            if (closing.aborted) return created;
            if (created.server) hangUp = await takeCalls(created.server, callPlace(config), config.serverTls);
            if (!closing.aborted) created.start();
            return created;
        };
        node.running = () => system;
        node.system = () => {
            system ??= connect();
            return system;
        };
        // What an earlier process has set in a PBX that no node uses any more is taken back, too.
        const lookForLeft = async (): Promise<void> => {
            await flowsStarted(RED);
            if (!system && !closing.aborted && (await holdsClaims(RED, node.id))) await node.system();
        };
        lookForLeft().catch(() => {});
        onSystemClose(RED, node, { isSimulated: isSimulated(config), place }, async isOver => {
            const connected = await system?.catch(() => undefined);
            if (isOver) await connected?.people.clearAll();
            await connected?.stop();
            await hangUp?.();
        });
    };
    registerNode(RED, 'pbx-connection', create, { credentials: pbxCredentials });
    answerDialog(RED);
};

function answerDialog(RED: NodeAPI): void {
    const late = (seconds: number) => new SyncError('PBX_SILENT', { host: 'PBX', seconds });
    const check = async (asked: Asked, { signal, language }: Waiting): Promise<object> => {
        const config = askedPbx(RED, asked);
        const settings = await pbxSettings(RED, config, signal);
        matchingOf(config);
        const participation = participationOf(config);
        const node = isCalled(config) ? configNode<PbxConnection>(RED, config.id) : undefined;
        // Of a node that is deployed and in use.
        const system = node?.type === 'pbx-connection' ? await node.running()?.catch(() => undefined) : undefined;
        return toldReport(
            await checkPbx(settings, apisOf(RED, asked.uses), { participation, running: system?.running }),
            language,
        );
    };
    onEditorRequest(RED, '/pbx-connection/check', 'pbx-connection.write', check, { late });
}
