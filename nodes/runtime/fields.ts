import * as v from 'valibot';
import { SyncError } from '../../lib/errors/errors';
import type { Field, Reason } from '../../lib/errors/phrases';

/** Both forms in which Node-RED takes the name of a variable of the environment. @see https://nodered.org/docs/user-guide/environment-variables */
const variable = /^\$(?:\{([^{}]+)\}|\(([A-Za-z_][\w.-]*)\))$/;

/** The variable of the environment that a text stands for; undefined for any other text. */
export function variableIn(text: string): string | undefined {
    const [, name, oldName] = variable.exec(text) ?? [];
    return name ?? oldName;
}

/** Several of them in a row, of which Node-RED replaces none. */
const variables = /^(?:\$\{[^{}]+\}\s*){2,}$/;
/** What comes along when a text is copied or read from a file. */
const unseen = String.raw`[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]`;
/** The same around a text. What stands within is looked at once, however much of it there is. */
const around = new RegExp(`^${unseen}+|(?<!${unseen})${unseen}+$`, 'g');
/** Quotes of a file of variables, and braces of a GUID: of the value they are none. */
const wrapped = /^(?:"([^"]*)"|'([^']*)'|(?:urn:uuid:|\{)([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\}?)$/i;

/** What stands in a field, without blanks around it; an environment variable may hold a number. */
export function plain(value: unknown): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value).replace(around, '') : '';
}

/** @throws SyncError VARIABLE_UNSET or VARIABLE_NOT_ALONE */
function resolved(text: string): string {
    if (variables.test(text)) throw new SyncError('VARIABLE_NOT_ALONE', { text });
    const name = variableIn(text);
    if (name) throw new SyncError('VARIABLE_UNSET', { name });
    return text;
}

/**
 * What an administrator has entered. Node-RED has put what the environment holds in place of `${NAME}` by then, and
 * leaves the name where it holds nothing.
 * @throws SyncError VARIABLE_UNSET or VARIABLE_NOT_ALONE
 */
export function entered(value: unknown): string {
    const text = plain(value);
    const [, quoted, single, id] = wrapped.exec(text) ?? [];
    const content = (quoted ?? single ?? id ?? text).trim();
    // Node-RED replaces none in quotes.
    if (content !== text && variableIn(content)) throw new SyncError('VARIABLE_NOT_ALONE', { text });
    return resolved(content);
}

/**
 * A secret of the credentials; blanks around it are part of it, ends of lines are not.
 * @throws SyncError VARIABLE_UNSET where it is the name of a variable; FIELD_INVALID for the old form, `$(...)`, which may
 * be a secret after all and is not told
 */
export function secret(value: string | number | undefined, field: Field): string {
    const text = String(value ?? '').replace(/^\ufeff|(?<![\r\n])[\r\n]+$/g, '');
    const [bare, quoted, single] = wrapped.exec(plain(text)) ?? [plain(text)];
    const entry = (quoted ?? single ?? bare).trim();
    const name = variableIn(entry);
    if (!name) return variables.test(entry) ? resolved(entry) : text;
    if (text.includes('{')) throw new SyncError('VARIABLE_UNSET', { name });
    throw new SyncError('FIELD_INVALID', { field, why: 'it names an environment variable that is not set' });
}

/** The same among other fields; it must be entered. */
export function requiredSecret(field: Field) {
    const entry = v.optional(v.fallback(v.union([v.string(), v.number()]), ''), '');
    const text = v.transform((value: string | number) => secret(value, field));
    return v.pipe(entry, named(field), text, v.nonEmpty(missing));
}

/** Whether a checkbox is ticked; an environment variable holds a text. */
export function isTicked(value: unknown): boolean {
    return value === true || /^["']?(?:true|yes|on|1)["']?$/i.test(plain(value));
}

/** The message of an issue that means: nothing was entered. */
export const missing = '';

/** Text without blanks around it; empty where nothing was entered. */
export const text = v.optional(v.pipe(v.unknown(), v.transform(entered)), '');

/** Text for people, in which quotes may stand at both ends. */
export const words = v.optional(v.pipe(v.unknown(), v.transform(plain), v.transform(resolved)), '');

/** Text; undefined where nothing was entered. */
export const optional = v.pipe(
    text,
    v.transform(entry => entry || undefined),
);

export const tick = v.optional(
    v.pipe(
        v.unknown(),
        v.transform(value => value === true || isTicked(entered(value))),
    ),
    false,
);

/** How error sentences name a field. Whatever can be wrong must have a name. */
export function named<T>(field: Field): v.TitleAction<T, Field> {
    return v.title(field);
}

/** Text that must be entered. */
export function required(field: Field) {
    return v.pipe(text, named(field), v.nonEmpty(missing));
}

/** The origin of an address that must be entered and begin with https://. */
export function origin(field: Field) {
    const why: Reason = 'it must begin with https://';
    const isHttps = (entry: string): boolean => URL.canParse(entry) && /^https:\/\/[^/{}]+(\/|$)/i.test(entry);
    const toOrigin = v.transform((entry: string) => new URL(entry).origin);
    return v.pipe(text, named(field), v.nonEmpty(missing), v.check(isHttps, why), toOrigin);
}

/** One of several choices; the first where nothing was entered. */
export function choice<const T extends string>(field: Field, choices: readonly [T, ...T[]]) {
    const why: Reason = 'it is none of the choices';
    const chosen = v.transform((entry: string) => entry || choices[0]);
    return v.pipe(text, named(field), chosen, v.picklist(choices, why));
}

/** A number in a range, both ends included; `usual` where nothing was entered. */
export function number<T extends number | undefined>(
    field: Field,
    why: Reason,
    { usual, least, most, whole = false }: { usual: T; least: number; most: number; whole?: boolean },
) {
    const value = v.transform((entry: string): number | T => (entry === '' ? usual : Number(entry)));
    const isRight = (entry: number | T): boolean => {
        if (entry === undefined || entry === usual) return true;
        return entry >= least && entry <= most && (!whole || Number.isInteger(entry));
    };
    return v.pipe(text, named(field), value, v.check(isRight, why));
}

/** A whole number from 1 to 65535, which must be entered. */
export const port = number('Port', 'it must be 1 to 65535', { usual: Number.NaN, least: 1, most: 65_535, whole: true });

/** A day, in ms since the epoch; undefined where nothing was entered. */
export function day(field: Field) {
    const why: Reason = 'it must be a date such as 2027-03-31';
    const isDay = (entry: string): boolean => entry === '' || new Date(entry).toJSON()?.slice(0, 10) === entry;
    const value = v.transform((entry: string) => (entry === '' ? undefined : Date.parse(entry)));
    return v.pipe(text, named(field), v.check(isDay, why), value);
}

const settling = { usual: 2, least: 0, most: 60, whole: true };
/** Seconds within which a writer gathers changes that follow one another; 0: each goes at once. */
export const settle = number('The settle time', 'it must be 0 to 60 seconds', settling);

/** What is separated in a text, without blank parts. */
export function list(separator: RegExp) {
    return v.pipe(
        text,
        v.transform(entry => entry.split(separator).map(entered).filter(Boolean)),
    );
}

/** The rows of a list; none where there is no list. */
export function rows<T extends v.GenericSchema>(row: T) {
    return v.fallback(v.array(row), []);
}

/**
 * Reads the fields of a node's configuration, whatever wrote it: an older version, a hand, an environment variable.
 * @throws SyncError FIELD_MISSING or FIELD_INVALID for the first field that is wrong
 */
export function readFields<T extends v.ObjectEntries>(
    fields: T,
    config: object,
): v.InferOutput<v.ObjectSchema<T, undefined>> {
    const { success, output, issues } = v.safeParse(v.object(fields), config, { abortEarly: true });
    if (success) return output;
    const [{ path, message }] = issues;
    const field = v.getTitle(fields[String(path?.[0]?.key)] as v.GenericSchema) as Field;
    if (message === missing) throw new SyncError('FIELD_MISSING', { field });
    throw new SyncError('FIELD_INVALID', { field, why: message as Reason });
}
