import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import { checkPbx } from '../lib/pbx/check/check-pbx';
import { checkPbxName } from '../lib/pbx/connection/pbx-address';
import { PbxSystem } from '../lib/pbx/pbx-system';
import { systemContinuity } from '../lib/time/continuity';
import { askedValues } from './runtime/asked-values';
import { toldReport } from './runtime/checks';
import { claimLog, closeClaimLog, holdsClaims } from './runtime/claim-log';
import { Closing } from './runtime/closing';
import { configNode } from './runtime/config-node';
import { flowsStarted } from './runtime/downstream-deploys';
import { type Asked, onEditorRequest, type Waiting } from './runtime/editor-requests';
import { entered } from './runtime/entered';
import { onClose } from './runtime/handlers';
import { journal } from './runtime/journal';
import { migrate } from './runtime/migrations';
import { officeClosing } from './runtime/opened-office';
import { pbxEndpoints } from './runtime/pbx-endpoint';
import { callPlace, matchingOf, type PbxFields, participationOf } from './runtime/pbx-fields';
import { apisOf, askedFields, isCalled, type PbxSecrets, pbxCredentials, pbxSettings } from './runtime/pbx-settings';
import { runningFlows } from './runtime/running-flows';

type PbxConnectionConfig = NodeDef & PbxFields;

/** The fields that say which PBX it is. */
const place: readonly string[] = ['system', 'role', 'address', 'module'];

/** The config node as other nodes see it. */
export interface PbxConnection extends Node<PbxSecrets> {
    /** The system, connecting from the first use on. Rejects with a SyncError that names the field, if one is wrong. */
    system(): Promise<PbxSystem>;
    /** The same, if a node uses it. */
    running(): Promise<PbxSystem> | undefined;
    closing: Closing;
}

export = (RED: NodeAPI): void => {
    const takeCalls = pbxEndpoints(RED);

    function PbxConnectionNode(this: PbxConnection, config: PbxConnectionConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('pbx-connection', config);
        const flows = runningFlows(RED);
        this.closing = new Closing();
        let system: Promise<PbxSystem> | undefined;
        let hangUp: (() => Promise<void>) | undefined;
        const closing = new AbortController();

        const log = (level: 'debug' | 'info' | 'warn', text: string): void => {
            if (level === 'info') this.log(text);
            else this[level](text);
        };
        const connect = async (): Promise<PbxSystem> => {
            const settings = await pbxSettings(RED, config, this.credentials ?? {}, closing.signal);
            checkPbxName(settings.pbxName ?? '');
            const created = new PbxSystem({
                ...{ settings, participation: participationOf(config), matching: matchingOf(config) },
                ...{ continuity: systemContinuity, log, journal },
                book: { store: claimLog(RED), side: 'pbx', system: this.id },
            });
            await created.people.restore();
            if (closing.signal.aborted) return created;
            if (created.server) hangUp = await takeCalls(created.server, callPlace(config), config.serverTls);
            if (!closing.signal.aborted) created.start();
            return created;
        };
        this.running = () => system;
        this.system = () => {
            system ??= connect();
            return system;
        };
        // What an earlier process has set in a PBX that no node uses any more is taken back, too.
        const lookForLeft = async (): Promise<void> => {
            await flowsStarted(RED);
            if (!system && !closing.signal.aborted && (await holdsClaims(claimLog(RED), 'pbx', this.id)))
                await this.system();
        };
        lookForLeft().catch(() => {});
        const finish = async (takeBack: boolean): Promise<void> => {
            await this.closing.done();
            const connected = await system?.catch(() => undefined);
            if (takeBack) await connected?.people.clearAll();
            await connected?.stop();
            await hangUp?.();
        };
        onClose(this, removed => {
            closing.abort();
            const finished = finish(removed || flows.areEnding || flows.change(this, place));
            if (config.system === 'simulated') officeClosing.waitFor(finished);
            return flows.areEnding ? closeClaimLog(RED, finished) : finished;
        });
    }

    RED.nodes.registerType<PbxConnection, PbxConnectionConfig, unknown, PbxSecrets>(
        'pbx-connection',
        PbxConnectionNode,
        {
            credentials: pbxCredentials,
        },
    );
    answerDialog(RED);
};

/** What the dialog asks: to try the connection. */
function answerDialog(RED: NodeAPI): void {
    const late = (seconds: number) => new SyncError('PBX_SILENT', { host: 'PBX', seconds });
    const check = async (asked: Asked, { signal, language }: Waiting): Promise<object> => {
        const fields = askedFields(RED, asked);
        const settings = await pbxSettings(RED, fields, fields, signal);
        matchingOf(fields);
        const participation = participationOf(fields);
        const uses = Array.isArray(asked.uses)
            ? asked.uses.map(use => askedValues(RED, 'pbx-connection', use, []))
            : [];
        const node = isCalled(fields) ? configNode<PbxConnection>(RED, entered(asked.id)) : undefined;
        // Of a node that is deployed and in use.
        const system = node?.type === 'pbx-connection' ? await node.running()?.catch(() => undefined) : undefined;
        return toldReport(
            await checkPbx(settings, apisOf(uses), { participation, running: system?.running }),
            language,
        );
    };
    onEditorRequest(RED, '/pbx-connection/check', 'pbx-connection.write', check, { late });
}
