export function textOf(value: unknown): string {
    return String(value ?? '').trim();
}

export function isBlank(value: unknown): boolean {
    return textOf(value) === '';
}

/** Whether Node-RED replaces the value by that of an environment variable. */
export function isVariable(value: unknown): boolean {
    return /^\$(\{[^}]+\}|\([^)]+\))$/.test(String(value));
}

export function isGuid(value: unknown): boolean {
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(textOf(value));
}

export function isWithin(value: unknown, least: number, most: number): boolean {
    return Number(value) >= least && Number(value) <= most;
}

/** Whether it is a whole number within these limits. */
export function isWhole(value: unknown, least: number, most: number): boolean {
    return /^\d+$/.test(textOf(value)) && isWithin(value, least, most);
}

/** The parts of a list with commas or semicolons between. */
export function partsOf(value: unknown): string[] {
    return textOf(value).split(/[,;]/).map(textOf).filter(Boolean);
}

export function urlOf(value: unknown): URL | undefined {
    const text = String(value);
    return URL.canParse(text) && !/\s/.test(text) ? new URL(text) : undefined;
}
