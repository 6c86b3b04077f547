import {
    type KnownPresence,
    nothing,
    ourContact,
    type Setting,
    sameSetting,
    userContact,
} from '../reading/reduce-presence';

/** Values of one user that may still come back as updates. */
const longestMemory = 8;

/** What we have written for a user. */
export interface ActiveWrite {
    readonly wanted: Setting;
    /** We have taken back what we held; kept until it has been seen, for the update may be on its way. */
    readonly released: boolean;
    /** The PBX has answered. */
    answered: boolean;
    /** The PBX has told a list since, so the list counts and no longer our own word. */
    seen: boolean;
    /** What we wrote and have not seen yet, and what we saw last; in order. */
    sent: Setting[];
}

/**
 * Our own writes by GUID, and the contact that this PBX takes them under. Whether it accepts a contact of our own is
 * found out: by seeing it, by a refusal, or by seeing our words under `tel:`.
 */
export class WriteLedger {
    readonly #writes = new Map<string, ActiveWrite>();
    readonly #landed: () => void;
    #contact = ourContact;
    #certain = false;

    /** @param landed called when it turns out that our writes land on the user's own entry */
    constructor(landed: () => void = () => undefined) {
        this.#landed = landed;
    }

    /** The contact to write under. */
    get contact(): string {
        return this.#contact;
    }

    /** True as long as the PBX has neither shown nor refused our own contact. */
    get isProbing(): boolean {
        return !this.#certain;
    }

    of(guid: string): ActiveWrite | undefined {
        return this.#writes.get(guid);
    }

    /** GUIDs of the users for whom we hold something. */
    held(): string[] {
        return [...this.#writes].filter(([, write]) => !write.released).map(([guid]) => guid);
    }

    /** Notes a write before it is sent, for its echo can overtake its answer. Returns how to undo it. */
    enter(guid: string, wanted: Setting, released: boolean): () => void {
        const former = this.#writes.get(guid);
        const sent = [...(former?.sent ?? []), wanted].slice(-longestMemory);
        this.#writes.set(guid, { wanted, released, answered: false, seen: false, sent });
        return () => {
            if (former) this.#writes.set(guid, former);
            else this.#writes.delete(guid);
        };
    }

    /** Notes an entry of ours that is already there, for instance from before a restart. */
    adopt(guid: string, wanted: Setting): void {
        this.#writes.set(guid, { wanted, released: false, answered: true, seen: true, sent: [] });
    }

    answered(guid: string): void {
        const write = this.#writes.get(guid);
        if (write) write.answered = true;
    }

    forget(guid: string): void {
        this.#writes.delete(guid);
    }

    clear(): void {
        this.#writes.clear();
    }

    /** From now on we write under `tel:`, because the PBX takes no contact of our own. */
    fallBack(): void {
        if (this.#contact === userContact) return;
        this.#contact = userContact;
        this.#certain = true;
        this.#landed();
    }

    /** True if a `tel:` value may be ours. Where the PBX keeps our contact it never is. */
    explains(guid: string, tel: Setting): boolean {
        if (this.#certain && this.#contact === ourContact) return false;
        return this.#writes.get(guid)?.sent.some(value => sameSetting(value, tel)) ?? false;
    }

    /** Learns from what the PBX shows for a user. */
    observe(guid: string, last: KnownPresence | undefined, now: KnownPresence): void {
        if (now.ours) {
            this.#contact = ourContact;
            this.#certain = true;
        }
        const write = this.#writes.get(guid);
        if (!write) return;
        if (this.#certain && this.#contact === ourContact) this.#observeOurs(guid, write, now.ours ?? nothing);
        else if (!sameSetting(now.tel, last?.tel ?? nothing)) this.#observeUsers(guid, write, now.tel);
    }

    #observeOurs(guid: string, write: ActiveWrite, ours: Setting): void {
        if (!write.answered && !sameSetting(ours, write.wanted)) return;
        write.seen = true;
        if (write.released) this.#writes.delete(guid);
    }

    /** A new `tel:` value is either one that we sent, or the user's own, and then ours is gone. */
    #observeUsers(guid: string, write: ActiveWrite, tel: Setting): void {
        const index = write.sent.findLastIndex(value => sameSetting(value, tel));
        if (index < 0) {
            if (this.#certain) this.#writes.delete(guid);
            return;
        }
        write.sent = write.sent.slice(index);
        write.seen = sameSetting(tel, write.wanted);
        if (write.seen && write.released) this.#writes.delete(guid);
        this.fallBack();
    }
}
