import type { Sender } from '../connection/first-that-works';
import { readChanges, readUsers } from './read-users';
import type { Row, UserDifference, UserDirectory } from './user-directory';
import { properties, RowMaker, type UserRecord, withPlans } from './user-record';

/** Takes in what was read; nothing of it shows before. */
export type TakeIn = () => UserDifference;

/** Brings a table of users up to date: with all users at first, and with what has changed from then on. */
export class UserFeed {
    readonly #table: UserDirectory;
    #rows = new RowMaker();
    /** For the changes since the last time. */
    #link: string | undefined;
    #hasPlans = false;

    constructor(table: UserDirectory) {
        this.#table = table;
    }

    /** Whether the users in the table were read with their service plans. */
    get hasPlans(): boolean {
        return this.#hasPlans;
    }

    /** @throws SyncError; the table is then as it was, and the next time goes on where this one should have */
    async read(graph: Sender, wantsPlans: boolean): Promise<TakeIn> {
        // A link brings what was selected when it was made.
        const changes = wantsPlans && !this.#hasPlans ? undefined : await this.#readChanges(graph);
        return changes ?? this.#readAll(graph, wantsPlans);
    }

    /** @returns undefined where there is no link that still holds */
    async #readChanges(graph: Sender): Promise<TakeIn | undefined> {
        if (!this.#link) return undefined;
        const changes = new Map<string, Row | undefined>();
        const link = await readChanges(graph, this.#link, record => {
            const known = changes.has(record.id) ? changes.get(record.id) : this.#table.row(record.id);
            changes.set(record.id, record['@removed'] ? undefined : this.#rows.rowOf(record, known));
        });
        if (!link) return undefined;
        return () => {
            this.#link = link;
            return this.#table.apply(changes);
        };
    }

    async #readAll(graph: Sender, plans: boolean): Promise<TakeIn> {
        const rows = new RowMaker();
        const users = new Map<string, Row | undefined>();
        const take = (record: UserRecord & { id: string }): void => {
            users.set(record.id, rows.rowOf(record, undefined));
        };
        const link = await readUsers(graph, plans ? withPlans : properties, take);
        return () => {
            this.#link = link;
            this.#hasPlans = plans;
            this.#rows = rows;
            for (const id of this.#table.ids()) if (!users.has(id)) users.set(id, undefined);
            return this.#table.apply(users);
        };
    }
}
