import { made, monitorText, timeText, wordOf } from './monitor-texts.js';
import { read } from './requests.js';
import { VirtualList } from './virtual-list.js';

/** One side of a person, as `lib/monitor/people-list.ts` tells it. */
interface RowSide {
    system: string;
    shows?: string;
    since?: number;
    isOurs?: true;
    holds?: string;
    differs?: true;
    stopped?: 'paused' | 'resting';
    refused?: string;
}

interface PersonRow {
    key: string;
    name: string;
    address: string;
    pbx?: RowSide;
    teams?: RowSide;
    leftOut?: string;
    suggestion?: string;
}

const filters = ['differs', 'left-out', 'stopped', 'held', 'changed', 'absent'] as const;
type Filter = (typeof filters)[number];

interface PeoplePage {
    total: number;
    counts: Record<Filter, number>;
    found: number;
    rows: PersonRow[];
}

/** Rows that are asked for at once. */
const pageSize = 200;
/** ms that pass between two keys before it is searched. */
const typing = 150;
const rowHeight = 46;

/** The list of people, with search and filters. It asks the runtime only while it is shown. */
export class PeoplePane {
    readonly element = made('div', { class: 'presence-monitor-pane' });
    readonly #list: VirtualList<PersonRow>;
    readonly #search = made('input', {
        type: 'search',
        placeholder: monitorText('search'),
        'aria-label': monitorText('search'),
    });
    readonly #filters = made('div', { class: 'presence-monitor-filters', role: 'group' });
    readonly #said = made('p', { class: 'presence-monitor-said', role: 'status' });
    readonly #open: (key: string) => void;
    #filter: Filter | undefined;
    #rows = new Map<number, PersonRow>();
    /** Questions are counted: an answer that comes too late is to another list. */
    #question = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;

    /** @param open shows one person */
    constructor(open: (key: string) => void) {
        this.#open = open;
        this.#list = new VirtualList({
            height: rowHeight,
            label: monitorText('people'),
            fill,
            wants: from => void this.#load(from),
            choose: index => {
                const row = this.#rows.get(index);
                if (row) open(row.key);
            },
        });
        this.#filters.setAttribute('aria-label', monitorText('filters'));
        const table = made('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
        table.append(made('i', { class: 'fa fa-download', 'aria-hidden': 'true' }), ` ${monitorText('table')}`);
        table.addEventListener('click', () => void this.#download());
        const below = made('div', { class: 'presence-monitor-filters' }, table);
        this.element.append(this.#search, this.#filters, this.#said, this.#list.element, below);
        this.#search.addEventListener('input', () => {
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#anew(), typing);
        });
        this.#search.addEventListener('keydown', event => this.#onKey(event));
        this.#showFilters();
    }

    focusSearch(): void {
        this.#search.focus();
        this.#search.select();
    }

    focusList(): void {
        this.#list.element.focus();
    }

    /** Asks anew for what can be seen. */
    async refresh(): Promise<void> {
        await this.#load(this.#list.window.from, true);
    }

    /** What is asked of the runtime, but for the place in the list. */
    get #query(): URLSearchParams {
        return new URLSearchParams({ q: this.#search.value, ...(this.#filter && { state: this.#filter }) });
    }

    async #download(): Promise<void> {
        try {
            const text = await read<string>(`presence-sync/people.csv?${this.#query}`);
            // The mark of UTF-8, without which spreadsheets take it for something else.
            const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv' }));
            made('a', { href: url, download: 'presence-people.csv' }).click();
            URL.revokeObjectURL(url);
        } catch (error) {
            this.#said.textContent = (error as Error).message;
        }
    }

    #onKey(event: KeyboardEvent): void {
        const [first] = this.#rows.values();
        if (event.key === 'ArrowDown') this.#list.element.focus();
        else if (event.key === 'Enter' && first) this.#open(first.key);
        else return;
        event.preventDefault();
    }

    #anew(): void {
        this.#rows = new Map();
        this.#list.rewind();
        void this.#load(0, true);
    }

    /** @param isNew what is known is replaced, too */
    async #load(from: number, isNew = false): Promise<void> {
        const question = ++this.#question;
        const offset = Math.floor(from / pageSize) * pageSize;
        const asked = this.#query;
        asked.set('offset', String(offset));
        asked.set('limit', String(2 * pageSize));
        try {
            const page = await read<PeoplePage>(`presence-sync/people?${asked}`);
            if (question !== this.#question) return;
            const rows = isNew ? new Map<number, PersonRow>() : this.#rows;
            for (const [index, row] of page.rows.entries()) rows.set(offset + index, row);
            this.#rows = rows;
            this.#list.show(rows, page.found);
            this.#showFilters(page);
            this.#said.textContent = page.total === 0 ? monitorText('nobody') : '';
        } catch (error) {
            if (question === this.#question) this.#said.textContent = (error as Error).message;
        }
    }

    #showFilters(page?: PeoplePage): void {
        const button = (filter: Filter | undefined, count: number | undefined): HTMLElement => {
            const name = monitorText(`filter.${filter ?? 'all'}`);
            const isChosen = this.#filter === filter;
            const shown = made('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
            shown.textContent = count === undefined ? name : `${name} ${count.toLocaleString(RED.i18n.lang())}`;
            shown.dataset.filter = filter ?? 'all';
            shown.setAttribute('aria-pressed', String(isChosen));
            shown.classList.toggle('selected', isChosen);
            shown.addEventListener('click', () => {
                this.#filter = filter;
                this.#showFilters(page);
                this.#anew();
            });
            return shown;
        };
        const { filter: focused } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
        // What finds nobody need not be chosen.
        const useful = filters.filter(filter => page?.counts[filter] || filter === this.#filter);
        this.#filters.replaceChildren(
            button(undefined, page?.total),
            ...useful.map(filter => button(filter, page?.counts[filter])),
        );
        if (focused) this.#filters.querySelector<HTMLElement>(`[data-filter="${focused}"]`)?.focus();
    }
}

function fill(element: HTMLElement, row: PersonRow | undefined): void {
    if (!row) return element.replaceChildren('…');
    const { name, pbx, teams, leftOut } = row;
    const why = leftOut ?? pbx?.refused ?? teams?.refused;
    const sign = signOf(row, why);
    const first = made('div', { class: 'presence-monitor-name' }, sign ?? '', made('span', { text: name }));
    const sides = (['pbx', 'teams'] as const).flatMap(side => {
        const seen = row[side];
        if (!seen) return [];
        const text = `${monitorText(`side.${side}`)}: ${wordOf(seen.shows ?? monitorText('unknown'))}`;
        return made('span', { class: seen.isOurs ? 'presence-monitor-ours' : '', text });
    });
    const second = why ? made('div', { text: why }) : made('div', {}, ...sides);
    second.className = 'presence-monitor-state';
    const suggestion = row.suggestion && monitorText('suggestion', { person: row.suggestion });
    element.title = [
        name,
        row.address,
        why,
        suggestion,
        ...[pbx, teams].flatMap(side => (side?.since ? timeText(side.since) : [])),
    ]
        .filter(Boolean)
        .join('\n');
    element.replaceChildren(first, second);
}

/** What is out of the ordinary, as a sign with words. */
function signOf({ pbx, teams }: PersonRow, why: string | undefined): HTMLElement | undefined {
    const stopped = pbx?.stopped ?? teams?.stopped;
    const [icon, text] = why
        ? ['fa-exclamation-triangle', monitorText('filter.left-out')]
        : stopped
          ? ['fa-pause', monitorText(`stopped.${stopped}`)]
          : pbx?.differs || teams?.differs
            ? ['fa-exchange', monitorText('filter.differs')]
            : [];
    return icon ? made('i', { class: `fa ${icon}`, role: 'img', 'aria-label': text!, title: text! }) : undefined;
}
