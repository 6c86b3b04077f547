import type { Dialog } from './dialog.js';

interface Options<Row> extends Pick<ListOptions<Row>, 'height' | 'sortable' | 'header' | 'buttons'> {
    /** For screen readers. */
    label: string;
    /** Makes the fields of a row and puts them into its container. */
    build(container: JQuery, row: Row): void;
    /** Marks what is wrong, after each change. */
    check(rows: Row[]): void;
}

/** A property that is a list, each row with what is stored and the fields that show it. */
export class RowEditor<Row extends object> {
    readonly #list: JQuery;
    readonly #check: Options<Row>['check'];

    constructor(
        dialog: Pick<Dialog<object>, 'prefix' | 'text'>,
        name: string,
        { label, build, check, ...options }: Options<Row>,
    ) {
        this.#check = check;
        this.#list = $(`#${dialog.prefix}-${name}-list`);
        this.#list.editableList<Row>({
            ...options,
            ariaLabel: label,
            addButton: dialog.text('add'),
            removable: true,
            addItem: (container, _index, row) => {
                build(container.css({ display: 'flex', gap: '4px 8px' }), row);
                const remove = RED._('common.label.delete');
                // Node-RED adds the button afterwards.
                setTimeout(() => {
                    const button = container.closest('li').find('.red-ui-editableList-item-remove');
                    button.attr({ 'aria-label': remove, role: 'button' });
                });
                this.check();
            },
            removeItem: () => this.check(),
        });
    }

    get rows(): Row[] {
        const items = this.#list.editableList('items').toArray();
        return items.map(item => $(item).data('data') as Row);
    }

    check(): void {
        this.#check(this.rows);
    }

    add(...rows: Partial<Row>[]): void {
        this.#list.editableList('addItems', rows);
        this.check();
    }

    replace(rows: Partial<Row>[]): void {
        this.#list.editableList('empty');
        this.add(...rows);
        // The list scrolls to what was added.
        setTimeout(() => this.#list.parent().scrollTop(0));
    }

    permitAdding(isPermitted: boolean): void {
        const button = this.#list.closest('.red-ui-editableList').find('.red-ui-editableList-addButton');
        button.prop('disabled', !isPermitted);
    }

    /** A field in a row that takes its share of the width. */
    cell(element: string, label: string, value = ''): JQuery {
        return $(element)
            .attr({ 'aria-label': label, placeholder: label })
            .css({ flex: '1 1 0', minWidth: 0 })
            .val(value)
            .on('input change', () => this.check());
    }
}

export function entered(field: JQuery): string {
    return field.val().trim();
}

/** An icon between the fields of a row. */
export function sign(icon: string): JQuery {
    return $(`<i class="fa ${icon}" aria-hidden="true"></i>`).css({ lineHeight: '34px' });
}
