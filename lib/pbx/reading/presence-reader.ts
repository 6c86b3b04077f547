import type { PresenceUser } from '../../presence/message';
import type { PbxPresence } from '../../presence/vocabulary';
import type { Clock } from '../../support/clock';
import type { UserDirectory } from '../users/user-directory';
import type { WriteLedger } from '../writing/write-ledger';
import { type Entry, type KnownPresence, reducePresence, samePresence } from './reduce-presence';

/** A user's presence has become another one. */
export interface PbxChange {
    user: PresenceUser;
    presence: PbxPresence;
    previous?: PbxPresence;
    /** `snapshot` for the first state that is known of a user, `update` for a difference to it. */
    via: 'snapshot' | 'update';
    /** ISO time at which it was seen. */
    at: string;
}

interface Followed extends KnownPresence {
    at: string;
}

/** What the users of the PBX show, our own writes left out. It outlives a connection, so that only differences are told. */
export class PresenceReader {
    readonly #directory: UserDirectory;
    readonly #ledger: WriteLedger;
    readonly #clock: Clock;
    readonly #changed: (change: PbxChange) => void;
    readonly #known = new Map<string, Followed>();

    constructor(options: {
        directory: UserDirectory;
        ledger: WriteLedger;
        clock: Clock;
        changed: (change: PbxChange) => void;
    }) {
        this.#directory = options.directory;
        this.#ledger = options.ledger;
        this.#clock = options.clock;
        this.#changed = options.changed;
    }

    /** `undefined` for a user of whom the PBX has told nothing. */
    presenceOf(guid: string): PbxPresence | undefined {
        const known = this.#known.get(guid);
        return known && { ...known.presence };
    }

    /** All states that are known now. */
    *snapshot(): Iterable<PbxChange> {
        for (const [guid, { presence, at }] of this.#known) {
            const user = this.#directory.find(guid);
            if (user) yield { user, presence: { ...presence }, via: 'snapshot', at };
        }
    }

    /** What is known of a user beyond the presence: the entries that the writer compares with. */
    known(guid: string): KnownPresence | undefined {
        return this.#known.get(guid);
    }

    /** Takes a user's whole presence list; tells a change if it means one. */
    receive(guid: string, entries: readonly Entry[]): void {
        const user = this.#directory.find(guid);
        if (!user) return;
        const last = this.#known.get(guid);
        const now = reducePresence(entries, last, tel => this.#ledger.explains(guid, tel));
        this.#ledger.observe(guid, last, now);
        const isNews = !last || !samePresence(last.presence, now.presence);
        const at = isNews ? new Date(this.#clock.now()).toISOString() : last.at;
        this.#known.set(guid, { ...now, at });
        if (!isNews) return;
        const presence = { ...now.presence };
        if (last) this.#changed({ user, presence, previous: { ...last.presence }, via: 'update', at });
        else this.#changed({ user, presence, via: 'snapshot', at });
    }

    forget(guid: string): void {
        this.#known.delete(guid);
    }
}
