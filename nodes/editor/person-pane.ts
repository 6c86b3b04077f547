import { made, monitorText, timeText, wordOf } from './monitor-texts.js';
import { ask, isGone, read } from './requests.js';

interface Explained {
    sentences: string[];
    stopped?: { rule: string };
}

interface Decision {
    side: 'pbx' | 'teams';
    at: string;
    from: string;
    to: string;
    outcome: string;
    reason: string;
    latency?: number;
    detail?: string;
    by?: string;
}

/** As `lib/monitor/people-list.ts` tells it. */
interface PersonReport {
    name: string;
    address: string;
    leftOut?: string;
    suggestion?: string;
    pbx?: Explained;
    teams?: Explained;
    decisions: Decision[];
}

/** Why one person shows what they show: the sentences of both sides, and what was decided lately. */
export class PersonPane {
    readonly element = made('div', { class: 'presence-monitor-pane presence-monitor-person', tabindex: '-1' });
    readonly #name = made('h2');
    readonly #buttons = made('div', { class: 'presence-monitor-filters' });
    readonly #said = made('p', { class: 'presence-monitor-said', role: 'status' });
    readonly #body = made('div');
    #key = '';

    /** @param close goes back to the list */
    constructor(close: () => void) {
        const back = made('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
        back.append(made('i', { class: 'fa fa-chevron-left', 'aria-hidden': 'true' }), ` ${monitorText('back')}`);
        back.addEventListener('click', close);
        this.element.append(back, this.#name, this.#buttons, this.#said, this.#body);
        this.element.addEventListener('keydown', event => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            close();
        });
    }

    async open(key: string): Promise<void> {
        this.#key = key;
        this.#name.textContent = '';
        this.#said.textContent = '';
        for (const part of [this.#buttons, this.#body]) part.replaceChildren();
        await this.refresh();
        this.element.focus();
    }

    async refresh(): Promise<void> {
        const key = this.#key;
        try {
            const report = await read<PersonReport>(`presence-sync/people/${encodeURIComponent(key)}`);
            if (key === this.#key) this.#show(report);
        } catch (error) {
            const text = isGone(error) ? monitorText('gone') : (error as Error).message;
            if (key === this.#key) this.#body.replaceChildren(made('p', { role: 'status', text }));
        }
    }

    async #act(action: string, body: object): Promise<void> {
        this.#said.textContent = '';
        try {
            await ask(`presence-sync/people/${encodeURIComponent(this.#key)}/${action}`, body);
            await this.refresh();
        } catch (error) {
            this.#said.textContent = isGone(error) ? monitorText('gone') : (error as Error).message;
        }
    }

    /** What can be done for the person; the buttons are made anew only where they are others. */
    #showButtons(isPaused: boolean): void {
        if (this.#buttons.dataset.paused === String(isPaused) && this.#buttons.childElementCount > 0) return;
        this.#buttons.dataset.paused = String(isPaused);
        const button = (name: string, action: string, body: () => object = () => ({})): HTMLElement => {
            const text = monitorText(`action.${name}`);
            const shown = made('button', { type: 'button', class: 'red-ui-button red-ui-button-small', text });
            shown.addEventListener('click', () => void this.#act(action, body()));
            return shown;
        };
        const pauses = [
            button('pause-hour', 'pause', () => ({ minutes: 60 })),
            button('pause-day', 'pause', () => ({ until: tomorrow() })),
            button('pause', 'pause'),
        ];
        this.#buttons.replaceChildren(
            button('resync', 'resync'),
            ...(isPaused ? [button('resume', 'resume')] : pauses),
        );
    }

    #show({ name, address, leftOut, suggestion, pbx, teams, decisions }: PersonReport): void {
        this.#name.textContent = name;
        this.#showButtons(Boolean(pbx?.stopped ?? teams?.stopped));
        const sides = [
            [monitorText('side.pbx'), pbx],
            [monitorText('side.teams'), teams],
        ] as const;
        this.#body.replaceChildren(
            made('p', { text: address }),
            ...(leftOut ? [made('p', { text: leftOut })] : []),
            ...(suggestion ? [made('p', { text: monitorText('suggestion', { person: suggestion }) })] : []),
            ...sides.flatMap(([side, explained]) => [
                made('h3', { text: side }),
                ...(explained
                    ? [made('ul', {}, ...explained.sentences.map(text => made('li', { text })))]
                    : [made('p', { text: monitorText('nothing-known') })]),
            ]),
            made('h3', { text: monitorText('decisions') }),
            decisions.length > 0
                ? made('ol', { class: 'presence-monitor-decisions' }, ...decisions.map(decisionItem))
                : made('p', { text: monitorText('no-decisions') }),
        );
    }
}

/** The next midnight of this browser. */
function tomorrow(): string {
    const date = new Date();
    date.setHours(24, 0, 0, 0);
    return date.toISOString();
}

function decisionItem({ side, at, from, to, outcome, reason, latency, detail, by }: Decision): HTMLElement {
    const system = monitorText(`side.${side}`);
    const change = by === undefined ? `${system}: ${valueText(from)} → ${valueText(to)}` : system;
    const asked = by ? monitorText('by', { name: by }) : '';
    const took = latency === undefined ? '' : `, ${(latency / 1_000).toLocaleString(RED.i18n.lang())} s`;
    return made(
        'li',
        {},
        made('time', { datetime: at, text: timeText(at) }),
        made('div', { text: change }),
        made('div', { text: `${monitorText(`outcome.${outcome}`)}${took}` }),
        made('div', { class: 'presence-monitor-state', text: [reason, asked, detail].filter(Boolean).join(' ') }),
    );
}

/** Several values are joined by commas. */
function valueText(values: string): string {
    return values ? values.split(',').map(wordOf).join(', ') : monitorText('nothing');
}
