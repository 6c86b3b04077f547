import { setTimeout as delay } from 'node:timers/promises';
import { percentiles } from '../bench/report';
import { AppClient, type Credentials } from '../lib/simulator/pbx/app-client';
import type { Verdict } from '../soak/verdict';
import type { Extent } from './extent';
import { hostileNotifications, kinds, lifecycle } from './hostile-notifications';
import { sendOddBodies } from './odd-bodies';
import { post } from './relay';
import { type Change, type Seen, Site, until } from './site';
import { halfRequest, Starving, silentCall } from './starving';
import { wrongLogins } from './wrong-logins';

/** Of what a registration may ask in 30 s, forgeries may cost a tenth. */
const budget = { requests: 1_500, period: 30_000, share: 0.1 };
const stranger = '127.0.0.2';
/** A PBX tries to be let in for so many ms. */
const longestCall = 15_000;

/** Everything that somebody can try who may connect, and has read along; what must hold, with its figures. */
export async function attack(extent: Extent, log: (line: string) => void = () => {}): Promise<Verdict[]> {
    const site = await Site.open(extent.people);
    try {
        return await new Attack(site, extent, log).run();
    } finally {
        await site.close();
    }
}

class Attack {
    readonly #verdicts: Verdict[] = [];
    readonly #begin = performance.now();
    /** What was held back and has come now. */
    readonly #heldBack = new Set<string>();

    constructor(
        readonly site: Site,
        readonly extent: Extent,
        readonly log: (line: string) => void,
    ) {}

    async run(): Promise<Verdict[]> {
        const { site, extent } = this;
        const url = `ws://127.0.0.1:${site.ports.pbx}${site.pbxPath}`;
        const { name: app, password } = site.pbxApp;
        const caller = { app, sip: app, password, info: JSON.stringify({ pbx: 'pbx-main', appobj: app }) };
        const logins = wrongLogins(url, caller, extent.logins);
        const [told, held] = [[], []] as [Awaited<ReturnType<Site['calls']>>, Awaited<ReturnType<Site['calls']>>];
        for (let wave = 0; wave < extent.waves; wave++) {
            told.push(...(await site.calls(false)));
            held.push(...(await site.calls(true)));
        }
        this.#say(
            `${told.length} calls were told, ${held.length} held back; all are over. Of each ${kinds.join(', ')}:`,
        );
        const victims = site.others.map(({ teamsId }) => teamsId);
        const known = { told, held, victims };
        await until('quiet', 30_000, () => performance.now() - (site.seen.at(-1)?.at ?? 0) > 3_000);

        // What is done for the first time takes memory for good.
        await this.#notify(hostileNotifications(known, Math.ceil(extent.notifications / 10)));
        await this.#odd(Math.ceil(extent.bodies / 10));
        await delay(2_000);
        const before = await site.held();

        const since = performance.now();
        const begun = await site.counters();
        const reads = this.#countReads();
        let stopChurn = site.churn(extent.pace);
        await this.#notify(hostileNotifications(known, extent.notifications));
        this.#verdict('answers to genuine notifications in between', ...this.#answers());
        await this.#odd(extent.bodies);
        this.#verdict('answers to genuine notifications beside odd bodies', ...this.#answers());
        // Once they are believed, the subscription is another one, for which nothing that was seen counts.
        const removals = Array.from({ length: 50 }, () => ({ body: lifecycle(told[0]!, 'subscriptionRemoved') }));
        await this.#notify(removals);
        const { tried, passed } = await logins;
        this.#verdict(`wrong logins that were let in, of ${tried}`, String(passed), passed === 0, 'none');
        this.#readsVerdict(await reads());
        await this.#subscriptionsVerdict(begun);
        const changes = await stopChurn();

        for (const [title, localAddress] of [
            ['another address', stranger],
            ['the same address', '127.0.0.1'],
        ] as const) {
            stopChurn = site.churn(extent.pace);
            await this.#starve(title, localAddress, { url, caller });
            changes.push(...(await stopChurn()));
        }
        if (extent.recovers) await site.green();
        await until('everybody available', extent.told, () => this.#areAvailable()).catch(() => {});
        await delay(3_000);
        this.#judge(site.seen, changes, since);
        await this.#judgeWrites(begun, changes);
        await this.#judgeGrowth(before);
        return this.#verdicts;
    }

    /** @param notifications each from a connection of its own, so many per second */
    async #notify(notifications: Iterable<{ kind?: string; body: string }>): Promise<void> {
        const { site, extent } = this;
        const statuses: Record<string, number> = {};
        const place = { port: site.ports.notifications, path: site.notificationPath, localAddress: stranger };
        const begin = performance.now();
        const answers: Promise<void>[] = [];
        for (const { kind, body } of notifications) {
            if (kind === 'held back') this.#heldBack.add(body);
            const due = begin + (answers.length * 1_000) / extent.rate;
            const wait = due - performance.now();
            if (wait > 0) await delay(wait);
            const count = ({ status }: { status: number }) => {
                statuses[status] = (statuses[status] ?? 0) + 1;
            };
            answers.push(post({ ...place, body }).then(count));
        }
        await Promise.all(answers);
        this.#say(`${answers.length} hostile notifications: ${JSON.stringify(statuses)}`);
        const wrong = Object.entries(statuses).filter(([status]) => !['202', '413', '503'].includes(status));
        this.#verdict('hostile notifications without an answer of ours', String(wrong), wrong.length === 0, 'none');
    }

    /** Odd bodies on each route. */
    async #odd(count: number): Promise<void> {
        const { routes, failed } = await sendOddBodies(this.site, count, stranger);
        for (const line of failed.slice(0, 3)) this.#say(line.slice(0, 300));
        const value = `${failed.length} of ${count * routes} on ${routes} routes`;
        this.#verdict('odd bodies that nothing or a failure has answered', value, failed.length === 0, 'none');
    }

    /**
     * Counts presence requests until the returned function is called, beyond one for each notification that Microsoft has
     * made: what is told may have to be read first. Gives those of the worst period.
     */
    #countReads(): () => Promise<number> {
        const { site } = this;
        const counts: [at: number, extra: number][] = [];
        let isOver = false;
        const run = async (): Promise<void> => {
            while (!isOver) {
                const { graph } = await site.counters();
                counts.push([performance.now(), graph.presence!.served - site.relay.told.length - this.#heldBack.size]);
                await delay(1_000);
            }
        };
        const done = run();
        return async () => {
            isOver = true;
            await done;
            const within = counts.map(([at, extra]) => {
                const before = counts.findLast(([time]) => time <= at - budget.period) ?? counts[0]!;
                return extra - before[1];
            });
            return Math.max(...within);
        };
    }

    #readsVerdict(worst: number): void {
        const most = budget.requests * budget.share;
        const period = `${budget.period / 1_000} s`;
        const what = `presence requests beyond one for each notification of Microsoft's, in the worst ${period}`;
        this.#verdict(what, String(worst), worst <= most, `at most ${most}: a tenth of the budget`);
    }

    /** What somebody has set off who knows the clientState of a subscription, and nothing else of Microsoft's. */
    async #subscriptionsVerdict({ graph: before }: Awaited<ReturnType<Site['counters']>>): Promise<void> {
        const { graph } = await this.site.counters();
        const made = Object.entries(graph).map(([kind, { served }]) => [kind, served - before[kind]!.served] as const);
        this.#say(`requests to Graph since the begin: ${JSON.stringify(Object.fromEntries(made))}`);
        const count = made.reduce((sum, [kind, served]) => sum + (kind.startsWith('subscription') ? served : 0), 0);
        this.#verdict('requests about subscriptions', String(count), count <= 60, 'at most 60');
    }

    async #starve(
        title: string,
        localAddress: string,
        { url, caller }: { url: string; caller: Credentials },
    ): Promise<void> {
        const { site, extent } = this;
        const options = { localAddress, count: extent.connections };
        const half = () => halfRequest;
        const mixed = (index: number) => (index % 2 ? half() : silentCall(site.pbxPath));
        const crowds = [
            new Starving({ ...options, port: site.ports.notifications, says: half }),
            new Starving({ ...options, port: site.ports.pbx, says: mixed }),
        ];
        const end = performance.now() + extent.starving;
        const yellow = ['teams-notification-receiver', 'pbx-presence-in'].map(async type => {
            const isYellow = ({ fill, text = '' }: { fill?: string; text?: string }) =>
                fill === 'yellow' && /^Many connections to port/.test(text);
            const limit = Math.max(10_000, extent.starving);
            await site.nodeRed.waitForStatus(site.node(type).id, isYellow, limit).catch(() => not.push(type));
        });
        const not: string[] = [];
        const logins: number[] = [];
        let isDropped = false;
        while (performance.now() < end) {
            logins.push(await timeOfLogin(url, caller));
            if (!isDropped && performance.now() > end - extent.starving / 2) {
                isDropped = true;
                await site.order('pbx', { drop: true });
            }
            await delay(250);
        }
        await Promise.all(yellow);
        const isUp = await until('the PBX', 15_000, () => site.pbxIsUp()).then(
            () => true,
            () => false,
        );
        for (const crowd of crowds) crowd.end();
        const [notifications, pbx] = crowds.map(({ opened }) => opened);
        this.#say(`${notifications} and ${pbx} connections were opened from ${title}`);
        const during = `while ${extent.connections} connections are refilled from ${title}`;
        this.#verdict(`answers to genuine notifications ${during}`, ...this.#answers());
        this.#verdict(`logins of a PBX ${during}`, ...this.#timely(logins));
        this.#verdict(`the PBX is back after an interruption ${during}`, isUp ? 'yes' : 'no', isUp, 'yes');
        this.#verdict(`nodes that do not say so ${during}`, not.join(', ') || 'none', not.length === 0, 'none');
    }

    /** How long the genuine notifications since the last time have taken. */
    #answers(): [value: string, isMet: boolean, target: string] {
        return this.#timely(
            this.site.relay.deliveries.splice(0).map(({ status, took }) => (status === 202 ? took : Infinity)),
        );
    }

    #timely(times: readonly number[]): [value: string, isMet: boolean, target: string] {
        const { answered } = this.extent;
        const { p99, text } = percentiles(times);
        return [text, times.length > 0 && p99 < answered, `p99 within ${answered / 1_000} s`];
    }

    #judge(seen: readonly Seen[], changes: readonly Change[], since: number): void {
        const { site } = this;
        const actors = new Set(site.actors.map(({ mail }) => mail));
        const forged = seen.filter(({ topic, at }) => at > since && !actors.has(topic));
        for (const { topic, payload, presence } of forged.slice(0, 5)) {
            this.#say(`forged: ${topic} ${JSON.stringify(payload)} ${JSON.stringify(presence)}`);
        }
        this.#verdict('messages about people who did nothing', String(forged.length), forged.length === 0, 'none');
        const { told } = this.extent;
        // What changes again before that may be told as nothing.
        const lasting = changes.filter(
            ({ mail, at }) => !changes.some(later => later.mail === mail && later.at > at && later.at < at + told),
        );
        // What ends and begins again in no time changes nothing, so what counts is what was told last.
        const ofTeams = seen.filter(({ presence }) => presence.source === 'teams');
        const toldOf = ({ mail, at }: Change) => ofTeams.findLast(each => each.topic === mail && each.at < at + told);
        const missed = lasting.filter(change => toldOf(change)?.payload.activity !== change.activity);
        for (const change of missed.slice(0, 5)) {
            const { mail, activity, at } = change;
            const last = toldOf(change)?.payload.activity ?? 'nothing';
            this.#say(`not told: ${mail} ${activity} at ${this.#seconds(at)} s, but ${last}`);
        }
        const value = `${missed.length} of ${lasting.length}`;
        this.#verdict(
            `genuine changes not told within ${this.extent.told / 1_000} s`,
            value,
            missed.length === 0,
            'none',
        );
    }

    async #areAvailable(): Promise<boolean> {
        const people = await this.site.control.people();
        return people.every(({ pbx, teams }) => pbx.activity === '' && teams.activity === 'Available');
    }

    async #judgeWrites(before: { presenceWrites: number; pbxWrites: number }, changes: Change[]): Promise<void> {
        const { site } = this;
        const wrong = (await this.#areAvailable()) ? 'none' : 'some';
        this.#verdict('people who show something at the end', wrong, wrong === 'none', 'none');
        const { presenceWrites, pbxWrites } = await site.counters();
        const teams = presenceWrites - before.presenceWrites;
        this.#verdict('writes to Teams', String(teams), teams === 0, 'none: nobody did anything in the PBX');
        const inPbx = pbxWrites - before.pbxWrites;
        const most = changes.length + site.actors.length * 3;
        this.#verdict('writes to the PBX', `${inPbx} for ${changes.length} changes`, inPbx <= most, 'one for a change');
    }

    async #judgeGrowth(before: { memory: number; descriptors: number }): Promise<void> {
        const after = await this.site.held();
        const grown = (after.memory - before.memory) / 2 ** 20;
        const from = (before.memory / 2 ** 20).toFixed(1);
        this.#verdict('memory grown', `${grown.toFixed(1)} MiB from ${from}`, grown < 8, 'flat: less than 8 MiB');
        const more = after.descriptors - before.descriptors;
        this.#verdict('descriptors grown', `${more} from ${before.descriptors}`, more < 20, 'flat: less than 20');
    }

    #verdict(what: string, value: string, isMet: boolean, target: string): void {
        this.#verdicts.push({ what, value, isMet, target });
        this.#say(`${isMet ? 'ok' : '!!'} ${what}: ${value}  (${target})`);
    }

    #say(line: string): void {
        this.log(`${this.#seconds(performance.now()).padStart(4)} s  ${line}`);
    }

    #seconds(at: number): string {
        return ((at - this.#begin) / 1_000).toFixed(0);
    }
}

/** ms until a PBX is let in, which calls again where it is hung up on; infinite after some. */
async function timeOfLogin(url: string, caller: Credentials): Promise<number> {
    const begin = performance.now();
    while (performance.now() < begin + longestCall) {
        const client = await AppClient.open(url, { localAddress: '127.0.0.1' }).catch(() => undefined);
        const late = setTimeout(() => client?.end(), longestCall);
        const isIn = await client?.login(caller).then(
            ({ ok }) => ok === true,
            () => false,
        );
        clearTimeout(late);
        client?.end();
        if (isIn) return performance.now() - begin;
        await delay(100);
    }
    return Number.POSITIVE_INFINITY;
}
