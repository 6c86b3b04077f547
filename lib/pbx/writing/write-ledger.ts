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
    /** We have taken back what we held; kept until it has been seen, for the update may be on its way. */
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
    /** Whether the PBX takes our own contact is known, or does not matter because {@link choose} says so. */
    #certain = false;
    #isChosen = false;

    /** The contact to write under. */
    get contact(): string {
        return this.#contact;
    }

    /** True as long as the PBX has neither shown nor refused our own contact. */
    get isProbing(): boolean {
        return !this.#certain;
    }

    /** True if the PBX takes no contact of our own. */
    get hasFallenBack(): boolean {
        return this.#contact === userContact && !this.#isChosen;
    }

    of(guid: string): ActiveWrite | undefined {
        return this.#writes.get(guid);
    }

    /** GUIDs of the users for whom we hold something. */
    held(): string[] {
        const entries = [...this.#writes].filter(([, write]) => !write.released).map(([guid]) => guid);
        return [...new Set([...entries, ...this.calls.held()])];
    }

    /** True if we hold something for the user. */
    holds(guid: string): boolean {
        return this.#writes.get(guid)?.released === false || this.calls.of(guid)?.phase === 'held';
    }

    /** True for what was held before a restart and nobody has asked for since. */
    isDoubtful(guid: string): boolean {
        return this.#writes.get(guid)?.isDoubtful || this.calls.of(guid)?.isDoubtful || false;
    }

    /** Where our entries go from now on: to a contact of our own, if the PBX takes one, or to `tel:` in any case. */
    choose(contact: 'own' | 'tel'): void {
        const isChosen = contact === 'tel';
        if (isChosen === this.#isChosen) return;
        this.#isChosen = isChosen;
        this.#certain = isChosen;
        this.#contact = isChosen ? userContact : ourContact;
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
        const call = this.calls.of(guid)?.id;
        const isOver = !write || (write.released && write.answered);
        if (isOver && call === undefined) return undefined;
        return {
            guid,
            run: this.isDoubtful(guid) ? '' : run,
            ...(!isOver && { entry: entryOf(write) }),
            ...(call !== undefined && { call }),
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

    /** What the PBX showed of a user when an earlier system wrote in the place of the user's own setting. */
    before(guid: string): KnownPresence | undefined {
        const write = this.#writes.get(guid);
        if (!write?.isRestored || write.contact !== userContact) return undefined;
        return { presence: { ...write.beneath, onThePhone: false }, tel: write.wanted, besideCalls: false };
    }

    /** Learns from what the PBX shows for a user. */
    observe(guid: string, last: KnownPresence | undefined, now: KnownPresence): void {
        if (now.ours && !this.#isChosen) {
            this.#contact = ourContact;
            this.#certain = true;
        }
        this.calls.observe(guid, now.presence.onThePhone);
        const write = this.#writes.get(guid);
        if (!write) return;
        if (this.#isApart(write)) this.#observeOurs(guid, write, now.ours ?? nothing);
        else if (!sameSetting(now.tel, last?.tel ?? nothing)) this.#observeUsers(guid, write, now.tel);
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

function entryOf({ wanted, contact, sent, beneath }: ActiveWrite): NonNullable<Held['entry']> {
    const hasBeneath = !sameSetting(beneath, nothing);
    return { wanted, contact, sent, ...(hasBeneath && { beneath }) };
}
