/** What we use of Node-RED's editor and of the jQuery in it. @see https://nodered.org/docs/api/ui/ */

/** A node as the editor holds it; its other properties are those of its type. */
interface EditorNode {
    readonly id: string;
    readonly type: string;
    name: string;
    valid?: boolean;
    changed?: boolean;
    /** Of a secret that only the runtime knows there is `has_<name>` alone. Absent until the dialog was open. */
    credentials?: Record<string, unknown>;
    [property: string]: unknown;
}

declare const RED: {
    /** The text of a key that begins with the name of its catalog and a colon. */
    _(key: string, named?: Record<string, unknown>): string;
    i18n: { lang(): string };
    settings: Record<string, unknown>;
    nodes: {
        node<F = object>(id: unknown): (EditorNode & F) | null;
        filterNodes(filter: object): EditorNode[];
        registerType(type: string, definition: object): void;
    };
    tabs: {
        create(options: { id: string; onchange(tab: { id: string }): void }): {
            addTab(tab: { id: string; label: string }): void;
        };
    };
    notify(content: string | HTMLElement | undefined, options: string | object): { close(): void };
};

interface ListOptions<Row> {
    ariaLabel: string;
    addButton: string;
    removable: boolean;
    height: number;
    sortable?: boolean;
    header?: JQuery;
    buttons?: { label: string; icon: string; click(): void }[];
    addItem(container: JQuery, index: number, row: Row): void;
    removeItem(): void;
}

interface JQuery {
    add(other: JQuery): JQuery;
    append(...content: (JQuery | Node | string)[]): this;
    appendTo(parent: JQuery): this;
    attr(name: string): string | undefined;
    attr(values: Record<string, string | boolean>): this;
    children(): JQuery;
    closest(selector: string): JQuery;
    css(values: Record<string, string | number>): this;
    data(name: string): unknown;
    data(name: string, value: unknown): this;
    editableList<Row>(options: ListOptions<Row>): this;
    editableList(method: 'addItems', rows: object[]): this;
    editableList(method: 'empty'): this;
    editableList(method: 'items'): JQuery;
    empty(): this;
    filter(selector: string): JQuery;
    find(selector: string): JQuery;
    on(events: string, handler: () => void): this;
    parent(): JQuery;
    prop(name: string): unknown;
    prop(name: string, value: boolean): this;
    remove(): this;
    scrollTop(value: number): this;
    text(value: string): this;
    toArray(): HTMLElement[];
    toggle(isShown?: boolean): this;
    toggleClass(name: string, isSet: boolean): this;
    trigger(event: string): this;
    val(): string;
    val(value: string): this;
}

interface AjaxRequest extends Record<'type' | 'contentType' | 'data', string> {
    headers: Record<string, string>;
    success(answer: unknown): void;
    error(failed: { status: number }): void;
}

declare const $: {
    (selector: string | Node): JQuery;
    ajax(url: string, request: AjaxRequest): void;
};
