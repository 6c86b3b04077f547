import type { Clock, Timer } from '../../time/clock';
import type { Behaviour } from './behaviour';
import { type Api, type Frame, failures, resultOf, type Send, sourceKey } from './frame';
import type { PbxUser } from './pbx-user';
import { isColumn, rowOf } from './user-columns';
import type { TableChange, TableObserver, UserTable } from './user-table';

/** What the user table API works on. */
export interface TableContext {
    users: UserTable;
    behaviour: Readonly<Behaviour>;
    clock: Clock;
}

interface Replication {
    src: unknown;
    /** That of the last ReplicateNext. */
    nextSrc: unknown;
    columns: string[];
    /** Kinds of objects; `""` stands for users. */
    pseudo: readonly unknown[];
    /** Which changes are pushed beside updates. */
    add: boolean;
    del: boolean;
    /** GUIDs that ReplicateNext has still to deliver, next one last. */
    pending: string[];
    /** The end has been told. */
    isOver: boolean;
    /** Answers that wait for the end of their 10 ms, first asked first. */
    held: Frame[];
}

/**
 * The most kinds of objects that one replication may ask for. A real PBX (build 137818) crashed on more; this one
 * answers with an error, so that the request is seen to be wrong.
 * @see https://github.com/ricoschulte/go-myapps, service/pbxtableusers/structs.go
 */
const mostKinds = 20;

/** How long answers are collected when they are not given at once, in ms. */
const collecting = 10;

/**
 * The API `PbxTableUsers`, as one session uses it: one row per ReplicateNext in the order of the update sequence
 * numbers, changes pushed from ReplicateStart on, so that a client can be told of a change to a row that it has not
 * seen yet. With the `guid` of this table and a `usn`, only what changed since is delivered. A replication is not bound
 * to its `src`: go-myapps, which real PBXs serve, sends another one with each ReplicateNext.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Replication.htm
 * @see https://github.com/ricoschulte/go-myapps, service/pbxtableusers/api.go
 */
export class PbxTableUsers implements Api, TableObserver {
    readonly #context: TableContext;
    readonly #send: Send;
    readonly #replications = new Map<string, Replication>();
    #timer: Timer | undefined;

    constructor(context: TableContext, send: Send) {
        this.#context = context;
        this.#send = send;
    }

    handle(frame: Frame): void {
        if (frame.mt === 'ReplicateStart') this.#startReplication(frame);
        else if (frame.mt === 'ReplicateNext') this.#next(frame);
    }

    close(): void {
        this.#context.users.observers.delete(this);
        this.#context.clock.cancel(this.#timer);
        this.#replications.clear();
    }

    added(user: PbxUser): void {
        for (const each of this.#replications.values()) if (each.add) this.#push('ReplicateAdd', each, user);
    }

    /** The whole row, if a requested column is another; the flag `update` of a column makes no difference. */
    updated(before: PbxUser, after: PbxUser): void {
        for (const each of this.#replications.values()) {
            const [earlier, now] = [before, after].map(user => JSON.stringify(this.#row(user, each)));
            if (earlier !== now) this.#push('ReplicateUpdate', each, after);
        }
    }

    removed(user: PbxUser): void {
        for (const each of this.#replications.values()) if (each.del) this.#push('ReplicateDel', each, user);
    }

    announced(change: TableChange, user: PbxUser): void {
        for (const each of this.#replications.values()) this.#push(change, each, user);
    }

    #startReplication(frame: Frame): void {
        const { users, behaviour } = this.#context;
        const isObject = typeof frame.columns === 'object' && !Array.isArray(frame.columns);
        const columns = Object.entries(isObject ? (frame.columns ?? {}) : {});
        const pseudo: readonly unknown[] = Array.isArray(frame.pseudo) ? frame.pseudo : [''];
        if (columns.length === 0) return this.#send(resultOf(frame, failures.noColumns));
        if (pseudo.length > mostKinds) return this.#send(resultOf(frame, failures.tooManyKinds));
        const requested = columns.filter(([name]) => isColumn(name));
        const since = this.#since(frame);
        const replication: Replication = {
            src: frame.src,
            nextSrc: frame.src,
            columns: requested.map(([name]) => name),
            pseudo,
            add: frame.add === true,
            del: frame.del === true,
            pending: [],
            isOver: false,
            held: [],
        };
        replication.pending = this.#pending(replication, since ?? 0);
        if (behaviour.replications === 'one') this.#replications.clear();
        this.#replications.delete(sourceKey(frame.src));
        this.#replications.set(sourceKey(frame.src), replication);
        users.observers.add(this);
        const position = behaviour.usn === 'absent' ? {} : { guid: users.database, usn: since ?? 0 };
        this.#send(resultOf(frame, { ...position, columns: Object.fromEntries(requested) }));
        if (since !== undefined) this.#tellRemoved(replication, since);
    }

    /** From where a client goes on; undefined where it begins anew. */
    #since({ guid, usn }: Frame): number | undefined {
        const { users, behaviour } = this.#context;
        const resumes = behaviour.usn !== 'absent' && guid === users.database && typeof usn === 'number';
        return resumes && usn <= users.usn ? usn : undefined;
    }

    /** The GUIDs to deliver, next one last. */
    #pending({ pseudo }: Replication, since: number): string[] {
        const { users, behaviour } = this.#context;
        const wanted = users.all().filter(user => pseudo.includes(user.pseudo) && users.usnOf(user.guid) > since);
        const guids = wanted.map(({ guid }) => guid).reverse();
        return behaviour.repeatedRows ? guids.flatMap(guid => [guid, guid]) : guids;
    }

    #tellRemoved(replication: Replication, since: number): void {
        if (!replication.del || this.#context.behaviour.removedMeanwhile === 'lost') return;
        for (const user of this.#context.users.removedSince(since)) this.#push('ReplicateDel', replication, user);
    }

    #next(frame: Frame): void {
        // A client may send another `src` each time: then it means the replication that was begun last.
        const replication = this.#replications.get(sourceKey(frame.src)) ?? [...this.#replications.values()].at(-1);
        if (replication) replication.nextSrc = frame.src;
        if (!replication) this.#send(resultOf(frame, failures.notStarted));
        else if (replication.isOver && this.#context.behaviour.beyondEnd === 'silent') return;
        else if (this.#context.behaviour.replicateNext === 'in-order') this.#send(this.#answer(frame, replication));
        else this.#hold(frame, replication);
    }

    /** The next user that is still there; without columns at the end of the table. */
    #answer(frame: Frame, replication: Replication): Frame {
        const { users, behaviour } = this.#context;
        let user: PbxUser | undefined;
        while (!user && replication.pending.length > 0) user = users.byGuid(replication.pending.pop()!);
        replication.isOver = !user;
        if (!user) return resultOf(frame, behaviour.tableEnd === 'empty-columns' ? { columns: {} } : {});
        const usn = behaviour.usn === 'absent' ? undefined : users.usnOf(user.guid);
        return resultOf(frame, { usn, columns: this.#row(user, replication) });
    }

    #hold(frame: Frame, replication: Replication): void {
        const isLost = this.#context.behaviour.replicateNext === 'one-at-a-time' && replication.held.length > 0;
        if (!isLost) replication.held.push(this.#answer(frame, replication));
        this.#timer ??= this.#context.clock.after(collecting, () => {
            this.#timer = undefined;
            for (const each of this.#replications.values()) {
                for (const answer of each.held.splice(0).reverse()) this.#send(answer);
            }
        });
    }

    #push(mt: string, replication: Replication, user: PbxUser): void {
        if (!replication.pseudo.includes(user.pseudo)) return;
        const { behaviour, users } = this.#context;
        const usn = behaviour.usn === 'everywhere' ? users.usn : undefined;
        const src = sourceOf(replication, behaviour);
        // Who is gone has no row any more: what is documented of it is the GUID.
        const columns = mt === 'ReplicateDel' ? { guid: user.guid } : this.#row(user, replication);
        this.#send({ api: 'PbxTableUsers', mt, src, usn, columns });
    }

    #row(user: PbxUser, { columns }: Replication): Record<string, unknown> {
        const { users, behaviour } = this.#context;
        return rowOf(user, columns, behaviour, users.listsOnce(user.guid));
    }
}

function sourceOf({ src, nextSrc }: Replication, { pushSource }: Readonly<Behaviour>): unknown {
    if (pushSource === 'absent') return undefined;
    return pushSource === 'of-start' ? src : nextSrc;
}
