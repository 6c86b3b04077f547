import { made, monitorText, timeText, wordOf } from './monitor-texts.js';
import { isGone, read } from './requests.js';

interface Explained {
    sentences: string[];
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
}

/** As `lib/monitor/people-list.ts` tells it. */
interface PersonReport {
    name: string;
    address: string;
    leftOut?: string;
    pbx?: Explained;
    teams?: Explained;
    decisions: Decision[];
}

/** Why one person shows what they show: the sentences of both sides, and what was decided lately. */
export class PersonPane {
    readonly element = made('div', { class: 'presence-monitor-pane presence-monitor-person', tabindex: '-1' });
    readonly #name = made('h2');
    readonly #body = made('div');
    #key = '';

    /** @param close goes back to the list */
    constructor(close: () => void) {
        const back = made('button', { type: 'button', class: 'red-ui-button red-ui-button-small' });
        back.append(made('i', { class: 'fa fa-chevron-left', 'aria-hidden': 'true' }), ` ${monitorText('back')}`);
        back.addEventListener('click', close);
        this.element.append(back, this.#name, this.#body);
        this.element.addEventListener('keydown', event => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            close();
        });
    }

    async open(key: string): Promise<void> {
        this.#key = key;
        this.#name.textContent = '';
        this.#body.replaceChildren();
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

    #show({ name, address, leftOut, pbx, teams, decisions }: PersonReport): void {
        this.#name.textContent = name;
        const sides = [
            [monitorText('side.pbx'), pbx],
            [monitorText('side.teams'), teams],
        ] as const;
        this.#body.replaceChildren(
            made('p', { text: address }),
            ...(leftOut ? [made('p', { class: 'presence-monitor-why', text: leftOut })] : []),
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

function decisionItem({ side, at, from, to, outcome, reason, latency, detail }: Decision): HTMLElement {
    const change = `${monitorText(`side.${side}`)}: ${valueText(from)} → ${valueText(to)}`;
    const took = latency === undefined ? '' : `, ${(latency / 1_000).toLocaleString(RED.i18n.lang())} s`;
    return made(
        'li',
        {},
        made('time', { datetime: at, text: timeText(at) }),
        made('div', { text: change }),
        made('div', { text: `${monitorText(`outcome.${outcome}`)}${took}` }),
        made('div', { class: 'presence-monitor-state', text: [reason, detail].filter(Boolean).join(' ') }),
    );
}

/** Several values are joined by commas. */
function valueText(values: string): string {
    return values ? values.split(',').map(wordOf).join(', ') : monitorText('nothing');
}
