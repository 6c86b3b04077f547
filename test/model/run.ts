import { seededRandom } from '../../lib/simulator/random';
import type { Step } from './actions';
import { HostClock } from './host-clock';
import { Office } from './office';
import { PersonModel } from './person-model';
import { Memory, Product } from './product';
import { type Choices, usualChoices } from './site';

/** One office with what happens in it. */
export interface Plan {
    people: readonly (readonly Step[])[];
    /** Trouble of the whole office. */
    trouble?: readonly Step[];
    choices?: Partial<Choices>;
    /** Of everything that is left to chance. */
    seed?: number;
}

/** Something that was not right. */
export interface Wrong {
    /** Index of the person. */
    person: number;
    /** ms after the start. */
    at: number;
    what: string;
}

/** ms within which everything is settled. */
const settling = 8_000;
/** ms between two looks at everybody who has settled. */
const looks = 15_000;
/** ms from the start of the product to the first action. */
const beginning = 12_000;

/** Lets it happen, and says what was not right; nothing where all was. Ends at the first look that finds something. */
export async function run(plan: Plan): Promise<Wrong[]> {
    const { seed = 1 } = plan;
    const office = await Office.open(plan.people.length, seed);
    const timeout = AbortSignal.timeout;
    const { random } = Math;
    Math.random = seededRandom(seed);
    try {
        const world = new World(office, plan);
        // What goes by real time elsewhere goes by the clock of the host here.
        AbortSignal.timeout = ms => world.timeout(ms);
        return await world.run();
    } finally {
        AbortSignal.timeout = timeout;
        Math.random = random;
        await office.close();
    }
}

class World {
    readonly #office: Office;
    readonly #plan: Plan;
    readonly #people: PersonModel[];
    readonly #choices: Choices;
    readonly #host: HostClock;
    #product: Product | undefined;
    #began = 0;

    constructor(office: Office, plan: Plan) {
        this.#office = office;
        this.#plan = plan;
        this.#choices = { ...usualChoices, ...plan.choices };
        this.#people = plan.people.map((_, index) => new PersonModel(office, office.people[index]!, this.#choices));
        this.#host = new HostClock(office.clock);
    }

    timeout(ms: number): AbortSignal {
        const late = new AbortController();
        this.#host.after(ms, () => late.abort(new DOMException('It took too long', 'TimeoutError')));
        return late.signal;
    }

    async run(): Promise<Wrong[]> {
        await this.#startProduct(new Memory());
        await this.#office.pass(beginning);
        this.#began = this.#now;
        try {
            for (const { at, acts } of this.#schedule()) {
                const wrong = await this.#passUntil(this.#began + at);
                if (wrong.length > 0) return wrong;
                for (const act of acts) act();
                await this.#office.rest();
            }
            return await this.#end();
        } finally {
            await this.#product?.end();
            this.#host.stop('dead');
        }
    }

    get #now(): number {
        return this.#office.clock.monotonic();
    }

    /** Everything that happens, in order; what happens at one time together. */
    #schedule(): { at: number; acts: (() => void)[] }[] {
        const all = this.#plan.people.flatMap((sequence, index) =>
            sequence.map(({ at, act }) => ({ at, act: () => this.#people[index]!.act(act) })),
        );
        const byTime = new Map<number, (() => void)[]>();
        for (const { at, act } of all) byTime.set(at, [...(byTime.get(at) ?? []), act]);
        return [...byTime].map(([at, acts]) => ({ at, acts })).sort((one, other) => one.at - other.at);
    }

    /** Everybody's sources end; then both sides show what lies beneath, and nothing of ours. */
    async #end(): Promise<Wrong[]> {
        for (const part of [0, 1]) {
            const wrong = await this.#passUntil(this.#now + settling);
            if (wrong.length > 0) return wrong;
            for (const each of this.#people) for (const act of each.ends[part]!) each.act(act);
        }
        return this.#passUntil(this.#now + 2 * settling, true);
    }

    /** Looks at everybody on the way, as often as it may be telling, and at the end. */
    async #passUntil(end: number, isLast = false): Promise<Wrong[]> {
        while (this.#now < end) {
            const settled = this.#people.map(({ actedAt }) => actedAt + settling).filter(at => at > this.#now);
            await this.#office.pass(Math.min(end, this.#now + looks, ...settled) - this.#now);
            const wrong = this.#look();
            if (wrong.length > 0) return wrong;
        }
        return isLast ? this.#lookAtBase() : [];
    }

    #look(): Wrong[] {
        return this.#people.flatMap((each, person) => {
            if (this.#now < each.actedAt + settling) return [];
            return this.#wrong(person, each.oracle.check(each.see()));
        });
    }

    #lookAtBase(): Wrong[] {
        return this.#people.flatMap((each, person) => {
            const { teams, tel, ours, calls } = each.see();
            const isBase = teams === 'Available/Available' && tel === '' && ours === '' && calls === 0;
            return isBase ? [] : this.#wrong(person, `at the end: ${JSON.stringify({ teams, tel, ours, calls })}`);
        });
    }

    #wrong(person: number, what: string | undefined): Wrong[] {
        return what === undefined ? [] : [{ person, at: this.#now - this.#began, what }];
    }

    async #startProduct(memory: Memory): Promise<void> {
        const office = this.#office;
        const { site, url, notificationUrl, pbxAddress: pbx } = office;
        const random = seededRandom(this.#plan.seed ?? 1);
        const addresses = { url, notificationUrl, pbx };
        const product = new Product({ ...site, ...addresses, clock: this.#host, random, choices: this.#choices }, memory);
        office.endpoint = (request, response) => product.handle(request, response);
        office.busy = () => product.busy;
        this.#product = product;
        await product.start();
    }
}
