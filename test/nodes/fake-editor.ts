import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { defaultTables } from '../../lib/presence/mapping';
import { preferredPairs, sessionPairs } from '../../lib/presence/teams-states';
import { pbxActivities, teamsActivities } from '../../lib/presence/vocabulary';
import { checkout, packageDescription } from '../support/checkout';

/** A property as a definition declares it; the validator answers true, or a sentence. */
export interface Property {
    value?: unknown;
    type?: string;
    required?: boolean;
    validate?(this: EditorNode, value: unknown, options?: { label?: string }): boolean | string;
}

/** What a node's html registers, as far as the tests look at it. */
export interface Definition {
    category: string;
    color: string;
    icon: string;
    inputs?: number;
    outputs?: number;
    defaults: Record<string, Property>;
    credentials?: Record<string, Property>;
    label(this: EditorNode): string;
    oneditprepare?(this: EditorNode): void;
    oneditsave?(this: EditorNode): void;
    oneditcancel?(this: EditorNode): void;
    button?: { onclick(this: EditorNode): void };
    [property: string]: unknown;
}

/** A node as the editor holds it: its properties and the translator of its catalog. */
export interface EditorNode {
    _(key: string, parameters?: Record<string, unknown>): string;
    [property: string]: unknown;
}

/** What the runtime of the presence-map tells the editor. */
export const mapSettings = {
    presenceMapTables: defaultTables,
    presenceMapWords: {
        teamsActivities,
        pbxActivities,
        teamsPairs: [...new Set([...sessionPairs, ...preferredPairs])],
    },
};

/** The texts of one node in one language. */
export type Catalog = { [key: string]: string | Catalog };

/** The catalog of a node in `en-US` or `de`. */
export function readCatalog(language: string, type: string): Catalog {
    return JSON.parse(readFileSync(join(checkout, 'nodes', 'locales', language, `${type}.json`), 'utf8'));
}

/** The text of a key such as `azure-app.label.cloud`; undefined where there is none. */
export function textOf(catalog: Catalog, key: string): string | undefined {
    const found = key.split('.').reduce<Catalog | string | undefined>((at, part) => {
        return typeof at === 'object' ? at[part] : undefined;
    }, catalog);
    return typeof found === 'string' ? found : undefined;
}

/** The html of a node: its look and its dialog. */
export function readEditorFile(type: string): string {
    return readFileSync(join(checkout, 'nodes', `${type}.html`), 'utf8');
}

/** The script that the html of a node runs, once those that it names have been loaded. */
function registeringScript(html: string): string {
    return /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
}

/** Loads the modules that the html of a node names, as Node-RED's server and a browser do. */
function loadModules(html: string): void {
    for (const [, path] of html.matchAll(/<script type="module" src="resources\/(.+?)"><\/script>/g)) {
        const { name } = packageDescription;
        if (!path!.startsWith(`${name}/`)) throw new Error(`${path} is no resource of ${name}`);
        require(join(checkout, 'resources', path!.slice(name.length)));
    }
}

/**
 * The editor around one node's html: enough to evaluate it, to validate, and to open and save its dialog. Browser code
 * finds it in globals, as in a page; they are those of the editor that was used last.
 */
export class FakeEditor {
    readonly definition: Definition;
    readonly notices: string[] = [];
    /** Of the last notice. */
    buttons: { text: string; click(): void }[] = [];
    readonly opened: string[] = [];
    /** The page: fields of the open dialog by id. Without one, a look at the page is an error. */
    fields: Map<string, FakeElement> | undefined;
    readonly #globals: Record<string, unknown>;

    constructor(
        private readonly type: string,
        environment: { settings?: Record<string, unknown>; nodes?: Record<string, Record<string, unknown>> } = {},
    ) {
        let definition: Definition | undefined;
        const catalog = readCatalog('en-US', type);
        const translate = (key: string, parameters: Record<string, unknown> = {}): string => {
            const text = textOf(catalog, key.replace(/^.*:/, '')) ?? key;
            if (text === key && key.includes('.invalid.')) throw new Error(`${type} has no text ${key}`);
            return text.replace(/__(\w+)__/g, (_, name: string) => String(parameters[name]));
        };
        const RED = {
            _: translate,
            settings: environment.settings ?? {},
            nodes: {
                node: (id: string) => environment.nodes?.[id],
                registerType: (registered: string, given: Definition) => {
                    if (registered === type) definition = { ...given, _: translate };
                },
            },
            tabs: { create: () => ({ addTab: () => {} }) },
            notify: (text: string, options: { buttons?: { text: string; click(): void }[] }) => {
                this.notices.push(text);
                this.buttons = options.buttons ?? [];
                return { close: () => {} };
            },
        };
        this.#globals = {
            RED,
            $: this.#find,
            Option: FakeOption,
            innerHeight: 900,
            open: (address: string) => this.opened.push(address),
        };
        this.#enter();
        const html = readEditorFile(type);
        loadModules(html);
        compileFunction(registeringScript(html))();
        if (!definition) throw new Error(`${type}.html registers no ${type}`);
        this.definition = definition;
    }

    /** A node of this type with its defaults, changed by `properties`. */
    node(properties: Record<string, unknown> = {}): EditorNode {
        this.#enter();
        const defaults = Object.entries(this.definition.defaults).map(([name, { value }]) => [name, value]);
        return { ...Object.fromEntries(defaults), type: this.type, _: this.definition._, ...properties } as EditorNode;
    }

    /** True, or the sentence that says what is wrong with a property of the node. */
    validate(node: EditorNode, property: string, value = node[property]): boolean | string {
        this.#enter();
        const definition = this.definition.defaults[property] ?? this.definition.credentials?.[property];
        if (!definition?.validate) throw new Error(`${property} has no validator`);
        return definition.validate.call(node, value, {});
    }

    /** Opens the dialog of the node with these values in its fields. */
    open(node: EditorNode, values: Record<string, string> = {}): void {
        this.#enter();
        this.fields = new Map();
        for (const [id, value] of Object.entries(values)) this.#find(`#${id}`).val(value);
        this.definition.oneditprepare?.call(node);
    }

    /** Confirms the dialog of the node. */
    save(node: EditorNode): void {
        this.#enter();
        this.definition.oneditsave?.call(node);
        this.fields = undefined;
    }

    /** The list of that id in the open dialog. */
    list(id: string): FakeElement {
        this.#enter();
        return this.#find(`#${id}`);
    }

    #enter(): void {
        Object.assign(globalThis, this.#globals);
    }

    readonly #find = (selector: string | FakeElement | FakeOption): FakeElement => {
        if (selector instanceof FakeElement) return selector;
        if (typeof selector !== 'string' || selector.startsWith('<')) return new FakeElement();
        if (!this.fields) throw new Error(`Looks at ${selector} of the page though the dialog is closed`);
        const known = this.fields.get(selector) ?? new FakeElement();
        this.fields.set(selector, known);
        return known;
    };
}

class FakeOption {}

type Row = Record<string, unknown>;

interface ListOptions {
    addItem(container: FakeElement, index: number, row: Row): void;
    removeItem(row: Row): void;
    buttons?: { label: string; click(): void }[];
}

/** A jQuery element that remembers its value and, as an editableList, its rows. */
export class FakeElement {
    value: unknown = '';
    options: ListOptions | undefined;
    private rows: Row[] = [];
    private row: Row | undefined;

    constructor() {
        const chained = ['add', 'append', 'attr', 'closest', 'css', 'find', 'on', 'parent', 'prop', 'scrollTop'];
        for (const name of [...chained, 'text', 'toggle', 'toggleClass']) Object.assign(this, { [name]: () => this });
    }

    val(): unknown;
    val(value: unknown): this;
    val(...values: unknown[]): unknown {
        if (values.length === 0) return this.value;
        this.value = values[0];
        return this;
    }

    toArray(): unknown[] {
        return [];
    }

    data(): Row | undefined {
        return this.row;
    }

    editableList(method: ListOptions | string, argument?: unknown): unknown {
        if (typeof method === 'object') this.options = method;
        if (method === 'addItems') for (const row of argument as Row[]) this.addRow(row);
        if (method === 'empty') this.rows = [];
        if (method !== 'items') return this;
        const items = this.rows.map(row => Object.assign(new FakeElement(), { row }));
        return { toArray: () => items };
    }

    /** What the "add" button does, and a row that is added by the dialog. */
    addRow(row: Row = {}): Row {
        this.rows.push(row);
        this.options?.addItem(new FakeElement(), this.rows.length - 1, row);
        return row;
    }

    /** What the cross behind a row does. */
    remove(index: number): void {
        const [row] = this.rows.splice(index, 1);
        if (row) this.options?.removeItem(row);
    }

    /** Moves a row, as dragging does. */
    move(from: number, to: number): void {
        this.rows.splice(to, 0, ...this.rows.splice(from, 1));
    }

    at(index: number): Row {
        return this.rows[index] ?? {};
    }

    get length(): number {
        return this.rows.length;
    }
}
