import type { Step } from './actions';
import type { Choices } from './site';

/** One office with what happens in it. */
export interface Plan {
    people: readonly (readonly Step[])[];
    /** Trouble of the whole office. */
    trouble?: readonly Step[];
    choices?: Partial<Choices>;
    /** ms that Graph takes for an answer, and the PBX for a fifth of one. Default: none. */
    latency?: number;
    /** ms after the start before which nobody's sources end. */
    lasts?: number;
    /** Of everything that is left to chance. */
    seed?: number;
}

/** Something that was not right. */
export interface Wrong {
    /** Index of the person. */
    person: number;
    /** ms after the start. */
    at: number;
    what: string;
}
