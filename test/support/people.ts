import { defaultPeople } from '../../lib/simulator/person';

/** The addresses of the eight people of the simulated office, in its order. */
export const mails = defaultPeople().map(({ mail }) => mail) as [
    anna: string,
    juergen: string,
    priya: string,
    lukas: string,
    marta: string,
    emre: string,
    sofia: string,
    daniel: string,
];
