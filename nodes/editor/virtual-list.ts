import { made } from './monitor-texts.js';

/** Rows that are made beyond the upper and lower edge, so that scrolling finds them there. */
const beyond = 8;

/** What a {@link VirtualList} shows. */
interface Rows<Row> {
    /** Pixels; of every row. */
    height: number;
    label: string;
    /** Fills an element with a row; undefined for one that has not come yet. */
    fill(element: HTMLElement, row: Row | undefined): void;
    /** A row is wanted that is not there; called once for each look. */
    wants(from: number, to: number): void;
    choose(index: number): void;
}

/**
 * A list of which only those rows are in the page that can be seen, so that it is as fast with ten thousand. One row is
 * active, which the arrow keys change; Enter or a click chooses a row.
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/listbox/
 */
export class VirtualList<Row> {
    readonly element: HTMLElement;
    readonly #rows: Rows<Row>;
    readonly #space = made('div', { class: 'presence-monitor-space', role: 'presentation' });
    readonly #shown = new Map<number, HTMLElement>();
    #known: ReadonlyMap<number, Row> = new Map();
    #size = 0;
    #active = 0;

    constructor(rows: Rows<Row>) {
        this.#rows = rows;
        this.element = made(
            'div',
            { class: 'presence-monitor-list', role: 'listbox', tabindex: '0', 'aria-label': rows.label },
            this.#space,
        );
        this.element.addEventListener('scroll', () => this.#draw());
        this.element.addEventListener('keydown', event => this.#onKey(event));
        new ResizeObserver(() => this.#draw()).observe(this.element);
    }

    /** The rows that can be seen, those beyond the edges included; the end is behind the last. */
    get window(): { from: number; to: number } {
        const { height } = this.#rows;
        const { scrollTop, clientHeight } = this.element;
        const from = Math.max(0, Math.floor(scrollTop / height) - beyond);
        return { from, to: Math.min(this.#size, Math.ceil((scrollTop + clientHeight) / height) + beyond) };
    }

    /** @param known rows by their place among `size` */
    show(known: ReadonlyMap<number, Row>, size: number): void {
        this.#known = known;
        this.#size = size;
        this.#active = Math.max(0, Math.min(this.#active, size - 1));
        this.#space.style.height = `${size * this.#rows.height}px`;
        for (const [index, element] of this.#shown) if (index < size) this.#rows.fill(element, known.get(index));
        this.#draw();
    }

    /** Begins at the top again: it is another list. */
    rewind(): void {
        this.#active = 0;
        this.element.scrollTop = 0;
    }

    #draw(): void {
        const { from, to } = this.window;
        for (const [index, element] of this.#shown) {
            if (index >= from && index < to) continue;
            element.remove();
            this.#shown.delete(index);
        }
        let lacks = false;
        for (let index = from; index < to; index++) {
            lacks ||= !this.#known.has(index);
            if (!this.#shown.has(index)) this.#add(index);
        }
        this.#mark();
        if (lacks) this.#rows.wants(from, to);
    }

    #add(index: number): void {
        const { height, fill, choose } = this.#rows;
        const element = made('div', { class: 'presence-monitor-row', role: 'option', id: `presence-monitor-${index}` });
        element.style.transform = `translateY(${index * height}px)`;
        element.style.height = `${height}px`;
        element.setAttribute('aria-posinset', String(index + 1));
        element.addEventListener('click', () => {
            this.#active = index;
            this.#mark();
            choose(index);
        });
        fill(element, this.#known.get(index));
        this.#shown.set(index, element);
        this.#space.append(element);
    }

    #mark(): void {
        for (const [index, element] of this.#shown) {
            element.setAttribute('aria-selected', String(index === this.#active));
            element.setAttribute('aria-setsize', String(this.#size));
        }
        const isShown = this.#shown.has(this.#active);
        if (isShown) this.element.setAttribute('aria-activedescendant', `presence-monitor-${this.#active}`);
        else this.element.removeAttribute('aria-activedescendant');
    }

    #onKey(event: KeyboardEvent): void {
        const { height } = this.#rows;
        const page = Math.max(1, Math.floor(this.element.clientHeight / height) - 1);
        const steps: Record<string, number> = {
            ArrowDown: 1,
            ArrowUp: -1,
            PageDown: page,
            PageUp: -page,
            Home: -this.#size,
            End: this.#size,
        };
        const step = steps[event.key];
        if (event.key === 'Enter' && this.#size > 0) this.#rows.choose(this.#active);
        else if (step === undefined) return;
        else this.#activate(this.#active + step);
        event.preventDefault();
        event.stopPropagation();
    }

    #activate(index: number): void {
        this.#active = Math.max(0, Math.min(this.#size - 1, index));
        const top = this.#active * this.#rows.height;
        const { scrollTop, clientHeight } = this.element;
        if (top < scrollTop) this.element.scrollTop = top;
        else if (top + this.#rows.height > scrollTop + clientHeight)
            this.element.scrollTop = top + this.#rows.height - clientHeight;
        this.#draw();
    }
}
