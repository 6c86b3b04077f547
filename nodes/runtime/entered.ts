/** What an administrator has entered, without blanks around it; an environment variable may hold a number. */
export function entered(value: unknown): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** Whether a checkbox is ticked; an environment variable holds a text. */
export function isTicked(value: unknown): boolean {
    return value === true || entered(value).toLowerCase() === 'true';
}
