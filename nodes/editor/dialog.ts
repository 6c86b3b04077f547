import { migrate, versionOf } from '../runtime/migrations.js';
import { isBlank, isVariable } from './values.js';

/** The key of what is wrong below `<type>.invalid`, with what its sentence names; nothing where all is well. */
export type Wrong = string | [key: string, named: Record<string, unknown>] | false | undefined;

/**
 * A property as Node-RED wants it declared, with the key of its label and what can be wrong with it. Without a value of its
 * own a new node has what a flow means by its absence, or nothing.
 */
interface Property<Node, Value> {
    value?: Value;
    type?: string;
    required?: boolean;
    label?: string;
    /** When it counts, as the html says when it is shown; absent: always. */
    if?: string;
    /** What is wrong where it is blank, or with a type where its config node is gone or wrong itself. */
    needed?: string | ((node: Node) => Wrong);
    /** What is wrong with a value; blank ones and environment variables are not asked about. */
    wrong?(value: Value, node: Node): Wrong;
}

interface Parts<F, C extends string> {
    /** Choices that need neither type nor validator need not be named: the migrations do. */
    defaults: { [K in keyof F]?: Property<EditorNode & F, F[K]> };
    credentials?: Record<C, Property<EditorNode, string>>;
    /** Of the button that the node has on the canvas. */
    onButton?(node: EditorNode & F): void;
    /** What the canvas calls a node without a name; the type's own name where it is blank. */
    label?(node: EditorNode & F): string | false;
    prepare?(node: EditorNode & F): void;
    save?(node: EditorNode & F): void;
}

declare global {
    /** For the html of the nodes: the flow library looks there for category, colour, icon and ports. */
    var presenceSync: { registerType(type: string, look: object): void };
}

function isNoNode(id: unknown): boolean {
    const node = RED.nodes.node(id);
    return !node || node.valid === false;
}

const definitions = new Map<string, () => object>();

globalThis.presenceSync = {
    registerType: (type, look) => RED.nodes.registerType(type, { ...look, ...definitions.get(type)?.() }),
};

/** The dialog of a node type with properties `F` and credentials `C`. */
export class Dialog<F extends object = Record<string, unknown>, C extends string = never> {
    readonly type: string;
    readonly prefix: string;
    /** The node whose dialog is open: only then do the fields hold its values. */
    #open: EditorNode | undefined;
    #names: (keyof F & string)[] = [];

    constructor(type: string, kind: 'node' | 'node-config' = 'node') {
        this.type = type;
        this.prefix = `${kind}-input`;
    }

    /** Says what belongs to the type, beside the look that its html registers. */
    define(parts: Parts<F, C>): void {
        const { version: _, ...usual } = migrate<Record<string, unknown>>(this.type, {});
        this.#names = [...new Set([...Object.keys(parts.defaults), ...Object.keys(usual)])] as (keyof F & string)[];
        const defaults = this.#names.map(name => [name, { value: usual[name] ?? '', ...parts.defaults[name] }]);
        definitions.set(this.type, () => this.#definition({ ...parts, defaults: Object.fromEntries(defaults) }));
    }

    field(name: (keyof F & string) | C): JQuery {
        return $(`#${this.prefix}-${name}`);
    }

    /** An element of the dialog that is no field, by the rest of its id. */
    element(name: string): JQuery {
        return $(`#${this.type}-${name}`);
    }

    text(key: string, named?: Record<string, unknown>): string {
        return RED._(`@teams-pbx/node-red-presence-sync/${this.type}:${this.type}.${key}`, named);
    }

    /** Marks a field with a sentence that says what is wrong, or takes the mark away. */
    mark(field: JQuery, wrong: Wrong): void {
        field.toggleClass('input-error', Boolean(wrong)).attr({ title: this.#sentenceOf(wrong) });
    }

    isOpen(node: EditorNode): boolean {
        return this.#open === node;
    }

    /** What the open dialog of the node holds; else, or where that is nothing, the node itself. */
    value(node: EditorNode, name: keyof F & string): string {
        return (this.isOpen(node) && this.field(name).val()) || String(this.newest(node)[name] ?? '');
    }

    is(node: EditorNode, name: keyof F & string, choice: string): boolean {
        return this.value(node, name) === choice;
    }

    /** The properties of the node in the current version. */
    newest(node: EditorNode): F & Record<string, unknown> {
        const held = Object.fromEntries([...this.#names, 'version'].map(name => [name, node[name]]));
        return migrate(this.type, held as F & Record<string, unknown>);
    }

    /** All values of the node, as its dialog holds them where that is open. */
    values(node: EditorNode): Record<string, unknown> {
        if (!this.isOpen(node)) return { id: node.id, ...this.newest(node) };
        return { id: node.id, ...Object.fromEntries(this.#names.map(name => [name, this.field(name).val() ?? ''])) };
    }

    onChange(names: ((keyof F & string) | C)[], handler: () => void): void {
        for (const name of names) this.field(name).on('change', handler);
    }

    /** Makes tabs of pages, by the rest of their ids and with their titles. */
    showTabs(pages: Record<string, string>): void {
        const tabs = RED.tabs.create({
            id: `${this.type}-tabs`,
            onchange: ({ id }) => this.element('pages').children().toggle(false).filter(`#${id}`).toggle(true),
        });
        for (const [page, label] of Object.entries(pages)) tabs.addTab({ id: `${this.type}-${page}`, label });
    }

    #definition({ defaults, credentials, onButton, label, prepare, save }: Parts<F, C>): object {
        type Own = EditorNode & F;
        const onNode = <R>(call: (node: Own) => R) =>
            function (this: Own): R {
                return call(this);
            };
        const close = (): void => {
            this.#open = undefined;
        };
        return {
            defaults: { name: { value: '' }, ...this.#declared(defaults), version: { value: versionOf(this.type) } },
            ...(credentials ? { credentials: this.#declared(credentials) } : {}),
            ...(onButton ? { button: { onclick: onNode(onButton) } } : {}),
            paletteLabel: () => this.text('paletteLabel'),
            label: onNode(node => node.name || label?.(node) || this.text('paletteLabel')),
            labelStyle: onNode(node => (node.name ? 'node_label_italic' : '')),
            inputLabels: () => this.text('input'),
            outputLabels: () => this.text('output'),
            oneditprepare: onNode(node => {
                this.#open = node;
                this.#showValues(node);
                prepare?.(node);
                this.onChange(this.#names, () => this.#showRows(node));
                this.#showRows(node);
            }),
            oneditsave: onNode(node => {
                // Node-RED itself saves the fields, afterwards.
                Object.assign(node, this.newest(node));
                save?.(node);
                close();
            }),
            oneditcancel: close,
            oneditdelete: close,
        };
    }

    #declared(properties: object): Record<string, object> {
        const declare = ([name, property]: [string, Property<EditorNode, unknown>]) => {
            const { if: _, needed, wrong, label, ...plain } = property;
            const sentence = (node: EditorNode, value: unknown) => this.#sentenceOf(this.#wrong(node, property, value));
            // Node-RED takes a sentence only from a validator with two parameters.
            const validate = function (this: EditorNode, value: unknown, options: unknown): boolean | string {
                const found = sentence(this, value);
                return found ? options !== undefined && found : true;
            };
            const isChecked = needed !== undefined || wrong !== undefined;
            return [name, { ...plain, ...(label && { label: this.text(label) }), ...(isChecked && { validate }) }];
        };
        return Object.fromEntries(Object.entries(properties).map(declare));
    }

    #wrong(node: EditorNode, property: Property<EditorNode, unknown>, value: unknown): Wrong {
        const { if: conditions = '', type, needed, wrong } = property;
        if (!this.#hold(node, conditions, true) || isVariable(value)) return false;
        const missing = typeof needed === 'function' ? needed(node) : needed;
        if (isBlank(value)) return this.#hold(node, conditions, false) && missing;
        return type && missing && isNoNode(value) ? missing : wrong?.(value, node);
    }

    #sentenceOf(wrong: Wrong): string {
        if (!wrong) return '';
        const [key, named] = typeof wrong === 'string' ? [wrong] : wrong;
        return this.text(`invalid.${key}`, named);
    }

    /** Shows what fields cannot by themselves: an environment variable in a select, a date or a checkbox, and migrated values. */
    #showValues(node: EditorNode): void {
        const newest = this.newest(node);
        for (const name of this.#names) {
            const [field, value] = [this.field(name), String(newest[name])];
            if (newest[name] !== node[name]) field.val(value);
            if (!isVariable(value) || field.val() === value) continue;
            if (field.attr('type') === 'date') field.attr({ type: 'text' });
            else if (field.attr('type') === 'checkbox') field.attr({ type: 'text' }).css({ width: '130px', margin: 0 });
            // As Node-RED marks what is no config node that could be edited.
            else field.append($(new Option(value, value)).data('env', true));
            field.val(value);
        }
    }

    /** Shows what belongs to the choices, of which the html says `data-<type>-if="system!=simulated role=server"`. */
    #showRows(node: EditorNode): void {
        const attribute = `data-${this.type}-if`;
        for (const element of $(`[${attribute}]`).toArray())
            $(element).toggle(this.#hold(node, element.getAttribute(attribute) ?? '', true));
    }

    /**
     * Whether all of these conditions hold.
     * @param unsure whether `=` and `!=` hold where an environment variable chooses; `==` does not
     */
    #hold(node: EditorNode, conditions: string, unsure: boolean): boolean {
        const holds = (condition: string): boolean => {
            const [, name, sign, choice] = /^(\w+)(!=|==?)(.+)$/.exec(condition) ?? [];
            const held = this.value(node, name as keyof F & string);
            return isVariable(held) ? unsure && sign !== '==' : (held === choice) === (sign !== '!=');
        };
        return conditions.split(' ').filter(Boolean).every(holds);
    }
}
