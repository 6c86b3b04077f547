import { digitsOf, guidOf } from './random';

/** Somebody who works in the simulated office: one user of the PBX and one of the Microsoft 365 tenant. */
export interface Person {
    /** As people write it, umlauts and all. */
    name: string;
    /** Lower case ASCII; the local part is the name (h323) in the PBX. */
    mail: string;
    /** Extension in the PBX. */
    number: string;
    /** The PBX's own identity: 32 hexadecimal digits. */
    guid: string;
    /** The Entra object id: a GUID. */
    teamsId: string;
}

/** The mail domain of the simulated firm; `.example` belongs to nobody (RFC 2606). */
export const officeDomain = 'brandt-partner.example';

const firstNames = ['Anna', 'Jürgen', 'Priya', 'Lukas', 'Marta', 'Emre', 'Sofia', 'Daniel', 'Chloé', 'Tomáš'];
const lastNames = ['Brandt', 'Vogel', 'Nair', 'Hofmann', 'Kowalska', 'Yilmaz', 'Rossi', 'Okafor', 'Lefèvre', 'Dvořák'];

/** The eight people of Brandt & Partner; the same ones, with the same ids, every time. */
export function defaultPeople(): Person[] {
    return firstNames.slice(0, 8).map((first, index) => person(`${first} ${lastNames[index]}`, 11 + index));
}

/** `count` different people; the first hundred names are natural, later ones carry a number. Same ids every time. */
export function manyPeople(count: number): Person[] {
    return Array.from({ length: count }, (_, index) => {
        const first = firstNames[index % firstNames.length];
        const last = lastNames[Math.floor(index / firstNames.length) % lastNames.length];
        const round = Math.floor(index / (firstNames.length * lastNames.length));
        return person(round === 0 ? `${first} ${last}` : `${first} ${last} ${round + 1}`, 1000 + index);
    });
}

function person(name: string, extension: number): Person {
    return personOf({ name, mail: `${ascii(name)}@${officeDomain}`, number: String(extension) });
}

/** Somebody with the ids that follow from the address: who leaves and comes back is the same person. */
export function personOf({ name, mail, number }: Pick<Person, 'name' | 'mail' | 'number'>): Person {
    return { name, mail, number, guid: digitsOf(`pbx ${mail}`, 32), teamsId: guidOf(`teams ${mail}`) };
}

/** "Jürgen Vogel" -> "juergen.vogel", as German firms do it. */
function ascii(name: string): string {
    const spelled = name.toLowerCase().replace(/[äöüß]/g, letter => ({ ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' })[letter]!);
    return spelled
        .normalize('NFD')
        .replace(/[^a-z0-9 ]/g, '')
        .replace(/ /g, '.');
}
