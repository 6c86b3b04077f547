import { digitsOf } from '../random';
import type { PbxUser } from './pbx-user';
import { listsOf } from './user-columns';

/** Somebody who is told about every change of the table. */
export interface TableObserver {
    added(user: PbxUser): void;
    updated(before: PbxUser, after: PbxUser): void;
    removed(user: PbxUser): void;
    /** Tells a change that has not happened, see {@link UserTable.announce}. */
    announced?(change: TableChange, user: PbxUser): void;
}

/** A message about a change, as it is on the wire. */
export type TableChange = 'ReplicateAdd' | 'ReplicateUpdate' | 'ReplicateDel';

/**
 * The users of the PBX, found by GUID, user name, long name or number. Every change counts an update sequence number
 * on, and each user keeps that of their last change.
 */
export class UserTable {
    /** In the order of their sequence numbers: who changes goes to the end. */
    readonly #byGuid = new Map<string, PbxUser>();
    readonly #sequence = new Map<string, number>();
    readonly #byName = new Map<string, PbxUser>();
    readonly #byNumber = new Map<string, PbxUser>();
    readonly #byLongName = new Map<string, PbxUser>();
    /** The lists that each user has, or had once. */
    readonly #lists = new Map<string, Set<string>>();
    readonly #removed: { user: PbxUser; usn: number }[] = [];
    readonly observers = new Set<TableObserver>();
    #usn = 0;
    #generation = 0;

    /** Identifies this database: who comes with another one knows nothing. 32 hexadecimal digits. */
    get database(): string {
        return digitsOf(`user table ${this.#generation}`, 32);
    }

    /** The sequence number of the last change. */
    get usn(): number {
        return this.#usn;
    }

    /** Becomes another database with the same users, as after a restored backup. */
    renew(): void {
        this.#generation++;
    }

    /** Sends a change that has not happened: a user who is there is added again, an unknown one updated or removed. */
    announce(change: TableChange, user: PbxUser): void {
        for (const observer of this.observers) observer.announced?.(change, user);
    }

    /** @throws Error if the GUID or the user name is taken */
    add(user: PbxUser): void {
        if (this.#byGuid.has(user.guid) || this.#byName.has(user.h323)) throw new Error(`${user.h323} exists already`);
        this.#index(user);
        for (const observer of this.observers) observer.added(user);
    }

    /**
     * Takes the place of the user with the same GUID.
     * @throws Error if there is none, or the new user name is somebody else's
     */
    update(after: PbxUser): void {
        const before = this.get(after.guid);
        const holder = this.#byName.get(after.h323);
        if (holder && holder !== before) throw new Error(`${after.h323} exists already`);
        this.#forget(before);
        this.#index(after);
        for (const observer of this.observers) observer.updated(before, after);
    }

    /** @throws Error if there is no such user */
    remove(guid: string): void {
        const user = this.get(guid);
        this.#forget(user);
        this.#lists.delete(guid);
        this.#removed.push({ user, usn: ++this.#usn });
        for (const observer of this.observers) observer.removed(user);
    }

    /** @throws Error if there is no such user */
    get(guid: string): PbxUser {
        const user = this.#byGuid.get(guid);
        if (!user) throw new Error(`The simulated PBX has no user ${guid}`);
        return user;
    }

    byGuid(guid: string): PbxUser | undefined {
        return this.#byGuid.get(guid);
    }

    bySip(name: string): PbxUser | undefined {
        return this.#byName.get(name);
    }

    byNumber(number: string): PbxUser | undefined {
        return this.#byNumber.get(number);
    }

    byLongName(longName: string): PbxUser | undefined {
        return this.#byLongName.get(longName);
    }

    /** Everybody at this moment, who changed last comes last. */
    all(): PbxUser[] {
        return [...this.#byGuid.values()];
    }

    /** The number of the user's last change; 0 for somebody who is not there. */
    usnOf(guid: string): number {
        return this.#sequence.get(guid) ?? 0;
    }

    /** Columns of the lists in which the user has, or once had, something. */
    listsOnce(guid: string): ReadonlySet<string> {
        return this.#lists.get(guid) ?? new Set();
    }

    /** Who was removed after `usn` and has not come back. */
    removedSince(usn: number): PbxUser[] {
        const gone = this.#removed.filter(each => each.usn > usn && !this.#byGuid.has(each.user.guid));
        return gone.map(({ user }) => user);
    }

    #index(user: PbxUser): void {
        this.#byGuid.set(user.guid, user);
        this.#sequence.set(user.guid, ++this.#usn);
        this.#byName.set(user.h323, user);
        this.#byLongName.set(user.longName, user);
        this.#lists.set(user.guid, new Set([...this.listsOnce(user.guid), ...listsOf(user)]));
        if (user.number) this.#byNumber.set(user.number, user);
    }

    #forget(user: PbxUser): void {
        this.#byGuid.delete(user.guid);
        this.#sequence.delete(user.guid);
        this.#byName.delete(user.h323);
        if (this.#byLongName.get(user.longName) === user) this.#byLongName.delete(user.longName);
        if (this.#byNumber.get(user.number) === user) this.#byNumber.delete(user.number);
    }
}
