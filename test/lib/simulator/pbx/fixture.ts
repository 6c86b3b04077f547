import { SimulatedPbx, type SimulatedPbxOptions } from '../../../../lib/simulator/pbx/simulated-pbx';
import { allRights } from '../../../../lib/simulator/pbx/visibility';
import type { Person } from '../../../../lib/simulator/person';
import { AppClient } from './app-client';

export const app = { name: 'presence-sync', password: 'a secret', apis: ['PbxApi', 'PbxTableUsers'] };

export const anna: Person = {
    name: 'Anna Brandt',
    mail: 'anna.brandt@firm.example',
    number: '11',
    guid: 'a'.repeat(32),
    teamsId: '00000000-0000-4000-8000-00000000000a',
};

export const juergen: Person = {
    name: 'Jürgen Vogel',
    mail: 'juergen.vogel@firm.example',
    number: '12',
    guid: 'b'.repeat(32),
    teamsId: '00000000-0000-4000-8000-00000000000b',
};

/** A PBX with two users, of whom the App may see everything, over plain ws, and clients that end with it. */
export class Fixture {
    readonly pbx: SimulatedPbx;
    readonly #clients: AppClient[] = [];

    /** Values that are empty are left out, so that what a test expects is short. */
    constructor(options: Partial<SimulatedPbxOptions> = {}) {
        const behaviour = { emptyValues: 'left-out', ...options.behaviour } as const;
        const usual = { people: [anna, juergen], app, defaultVisibility: allRights };
        this.pbx = new SimulatedPbx({ ...usual, ...options, behaviour });
    }

    static async start(options: Partial<SimulatedPbxOptions> = {}): Promise<Fixture> {
        const fixture = new Fixture(options);
        await fixture.pbx.start();
        return fixture;
    }

    /** A connection that has not logged in. */
    async connect(): Promise<AppClient> {
        return this.#keep(await AppClient.open(this.pbx.url));
    }

    async login(): Promise<AppClient> {
        const { name, password } = this.pbx.app;
        return this.#keep(await AppClient.loggedIn(this.pbx.url, { app: name, password }));
    }

    async stop(): Promise<void> {
        for (const client of this.#clients) client.end();
        await this.pbx.stop();
    }

    #keep(client: AppClient): AppClient {
        this.#clients.push(client);
        return client;
    }
}
