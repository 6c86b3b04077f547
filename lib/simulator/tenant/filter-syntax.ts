import { badRequest, type GraphError } from './graph-error';

/** A constant of a filter. Times are texts here: Graph's own form of them sorts as text. */
export type Constant = string | number | boolean | null;

/** What a filter says, taken apart. A path is the names between its slashes. */
export type Condition =
    | { kind: 'and' | 'or'; parts: Condition[] }
    | { kind: 'not'; part: Condition }
    | { kind: 'compare'; path: string[]; operator: string; value: Constant }
    | { kind: 'in'; path: string[]; values: Constant[] }
    | { kind: 'call'; name: string; path: string[]; value: Constant }
    | { kind: 'any'; path: string[]; variable: string; part: Condition }
    | { kind: 'count'; path: string[]; operator: string; value: Constant };

interface Token {
    text: string;
    at: number;
}

const tokenPattern = /\s*('(?:[^']|'')*'|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|[(),:]|[^\s(),:']+)/y;
const operators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'has'];
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Takes a `$filter` apart; throws 400 for what is none.
 * @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionfilter
 */
export function parseFilter(filter: string): Condition {
    return new FilterParser(filter).parse();
}

class FilterParser {
    readonly #filter: string;
    readonly #tokens: Token[];
    #next = 0;

    constructor(filter: string) {
        this.#filter = filter;
        this.#tokens = this.#split();
    }

    parse(): Condition {
        const condition = this.#any('or');
        if (this.#peek() !== undefined) throw this.#wrong();
        return condition;
    }

    #split(): Token[] {
        const tokens: Token[] = [];
        const text = this.#filter.trimEnd();
        tokenPattern.lastIndex = 0;
        while (tokenPattern.lastIndex < text.length) {
            const begin = tokenPattern.lastIndex;
            const [, token] = tokenPattern.exec(text) ?? [];
            if (token === undefined) throw wrongAt(begin, this.#filter);
            tokens.push({ text: token, at: tokenPattern.lastIndex - token.length });
        }
        return tokens;
    }

    /** Conditions joined by "or", each of them some joined by "and". */
    #any(word: 'or' | 'and'): Condition {
        const inner = () => (word === 'or' ? this.#any('and') : this.#negated());
        const parts = [inner()];
        while (this.#takesWord(word)) parts.push(inner());
        return parts.length === 1 ? parts[0]! : { kind: word, parts };
    }

    #negated(): Condition {
        if (this.#takesWord('not')) return { kind: 'not', part: this.#negated() };
        if (!this.#takes('(')) return this.#single();
        const condition = this.#any('or');
        this.#expect(')');
        return condition;
    }

    #single(): Condition {
        const name = this.#take();
        if (!/^[\w/$]+$/.test(name)) throw this.#wrong(-1);
        if (this.#takes('(')) return name.includes('/') ? this.#lambda(name) : this.#call(name);
        const path = name.split('/');
        const operator = this.#take().toLowerCase();
        if (operator === 'in') return { kind: 'in', path, values: this.#list() };
        if (!operators.includes(operator)) throw this.#wrong(-1);
        const value = this.#constant();
        if (path.at(-1) === '$count') return { kind: 'count', path: path.slice(0, -1), operator, value };
        return { kind: 'compare', path, operator, value };
    }

    #call(name: string): Condition {
        const path = this.#take().split('/');
        this.#expect(',');
        const value = this.#constant();
        this.#expect(')');
        return { kind: 'call', name: name.toLowerCase(), path, value };
    }

    #lambda(name: string): Condition {
        const path = name.split('/');
        if (path.pop()!.toLowerCase() !== 'any') throw this.#wrong(-2);
        const variable = this.#take();
        this.#expect(':');
        const part = this.#any('or');
        this.#expect(')');
        return { kind: 'any', path, variable, part };
    }

    #list(): Constant[] {
        this.#expect('(');
        const values = [this.#constant()];
        while (this.#takes(',')) values.push(this.#constant());
        this.#expect(')');
        return values;
    }

    #constant(): Constant {
        const text = this.#take();
        if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
        if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
        if (/^null$/i.test(text)) return null;
        if (guid.test(text) || /^\d{4}-\d\d-\d\d(T|$)/.test(text)) return text;
        if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
        throw this.#wrong(-1);
    }

    #peek(): string | undefined {
        return this.#tokens[this.#next]?.text;
    }

    #take(): string {
        const text = this.#peek();
        if (text === undefined) throw this.#wrong();
        this.#next += 1;
        return text;
    }

    #takes(text: string): boolean {
        if (this.#peek() !== text) return false;
        this.#next += 1;
        return true;
    }

    #takesWord(word: string): boolean {
        return this.#takes(this.#peek()?.toLowerCase() === word ? this.#peek()! : word);
    }

    #expect(text: string): void {
        if (!this.#takes(text)) throw this.#wrong();
    }

    /** @param back how many tokens before the next one the fault is */
    #wrong(back = 0): GraphError {
        return wrongAt(this.#tokens[this.#next + back]?.at ?? this.#filter.length, this.#filter);
    }
}

function wrongAt(position: number, filter: string): GraphError {
    return badRequest(`Invalid filter clause: Syntax error at position ${position} in '${filter}'.`);
}
