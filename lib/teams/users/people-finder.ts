import { EventEmitter } from 'node:events';
import { type ErrorCode, SyncError, toSyncError } from '../../errors/errors';
import { nameOf, type PresenceUser, teamsIdOf } from '../../presence/message';
import type { UserMatches } from '../../presence/user-matches';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import type { DirectoryReader } from './directory-reader';
import { introduce, isOfPbx, teamsUserOf } from './introduction';

interface Events {
    /** By name, possibly again and again. */
    notFound: [name: string, reason: 'left-out' | 'ambiguous'];
    /** A PBX user was this Teams user before, whose presence was written. */
    former: [user: PresenceUser];
    /** PBX users are other Teams users by now, without a message that says so. */
    moved: [moves: { from: PresenceUser; to: PresenceUser }[]];
}

/** Errors for a person who is no Teams user, or cannot be told apart. */
export const noTeamsUser: readonly ErrorCode[] = ['TEAMS_USER_UNKNOWN', 'PBX_USER_AMBIGUOUS'];

interface Waiting {
    who: PresenceUser | string;
    /** The directory is known, and lacks the person. */
    isUnknown: boolean;
    again: () => Promise<unknown>;
}

/** Users and their matches come in swarms: people who wait for theirs are looked up in steps of so many ms. */
const gathering = 250;

/** So many people who cannot be found may wait; of more the oldest is dropped. */
const mostWaiting = 20_000;

const nobody = { name: '', longName: '', displayName: '', number: '', node: '' };

/** For which PBX user each Teams user was written to: when that is another one, what the Teams user shows must end. */
export class WrittenFor {
    readonly #teamsUsers = new Map<string, PresenceUser>();
    /** By Entra object id, the PBX user of the last write. */
    readonly #guids = new Map<string, string>();

    /** The Teams user of the last write, unless that has been written to for another PBX user since. */
    teamsUserOf(guid: string): PresenceUser | undefined {
        const user = this.#teamsUsers.get(guid);
        return user && this.#guids.get(teamsIdOf(user)) === guid ? user : undefined;
    }

    /**
     * Notes the Teams user of a PBX user now; undefined for none.
     * @param who of a message
     * @returns who the same PBX user was before, unless that is the same or has become another PBX user
     */
    note(who: PresenceUser | string, now: PresenceUser | undefined): PresenceUser | undefined {
        const guid = typeof who === 'object' && who.pbx?.guid;
        if (!guid) return undefined;
        const former = this.#teamsUsers.get(guid);
        if (now) {
            this.#teamsUsers.set(guid, now);
            this.#guids.set(teamsIdOf(now), guid);
        } else this.#teamsUsers.delete(guid);
        if (!former || (now && teamsIdOf(now) === teamsIdOf(former))) return undefined;
        if (this.#guids.get(teamsIdOf(former)) !== guid) return undefined;
        this.#guids.delete(teamsIdOf(former));
        return former;
    }
}

/**
 * Finds the Teams user of a person, for one node that writes. The newest change of each person who cannot be found waits:
 * for the directory, or for the Teams user to come.
 */
export class PeopleFinder extends EventEmitter<Events> {
    readonly #directory: DirectoryReader;
    readonly #ready: Promise<void>;
    readonly #writtenFor: WrittenFor;
    /** By GUID where the person is of the PBX. */
    readonly #waiting = new Map<string, Waiting>();
    /** The newest change of each person who is being looked for, by the same key. */
    readonly #newest = new Map<string, () => Promise<unknown>>();
    readonly #onLoaded = (): void => void this.#usersChanged();
    /** GUIDs of those who were written to and may be another Teams user by now. */
    readonly #concerned = new Set<string>();
    readonly #onUsers = (): void => {
        if (this.#waiting.size + this.#concerned.size > 0) this.#next.set(gathering);
    };
    readonly #onMatches = (guids: readonly string[]): void => {
        for (const guid of guids) if (this.#writtenFor.teamsUserOf(guid)) this.#concerned.add(guid);
        this.#onUsers();
    };
    #matches: Promise<UserMatches> | undefined;
    #ends: (() => void)[] = [];
    readonly #next: Alarm;
    #questions = 0;
    #isOver = false;

    /** @param options.ready resolves once it is known what an earlier process holds */
    constructor(options: { directory: DirectoryReader; ready: Promise<void>; writtenFor: WrittenFor; clock: Clock }) {
        super();
        this.#directory = options.directory;
        this.#ready = options.ready;
        this.#writtenFor = options.writtenFor;
        this.#next = new Alarm(options.clock, this.#onLoaded);
    }

    /** @param matches which Teams user is which PBX user; without them users are found by Teams id or address */
    start(matches: Promise<UserMatches> | undefined): void {
        this.#directory.on('loaded', this.#onLoaded).on('change', this.#onUsers);
        this.#onUsers();
        this.#matches = matches;
        matches?.then(
            known => {
                if (this.#isOver) return;
                known.on('change', this.#onMatches);
                this.#ends.push(introduce(this.#directory, known), () => known.off('change', this.#onMatches));
            },
            () => {},
        );
    }

    /** People can be found until {@link stop}, but no change that waits is tried again. */
    giveUp(): void {
        this.#isOver = true;
    }

    stop(): void {
        this.giveUp();
        this.#next.stop();
        this.#directory.off('loaded', this.#onLoaded).off('change', this.#onUsers);
        for (const end of this.#ends.splice(0)) end();
    }

    /** @throws SyncError one of {@link noTeamsUser} */
    async find(who: PresenceUser | string): Promise<PresenceUser> {
        // A question takes the place of no change that waits, and of no other question.
        this.#questions += 1;
        const user = await this.#find(who, `question ${this.#questions}`);
        if (!user) throw new SyncError('TEAMS_USER_UNKNOWN', { user: nameOf(who) });
        return user;
    }

    /**
     * As {@link find}, for a change. Undefined where a newer change of the same person has come meanwhile: it may have been
     * quicker.
     * @param again makes the change, when the person may be found who cannot be found now
     */
    async findFor(who: PresenceUser | string, again: () => Promise<unknown>): Promise<PresenceUser | undefined> {
        const name = nameOf(who);
        const key = (typeof who === 'object' && who.pbx?.guid) || name;
        this.#waiting.delete(key);
        this.#newest.set(key, again);
        const isNewest = () => this.#newest.get(key) === again;
        try {
            const user = await this.#find(who, key);
            if (!user || !isNewest()) return undefined;
            // What was wanted for others before this change moves along first: it may be for the user of one of them.
            this.#concerned.delete(key);
            const matches = this.#concerned.size > 0 ? await this.#matches : undefined;
            if (matches) this.#lookAtMoved(matches);
            this.#noteFormer(who, user);
            return user;
        } catch (thrown) {
            if (!isNewest()) return undefined;
            const { code } = toSyncError(thrown);
            const isUnknown = noTeamsUser.includes(code);
            if (isUnknown) {
                this.#noteFormer(who, undefined);
                this.emit('notFound', name, code === 'PBX_USER_AMBIGUOUS' ? 'ambiguous' : 'left-out');
            }
            if ((isUnknown || !this.#directory.loaded) && !this.#isOver) this.#wait(key, { who, isUnknown, again });
            throw thrown;
        } finally {
            if (isNewest()) this.#newest.delete(key);
        }
    }

    #wait(key: string, waiting: Waiting): void {
        this.#waiting.set(key, waiting);
        const [oldest] = this.#waiting.keys();
        if (this.#waiting.size > mostWaiting) this.#waiting.delete(oldest!);
    }

    /** @param key of several changes with the same key that wait the newest counts */
    async #find(who: PresenceUser | string, key: string): Promise<PresenceUser | undefined> {
        // A change and a question about the same person take the same way, so that they keep their order.
        await this.#ready;
        const matches = isOfPbx(who) ? await this.#matches : undefined;
        return this.#directory.findWhenLoaded(key, () => teamsUserOf(who, this.#directory, matches), nameOf(who));
    }

    #noteFormer(who: PresenceUser | string, now: PresenceUser | undefined): void {
        const former = this.#writtenFor.note(who, now);
        if (former) this.emit('former', former);
    }

    /** The same PBX user may be another Teams user by now, without a message that says so. */
    #lookAtMoved(matches: UserMatches): void {
        const moves = [...this.#concerned].flatMap(guid => {
            const who = { addresses: [], displayName: '', pbx: { ...nobody, guid } };
            const from = this.#writtenFor.teamsUserOf(guid);
            const to = matches.teamsOf(who);
            // A rename reaches the two systems one after the other, and for a while nobody fits.
            return from && to && teamsIdOf(from) !== teamsIdOf(to) ? [{ who, from, to }] : [];
        });
        this.#concerned.clear();
        for (const { who, to } of moves) this.#writtenFor.note(who, to);
        if (moves.length > 0) this.emit('moved', moves);
    }

    /** Makes the changes of people who wait and can be found by now. */
    async #usersChanged(): Promise<void> {
        this.#next.stop();
        const matches = await this.#matches?.catch(() => undefined);
        if (!this.#directory.loaded || this.#isOver) return;
        if (matches) this.#lookAtMoved(matches);
        for (const [key, { who, isUnknown, again }] of [...this.#waiting]) {
            if (isUnknown && !this.#canBeFound(who, matches)) continue;
            this.#waiting.delete(key);
            again().catch(() => {});
        }
    }

    #canBeFound(who: PresenceUser | string, matches: UserMatches | undefined): boolean {
        try {
            return teamsUserOf(who, this.#directory, matches) !== undefined;
        } catch {
            return false;
        }
    }
}
