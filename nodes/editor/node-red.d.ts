/// <reference types="jquery" />
/** What we use of Node-RED's editor. @see https://nodered.org/docs/api/ui/ */

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
        node<F = object>(id: unknown): (EditorNode & F) | undefined;
        filterNodes(filter: object): EditorNode[];
        registerType(type: string, definition: object): void;
    };
    tabs: {
        create(options: { id: string; onchange(tab: { id: string }): void }): {
            addTab(tab: { id: string; label: string }): void;
        };
    };
    plugins: { registerPlugin(id: string, definition: { type: string; onadd(): void }): void };
    sidebar: {
        addTab(options: SidebarTab): void;
        show(id: string): void;
        config: { show(id: string): void };
    };
    view: { reveal(id: string): void };
    comms: { subscribe<Message>(topic: string, heard: (topic: string, message: Message) => void): void };
    statusBar: { add(widget: { id: string; align: 'left' | 'right'; element: JQuery }): void };
    actions: { add(name: string, run: () => void, options?: { label: string }): void };
    notify(content: string | HTMLElement | undefined, options: string | object): { close(): void };
};

interface SidebarTab {
    id: string;
    label: string;
    name: string;
    iconClass: string;
    content: HTMLElement;
    /** May be used while a dialog is open. */
    enableOnEdit: boolean;
    action: string;
}

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

// Overloads that come before those of jQuery: fields hold texts, and every list is one of Node-RED.
interface JQuery<TElement = HTMLElement> {
    data(name: string): unknown;
    editableList<Row>(options: ListOptions<Row>): this;
    editableList(method: 'addItems', rows: object[]): this;
    editableList(method: 'empty' | 'items'): this;
    val(): string;
}
