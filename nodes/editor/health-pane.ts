import { made, monitorText, timeText } from './monitor-texts.js';
import { read } from './requests.js';

export type Level = 'good' | 'working' | 'warning' | 'bad' | 'off';

/** As `lib/monitor/health.ts` tells it. */
interface Mark {
    id: string;
    type: string;
    name: string;
    level: Level;
    text: string;
    since?: string;
    parts: { level: Level; kind: string; values?: Record<string, string | number>; text: string }[];
}

interface Counts {
    total: number;
    inStep: number;
}

const signs: Record<Level, readonly [icon: string, color: string]> = {
    good: ['fa-check-circle', '--red-ui-text-color-success'],
    working: ['fa-clock-o', '--red-ui-text-color-warning'],
    warning: ['fa-exclamation-triangle', '--red-ui-text-color-warning'],
    bad: ['fa-times-circle', '--red-ui-text-color-error'],
    off: ['fa-circle-o', '--red-ui-secondary-text-color'],
};

/** How everything is: how many people are in step, and a mark for each node, the worst first. */
export class HealthPane {
    readonly element = made('div', { class: 'presence-monitor-pane presence-monitor-scrolls' });
    readonly #summary = made('p', { role: 'status' });
    readonly #marks = made('ul', { class: 'presence-monitor-decisions' });
    #shown = '';

    constructor() {
        this.element.append(this.#summary, this.#marks);
    }

    async refresh(): Promise<void> {
        try {
            const [{ marks }, people] = await Promise.all([
                read<{ marks: Mark[] }>('presence-sync/health'),
                read<Counts>('presence-sync/people?limit=0'),
            ]);
            this.#show(marks, people);
        } catch (error) {
            this.#summary.textContent = (error as Error).message;
        }
    }

    #show(marks: Mark[], { total, inStep: count }: Counts): void {
        this.#summary.textContent = monitorText('in-step', { count, total });
        // Whoever reads or has tabbed there is not disturbed by what is the same.
        const told = JSON.stringify(marks);
        if (told === this.#shown) return;
        this.#shown = told;
        const focused = (document.activeElement as HTMLElement | null)?.dataset.node;
        this.#marks.replaceChildren(...marks.map(markItem));
        if (focused) this.#marks.querySelector<HTMLElement>(`[data-node="${CSS.escape(focused)}"]`)?.focus();
    }
}

export function signOf(level: Level): HTMLElement {
    const [icon, color] = signs[level];
    const text = monitorText(`level.${level}`);
    const sign = made('i', { class: `fa ${icon}`, role: 'img', 'aria-label': text, title: text });
    sign.style.color = `var(${color})`;
    return sign;
}

function markItem({ id, type, name, level, text, since, parts }: Mark): HTMLElement {
    const link = made('a', {
        href: '#',
        'data-node': id,
        text: name || RED._(`${packageName}/${type}:${type}.paletteLabel`),
    });
    link.addEventListener('click', event => {
        event.preventDefault();
        reveal(id);
    });
    const lines = parts.map(part => {
        const said = part.text || monitorText(`part.${part.kind}`, part.values);
        const more = part.text && part.values ? `${monitorText(`part.${part.kind}`, part.values)}: ${part.text}` : said;
        return made('li', { class: 'presence-monitor-part' }, signOf(part.level), made('span', { text: more }));
    });
    const head = made(
        'div',
        { class: 'presence-monitor-part' },
        signOf(level),
        link,
        made('time', { class: 'presence-monitor-state', text: since ? timeText(since) : '' }),
    );
    return made('li', {}, head, ...(text ? [made('div', { text })] : []), made('ul', {}, ...lines));
}

const packageName = '@teams-pbx/node-red-presence-sync';

/** A node on a tab is shown there; a configuration node in the list of those. */
function reveal(id: string): void {
    const node = RED.nodes.node<{ z?: string; x?: number }>(id);
    if (node?.x === undefined) RED.sidebar.config.show(id);
    else RED.view.reveal(id);
}
