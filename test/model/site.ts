import type { Clock } from '../../lib/time/clock';

/** What an administrator chooses in the nodes of the example flow. */
export interface Choices {
    /** How presence of Teams arrives. */
    delivery: 'automatic' | 'polling';
    /** What is written to Teams. */
    sets: 'everything' | 'calls';
    /** What becomes of a status chosen by hand in Teams when a PBX call begins. */
    choice: 'respect' | 'override';
    /** What a Teams call becomes in the PBX. */
    call: 'busy' | 'alien';
    /** Where our entry in the PBX goes. */
    contact: 'own' | 'tel';
    /** App registrations: one for each direction, or one for both. */
    registrations: 1 | 2;
}

/** The choices of the examples. */
export const usualChoices: Readonly<Choices> = {
    ...{ delivery: 'automatic', sets: 'everything', choice: 'respect', call: 'busy', contact: 'own' },
    registrations: 2,
};

/** ms; the default of the writer's node. */
export const lease = 15 * 60_000;

interface Registration {
    clientId: string;
    clientSecret: string;
}

/** Everything that the product is told about the office that it serves. */
export interface Site {
    clock: Clock;
    tenantId: string;
    /** Of Entra and Graph. */
    url: string;
    /** PEM of the authority that signs every certificate of the office. */
    ca: string;
    /** The registration of each direction: one reads Teams, the other writes there. */
    reads: Registration;
    writes: Registration;
    accounts: { username: string; password: string }[];
    pbx: { url: string; appName: string; password: string };
    /** The public address of the notification endpoint. */
    notificationUrl: string;
    random: () => number;
    choices: Choices;
}
