import { OfficeError } from './office-error';
import type { Person } from './person';

/** Who works in the office, found by address, and by the ids of both sides. */
export class Roster {
    readonly #byMail = new Map<string, Person>();
    readonly #byId = new Map<string, Person>();
    readonly #numbers = new Set<string>();
    /** The names in the PBX. */
    readonly #names = new Set<string>();

    constructor(people: Person[]) {
        for (const person of people) this.add(person);
    }

    /** In the order in which they joined. */
    get mails(): string[] {
        return [...this.#byMail.keys()];
    }

    /** Throws an {@link OfficeError} for an unknown address. */
    find(mail: string): Person {
        const person = this.#byMail.get(mail.toLowerCase());
        if (!person) throw new OfficeError('person-unknown', `Nobody in the simulated office has the address ${mail}`);
        return person;
    }

    /** @param id of the PBX or of Entra */
    byId(id: string): Person | undefined {
        return this.#byId.get(id);
    }

    /** Whether somebody has this extension. */
    hasNumber(number: string): boolean {
        return this.#numbers.has(number);
    }

    /** Throws an {@link OfficeError} if the address, the name in the PBX or the number is taken. */
    checkFree({ mail, number }: Person): void {
        if (this.#byMail.has(mail)) throw taken(`address ${mail}`);
        if (this.#names.has(nameOf(mail))) throw taken(`name ${nameOf(mail)} in the PBX`);
        if (this.hasNumber(number)) throw taken(`number ${number}`);
    }

    add(person: Person): void {
        this.#byMail.set(person.mail, person);
        this.#names.add(nameOf(person.mail));
        this.#numbers.add(person.number);
        this.#byId.set(person.guid, person).set(person.teamsId, person);
    }

    remove({ mail, number, guid, teamsId }: Person): void {
        this.#byMail.delete(mail);
        this.#names.delete(nameOf(mail));
        this.#numbers.delete(number);
        this.#byId.delete(guid);
        this.#byId.delete(teamsId);
    }
}

function nameOf(mail: string): string {
    return mail.slice(0, mail.indexOf('@'));
}

function taken(what: string): OfficeError {
    return new OfficeError('value-wrong', `Somebody already has the ${what}`);
}
