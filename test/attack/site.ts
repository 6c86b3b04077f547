import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../../lib/simulator/free-ports';
import { manyPeople, type Person } from '../../lib/simulator/person';
import type { FlowNode } from '../support/checkout';
import { NodeRedProcess } from '../support/node-red-process';
import { OfficeControl } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { bothDirections, hostAt } from '../support/separate-office';
import { SimulatorProcess } from '../support/simulator-process';
import { nodeOf } from '../support/try-it';
import type { Held } from './measured-process';
import { type Notice, Relay, userOf } from './relay';

/** What the function node in the flow puts before each message that it has seen. */
const mark = 'SEEN ';
const notificationPath = '/teams-notifications';
const pbxFolder = '/pbx';

/** A message of ours, as it has left a node. */
export interface Seen {
    topic: string;
    payload: { activity?: string; onThePhone?: boolean };
    presence: { source: string; via: string };
    /** By `performance.now()` of this process. */
    at: number;
}

interface Counters {
    presenceWrites: number;
    pbxWrites: number;
    graph: Record<string, { served: number }>;
}

/**
 * An office and a Node-RED with both directions, which Microsoft and the PBX call, each on a port of its own. Between
 * Microsoft and the receiver stands a {@link Relay}.
 */
export class Site {
    readonly seen: Seen[] = [];
    readonly nodeRed: NodeRedProcess;
    readonly control: OfficeControl;
    readonly relay: Relay;
    /** Who does something all the time, and everybody else. */
    readonly actors: readonly Person[];
    readonly others: readonly Person[];
    readonly ports: { notifications: number; pbx: number };
    readonly pbxApp: { name: string; password: string };
    readonly receiver: FlowNode;
    readonly #office: SimulatorProcess;
    readonly #flows: FlowNode[];

    /** Both sides are open, Node-RED is green, the people do nothing yet. */
    static async open(people: number): Promise<Site> {
        const [notifications = 0, pbx = 0] = await freePorts(2);
        const relay = new Relay(notifications);
        const publish = `http://127.0.0.1:${await relay.start()}${notificationPath}`;
        const dial = `http://127.0.0.1:${pbx}${pbxFolder}/presence-sync`;
        const options = ['--users', String(people), '--publish', publish, '--pbx-dial', dial];
        const office = await SimulatorProcess.start(options);
        const site = new Site(office, { people, relay, ports: { notifications, pbx }, dial });
        try {
            await site.nodeRed.start();
            await site.nodeRed.deploy(site.#flows);
            await site.green();
        } catch (error) {
            await site.close();
            throw error;
        }
        return site;
    }

    private constructor(
        office: SimulatorProcess,
        options: { people: number; relay: Relay; ports: Site['ports']; dial: string },
    ) {
        const { people, relay, ports, dial } = options;
        const { controlUrl, notificationUrl, pbx } = office.description;
        this.#office = office;
        this.relay = relay;
        this.ports = ports;
        this.pbxApp = { name: pbx.appName, password: pbx.password };
        this.control = new OfficeControl(hostAt(controlUrl));
        const all = manyPeople(people);
        this.actors = all.slice(0, Math.ceil(people / 10));
        this.others = all.slice(this.actors.length);
        const called = {
            ...{ role: 'server', appUrl: dial, listen: 'own-port', port: String(ports.pbx), pbxName: 'pbx-main' },
        };
        const entered: Record<string, object> = {
            'teams-notification-receiver': { listen: 'own-port', port: String(ports.notifications) },
            'pbx-connection': called,
        };
        const flows = bothDirections(office.description, notificationUrl);
        this.receiver = nodeOf(flows, 'teams-notification-receiver');
        const senders = ['teams-subscriber', 'teams-notification-receiver', 'pbx-presence-in'];
        const spy = {
            ...{
                id: '0ff1ceff00000001',
                type: 'function',
                z: this.receiver.z,
                name: 'seen',
                x: 100,
                y: 900,
                wires: [[]],
            },
            ...{ func: `node.log(${JSON.stringify(mark)} + JSON.stringify(msg));`, outputs: 1, libs: [] },
        };
        this.#flows = flows.map(node => {
            const [first, ...rest] = (node.wires as string[][] | undefined) ?? [];
            const wires = senders.includes(node.type) ? { wires: [[...(first ?? []), spy.id], ...rest] } : {};
            return { ...node, ...entered[node.type], ...wires };
        });
        this.#flows.push(spy, ...this.#onNodeRed());
        const preload = [require.resolve('./measured-process')];
        this.nodeRed = new NodeRedProcess({ preload, onLog: line => this.#note(line) });
    }

    /** A receiver on Node-RED's own web server, whose registration nobody notifies. */
    #onNodeRed(): FlowNode[] {
        const app = { ...nodeOf(this.#flows, 'azure-app'), id: '0ff1ceff00000002' };
        const clientId = '6e2d8b63-1c1f-4b7b-8b48-1e5a4a1d8f22';
        const publicUrl = `https://presence.brandt-partner.example${notificationPath}-2`;
        return [
            { ...app, clientId },
            { ...this.receiver, id: '0ff1ceff00000003', app: app.id, publicUrl, listen: 'node-red', wires: [[]] },
        ];
    }

    green(): Promise<void> {
        return this.nodeRed.waitForGreen(connectingNodes(this.#flows), 60_000);
    }

    /** The node of a type, for its status. */
    node(type: string): FlowNode {
        return nodeOf(this.#flows, type);
    }

    get notificationPath(): string {
        return notificationPath;
    }

    get pbxPath(): string {
        return `${pbxFolder}/presence-sync`;
    }

    counters(): Promise<Counters> {
        return this.control.counters() as unknown as Promise<Counters>;
    }

    /** What the process holds; nothing of it may grow. */
    held(): Promise<Held> {
        const { child } = this.nodeRed;
        return new Promise((resolve, reject) => {
            if (!child) return reject(new Error('Node-RED has ended'));
            const onMessage = (message: { held?: Held } | null): void => {
                if (!message?.held) return;
                child.off('message', onMessage);
                resolve(message.held);
            };
            child.on('message', onMessage).send({ measure: true });
        });
    }

    async order(what: 'faults' | 'pbx', body: object): Promise<void> {
        await hostAt(this.#office.description.controlUrl).adminRequest('POST', `presence-simulator/${what}`, body);
    }

    async pbxIsUp(): Promise<boolean> {
        const { controlUrl } = this.#office.description;
        type State = { pbxs: { call?: { phase: string } }[] };
        const { pbxs } = await hostAt(controlUrl).adminRequest<State>('GET', 'presence-simulator/pbx');
        return pbxs.every(({ call }) => call?.phase === 'up');
    }

    /**
     * Everybody but the actors has a call in Teams, and then has it no more.
     * @returns the notifications that the calls have begun, which came through or were held back
     */
    async calls(areHeld: boolean): Promise<Notice[]> {
        const { relay, others } = this;
        const ids = new Set(others.map(({ teamsId }) => teamsId));
        const list = areHeld ? relay.held : relay.told;
        const change = async (call: 'start' | 'end', notices: Notice[]): Promise<Notice[]> => {
            const before = notices.length;
            const fresh = () => notices.slice(before).filter(notice => ids.has(userOf(notice)));
            await inTurns(others, 20, ({ mail }) => this.control.teams(mail, { call }));
            await until(`${call} of calls`, 60_000, () => fresh().length >= others.length);
            return fresh();
        };
        relay.holds = areHeld ? id => ids.has(id) : () => false;
        const begun = await change('start', list);
        relay.holds = () => false;
        await change('end', relay.told);
        return begun;
    }

    /** Somebody of the actors begins or ends a call in Teams, so often, until the returned function is called. */
    churn(every: number): () => Promise<Change[]> {
        const changes: Change[] = [];
        let isOver = false;
        const inCalls = new Set<string>();
        const change = async (mail: string): Promise<void> => {
            const call = inCalls.delete(mail) ? 'end' : 'start';
            if (call === 'start') inCalls.add(mail);
            changes.push({ mail, activity: call === 'start' ? 'InACall' : 'Available', at: performance.now() });
            await this.control.teams(mail, { call });
        };
        const run = async (): Promise<void> => {
            for (let turn = 0; !isOver; turn++) {
                await change(this.actors[turn % this.actors.length]!.mail);
                await delay(every);
            }
            for (const mail of [...inCalls]) await change(mail);
        };
        const done = run();
        return async () => {
            isOver = true;
            await done;
            return changes;
        };
    }

    async close(): Promise<void> {
        await this.nodeRed.dispose();
        await this.#office.stop();
        await this.relay.stop();
    }

    #note(line: string): void {
        const [, text] = line.split(mark);
        if (text) this.seen.push({ ...JSON.parse(text), at: performance.now() });
    }
}

/** Something that an actor does in Teams, and what is then told. */
export interface Change {
    mail: string;
    activity: string;
    at: number;
}

/** Does something for each, for so many at a time. */
export async function inTurns<T>(
    list: readonly T[],
    parallel: number,
    work: (each: T) => Promise<unknown>,
): Promise<void> {
    const left = [...list];
    const worker = async (): Promise<void> => {
        for (let each = left.shift(); each !== undefined; each = left.shift()) await work(each);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
}

export async function until(what: string, limit: number, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + limit;
    while (!(await isTrue())) {
        if (performance.now() > end) throw new Error(`Waited ${limit} ms in vain for ${what}`);
        await delay(50);
    }
}
