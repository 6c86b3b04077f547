import type { PbxUser } from './pbx-user';

/** Somebody who is told about every change of the table. */
export interface TableObserver {
    added(user: PbxUser): void;
    updated(before: PbxUser, after: PbxUser): void;
    removed(user: PbxUser): void;
}

/** The users of the PBX, found by GUID, user name or number. */
export class UserTable {
    readonly #byGuid = new Map<string, PbxUser>();
    readonly #byName = new Map<string, PbxUser>();
    readonly #byNumber = new Map<string, PbxUser>();
    readonly observers = new Set<TableObserver>();

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

    /** The GUIDs of all users at this moment. */
    guids(): string[] {
        return [...this.#byGuid.keys()];
    }

    #index(user: PbxUser): void {
        this.#byGuid.set(user.guid, user);
        this.#byName.set(user.h323, user);
        if (user.number) this.#byNumber.set(user.number, user);
    }

    #forget(user: PbxUser): void {
        this.#byGuid.delete(user.guid);
        this.#byName.delete(user.h323);
        if (this.#byNumber.get(user.number) === user) this.#byNumber.delete(user.number);
    }
}
