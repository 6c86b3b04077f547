import { OfficeError } from './office-error';
import { type Person, personOf } from './person';

/** Extensions of newcomers begin here: above those of the largest office. */
const firstExtension = 500_000;

/**
 * `value` (`{ name, mail, number? }`) as a new person with ids of their own; throws an {@link OfficeError} that names
 * the field.
 * @param office asked for a free extension where no number is given
 */
export function toNewcomer(value: unknown, office: { hasNumber(number: string): boolean }): Person {
    const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const { name, mail, number = freeNumber(office) } = fields;
    if (typeof name !== 'string' || name.trim() === '') throw wrong('name must be a text such as "Nora Lind"');
    if (typeof mail !== 'string' || !/^[^\s@/]+@[^\s@/]+$/.test(mail)) throw wrong('mail must be a mail address');
    if (typeof number !== 'string' || !/^\d{1,20}$/.test(number)) throw wrong('number must be digits in quotes');
    return personOf({ name: name.trim(), mail: mail.toLowerCase(), number });
}

function freeNumber(office: { hasNumber(number: string): boolean }): string {
    let extension = firstExtension;
    while (office.hasNumber(String(extension))) extension += 1;
    return String(extension);
}

function wrong(sentence: string): OfficeError {
    return new OfficeError('value-wrong', sentence);
}
