/**
 * Points on which the documentation of the PBX is silent. Each may be changed while the simulated PBX runs, so that
 * a client can be shown to live with every answer; the default is the most likely one.
 */
export interface Behaviour {
    /** SetPresence with a contact other than `tel:` and `calendar:`: kept apart, refused, or stored as `tel:`. */
    customContact: 'accepted' | 'refused' | 'tel';
    /** Whether SetPresence takes the activity `on-the-phone`, which the PBX itself makes from calls. */
    onThePhoneSettable: boolean;
    /** What becomes of an entry with neither activity nor note. */
    emptyEntry: 'removed' | 'kept';
    /** During a call: an item of its own in front of the list, or the `tel:` entry moved to the front and changed. */
    lineState: 'separate' | 'replaces-tel';
    /** A request to an API that is not ticked for the App object. */
    untickedApi: 'silent' | 'error';
    /** Whether the App object may see line states: the visibility flag `otf`. */
    otf: boolean;
    /** Time that each message of the PBX is held back, in ms; their order stays. */
    latency: number;
}

export const defaultBehaviour: Readonly<Behaviour> = {
    customContact: 'accepted',
    onThePhoneSettable: false,
    emptyEntry: 'removed',
    lineState: 'separate',
    untickedApi: 'silent',
    otf: true,
    latency: 0,
};
