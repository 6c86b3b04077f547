import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PbxChange, PbxSystem } from '../../lib/pbx/pbx-system';
import { defaultRate } from '../../lib/pbx/writing/paced-requests';
import { defaultChoice } from '../../lib/pbx/writing/pbx-target';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import type { PresenceUser } from '../../lib/presence/message';
import { mergeUsers } from '../../lib/presence/message';
import { isClear } from '../../lib/presence/words';
import type { Answer } from '../../lib/support/record-log';
import {
    type ClaimEntry,
    type ClaimPart,
    type ClaimStore,
    type LoadedClaims,
    MemoryClaimStore,
} from '../../lib/sync/claim-store';
import type { TeamsChange, TeamsWriter } from '../../lib/teams/teams-system';
import { TeamsSystems, type TeamsUse } from '../../lib/teams/teams-systems';
import type { Clock } from '../../lib/time/clock';
import { Continuity } from '../../lib/time/continuity';
import { lease, type Site } from './site';

/** A process that was killed writes nothing any more, though its promises go on. */
class Handle implements ClaimStore {
    readonly disk: MemoryClaimStore;
    #isDead = false;

    constructor(disk: MemoryClaimStore) {
        this.disk = disk;
    }

    load(part: ClaimPart): Promise<LoadedClaims> {
        return this.disk.load(part);
    }

    async append(entries: readonly ClaimEntry[]): Promise<Answer> {
        return this.#isDead ? 'unanswered' : this.disk.append(entries);
    }

    async settle(part: ClaimPart): Promise<Answer> {
        return this.#isDead ? 'unanswered' : this.disk.settle(part);
    }

    async close(): Promise<void> {
        this.#isDead = true;
    }
}

/** What outlives a deploy and ends with the process, but for the store, which may lie on a disk. */
export class Memory {
    readonly continuity: Continuity;
    readonly systems: TeamsSystems;
    readonly store: Handle;

    constructor(clock: Clock, disk = new MemoryClaimStore(clock)) {
        this.continuity = new Continuity(clock);
        this.systems = new TeamsSystems(clock, this.continuity);
        this.store = new Handle(disk);
    }
}

/** The nodes that write. */
const [out, writerNode] = ['pbx-presence-out', 'teams-presence-writer'];

/**
 * Both directions of the example flow without Node-RED, for one office. This is the only file of the model test that
 * knows the product.
 */
export class Product {
    readonly #site: Site;
    readonly #store: Handle;
    readonly #reads: TeamsUse;
    readonly #writes: TeamsUse;
    readonly #pbx: PbxSystem;
    readonly #follower: ReturnType<TeamsUse['system']['follow']>;
    readonly #receiver: ReturnType<TeamsUse['system']['receive']>;
    readonly #writer: TeamsWriter;
    readonly #endpoint: (request: IncomingMessage, response: ServerResponse) => void;
    /** Notifications that are being worked on, beside the event loop. */
    #busy = 0;

    /** @param memory that of the process; a new one after a restart */
    constructor(site: Site, memory: Memory) {
        const { clock, random, choices } = site;
        this.#site = site;
        this.#store = memory.store;
        this.#reads = this.#use('reads', site.reads, memory);
        this.#writes =
            site.writes === site.reads
                ? this.#use('reads', site.reads, memory)
                : this.#use('writes', site.writes, memory);
        this.#pbx = new PbxSystem({
            settings: { role: 'client', addresses: [site.pbx.url], ...site.pbx },
            ...{ clock, random, continuity: memory.continuity },
            book: { store: memory.store, side: 'pbx', system: 'pbx' },
        });
        const { system, registration } = this.#reads;
        this.#follower = system.follow(registration, {
            accounts: choices.delivery === 'polling' ? [] : site.accounts,
            scope: { kind: 'pbx', plans: [], pbx: this.#users() },
            delivery: { mode: choices.delivery, fast: 2_000, slow: 10_000 },
            random,
        });
        this.#receiver = system.receive(registration);
        this.#writer = this.#writes.system.writer(this.#writes.registration, {
            node: writerNode,
            lease,
            callsOnly: choices.sets === 'calls',
            overridesChoice: choices.choice === 'override',
            matches: async () => this.#pbx.directory.matches,
        });
        const { notifications } = registration;
        const receive = notifications.receive.bind(notifications);
        notifications.receive = body => {
            const reception = receive(body);
            this.#busy++;
            reception.done.finally(() => this.#busy--);
            return reception;
        };
        this.#endpoint = this.#receiver.endpoint(() => 'It works.');
    }

    /** Work that goes on beside the event loop. */
    get busy(): number {
        return this.#busy;
    }

    /** What the notification endpoint does with a request. */
    handle(request: IncomingMessage, response: ServerResponse): void {
        this.#endpoint(request, response);
    }

    async start(): Promise<void> {
        // Making a key takes real time, which must not pass while the clock stands still.
        if (this.#site.choices.delivery !== 'polling') await this.#reads.registration.notifications.key();
        await this.#pbx.people.restore();
        this.#pbx.people.configure({ rate: defaultRate, makesCalls: this.#site.choices.call === 'alien' }, out);
        await this.#receiver.take(() => {});
        this.#follower.on('change', change => this.#toPbx(change));
        this.#receiver.on('change', change => this.#toPbx(change));
        this.#pbx
            .follow({ lineState: 'automatic', calendar: false, snapshot: 'differences' })
            .on('change', change => this.#toTeams(change));
        this.#writer.start();
        this.#follower.start();
        this.#pbx.start();
        this.#receiver.open(this.#site.notificationUrl);
    }

    /** Ends as Node-RED does when it is stopped: what is held is taken back. */
    async stop(): Promise<void> {
        await Promise.all([this.#pbx.people.clearAll(), this.#writer.stop(true)]);
        await this.#end(true, true);
    }

    /** Ends as a full deploy does: nothing is taken back. */
    async end(): Promise<void> {
        await this.#end(false, false);
    }

    /** Ends as a crash does: nothing is done any more. */
    async kill(): Promise<void> {
        await this.#store.close();
        for (const { system } of [this.#reads, this.#writes]) system.people.stop();
        await this.#end(false, true);
    }

    async #end(remove: boolean, forGood: boolean): Promise<void> {
        this.#receiver.stop();
        await this.#writer.stop(false);
        await this.#follower.stop(remove);
        await this.#pbx.stop();
        for (const use of [this.#reads, this.#writes]) await use.release(forGood);
    }

    #use(owner: string, registration: Site['reads'], memory: Memory): TeamsUse {
        const { tenantId, url, ca } = this.#site;
        const trust = { ca, extent: 'only' } as const;
        const settings = { ...registration, tenant: tenantId, loginUrl: url, graphUrl: url, trust };
        return memory.systems.take(owner, settings, memory.store);
    }

    /** As teams-subscriber does for "users of the PBX". */
    #users() {
        const pbx = this.#pbx;
        const { directory } = pbx;
        return {
            matches: directory.matches,
            loaded: () => directory.loaded,
            select: (user: PresenceUser) => {
                const known = directory.find(user);
                return known && mergeUsers(user, known);
            },
            onChange: (changed: () => void) => {
                pbx.on('users', changed);
                return () => void pbx.off('users', changed);
            },
        };
    }

    /** teams-subscriber and teams-notification-receiver -> presence-map -> pbx-presence-out. */
    #toPbx({ user, presence, previous }: TeamsChange): void {
        const { call, contact } = this.#site.choices;
        const mapped = mapToPbx(defaultTables.toPbx, presence, previous);
        if (mapped === 'leave') return;
        const written = isClear(mapped)
            ? this.#pbx.people.clear(user, { node: out }, presence.availability === 'PresenceUnknown')
            : this.#pbx.people.set(user, mapped, { ...defaultChoice, call, contact, node: out });
        written.catch(() => {});
    }

    /** pbx-presence-in -> presence-map -> teams-presence-writer. */
    #toTeams(change: PbxChange): void {
        const teams = this.#pbx.directory.matches.teamsOf(change.user);
        const who = teams ? mergeUsers(change.user, teams) : change.user;
        const mapped = mapToTeams(defaultTables.toTeams, change.presence, change.previous);
        if (mapped === 'leave') return;
        const written = isClear(mapped) ? this.#writer.clear(who, change.unknown) : this.#writer.set(who, mapped);
        written.catch(() => {});
    }
}
