import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../../lib/simulator/free-ports';
import { manyPeople } from '../../lib/simulator/person';
import { seededRandom } from '../../lib/simulator/random';
import { dateAheadVariable } from '../support/clock-moved-by-parent';
import { NodeRedProcess } from '../support/node-red-process';
import { type ControlHost, OfficeControl, type Shown, shownBy } from '../support/office-control';
import { connectingNodes } from '../support/our-nodes';
import { movable, RemoteClock } from '../support/remote-clock';
import { bothDirections, hostAt } from '../support/separate-office';
import { SimulatorProcess } from '../support/simulator-process';
import { Crowd, inWords, type Member, wrongOf } from './crowd';

export interface SiteOptions {
    people: number;
    seed: number;
    /** Whether the user directory takes what the package writes; default true. */
    isWritable?: boolean;
}

/** Time passes in steps of this many ms: less than a frozen process is noticed by. */
const step = 2_000;
/** Both systems are read anew, and differences written: within so many ms after an interruption. */
export const settlingAfterReturn = 10_000;
const interval = 50;

/** Who shows something wrong at one moment. */
export interface Difference {
    member: Member;
    shown: Shown;
}

/** An office with many people and a Node-RED with both directions, each in a process of its own whose time can be moved. */
export class Site {
    readonly control: OfficeControl;
    readonly crowd: Crowd;
    readonly nodeRed: NodeRedProcess;
    /** The clock of Node-RED's host. The office keeps the right time. */
    readonly clock: RemoteClock;
    readonly #host: ControlHost;
    readonly #office: SimulatorProcess;
    readonly #flows;
    #dateAhead = 0;

    /** Both sides are open, Node-RED is green, the people do nothing yet. */
    static async open({ people, seed, isWritable = true }: SiteOptions): Promise<Site> {
        const [port = 0] = await freePorts(1);
        const notifications = `http://127.0.0.1:${port}/teams-notifications`;
        const options = ['--users', String(people), '--seed', String(seed), '--publish', notifications];
        const office = await SimulatorProcess.start(options);
        const preload = [movable, ...(isWritable ? [] : [join(__dirname, 'unwritable-directory.js')])];
        const site = new Site(office, { port, preload, people, seed });
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
        options: { port: number; preload: string[]; people: number; seed: number },
    ) {
        const { port, preload, people, seed } = options;
        this.#office = office;
        this.#host = hostAt(office.description.controlUrl);
        this.#flows = bothDirections(office.description, office.description.notificationUrl);
        this.control = new OfficeControl(this.#host);
        this.crowd = new Crowd(
            this.control,
            manyPeople(people).map(({ mail }) => mail),
            seededRandom(seed),
        );
        const environment = () => ({ [dateAheadVariable]: String(this.#dateAhead) });
        this.nodeRed = new NodeRedProcess({ port, preload, environment });
        this.clock = new RemoteClock(() => this.nodeRed.child);
    }

    green(): Promise<void> {
        return this.nodeRed.waitForGreen(connectingNodes(this.#flows), 60_000);
    }

    /** Trouble of the tenant (`faults`) or of the PBX (`pbx`); see the control API. */
    async order(what: 'faults' | 'pbx', body: object): Promise<void> {
        await this.#host.adminRequest('POST', `presence-simulator/${what}`, body);
    }

    /** Time passes everywhere, in far less than that; evenly spread over it, `changes` times a person does something. */
    async pass(ms: number, changes = 0): Promise<void> {
        const steps = Math.max(Math.ceil(ms / step), changes);
        for (let index = 0; index < steps; index++) {
            await this.#office.clock.pass(ms / steps);
            await this.clock.pass(ms / steps);
            if (Math.floor(((index + 1) * changes) / steps) > Math.floor((index * changes) / steps))
                await this.crowd.change();
        }
        this.#dateAhead += ms;
    }

    /** Node-RED's host sleeps for `ms`, which takes far less; `changes` times a person does something. */
    async sleep(ms: number, changes: number): Promise<void> {
        await this.clock.sleep(ms, async () => {
            const steps = Math.max(Math.ceil(ms / step), changes);
            for (let index = 0; index < steps; index++) {
                await this.#office.clock.pass(ms / steps);
                if (index < changes) await this.crowd.change();
            }
            // What takes too long is hung up.
            await this.order('pbx', { drop: true });
        });
        this.#dateAhead += ms;
    }

    async stepDate(by: number): Promise<void> {
        await this.clock.stepDate(by);
        this.#dateAhead += by;
    }

    /** A person does something, so many times a second, until the returned function is called. */
    churn(perSecond: number): () => Promise<void> {
        let isOver = false;
        const run = async (): Promise<void> => {
            while (!isOver) {
                await this.crowd.change();
                await delay(1_000 / perSecond);
            }
        };
        const done = run();
        return () => {
            isOver = true;
            return done;
        };
    }

    /** Who shows now something else than they do. */
    async differences(): Promise<Difference[]> {
        const all = new Map((await this.control.people()).map(person => [person.mail, shownBy(person)]));
        const each = this.crowd.members.map(member => ({ member, shown: all.get(member.mail) ?? {} }));
        return each.filter(({ member, shown }) => wrongOf(member, shown).length > 0);
    }

    /**
     * Waits until all people show what they do, within the limit.
     * @returns how many ms that took, and what is wrong after the limit, a line for each person
     */
    async right(limit = settlingAfterReturn): Promise<{ after: number; wrong: string[] }> {
        const begin = performance.now();
        for (;;) {
            const differences = await this.differences();
            const after = performance.now() - begin;
            if (differences.length === 0 || after > limit) return { after, wrong: differences.map(lineOf) };
            await delay(interval);
        }
    }

    async close(): Promise<void> {
        await this.nodeRed.dispose();
        await this.#office.stop();
    }
}

function lineOf({ member: { mail, situation }, shown }: Difference): string {
    return `${mail} (${situation.name}): ${inWords(shown)} instead of ${inWords(situation.shows)}`;
}
