import { EventEmitter } from 'node:events';
import {
    type KnownPresence,
    nothing,
    ourContact,
    type Setting,
    sameSetting,
    userContact,
} from '../reading/reduce-presence';
import { CallLedger } from './call-ledger';
import type { Held } from './held';

/** Values of one user that may still come back as updates. */
const longestMemory = 8;

/** What we have written for a user. */
export interface ActiveWrite {
    readonly wanted: Setting;
    /** The contact it was written under. */
    contact: string;
    /** What the user had set before. */
    readonly beneath: Setting;
    /** What we held is to be taken back; kept until that has been answered and seen, for the update may be on its way. */
    readonly released: boolean;
    /** Taken over from an earlier system, and neither written nor asked for since. */
    readonly isRestored: boolean;
    /** Held before a restart; nobody has asked for it since. */
    readonly isDoubtful: boolean;
    /** The PBX has answered. */
    answered: boolean;
    /** The PBX has told a list since, so the list counts and no longer our own word. */
    seen: boolean;
    /** What we wrote and have not seen yet, and what we saw last; in order. */
    sent: Setting[];
}

/** What a {@link WriteLedger} tells; listeners must not throw. */
export interface WriteLedgerEvents {
    /** It has turned out that the PBX takes no contact of our own. */
    landed: [];
    /** It has turned out that the PBX takes our contact. */
    accepted: [];
    /** What we hold for a user has become something else. */
    changed: [guid: string];
    /** A line state of a user means something else than before, because of a call of ours. */
    callChanged: [guid: string];
}

/**
 * Our own writes by GUID, and the contact that this PBX takes them under. Whether it accepts a contact of our own is
 * found out: by seeing it, by a refusal, by seeing our words under `tel:`, or by seeing them nowhere.
 */
export class WriteLedger extends EventEmitter<WriteLedgerEvents> {
    readonly calls = new CallLedger(guid => {
        this.emit('changed', guid);
        this.emit('callChanged', guid);
    });
    readonly #writes = new Map<string, ActiveWrite>();
    #contact = ourContact;
    /** Whether the PBX takes our own contact is known. */
    #certain = false;

    /** The contact to write under, where nobody wants it to be `tel:`. */
    get contact(): string {
        return this.#contact;
    }

    /** True as long as the PBX has neither shown nor refused our own contact. */
    get isProbing(): boolean {
        return !this.#certain;
    }

    /** True if the PBX takes no contact of our own. */
    get hasFallenBack(): boolean {
        return this.#contact === userContact;
    }

    of(guid: string): ActiveWrite | undefined {
        return this.#writes.get(guid);
    }

    /** GUIDs of the users for whom we hold something, or something is left to be taken back. */
    held(): string[] {
        const entries = [...this.#writes].filter(([, write]) => isOpen(write)).map(([guid]) => guid);
        return [...new Set([...entries, ...this.calls.held()])];
    }

    /** True if we hold something for the user, or something is left to be taken back. */
    holds(guid: string): boolean {
        const write = this.#writes.get(guid);
        return (write !== undefined && isOpen(write)) || this.calls.has(guid);
    }

    /** True for what was held before a restart and nobody has asked for since. */
    isDoubtful(guid: string): boolean {
        return this.#writes.get(guid)?.isDoubtful || this.calls.of(guid)?.isDoubtful || false;
    }

    /** A PBX that has refused our contact may take it by now, so it is asked once more. */
    probeAgain(): void {
        if (!this.hasFallenBack) return;
        this.#contact = ourContact;
        this.#certain = false;
    }

    /**
     * Notes a write before it is sent, for its echo can overtake its answer. Returns how to undo it.
     * @param place.contact default: {@link contact}
     * @param place.beneath what the user has set
     */
    enter(
        guid: string,
        wanted: Setting,
        released: boolean,
        { contact = this.#contact, beneath = nothing }: { contact?: string; beneath?: Setting } = {},
    ): () => void {
        const former = this.#writes.get(guid);
        const sent = [...(former?.sent ?? []), wanted].slice(-longestMemory);
        const origin = { contact, beneath, isRestored: false, isDoubtful: false };
        this.#put(guid, { wanted, released, ...origin, answered: false, seen: false, sent });
        return () => this.#put(guid, former);
    }

    /** Notes an entry of ours that is already there, for instance from before a restart. */
    adopt(guid: string, wanted: Setting): void {
        const origin = { contact: this.#contact, isRestored: false, isDoubtful: false };
        const write = { wanted, beneath: nothing, released: false, ...origin, answered: true, seen: true, sent: [] };
        this.#put(guid, write);
    }

    answered(guid: string): void {
        const write = this.#writes.get(guid);
        if (!write) return;
        write.answered = true;
        if (write.released) this.emit('changed', guid);
    }

    /** What was written under our own contact went to `tel:` instead. */
    moved(guid: string): void {
        const write = this.#writes.get(guid);
        if (write) write.contact = userContact;
        this.emit('changed', guid);
    }

    /** There is no entry of ours. */
    over(guid: string): void {
        if (this.#writes.has(guid)) this.#put(guid, undefined);
    }

    forget(guid: string): void {
        this.over(guid);
        this.calls.drop(guid);
    }

    /** Takes over what an earlier system held. @param isDoubtful there was a restart, so it may no longer apply */
    restore({ guid, entry, call }: Held, isDoubtful: boolean): void {
        if (call !== undefined) this.calls.restore(guid, call, isDoubtful);
        if (!entry) return;
        const { wanted, contact, sent, beneath = nothing } = entry;
        const origin = { contact, beneath, isRestored: true, isDoubtful };
        this.#writes.set(guid, { wanted, released: false, ...origin, answered: true, seen: true, sent: [...sent] });
    }

    /** What we hold for the user is to be taken back as soon as that is possible; a later system is not to keep it. */
    doubt(guid: string): void {
        const write = this.#writes.get(guid);
        if (write) this.#writes.set(guid, { ...write, isDoubtful: true });
        this.calls.doubt(guid);
        this.emit('changed', guid);
    }

    /** Somebody asks for what an earlier system held. */
    confirm(guid: string): void {
        const write = this.#writes.get(guid);
        if (!write?.isRestored && !write?.isDoubtful) return;
        this.#put(guid, { ...write, isRestored: false, isDoubtful: false });
    }

    /** What is to be kept of a user; `undefined` where we hold nothing. */
    heldOf(guid: string, run: string): Held | undefined {
        const write = this.#writes.get(guid);
        const call = this.calls.of(guid);
        const number = call?.id ?? call?.former[0];
        const isWritten = write !== undefined && isOpen(write);
        if (!isWritten && number === undefined) return undefined;
        const isEnding = (isWritten && write.released) || (number !== undefined && !call?.isWanted);
        return {
            guid,
            run: isEnding || this.isDoubtful(guid) ? '' : run,
            ...(isWritten && { entry: entryOf(write) }),
            ...(number !== undefined && { call: number }),
        };
    }

    /** The PBX takes no contact of our own: from now on we write under `tel:`. */
    fallBack(): void {
        if (this.#contact === userContact) return;
        this.#contact = userContact;
        this.#certain = true;
        this.emit('landed');
    }

    /** True if a `tel:` value may be ours. Where the PBX keeps our contact it never is. */
    explains(guid: string, tel: Setting): boolean {
        const write = this.#writes.get(guid);
        if (!write || this.#isApart(write)) return false;
        return write.sent.some(value => sameSetting(value, tel));
    }

    /** True while `on-the-phone` in the user's presence is that of a call that we have made ourselves. */
    explainsCall(guid: string): boolean {
        return this.calls.explains(guid);
    }

    /** What the PBX showed of a user before the first list, where we have written by then, or an earlier system has. */
    before(guid: string): KnownPresence | undefined {
        const write = this.#writes.get(guid);
        if (!write) return undefined;
        // One under our own contact may have landed in the place of the setting after it was put on record.
        const isInPlace = write.isRestored && write.contact === userContact;
        const tel = isInPlace ? write.wanted : write.beneath;
        return { presence: { ...write.beneath, onThePhone: false }, tel, besideCalls: false };
    }

    /** Learns from what the PBX shows for a user. */
    observe(guid: string, last: KnownPresence | undefined, now: KnownPresence): void {
        if (now.ours) this.#accept();
        this.calls.observe(guid, now.presence.onThePhone);
        const write = this.#writes.get(guid);
        if (!write) return;
        if (this.#isApart(write)) this.#observeOurs(guid, write, now.ours ?? nothing);
        else if (!sameSetting(now.tel, last?.tel ?? nothing)) this.#observeUsers(guid, write, now.tel);
    }

    #accept(): void {
        if (this.#certain && this.#contact === ourContact) return;
        this.#contact = ourContact;
        this.#certain = true;
        this.emit('accepted');
    }

    /** It is under our own contact, and the PBX is known to keep that. */
    #isApart({ contact }: ActiveWrite): boolean {
        return contact === ourContact && this.#contact === ourContact && this.#certain;
    }

    #observeOurs(guid: string, write: ActiveWrite, ours: Setting): void {
        if (!write.answered && !sameSetting(ours, write.wanted)) return;
        write.seen = true;
        if (write.released) this.#put(guid, undefined);
    }

    /** A new `tel:` value is either one that we sent, or the user's own, and then ours is gone. */
    #observeUsers(guid: string, write: ActiveWrite, tel: Setting): void {
        const index = write.sent.findLastIndex(value => sameSetting(value, tel));
        if (index < 0) {
            if (this.#certain || write.contact === userContact) this.#put(guid, undefined);
            return;
        }
        write.sent = write.sent.slice(index);
        write.seen = sameSetting(tel, write.wanted);
        const hasLanded = write.contact === ourContact;
        write.contact = userContact;
        if (write.seen && write.released) this.#put(guid, undefined);
        if (!hasLanded) return;
        this.emit('changed', guid);
        this.fallBack();
    }

    #put(guid: string, write: ActiveWrite | undefined): void {
        if (write) this.#writes.set(guid, write);
        else this.#writes.delete(guid);
        this.emit('changed', guid);
    }
}

/** It is held, or not known to be taken back. */
function isOpen({ released, answered }: ActiveWrite): boolean {
    return !released || !answered;
}

function entryOf({ wanted, contact, sent, beneath }: ActiveWrite): NonNullable<Held['entry']> {
    const hasBeneath = !sameSetting(beneath, nothing);
    return { wanted, contact, sent, ...(hasBeneath && { beneath }) };
}
