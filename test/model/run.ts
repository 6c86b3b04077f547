import { seededRandom } from '../../lib/simulator/random';
import { HostClock } from './host-clock';
import { Office } from './office';
import { Oracle, type Seen } from './oracle';
import { PersonModel, settling } from './person-model';
import type { Plan, Wrong } from './plan';
import { Memory, Product } from './product';
import { type Choices, lease, usualChoices } from './site';
import { type Host, trouble } from './trouble';

/** Told at short intervals what shows for everybody. @param at ms after the start */
export type Watch = (at: number, seen: readonly Seen[]) => void;

/** ms between two looks at everybody who has settled. */
const looks = 15_000;
/** ms between two looks of who watches. */
const watching = 200;
/** ms within which everything is right again after a trouble is over. */
const healing = 12_000;
/** ms from the start of the product to the first action. */
const beginning = 12_000;

/** Lets it happen, and says for each person what was not right first; nothing where all was. */
export async function run(plan: Plan, watch?: Watch): Promise<Wrong[]> {
    const { seed = 1 } = plan;
    const office = await Office.open(plan.people.length, seed);
    const timeout = AbortSignal.timeout;
    const { random } = Math;
    Math.random = seededRandom(seed);
    try {
        const world = new World(office, plan, watch);
        // What goes by real time elsewhere goes by the clock of the host here.
        AbortSignal.timeout = ms => world.timeout(ms);
        return await world.run();
    } finally {
        AbortSignal.timeout = timeout;
        Math.random = random;
        await office.close();
    }
}

class World implements Host {
    readonly #office: Office;
    readonly #plan: Plan;
    readonly #people: PersonModel[];
    readonly #choices: Choices;
    #host: HostClock;
    #memory: Memory;
    #product: Product | undefined;
    #began = 0;
    /** The first thing that was not right for a person. */
    readonly #wrong = new Map<number, Wrong>();
    readonly #watch: Watch | undefined;
    /** ms */
    readonly #settling: number;
    /** When the last trouble is over and healed. */
    #healedAt = 0;

    constructor(office: Office, plan: Plan, watch?: Watch) {
        this.#watch = watch;
        this.#office = office;
        this.#plan = plan;
        this.#choices = { ...usualChoices, ...plan.choices };
        const isNotified = this.#choices.delivery === 'automatic' && (plan.trouble ?? []).length === 0;
        this.#settling = isNotified ? settling.notified : settling.found;
        this.#people = plan.people.map((_, index) => {
            const oracle = new Oracle(this.#choices, this.#settling, office);
            return new PersonModel(office, office.people[index]!, oracle);
        });
        this.#host = new HostClock(office.clock);
        this.#memory = new Memory(this.#host);
        office.latency = plan.latency ?? 0;
        office.pbx.on('change', guid => {
            const person = this.#people.findIndex(each => each.person.guid === guid);
            const each = this.#people[person];
            if (each) this.#judge(person, each.look());
        });
    }

    timeout(ms: number): AbortSignal {
        const late = new AbortController();
        this.#host.after(ms, () => late.abort(new DOMException('It took too long', 'TimeoutError')));
        return late.signal;
    }

    async run(): Promise<Wrong[]> {
        await this.#startProduct();
        await this.#office.pass(beginning);
        this.#began = this.#now;
        try {
            for (const { at, act } of this.#schedule()) {
                await this.#passUntil(this.#began + at);
                act();
                await this.#office.rest();
            }
            await this.#end();
            return [...this.#wrong.values()];
        } finally {
            await this.#endProduct();
        }
    }

    pause(kind: 'asleep' | 'frozen', ms: number): void {
        const { pbx, clock } = this.#office;
        this.#host.stop(kind);
        this.#hangUp();
        pbx.deaf = true;
        clock.after(ms, () => {
            this.#host.goOn();
            this.#listen();
            pbx.deaf = false;
            pbx.dropConnections();
        });
    }

    stepDate(by: number): void {
        this.#host.stepDate(by);
    }

    restart(way: 'stop' | 'kill' | 'deploy', down: number): void {
        const product = this.#product;
        // On a host that stands still nobody stops a process, though it may crash.
        if (!product || (way !== 'kill' && this.#host.standsStill)) return;
        this.#product = undefined;
        const back = this.#now + down;
        for (const { oracle } of this.#people) {
            oracle.restarted();
            if (way === 'kill') oracle.killed(this.#now, back, this.#choices.log);
            if (way !== 'stop') continue;
            oracle.left(back);
            if (!this.#choices.log) oracle.forgotten();
        }
        const again = async (): Promise<void> => {
            await (way === 'stop' ? product.stop() : this.#endProduct(product, way === 'kill'));
            if (way !== 'deploy') this.#host.stop('dead');
            this.#hangUp();
            if (down > 0) await new Promise<void>(resolve => void this.#office.clock.after(down, resolve));
            if (way !== 'deploy') {
                this.#host = new HostClock(this.#office.clock, this.#host.ahead);
                this.#memory = new Memory(this.#host, this.#choices.log ? this.#memory.store.disk : undefined);
            }
            await this.#startProduct();
        };
        void again();
    }

    get #now(): number {
        return this.#office.clock.monotonic();
    }

    /** Everything that happens, in order. */
    #schedule(): { at: number; act: () => void }[] {
        const { people, trouble = [], lasts = 0 } = this.#plan;
        const all = [
            ...people.flatMap((sequence, index) =>
                sequence.map(({ at, act }) => ({ at, act: () => this.#people[index]!.act(act) })),
            ),
            ...trouble.map(({ at, act }) => ({ at, act: () => this.#trouble(act) })),
            { at: lasts, act: () => {} },
        ];
        return all.sort((one, other) => one.at - other.at);
    }

    #trouble(act: string): void {
        const from = this.#now;
        this.#healedAt = Math.max(this.#healedAt, from + trouble(this.#office, this, act) + healing);
        for (const { oracle } of this.#people) oracle.blind(from, this.#healedAt);
        if (act === 'tenant forgets') for (const { oracle } of this.#people) oracle.tenantForgets(from);
        if (act.startsWith('pbx refuse')) for (const { oracle } of this.#people) oracle.refuses(from);
    }

    /** Everybody's sources end; then both sides show what lies beneath, and nothing of ours. */
    async #end(): Promise<void> {
        for (const part of [0, 1, 2]) {
            await this.#passUntil(this.#settledAt);
            for (const each of this.#people) for (const act of each.ends[part]!) each.act(act);
        }
        await this.#passUntil(this.#settledAt + this.#settling);
        const renewals = 2 * Math.ceil((2 * (this.#now - this.#began)) / lease);
        for (const [person, each] of this.#people.entries()) {
            const writes = this.#office.tenant.writes.get(each.person.teamsId) ?? 0;
            // Away and a call are two; trouble makes us write again.
            const most = 2 * each.acts + renewals + 20 * (this.#plan.trouble ?? []).length;
            if (writes > most) this.#judge(person, `${each.acts} acts were answered by ${writes} writes to Teams`);
            const mostInPbx = (this.#choices.call === 'alien' ? 2 : 1) * each.acts;
            const isQuiet = (this.#plan.trouble ?? []).length === 0;
            if (isQuiet && each.told > mostInPbx)
                this.#judge(person, `${each.acts} acts were answered by ${each.told} changes in the PBX`);
            const { teams, tel, ours, calls } = each.see();
            const isBase = teams === 'Available/Available' && tel === '' && ours === '' && calls === 0;
            if (!isBase) this.#judge(person, `at the end: ${JSON.stringify({ teams, tel, ours, calls })}`);
        }
    }

    /** When everybody has settled. */
    get #settledAt(): number {
        const acted = Math.max(this.#now, ...this.#people.map(({ actedAt }) => actedAt));
        return Math.max(this.#healedAt, acted + this.#settling);
    }

    /** Looks at everybody on the way, as often as it may be telling, and at the end. Ends at once where all went wrong. */
    async #passUntil(end: number): Promise<void> {
        while (this.#now < end && this.#wrong.size < this.#people.length) {
            const settled = this.#people.map(({ actedAt }) => actedAt + this.#settling).filter(at => at > this.#now);
            const look = this.#watch ? watching : looks;
            await this.#office.pass(Math.min(end, this.#now + look, ...settled) - this.#now);
            this.#watch?.(
                this.#now - this.#began,
                this.#people.map(each => each.see()),
            );
            if (this.#now >= this.#healedAt) this.#look();
        }
    }

    #look(): void {
        for (const [person, each] of this.#people.entries()) {
            const isSettled = this.#now >= each.actedAt + this.#settling;
            if (isSettled && !this.#wrong.has(person)) this.#judge(person, each.oracle.check(each.see(), this.#now));
        }
    }

    /** Only the first thing that is wrong for a person counts: what follows may follow from it. */
    #judge(person: number, what: string | undefined): void {
        if (what === undefined || this.#wrong.has(person)) return;
        this.#wrong.set(person, { person, at: this.#now - this.#began, what });
    }

    async #startProduct(): Promise<void> {
        const office = this.#office;
        const { site, url, notificationUrl, pbxAddress: pbx } = office;
        // The same for everybody, so that what goes wrong for one person does so without the others, too.
        const share = seededRandom(this.#plan.seed ?? 1)();
        const random = (): number => share;
        const reads = this.#choices.registrations === 1 ? site.writes : site.reads;
        const told = { ...site, reads, url, notificationUrl, pbx, clock: this.#host, random, choices: this.#choices };
        const product = new Product(told, this.#memory);
        this.#product = product;
        this.#listen();
        office.begins++;
        await product.start();
        office.begins--;
    }

    async #endProduct(product = this.#product, isCrash = true): Promise<void> {
        this.#hangUp();
        // Nobody is left to say goodbye.
        this.#office.pbx.dropConnections();
        await (isCrash ? product?.kill() : product?.end());
    }

    #listen(): void {
        const product = this.#product;
        this.#office.busy = () => product?.busy ?? 0;
        this.#office.endpoint = product && ((request, response) => product.handle(request, response));
    }

    #hangUp(): void {
        this.#office.endpoint = undefined;
        this.#office.dropWebhooks();
    }
}
