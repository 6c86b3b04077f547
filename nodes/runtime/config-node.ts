import { once } from 'node:events';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import type { Field } from '../../lib/errors/phrases';
import type { SimulatedOffice } from '../../lib/simulator/office';
import { simulatedOffice } from '../../lib/simulator/running-office';
import type { ServerSettings } from '../../lib/support/web-server';
import { systemClock, within } from '../../lib/time/clock';
import { closeClaimLog } from './claim-log';
import { port, readFields, text } from './fields';
import { Closing, officeClosing } from './running-flows';
import type { RunningNode } from './running-node';

/** A configuration node, or undefined where it is missing, disabled or failed to start. */
export function configNode<T>(RED: NodeAPI, id: unknown): T | undefined {
    // The types promise a node; the runtime answers null for one that is not there.
    return (id ? (RED.nodes.getNode(String(id)) as T | null) : undefined) ?? undefined;
}

/** The node that was found, for a node that cannot work without. @throws SyncError FIELD_MISSING */
export function needed<T>(found: T | undefined, field: Field): T {
    if (found === undefined) throw new SyncError('FIELD_MISSING', { field });
    return found;
}

/** All nodes of the flows that run, as the flow file has them. */
export function deployedNodes<T = object>(RED: NodeAPI): (NodeDef & Partial<T>)[] {
    const nodes: (NodeDef & Partial<T>)[] = [];
    RED.nodes.eachNode(node => nodes.push(node as NodeDef & Partial<T>));
    return nodes;
}

/** A config node that stands for a system. */
export interface SystemNode {
    /** What it waits for to close. */
    closing: Closing;
}

/**
 * Closes a config node after the nodes that use it, and before the simulated office and the log of claims. To be called
 * in its constructor.
 * @param place the fields that say which system it is
 * @param finish `isOver`: no deploy follows that could go on with what is set there
 */
export function onSystemClose(
    own: RunningNode<Node & SystemNode>,
    place: readonly string[],
    finish: (isOver: boolean) => Promise<void>,
): void {
    const { RED, node, flows } = own;
    node.closing = new Closing();
    own.onClose(removed => {
        const isOver = removed || flows.areEnding || flows.change(node, place);
        const finished = node.closing.done().then(() => finish(isOver));
        officeClosing.waitFor(finished);
        return flows.areEnding ? closeClaimLog(RED, finished) : finished;
    });
}

/** How long to wait for the office at most, in ms. */
const patience = 2_000;

/**
 * The simulated office, once it is open or after a moment's patience: config nodes start before the simulator node of
 * the same deploy, and the log should not begin with an outage.
 * @param closing ends the patience
 */
export async function openedOffice(closing: AbortSignal): Promise<SimulatedOffice> {
    const office = await simulatedOffice();
    if (office.running || closing.aborted) return office;
    const started = once(office, 'started', { signal: closing }).catch(() => undefined);
    await within(systemClock, patience, started);
    return office;
}

interface TlsConfig extends Node {
    addTLSOptions(
        options: object,
    ): Partial<Record<'ca' | 'cert' | 'key', string | Buffer>> & Partial<Record<'passphrase' | 'servername', string>>;
}

/** What a TLS configuration of Node-RED adds: the certificate authorities (PEM) and the expected server name. */
export function tlsOptions(RED: NodeAPI, id: unknown): { ca?: string; servername?: string } {
    const { ca, servername } = configNode<TlsConfig>(RED, id)?.addTLSOptions({}) ?? {};
    return { ca: ca?.toString() || undefined, servername: servername || undefined };
}

/**
 * The server of a node that listens at a port of its own, with certificate and private key (PEM) where it has a TLS
 * configuration; undefined where it listens elsewhere.
 * @throws SyncError FIELD_MISSING, FIELD_INVALID
 */
export function ownServer(RED: NodeAPI, config: object, tls: unknown): ServerSettings | undefined {
    if (readFields({ listen: text }, config).listen !== 'own-port') return undefined;
    const place = readFields({ port }, config);
    if (!tls) return place;
    const { ca, cert, key, passphrase } = configNode<TlsConfig>(RED, tls)?.addTLSOptions({}) ?? {};
    if (!cert || !key) {
        const why = 'it holds no certificate with private key';
        throw new SyncError('FIELD_INVALID', { field: 'TLS configuration', why });
    }
    const files = { key: key.toString(), cert: cert.toString(), ca: ca?.toString() || undefined };
    return { ...place, tls: { ...files, passphrase: passphrase || undefined } };
}
