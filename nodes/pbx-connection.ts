import type { Node, NodeAPI, NodeDef } from 'node-red';
import { type PbxSettings, PbxSystem } from '../lib/pbx/pbx-system';
import { SyncError } from '../lib/support/errors';
import { Closing } from './shared/closing';
import { entered } from './shared/entered';
import { flowsEnding } from './shared/flows-ending';
import { onClose } from './shared/handlers';
import { officeClosing, openedOffice } from './shared/opened-office';
import { tlsOptions } from './shared/tls-options';

interface PbxConnectionConfig extends NodeDef {
    system: string;
    address: string;
    module: string;
    appName: string;
    domain: string;
    tls: string;
}

/** The config node as other nodes see it. */
export interface PbxConnection extends Node<{ password: string }> {
    /** The system, connecting from the first use on. Rejects with a SyncError that names the field, if one is wrong. */
    system(): Promise<PbxSystem>;
    closing: Closing;
}

export = (RED: NodeAPI): void => {
    function PbxConnectionNode(this: PbxConnection, config: PbxConnectionConfig) {
        RED.nodes.createNode(this, config);
        const ending = flowsEnding(RED);
        this.closing = new Closing();
        let system: Promise<PbxSystem> | undefined;
        const closing = new AbortController();

        const log = (level: 'debug' | 'info' | 'warn', text: string): void => {
            if (level === 'info') this.log(text);
            else this[level](text);
        };
        const connect = async (): Promise<PbxSystem> => {
            const created = new PbxSystem({
                settings: await settingsOf(config, this.credentials?.password, closing.signal),
                log,
            });
            if (!closing.signal.aborted) created.start();
            return created;
        };
        this.system = () => {
            system ??= connect();
            return system;
        };
        const finish = async (takeBack: boolean): Promise<void> => {
            await this.closing.done();
            const connected = await system?.catch(() => undefined);
            if (takeBack) await connected?.writer.clearAll();
            await connected?.stop();
        };
        onClose(this, removed => {
            closing.abort();
            const finished = finish(removed || ending());
            if (config.system === 'simulated') officeClosing.waitFor(finished);
            return finished;
        });
    }

    async function settingsOf(
        config: PbxConnectionConfig,
        secret: string | undefined,
        closing: AbortSignal,
    ): Promise<PbxSettings> {
        if (config.system === 'simulated') return simulated(config, secret, closing);
        if (!entered(config.address)) throw new SyncError('FIELD_MISSING', { field: 'Address of the PBX' });
        if (!entered(config.appName)) throw new SyncError('FIELD_MISSING', { field: 'Name of the App object' });
        if (!secret) throw new SyncError('FIELD_MISSING', { field: 'Password of the App object' });
        return {
            url: urlOf(entered(config.address), entered(config.module) || 'PBX0'),
            appName: entered(config.appName),
            password: secret,
            domain: entered(config.domain) || undefined,
            ...tlsOptions(RED, config.tls),
        };
    }

    RED.nodes.registerType<PbxConnection, PbxConnectionConfig, unknown, { password: string }>(
        'pbx-connection',
        PbxConnectionNode,
        { credentials: { password: { type: 'password' } } },
    );
};

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(
    config: PbxConnectionConfig,
    secret: string | undefined,
    closing: AbortSignal,
): Promise<PbxSettings> {
    const { identity } = await openedOffice(closing);
    return {
        url: identity.pbx.url,
        appName: entered(config.appName) || identity.pbx.appName,
        password: secret || identity.pbx.password,
        domain: entered(config.domain) || undefined,
        ca: identity.ca,
    };
}

/**
 * A host, a host with a port, or the complete address.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
function urlOf(address: string, module: string): string {
    const complete = /^wss?:\/\//i.test(address);
    const text = complete ? address : `wss://${address}`;
    if (!URL.canParse(text) || (!complete && address.includes('://'))) {
        const why = 'enter a host, a host and port, or an address that begins with wss://';
        throw new SyncError('FIELD_INVALID', { field: 'Address of the PBX', why });
    }
    const url = new URL(text);
    if (url.pathname === '/') url.pathname = `/${module}/APPS/websocket`;
    return url.href;
}
