import { EventEmitter } from 'node:events';
import { SyncError, toSyncError } from '../errors/errors';
import { type MatchSettings, UserMatches } from '../presence/user-matches';
import type { ConnectionState } from '../support/connection-state';
import { Alarm } from '../time/alarm';
import { type Clock, systemClock } from '../time/clock';
import { Continuity, type Interruption } from '../time/continuity';
import type { RunningSystem } from './check/check-users';
import { ClientLinks } from './connection/client-links';
import { type PbxLinkState, type PbxLinks, tell } from './connection/pbx-links';
import type { PbxServer } from './connection/pbx-server';
import type { PbxSession } from './connection/pbx-session';
import type { Log, PbxSettings } from './connection/pbx-settings';
import { ServerLinks } from './connection/server-links';
import { PbxPeople, type PbxPeopleOptions } from './people';
import { LineStates } from './reading/line-states';
import type { PresenceFollower } from './reading/presence-reader';
import { PresenceSubscriptions } from './reading/presence-subscriptions';
import type { FollowOptions } from './reading/presence-view';
import { UnfollowedUsers } from './reading/unfollowed-users';
import { type LeftOut, LeftOutList } from './users/left-out-list';
import type { ParticipationSettings } from './users/participation';
import { type UserChange, UserDirectory } from './users/user-directory';
import { UserTable } from './users/user-table';

export type { PbxSettings } from './connection/pbx-settings';
export type { PbxWriting } from './people';
export type { PbxChange, PresenceFollower } from './reading/presence-reader';
export type { FollowOptions } from './reading/presence-view';
export type { ParticipationSettings } from './users/participation';

/** Milliseconds within which changes of the directory are told together. */
const usersDelay = 100;

interface Events {
    /** The state of the master, whenever that of any PBX is another one. */
    state: [ConnectionState];
    /** The directory is complete or has changed. */
    users: [];
    /** {@link PbxSystem.unfollowed} or {@link PbxSystem.leftOut} is another list. */
    leftOut: [];
    /** {@link PbxSystem.notes} are other ones. */
    notes: [];
}

interface PbxSystemOptions extends Pick<PbxPeopleOptions, 'book' | 'journal' | 'tellsTexts'> {
    settings: PbxSettings;
    /** Who takes part. Default: all users. */
    participation?: ParticipationSettings;
    /** Who of the users is whom in Teams. Default: by address. */
    matching?: MatchSettings;
    clock?: Clock;
    /** Of the same clock; one of its own by default. */
    continuity?: Continuity;
    random?: () => number;
    log?: Log;
}

/** One innovaphone system, master and slaves: its users, what they show, and what we show for them. */
export class PbxSystem extends EventEmitter<Events> {
    /** The users who take part. */
    readonly directory: UserDirectory;
    readonly people: PbxPeople;
    /** Why the port where the PBX calls is crowded; undefined while it is not. */
    crowd: SyncError | undefined;
    readonly #settings: PbxSettings;
    readonly #links: PbxLinks;
    readonly #table: UserTable;
    readonly #absent: LeftOutList;
    readonly #subscriptions: PresenceSubscriptions;
    readonly #lineStates: LineStates;
    readonly #unfollowed: UnfollowedUsers;
    readonly #usersTold: Alarm;
    readonly #continuity: Continuity;
    readonly #log: Log;
    #endWatch: () => void = () => {};
    #nameNote: SyncError | undefined;

    constructor(options: PbxSystemOptions) {
        super();
        // One listener per node that uses the connection is no leak.
        this.setMaxListeners(0);
        const { settings, participation, clock = systemClock, random = Math.random, log = () => undefined } = options;
        this.#settings = settings;
        this.#continuity = options.continuity ?? new Continuity(clock);
        this.#log = log;
        this.#usersTold = new Alarm(clock, () => {
            this.#lookAtName();
            this.#tell('users');
        });
        const directory = new UserDirectory(new UserMatches(options.matching));
        const linkOptions = { settings, clock, random, log };
        const links = settings.role === 'server' ? new ServerLinks(linkOptions) : new ClientLinks(linkOptions);
        this.directory = directory;
        this.#links = links;
        this.people = new PbxPeople({
            ...{ ...options, links, directory, clock, random, log },
            noted: () => this.#tell('notes'),
            callChanged: guid => this.#lineStates.look(guid),
            reread: guid => this.#subscriptions.renew(guid),
        });
        const { reader, reconciler } = this.people;
        this.#absent = new LeftOutList({
            ...{ matches: directory.matches, clock, log },
            changed: () => this.#tell('leftOut'),
        });
        this.#table = new UserTable({
            ...{ directory, leftOut: this.#absent, domain: settings.domain, participation, clock, log },
            changed: changes => this.#usersChanged(changes),
        });
        const use = { links, directory, reader, records: reconciler.records, clock, log };
        this.#subscriptions = new PresenceSubscriptions({
            ...use,
            changed: () => this.#unfollowed.look(),
        });
        this.#lineStates = new LineStates(use);
        this.#unfollowed = new UnfollowedUsers({
            ...{ ...use, app: settings.appName, subscriptions: this.#subscriptions, lineStates: this.#lineStates },
            changed: () => this.#tell('leftOut'),
        });
        links.on('up', session => this.#up(session));
        links.on('down', session => this.#down(session));
        links.on('named', () => void this.#followAll());
        links.on('state', () => this.#stateChanged());
    }

    /** The state of the connection with the master. */
    get state(): ConnectionState {
        return this.#links.states()[0]?.state ?? { phase: 'stopped' };
    }

    /** The connections with all PBXs, the master's first. */
    states(): PbxLinkState[] {
        return this.#links.states();
    }

    /** Where the PBXs call; `undefined` where we call them. */
    get server(): PbxServer | undefined {
        return this.#links.server;
    }

    /** Users who take no part or cannot be matched with certainty, with the reason. */
    get leftOut(): Iterable<LeftOut> {
        return this.#absent;
    }

    /** Users whose presence the PBX does not tell, with the reason. */
    get unfollowed(): Iterable<LeftOut> {
        return this.#unfollowed.all;
    }

    /** What is to be known as long as the master does not say what it is called. */
    get nameNotes(): readonly SyncError[] {
        return this.#nameNote ? [this.#nameNote] : [];
    }

    /** The same, and what the PBX does otherwise than it was asked to, with what is done instead; each once. */
    get notes(): readonly SyncError[] {
        return [...this.nameNotes, ...this.people.notes];
    }

    /** Takes that the port where the PBX calls is crowded, or is no more. */
    crowded(error: SyncError | undefined): void {
        this.crowd = error;
        this.#tell('notes');
    }

    /** What a check of a system that runs looks at. */
    get running(): RunningSystem {
        const hidden = [...this.unfollowed].filter(({ reason }) => reason.code === 'PBX_PRESENCE_HIDDEN');
        return {
            links: this.#links,
            participants: [...this.directory.all()],
            others: Array.from(this.#absent.absent.values(), ({ user }) => user),
            hidden: hidden.map(({ user }) => user.pbx.name),
        };
    }

    /** Tells each change of the users' presence from now on, as a node wants to see it. */
    follow(options?: Partial<FollowOptions>): PresenceFollower {
        const follower = this.people.reader.follow(options);
        const { lineState } = follower.options;
        if (lineState !== 'presence') this.#lineStates.want(lineState === 'rcc');
        return follower;
    }

    /** Connects and stays connected until {@link stop}. */
    start(): void {
        this.#endWatch();
        this.#endWatch = this.#continuity.watch((interruption, gap) => this.#interrupted(interruption, gap));
        this.#links.start();
    }

    /** Ends the connections; what is set in the PBX stays, see {@link PbxPeople.clearAll}. May be called twice. */
    async stop(): Promise<void> {
        this.#endWatch();
        this.people.stop();
        await this.#links.stop();
        this.#usersTold.stop();
        this.#absent.stop();
        this.#table.end();
        this.#unfollowed.stop();
    }

    #up(session: PbxSession): void {
        session.isInterrupted = () => this.#continuity.look();
        session.on('info', () => this.#lookAtName());
        this.#subscriptions.begin(session);
        this.#unfollowed.begin(session);
        this.#prepare(session).catch(thrown => session.fail(toSyncError(thrown)));
    }

    /** The users are read from the master; what they show is told by the PBX where each is homed. */
    async #prepare(session: PbxSession): Promise<void> {
        // What those show who are known from before is told while the users are read.
        void this.#followAll();
        if (session === this.#links.master) {
            const changes = await this.#table.read(session);
            this.#takeIn(changes);
            this.people.placed();
            this.#tell('users');
        }
        await this.#followAll(session);
        if (session.end) return;
        session.ready();
        this.people.placed();
        // The first work over the connection is done, so there is room for more.
        this.#lineStates.begin(session);
        this.#unfollowed.look();
    }

    #down(session: PbxSession): void {
        if (!this.#links.master) this.#table.end();
        this.people.placed();
        this.#subscriptions.end(session);
        this.#lineStates.end(session);
        this.#unfollowed.end(session);
    }

    /** The connections may be dead, and what was told meanwhile is lost: all is read over new ones. */
    #interrupted(interruption: Interruption, gap: number): void {
        const seconds = Math.round(gap / 1000);
        this.#log('warn', `Everything is read anew after an interruption (${interruption} of ${seconds} s)`);
        if (interruption === 'sleep') this.people.reconciler.passed(gap);
        this.#links.drop();
    }

    #stateChanged(): void {
        this.#unfollowed.look();
        this.people.placed();
        this.#lookAtName();
        this.#tell('state', this.state);
    }

    #usersChanged(changes: UserChange[]): void {
        this.#takeIn(changes);
        this.#usersTold.set(usersDelay);
    }

    /** Follows users who have come, changed or moved, and no more the users who have gone. */
    #takeIn(changes: readonly UserChange[]): void {
        this.people.usersChanged(changes);
        for (const { from, to } of changes) {
            const { guid } = (to ?? from).pbx;
            if (!to) {
                this.#subscriptions.unfollow(guid);
                this.#lineStates.forget(guid);
                continue;
            }
            if (!from) this.#lineStates.look(guid);
            else if (from.pbx.loc !== to.pbx.loc) this.#lineStates.drop(guid);
            void this.#subscriptions.follow(to);
        }
        this.#unfollowed.look();
    }

    /** Follows all users where they are homed; resolves when those of this connection are followed. Never rejects. */
    async #followAll(session?: PbxSession): Promise<void> {
        const asked: Promise<void>[] = [];
        for (const user of this.directory.all()) {
            const following = this.#subscriptions.follow(user);
            if (session && this.#links.home(user.pbx.loc) === session) asked.push(following);
        }
        await Promise.all(asked);
    }

    #lookAtName(): void {
        const { master } = this.#links;
        // Only PbxAdminApi tells us the name where we call it, and it may do so yet.
        if (!master || (master.info.pbx === undefined && master.may('PbxAdminApi') !== false)) return;
        const note = this.#noteOfName(master);
        if (note?.message === this.#nameNote?.message) return;
        this.#nameNote = note;
        if (note) this.#log('warn', note.message);
        this.#tell('notes');
    }

    #noteOfName({ host, info }: PbxSession): SyncError | undefined {
        const { appName: app, pbxName: expected } = this.#settings;
        if (info.pbx !== undefined) return undefined;
        if (expected) return new SyncError('PBX_NAME_UNCHECKED', { host, expected, app });
        const homes = [...this.directory.homes].filter(Boolean);
        return homes.length > 1
            ? new SyncError('PBX_HOMES_UNCLEAR', { host, homes: homes.join(', '), app })
            : undefined;
    }

    #tell<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
        tell(this, this.#log, name, ...values);
    }
}
