import { EntraError } from './entra-error';

/** A parameter of a form; throws AADSTS900144 if it is missing. */
export function required(form: URLSearchParams, parameter: string): string {
    const value = form.get(parameter);
    if (!value) throw new EntraError(900144, { parameter });
    return value;
}
