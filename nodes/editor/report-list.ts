import { ask } from './requests.js';

/** What a check has found, as a sentence in the language of the editor. */
export interface Line {
    ok: boolean | 'warning';
    text: string;
    parameters: Record<string, string | number | undefined>;
}

const signs = {
    true: ['fa-check-circle', '--red-ui-text-color-success'],
    false: ['fa-times-circle', '--red-ui-text-color-error'],
    warning: ['fa-exclamation-triangle', '--red-ui-text-color-warning'],
} as const;

/** A list of what was found, each line a sign and a sentence. */
export class ReportList {
    readonly #list: JQuery;

    constructor(list: JQuery) {
        this.#list = list;
    }

    add(ok: Line['ok'], sentence: string): JQuery {
        const [icon, color] = signs[`${ok}`];
        const sign = $('<i>').attr({ class: `fa ${icon}`, 'aria-hidden': true });
        sign.css({ color: `var(${color})`, flex: 'none', marginTop: '3px', width: '16px' });
        const line = $('<li>')
            .attr({ 'data-ok': String(ok) })
            .css({ display: 'flex', gap: '6px', margin: '2px 0' });
        line.append(sign, $('<span>').css({ overflowWrap: 'anywhere' }).text(sentence)).appendTo(this.#list);
        // The button is the last of a dialog, and what is below its edge seems not to have happened.
        line[0]?.scrollIntoView({ block: 'nearest' });
        return line;
    }

    part(heading: string): ReportList {
        const lines = $('<ul>').css({ listStyle: 'none', margin: 0 });
        this.#list.append($('<li>').css({ fontWeight: 'bold', marginTop: '6px' }).text(heading), lines);
        return new ReportList(lines);
    }

    /** Has the runtime check something and adds what it finds. @param onLine called with each line */
    async check(path: string, body: object, onLine?: (line: Line, shown: JQuery) => void): Promise<void> {
        const working = $('<li>').append($('<i class="fa fa-spinner fa-spin">')).appendTo(this.#list);
        try {
            const { lines } = await ask<{ lines: Line[] }>(path, body).finally(() => working.remove());
            for (const line of lines) {
                const shown = this.add(line.ok, line.text);
                onLine?.(line, shown);
            }
        } catch (thrown) {
            this.add(false, (thrown as Error).message);
        }
    }
}

/** Makes the "Test" button of a dialog run checks, of which the list below it tells. */
export function prepareTest(type: string, run: (report: ReportList) => Promise<void>): void {
    const button = $(`#${type}-test`).on('click', () => {
        button.prop('disabled', true);
        void run(new ReportList($(`#${type}-test-result`).empty())).finally(() => button.prop('disabled', false));
    });
}
