import { type Api, type Frame, failures, resultOf, type Send, sourceKey } from './frame';
import { isColumn, type PbxUser, rowOf } from './pbx-user';
import type { TableObserver, UserTable } from './user-table';

interface Replication {
    src: unknown;
    columns: string[];
    /** Which changes are pushed. */
    add: boolean;
    update: boolean;
    del: boolean;
    /** GUIDs that ReplicateNext has still to deliver, next one last. */
    pending: string[];
}

/**
 * The API `PbxTableUsers`, as one session uses it: one row per ReplicateNext, changes pushed from ReplicateStart on,
 * so that a client can be told of a change to a row that it has not seen yet. Always the whole table: `guid` and
 * `usn`, with which newer systems resume, are ignored as older ones do.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 */
export class PbxTableUsers implements Api, TableObserver {
    readonly #users: UserTable;
    readonly #send: Send;
    readonly #replications = new Map<string, Replication>();

    constructor(users: UserTable, send: Send) {
        this.#users = users;
        this.#send = send;
    }

    handle(frame: Frame): void {
        if (frame.mt === 'ReplicateStart') this.#startReplication(frame);
        else if (frame.mt === 'ReplicateNext') this.#next(frame);
    }

    close(): void {
        this.#users.observers.delete(this);
        this.#replications.clear();
    }

    added(user: PbxUser): void {
        for (const each of this.#replications.values()) if (each.add) this.#push('ReplicateAdd', each, user);
    }

    /** The whole row, if a requested column is another; the flag `update` of a column makes no difference. */
    updated(before: PbxUser, after: PbxUser): void {
        for (const each of this.#replications.values()) {
            const isSame = JSON.stringify(rowOf(before, each.columns)) === JSON.stringify(rowOf(after, each.columns));
            if (each.update && !isSame) this.#push('ReplicateUpdate', each, after);
        }
    }

    removed(user: PbxUser): void {
        for (const each of this.#replications.values()) if (each.del) this.#push('ReplicateDel', each, user);
    }

    #startReplication(frame: Frame): void {
        const requested = Object.entries(Object(frame.columns) as object).filter(([name]) => isColumn(name));
        // `pseudo` asks for other kinds of objects; "" stands for users.
        const wantsUsers = !Array.isArray(frame.pseudo) || frame.pseudo.includes('');
        this.#replications.set(sourceKey(frame.src), {
            src: frame.src,
            columns: requested.map(([name]) => name),
            add: wantsUsers && frame.add === true,
            update: wantsUsers,
            del: wantsUsers && frame.del === true,
            pending: wantsUsers ? this.#users.guids().reverse() : [],
        });
        this.#users.observers.add(this);
        this.#send(resultOf(frame, { columns: Object.fromEntries(requested) }));
    }

    #next(frame: Frame): void {
        const replication = this.#replications.get(sourceKey(frame.src));
        this.#send(resultOf(frame, replication ? this.#nextRow(replication) : failures.notStarted));
    }

    /** The next user that is still there; without columns at the end of the table. */
    #nextRow({ pending, columns }: Replication): { columns?: Record<string, unknown> } {
        let user: PbxUser | undefined;
        while (!user && pending.length > 0) user = this.#users.byGuid(pending.pop()!);
        return user ? { columns: rowOf(user, columns) } : {};
    }

    #push(mt: string, { src, columns }: Replication, user: PbxUser): void {
        this.#send({ api: 'PbxTableUsers', mt, src, columns: rowOf(user, columns) });
    }
}
