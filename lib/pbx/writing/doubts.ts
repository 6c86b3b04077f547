import type { Clock } from '../../time/clock';
import { DeadlineQueue } from '../../time/deadline-queue';
import type { PresenceReader } from '../reading/presence-reader';
import { nothing, sameSetting } from '../reading/reduce-presence';
import type { UserDirectory } from '../users/user-directory';
import type { WriteLedger } from './write-ledger';

/** Milliseconds for which somebody may still speak of the user. */
const grace = 5 * 60_000;

/** What {@link Doubts} work with. */
export interface DoubtsUse {
    directory: UserDirectory;
    reader: Pick<PresenceReader, 'known'>;
    ledger: WriteLedger;
    clock: Clock;
    /** Nobody has spoken of the user: what is ours is to be taken back. */
    over(guid: string): void;
}

/**
 * What is in the PBX from before a restart and may no longer apply: what is on record, and entries under our contact that
 * nobody knows of, because the system that made them was ended too soon. It stays for some minutes.
 */
export class Doubts {
    readonly #use: DoubtsUse;
    readonly #deadlines: DeadlineQueue;
    /** Somebody writes, so entries that nobody knows of are not those of a system beside this one that only reads. */
    isWriting = false;

    constructor(use: DoubtsUse) {
        this.#use = use;
        this.#deadlines = new DeadlineQueue({ clock: use.clock, step: 1_000, onDue: () => this.#end() });
    }

    /** GUIDs of the users who have an entry of ours that nobody knows of. */
    get unclaimed(): string[] {
        return [...this.#use.directory.all()].map(({ pbx }) => pbx.guid).filter(guid => this.#isUnclaimed(guid));
    }

    /** What is shown for the user has been heard over a connection. */
    look(guid: string): void {
        const { ledger, reader, clock } = this.#use;
        const isOurs = ledger.holds(guid) ? ledger.isDoubtful(guid) : reader.known(guid)?.ours !== undefined;
        if (isOurs && !this.#deadlines.has(guid)) this.#deadlines.set(guid, clock.monotonic() + grace);
    }

    forget(guid: string): void {
        this.#deadlines.delete(guid);
    }

    stop(): void {
        this.#deadlines.stop();
    }

    #end(): void {
        for (const guid of this.#deadlines.takeDue())
            if (this.#use.ledger.isDoubtful(guid) || this.#isUnclaimed(guid)) this.#use.over(guid);
    }

    #isUnclaimed(guid: string): boolean {
        const { reader, ledger } = this.#use;
        return this.isWriting && !ledger.holds(guid) && !sameSetting(reader.known(guid)?.ours ?? nothing, nothing);
    }
}
