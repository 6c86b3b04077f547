import { fork } from 'node:child_process';
import { once } from 'node:events';
import { SimulatedOffice } from '../../lib/simulator/office';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import { manyPeople, type Person } from '../../lib/simulator/person';
import type { TenantCounters } from '../../lib/simulator/tenant/simulated-tenant';
import { documentedLimits } from '../../lib/simulator/tenant/throttling';

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

type Request =
    | { open: OfficeWish }
    | { publish: string }
    | { counters: true }
    | { calls: 'start' | 'end'; every: number };

/**
 * A simulated office in a process of its own, so that what is measured is our side alone. Limits are those that
 * Microsoft documents, 1,500 presence requests in 30 s among them.
 */
export class OfficeProcess {
    readonly identity: OfficeIdentity;
    readonly people: Person[];
    onShown: (shown: Shown) => void = () => {};
    readonly #child: ReturnType<typeof fork>;

    private constructor(child: ReturnType<typeof fork>, identity: OfficeIdentity, people: Person[]) {
        this.#child = child;
        this.identity = identity;
        this.people = people;
        child.on('message', (message: { shown?: Shown[] }) => {
            for (const shown of message.shown ?? []) this.onShown(shown);
        });
    }

    static async open(wish: OfficeWish): Promise<OfficeProcess> {
        const child = fork(__filename, { serialization: 'advanced' });
        child.send({ open: wish } satisfies Request);
        const [{ identity }] = (await once(child, 'message')) as [{ identity: OfficeIdentity }];
        return new OfficeProcess(child, identity, manyPeople(wish.people));
    }

    /** The public address of a local one. */
    async publish(localUrl: string): Promise<string> {
        return ((await this.#ask({ publish: localUrl })) as { url: string }).url;
    }

    async counters(): Promise<TenantCounters> {
        return ((await this.#ask({ counters: true })) as { counters: TenantCounters }).counters;
    }

    /** Calls in Teams of everybody, one each `every` ms. */
    async calls(calls: 'start' | 'end', every: number): Promise<void> {
        await this.#ask({ calls, every });
    }

    close(): void {
        this.#child.kill();
    }

    async #ask(request: Request): Promise<unknown> {
        const answer = new Promise(resolve => {
            const listen = (message: object): void => {
                if ('shown' in message) return;
                this.#child.off('message', listen);
                resolve(message);
            };
            this.#child.on('message', listen);
        });
        this.#child.send(request);
        return answer;
    }
}

/** Milliseconds since the epoch, with fractions: comparable between processes of one machine. */
export function preciseNow(): number {
    return performance.timeOrigin + performance.now();
}

async function serve(): Promise<void> {
    let office: SimulatedOffice | undefined;
    let waiting: Shown[] = [];
    const tell = (message: object): void => void process.send!(message);
    const open = async ({ people, accounts, latency, seed }: OfficeWish): Promise<void> => {
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
        tell({ identity: created.identity });
    };
    const flush = (): void => {
        tell({ shown: waiting });
        waiting = [];
    };
    const answers = async (request: Request): Promise<void> => {
        if ('open' in request) return open(request.open);
        if ('publish' in request) return tell({ url: office!.publish(request.publish) });
        if ('counters' in request) return tell({ counters: JSON.parse(JSON.stringify(office!.tenant.counters)) });
        for (const { teamsId } of manyPeople(office!.people().length)) {
            if (request.calls === 'start') office!.tenant.startCall(teamsId);
            else office!.tenant.endCall(teamsId);
            if (request.every > 0) await new Promise(resolve => setTimeout(resolve, request.every));
        }
        tell({});
    };
    process.on('message', (request: Request) => {
        answers(request).catch(error => {
            process.stderr.write(`${error}\n`);
            process.exit(1);
        });
    });
    process.on('disconnect', () => process.exit(0));
}

if (require.main === module) void serve();
