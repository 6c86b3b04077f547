import { onThePhone } from '../../presence/vocabulary';
import type { Behaviour } from './behaviour';

/** One item of a user's presence; an activity that is left out means available. */
export interface Entry {
    /** `tel:` set by the user, `im:` made by the PBX, `calendar:` set by a calendar; others are an app's own. */
    contact: string;
    status: 'open' | 'closed';
    activity?: string;
    note?: string;
}

/**
 * The presence of one PBX user: an entry per contact, newest first, and whether the user is in a call.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/Signal.htm for the merge rule
 */
export class PresenceList {
    readonly #behaviour: Readonly<Behaviour>;
    #entries: Entry[] = [];
    #inCall = false;

    constructor(behaviour: Readonly<Behaviour>) {
        this.#behaviour = behaviour;
    }

    get inCall(): boolean {
        return this.#inCall;
    }

    set inCall(inCall: boolean) {
        this.#inCall = inCall;
    }

    /** Removes the entry of this contact. */
    remove(contact: string): void {
        this.#entries = this.#without(contact);
    }

    /** Overwrites the entry of this contact, and of no other, and moves it to the front. */
    set(contact: string, activity: string, note: string): void {
        const isEmpty = activity === '' && note === '';
        if (isEmpty && this.#behaviour.emptyEntry === 'removed') this.#entries = this.#without(contact);
        else
            this.#toFront({
                contact,
                status: this.#statusOf(contact),
                ...(activity && { activity }),
                ...(note && { note }),
            });
    }

    /** What the PBX makes of the user's clients: an entry without an activity that is newer than all others. */
    setClientOnline(online: boolean): void {
        this.#toFront({ contact: 'im:', status: online ? 'open' : 'closed' });
    }

    /** The list as it is sent; the line state is in it only if `withLineState`. */
    shown(withLineState: boolean): Entry[] {
        if (!withLineState || !this.#inCall) return [...this.#entries];
        if (this.#behaviour.lineState === 'separate') return [lineState, ...this.#entries];
        const own = this.#entries.find(entry => entry.contact === 'tel:');
        return [{ ...own, ...lineState }, ...this.#without('tel:')];
    }

    /** What people mean by the user's presence: the newest entry that is neither line state nor client chatter. */
    get setting(): { activity: string; note: string } {
        const entry = this.#entries.find(({ contact }) => contact !== 'im:');
        return { activity: entry?.activity ?? '', note: entry?.note ?? '' };
    }

    #statusOf(contact: string): Entry['status'] {
        return contact === 'tel:' ? this.#behaviour.telStatus : 'open';
    }

    #toFront(entry: Entry): void {
        this.#entries = [entry, ...this.#without(entry.contact)];
    }

    #without(contact: string): Entry[] {
        return this.#entries.filter(entry => entry.contact !== contact);
    }
}

const lineState: Readonly<Entry> = { contact: 'tel:', status: 'open', activity: onThePhone };
