import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PbxChange, PbxSystem } from '../../lib/pbx/pbx-system';
import type { Held, HeldStore } from '../../lib/pbx/writing/held';
import { defaultRate } from '../../lib/pbx/writing/paced-requests';
import { defaultChoice } from '../../lib/pbx/writing/pbx-target';
import { defaultTables, mapToPbx, mapToTeams } from '../../lib/presence/mapping';
import type { PresenceUser } from '../../lib/presence/message';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import { mergeUsers, topicOf } from '../../lib/presence/user-matching';
import { isClear } from '../../lib/presence/words';
import { notificationEndpoint } from '../../lib/teams/reading/notifications/notification-endpoint';
import type { TeamsChange } from '../../lib/teams/reading/presence-reader';
import { PresenceSubscriber } from '../../lib/teams/reading/presence-subscriber';
import { TeamsTenant } from '../../lib/teams/teams-tenant';
import { PbxScope } from '../../lib/teams/users/pbx-scope';
import { PresenceActions } from '../../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../../lib/teams/writing/presence-writer';
import { introduce, teamsUserOf } from '../../nodes/runtime/introductions';
import { WrittenFor } from '../../nodes/runtime/written-for';
import { lease, type Site } from './site';

/** What outlives a deploy and ends with the process. */
export class Memory {
    readonly ledger = new TeamsLedger();
    readonly pbx = new Map<string, Held>();
}

/** The owner of everything that is written to the PBX. */
const owner = 'pbx-presence-out';

/**
 * Both directions of the example flow without Node-RED, for one office. This is the only file of the model test that
 * knows the product.
 */
export class Product {
    readonly #site: Site;
    readonly #memory: Memory;
    readonly #reads: TeamsTenant;
    readonly #writes: TeamsTenant;
    readonly #pbx: PbxSystem;
    readonly #subscriber: PresenceSubscriber;
    readonly #writer: PresenceWriter;
    readonly #endpoint: ReturnType<typeof notificationEndpoint>;
    readonly #undo: (() => void)[] = [];
    /** By name: what could not be served since the tenant's users could not be read. */
    readonly #unserved = new Map<string, () => void>();
    /** Notifications that are being worked on, beside the event loop. */
    #busy = 0;

    /** @param memory that of the process; a new one after a restart */
    constructor(site: Site, memory: Memory) {
        const { clock, random, choices } = site;
        this.#site = site;
        this.#memory = memory;
        this.#reads = this.#tenant(site.reads);
        this.#writes = site.writes === site.reads ? this.#reads : this.#tenant(site.writes);
        this.#pbx = new PbxSystem({
            settings: { role: 'client', addresses: [site.pbx.url], ...site.pbx },
            ...{ clock, random },
        });
        this.#subscriber = new PresenceSubscriber({
            tenant: this.#reads,
            accounts: choices.delivery === 'polling' ? [] : site.accounts,
            scope: this.#scope(),
            delivery: { mode: choices.delivery, fast: 2_000, slow: 10_000 },
            random,
        });
        this.#writer = this.#teamsWriter();
        const { notifications } = this.#reads;
        const receive = notifications.receive.bind(notifications);
        notifications.receive = body => {
            const reception = receive(body);
            this.#busy++;
            reception.done.finally(() => this.#busy--);
            return reception;
        };
        this.#endpoint = notificationEndpoint(notifications, () => 'It works.');
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
        if (this.#site.choices.delivery !== 'polling') await this.#reads.notifications.key();
        await this.#pbx.writer.adopt(this.#store());
        this.#pbx.writer.configure({ rate: defaultRate }, owner);
        this.#toPbx();
        this.#toTeams();
        this.#subscriber.start();
        this.#pbx.start();
        this.#reads.notifications.open(this.#site.notificationUrl);
    }

    /** Ends as Node-RED does when it is stopped: what is held is taken back. */
    async stop(): Promise<void> {
        const isReachable = this.#writes.directory.state.phase === 'online';
        await Promise.all([this.#pbx.writer.clearAll(), isReachable && this.#writer.clearAll()]);
        await this.end(true);
    }

    /** Ends as a full deploy does, or as a crash: nothing is taken back. @param remove whether subscriptions are deleted */
    async end(remove = false): Promise<void> {
        for (const undo of this.#undo.splice(0)) undo();
        this.#reads.notifications.close();
        this.#writer.removeAllListeners();
        this.#writer.stop();
        await this.#subscriber.stop(remove);
        await this.#pbx.stop();
        await Promise.all([...new Set([this.#reads, this.#writes])].map(tenant => tenant.stop()));
    }

    #tenant(registration: Site['reads']): TeamsTenant {
        const { tenantId, url, ca, clock } = this.#site;
        const trust = { ca, extent: 'only' } as const;
        const settings = { ...registration, tenant: tenantId, loginUrl: url, graphUrl: url, trust };
        return new TeamsTenant({ settings, ledger: this.#memory.ledger, clock });
    }

    /** As teams-subscriber does for "users of the PBX". */
    #scope(): PbxScope {
        const { directory } = this.#reads;
        const { directory: users } = this.#pbx;
        return new PbxScope({
            directory,
            pbx: {
                loaded: () => users.loaded,
                select: user => {
                    const known = users.find(user);
                    return known && mergeUsers(user, known);
                },
                onChange: changed => {
                    const part = introduce(directory, users.matches);
                    this.#pbx.on('users', changed);
                    users.matches.on('ambiguous', changed);
                    return () => {
                        this.#pbx.off('users', changed);
                        users.matches.off('ambiguous', changed);
                        part();
                    };
                },
            },
        });
    }

    #teamsWriter(): PresenceWriter {
        const { clock, random, choices } = this.#site;
        const { ledger, settings, directory } = this.#writes;
        const linesOnly = choices.sets === 'calls';
        return new PresenceWriter({
            actions: new PresenceActions({ graph: this.#writes.asApp(), clientId: settings.clientId }),
            ...{ ledger, clock, lease, random },
            choice: { lineStateOnly: linesOnly },
            overridesChoice: !linesOnly && choices.choice === 'override',
            plansOf: id => directory.plansOf(id),
            isKnown: id => (directory.loaded ? directory.byId(id) !== undefined : undefined),
        });
    }

    /** teams-subscriber and teams-notification-receiver -> presence-map -> pbx-presence-out. */
    #toPbx(): void {
        const { reader, notifications } = this.#reads;
        const { call, contact } = this.#site.choices;
        const onPresence = (id: string, presence: TeamsChange['presence'], sequence?: string): void =>
            reader.observe(id, presence, 'notification', sequence);
        const onChange = ({ user, presence, previous }: TeamsChange): void => {
            const mapped = mapToPbx(defaultTables.toPbx, presence, previous);
            if (mapped === 'leave') return;
            const { writer } = this.#pbx;
            const written = isClear(mapped)
                ? writer.clear(user, { owner })
                : writer.set(user, mapped, { ...defaultChoice, call, contact, owner });
            written.catch(() => {});
        };
        notifications.on('presence', onPresence);
        reader.on('change', onChange);
        this.#undo.push(() => {
            notifications.off('presence', onPresence);
            reader.off('change', onChange);
        });
    }

    /** pbx-presence-in -> presence-map -> teams-presence-writer. */
    #toTeams(): void {
        const { directory } = this.#writes;
        const { matches } = this.#pbx.directory;
        const adopt = (): void => {
            this.#writer.adopt(id => directory.byId(id));
            for (const serve of this.#unserved.values()) serve();
            this.#unserved.clear();
        };
        directory.once('loaded', adopt);
        const part = introduce(directory, matches);
        const endUse = directory.use(this.#writes.asApp());
        const follower = this.#pbx.follow({ lineState: 'automatic', calendar: false, snapshot: 'differences' });
        follower.on('change', change => this.#write(change));
        this.#undo.push(() => {
            directory.off('loaded', adopt);
            follower.stop();
            part();
            endUse();
        });
    }

    #write(change: PbxChange): void {
        const { directory } = this.#writes;
        const { matches } = this.#pbx.directory;
        const teams = matches.teamsOf(change.user);
        const who = teams ? mergeUsers(change.user, teams) : change.user;
        const mapped = mapToTeams(defaultTables.toTeams, change.presence, change.previous);
        if (mapped === 'leave') return;
        const name = topicOf(who);
        const serve = async (): Promise<void> => {
            const user = await directory
                .findWhenLoaded(name, who, () => teamsUserOf(who, directory, matches))
                .catch(error => {
                    if (error.code === 'TEAMS_USER_UNKNOWN' || error.code === 'PBX_USER_AMBIGUOUS')
                        this.#endFormer(who);
                    if (!directory.loaded) this.#unserved.set(name, () => void serve().catch(() => {}));
                    throw error;
                });
            if (!user) return;
            this.#endFormer(who, user);
            await (isClear(mapped) ? this.#writer.clear(user) : this.#writer.set(user, mapped));
        };
        this.#unserved.delete(name);
        serve().catch(() => {});
    }

    /** Takes back what is held for whom the PBX user was before. */
    #endFormer(who: PresenceUser, now?: PresenceUser): void {
        const former = WrittenFor.in(this.#memory.ledger).note(who, now);
        if (former) this.#writer.clear(former).catch(() => {});
    }

    /** As Node-RED keeps context by default: in memory. */
    #store(): HeldStore {
        const { pbx } = this.#memory;
        return {
            load: async () => [...pbx.values()].map(held => structuredClone(held)),
            put: held => void pbx.set(held.guid, structuredClone(held)),
            remove: guid => void pbx.delete(guid),
        };
    }
}
