interface RawMember {
    name: string;
    value: string;
}

/**
 * The text of a member's value exactly as the sender wrote it: its key order, escapes and white space. Of members
 * with the same name the last one counts, as with JSON.parse.
 * @param json text of an object that JSON.parse has accepted
 * @returns undefined if the object has no such member at its top level
 */
export function rawMember(json: string, name: string): string | undefined {
    let value: string | undefined;
    for (const member of members(json)) if (member.name === name) value = member.value;
    return value;
}

function* members(json: string): Generator<RawMember> {
    let at = skipSpace(json, skipSpace(json, 0) + 1);
    while (at < json.length && json[at] !== '}') {
        const nameEnd = endOfString(json, at);
        const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
        const end = endOfValue(json, start);
        yield { name: JSON.parse(json.slice(at, nameEnd)) as string, value: json.slice(start, end) };
        at = skipSpace(json, end);
        if (json[at] === ',') at = skipSpace(json, at + 1);
    }
}

function skipSpace(json: string, from: number): number {
    let at = from;
    while (at < json.length && ' \t\r\n'.includes(json[at]!)) at++;
    return at;
}

function endOfValue(json: string, start: number): number {
    if (json[start] === '"') return endOfString(json, start);
    if (json[start] === '{' || json[start] === '[') return endOfNest(json, start);
    let at = start;
    while (at < json.length && !',}] \t\r\n'.includes(json[at]!)) at++;
    return at;
}

function endOfString(json: string, start: number): number {
    let at = start + 1;
    while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
    return at + 1;
}

function endOfNest(json: string, start: number): number {
    let depth = 0;
    let at = start;
    while (at < json.length) {
        if (json[at] === '"') {
            at = endOfString(json, at);
            continue;
        }
        if (json[at] === '{' || json[at] === '[') depth++;
        if (json[at] === '}' || json[at] === ']') depth--;
        at++;
        if (depth === 0) return at;
    }
    return at;
}
