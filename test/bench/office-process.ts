import { SimulatedOffice } from '../../lib/simulator/office';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import { manyPeople, type Person } from '../../lib/simulator/person';
import type { TenantCounters } from '../../lib/simulator/tenant/simulated-tenant';
import { documentedLimits } from '../../lib/simulator/tenant/throttling';
import { changeBothWays, type Effects, type Traffic } from './both-ways';
import { Child, preciseNow, serve } from './child';

/** What the simulated office of a bench is like. */
export interface OfficeWish {
    people: number;
    accounts: number;
    /** Milliseconds of each answer of Graph and Entra. */
    latency: number;
    seed: number;
}

/** A state that somebody shows in Teams from now on; `at` in milliseconds since the epoch, with fractions. */
export interface Shown {
    teamsId: string;
    activity: string;
    at: number;
}

type Request = { open: OfficeWish } | { publish: string } | { counters: true } | { bothWays: Traffic };

/**
 * A simulated office in a process of its own, so that what is measured is our side alone. Limits are those that
 * Microsoft documents, 1,500 presence requests in 30 s among them.
 */
export class OfficeProcess {
    readonly identity: OfficeIdentity;
    readonly people: Person[];
    onShown: (shown: Shown) => void = () => {};
    readonly #child: Child<Request, Shown[]>;

    private constructor(child: Child<Request, Shown[]>, identity: OfficeIdentity, people: Person[]) {
        this.#child = child;
        this.identity = identity;
        this.people = people;
        child.onTold = told => {
            for (const shown of told) this.onShown(shown);
        };
    }

    static async open(wish: OfficeWish): Promise<OfficeProcess> {
        const child = new Child<Request, Shown[]>(__filename);
        const identity = await child.ask<OfficeIdentity>({ open: wish });
        return new OfficeProcess(child, identity, manyPeople(wish.people));
    }

    /** The public address of a local one. */
    publish(localUrl: string): Promise<string> {
        return this.#child.ask({ publish: localUrl });
    }

    counters(): Promise<TenantCounters> {
        return this.#child.ask({ counters: true });
    }

    /** Calls begin and end in Teams and in the PBX; resolves with how long their effects took. */
    changeBothWays(bothWays: Traffic): Promise<Effects> {
        return this.#child.ask({ bothWays });
    }

    close(): void {
        this.#child.close();
    }
}

function serveOffice(): void {
    let office: SimulatedOffice | undefined;
    let waiting: Shown[] = [];
    const open = async ({ people, accounts, latency, seed }: OfficeWish): Promise<OfficeIdentity> => {
        const created = await SimulatedOffice.create({
            people: manyPeople(people),
            accounts,
            seed,
            throttling: documentedLimits,
        });
        office = created;
        created.tenant.faults.latency = latency;
        created.tenant.on('change', teamsId => {
            if (waiting.length === 0) setImmediate(flush);
            waiting.push({ teamsId, activity: created.tenant.presenceOf(teamsId).activity, at: preciseNow() });
        });
        await created.start();
        return created.identity;
    };
    const flush = (): void => {
        tell(waiting);
        waiting = [];
    };
    const tell = serve<Request, Shown[]>(async request => {
        if ('open' in request) return open(request.open);
        if ('publish' in request) return office!.publish(request.publish);
        if ('counters' in request) return JSON.parse(JSON.stringify(office!.tenant.counters));
        return changeBothWays(office!, request.bothWays);
    });
}

if (require.main === module) serveOffice();
