/** What JSON is made of: strings, marks, and whatever else stands between them. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * The value of a member of an object exactly as it was sent: key order, escapes and white space are the sender's. A
 * digest over it cannot be checked with what JSON.parse makes of it.
 * @param json an object that JSON.parse takes
 * @returns `undefined` where the object itself has no such member; of several the last one, as JSON.parse has it
 */
export function rawMember(json: string, name: string): string | undefined {
    let depth = 0;
    let start: number | undefined;
    let last = { text: '', end: 0 };
    let isWanted = false;
    let found: string | undefined;
    for (const { 0: text, index } of json.matchAll(tokens)) {
        if (text === '}' || text === ']') depth--;
        const endsValue = (depth === 1 && text === ',') || depth === 0;
        if (start !== undefined && endsValue) {
            found = json.slice(start, last.end);
            start = undefined;
        }
        if (isWanted) start = index;
        isWanted = depth === 1 && text === ':' && JSON.parse(last.text) === name;
        if (text === '{' || text === '[') depth++;
        last = { text, end: index + text.length };
    }
    return found;
}
