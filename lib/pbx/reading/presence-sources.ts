import type { PresenceUser } from '../../presence/message';
import type { PbxRecord } from '../../presence/pbx-record';
import type { Clock } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import type { Log } from '../connection/pbx-settings';
import { someOf } from '../users/left-out-list';
import type { UserChange, UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import type { LeftOut } from '../users/user-table';
import { LineStates } from './line-states';
import type { PresenceFollower, PresenceReader } from './presence-reader';
import { PresenceSubscriptions } from './presence-subscriptions';
import { unallowedUsers } from './unallowed-users';
import { UnfollowedUsers } from './unfollowed-users';

/** Names that a line of the log has room for. */
const mostNames = 10;

interface PresenceSourcesUse {
    /** Name of the App object. */
    app: string;
    links: PbxLinks;
    directory: UserDirectory;
    reader: PresenceReader;
    records: ReadonlyMap<string, PbxRecord>;
    clock: Clock;
    log: Log;
    /** {@link PresenceSources.unfollowed} is another list. */
    unfollowedChanged(): void;
}

/** Everything that tells the reader what users show, from all PBXs of a system, each user where they are homed. */
export class PresenceSources {
    readonly #use: PresenceSourcesUse;
    readonly #subscriptions: PresenceSubscriptions;
    readonly #lineStates: LineStates;
    readonly #unallowed = new Map<PbxSession, ReadonlySet<string>>();
    readonly #unfollowed: UnfollowedUsers;
    /** The PBXs by which the users were placed last, and which of them were there. */
    #placedBy = '';

    constructor(use: PresenceSourcesUse) {
        this.#use = use;
        this.#subscriptions = new PresenceSubscriptions({
            ...use,
            heard: guid => this.#unfollowed.heard(guid),
            changed: () => this.#unfollowed.look(),
        });
        this.#lineStates = new LineStates(use, (guid, inCall) => use.reader.receiveCalls(guid, inCall));
        this.#unfollowed = new UnfollowedUsers({
            ...use,
            subscriptions: this.#subscriptions,
            unallowed: () => new Set([...this.#unallowed.values()].flatMap(names => [...names])),
            changed: () => this.#unfollowedChanged(),
            expired: user => this.#expired(user),
        });
    }

    /** Users whose presence the PBX does not tell, with the reason. */
    get unfollowed(): Iterable<LeftOut> {
        return this.#unfollowed.all;
    }

    /** A node follows: what it wants to see is asked for. */
    serve({ options: { lineState } }: PresenceFollower): void {
        if (lineState !== 'presence') this.#lineStates.want(lineState === 'rcc');
    }

    /** A new connection: nothing is subscribed there yet. */
    begin(session: PbxSession): void {
        this.#subscriptions.begin(session);
        const changed = () => this.#unfollowed.look();
        this.#unallowed.set(session, unallowedUsers(session, this.#use.app, changed));
    }

    /** Follows all users where they are homed; resolves when those of this connection are followed. Never rejects. */
    async followAll(session?: PbxSession): Promise<void> {
        const asked: Promise<void>[] = [];
        for (const user of this.#use.directory.all()) {
            const following = this.#subscriptions.follow(user);
            if (session && this.#use.links.home(user.pbx.loc) === session) asked.push(following);
        }
        await Promise.all(asked);
    }

    /** The first work over a connection is done, so there is room for more. */
    settled(session: PbxSession): void {
        this.#lineStates.begin(session);
        this.#unfollowed.look();
    }

    end(session: PbxSession): void {
        this.#subscriptions.end(session);
        this.#lineStates.end(session);
        this.#unallowed.delete(session);
        this.#unfollowed.look();
    }

    /** A PBX that has told its name has users who were followed elsewhere so far, or not at all. */
    linksChanged(): void {
        // A PBX that is away makes an event with each attempt, which moves nobody.
        const links = JSON.stringify(
            this.#use.links.states().map(({ name, state }) => [name, state.phase === 'online']),
        );
        if (links !== this.#placedBy) void this.followAll();
        this.#placedBy = links;
        this.#unfollowed.look();
    }

    /** Follows users who have come, changed or moved, and no more the users who have gone. */
    usersChanged(changes: readonly UserChange[]): void {
        for (const { from, to } of changes) {
            if (!to) this.#forget(from);
            else {
                if (!from) this.#lineStates.look(to.pbx.guid);
                else if (from.pbx.loc !== to.pbx.loc) this.#lineStates.drop(to.pbx.guid);
                void this.#subscriptions.follow(to);
            }
        }
        this.#unfollowed.look();
    }

    /** A call of our own has begun or ended, so a line state means something else. */
    callChanged(record: PbxRecord): void {
        this.#use.reader.look(record);
        this.#lineStates.look(record.key);
    }

    /** What the PBX shows of the user is told anew. */
    askAgain({ pbx }: PresenceUser): void {
        const user = this.#use.directory.byGuid(pbx?.guid ?? '');
        if (!user) return;
        this.#subscriptions.unfollow(user.pbx.guid);
        void this.#subscriptions.follow(user);
    }

    stop(): void {
        this.#unfollowed.stop();
    }

    #forget(user: PbxUser): void {
        const { guid } = user.pbx;
        this.#subscriptions.unfollow(guid);
        this.#use.reader.forget(user);
        this.#lineStates.forget(guid);
    }

    #expired(user: PbxUser): void {
        this.#use.reader.expire(user);
        if (!this.#use.links.home(user.pbx.loc)) this.#lineStates.drop(user.pbx.guid);
    }

    #unfollowedChanged(): void {
        const texts = Array.from(this.unfollowed, ({ user, reason }) => `${user.displayName} (${reason.message})`);
        if (texts.length > 0)
            this.#use.log('warn', `The PBX does not tell the presence of ${someOf(texts, mostNames)}`);
        this.#use.unfollowedChanged();
    }
}
