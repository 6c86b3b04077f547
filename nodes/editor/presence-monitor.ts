import { HealthPane, type Level, signOf } from './health-pane.js';
import { made, monitorText } from './monitor-texts.js';
import { PeoplePane } from './people-pane.js';
import { PersonPane } from './person-pane.js';

const id = 'presence-monitor';
const show = `teams-pbx:show-${id}`;
/** ms between two questions while it is shown. */
const interval = 2_000;

/** As `lib/monitor/health.ts` tells it. */
interface Summary {
    total: number;
    inStep: number;
    level?: Level;
}

/** The sidebar: it asks nothing while nobody sees it. */
function addSidebar(): void {
    const people = new PeoplePane(key => {
        turnTo(person);
        void person.open(key);
    });
    const person = new PersonPane(() => {
        choose('people');
        people.focusList();
    });
    const panes = { people, health: new HealthPane() };
    const body = made('div', { class: 'presence-monitor-body' });
    const tabs = made('div', { class: 'presence-monitor-tabs', role: 'tablist' });
    const content = made('div', { class: id }, tabs, body);
    let shown: { element: HTMLElement; refresh(): Promise<void> } = people;
    const turnTo = (pane: typeof shown): void => {
        shown = pane;
        body.replaceChildren(pane.element);
    };
    const choose = (name: keyof typeof panes): void => {
        for (const tab of tabs.querySelectorAll('button'))
            tab.setAttribute('aria-selected', String(tab.dataset.pane === name));
        turnTo(panes[name]);
        void ask();
    };
    for (const name of ['people', 'health'] as const) {
        const tab = made('button', { type: 'button', role: 'tab', 'data-pane': name, text: monitorText(name) });
        tab.addEventListener('click', () => choose(name));
        tabs.append(tab);
    }
    content.addEventListener('keydown', event => {
        if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
        event.preventDefault();
        search();
    });
    const search = (): void => {
        if (shown !== people) choose('people');
        people.focusSearch();
    };
    let isSeen = false;
    let isAsking = false;
    const ask = async (): Promise<void> => {
        if (!isSeen || isAsking || document.hidden) return;
        isAsking = true;
        await shown.refresh().finally(() => {
            isAsking = false;
        });
    };
    choose('people');
    new IntersectionObserver(entries => {
        isSeen = entries.at(-1)!.isIntersecting;
        void ask();
    }).observe(content);
    setInterval(() => void ask(), interval);
    const name = monitorText('title');
    const look = { label: name, name, iconClass: 'fa fa-heartbeat', action: show };
    RED.sidebar.addTab({ id, ...look, content, enableOnEdit: true });
    const onAction = (): void => {
        RED.sidebar.show(id);
        search();
    };
    RED.actions.add(show, onAction, { label: name });
    addWidget(() => {
        RED.sidebar.show(id);
        choose('health');
    });
}

/** How many people are in step, and the worst mark, at the edge of the editor. */
function addWidget(open: () => void): void {
    const widget = made('button', { type: 'button', class: 'red-ui-footer-button presence-monitor-widget' });
    widget.hidden = true;
    widget.addEventListener('click', open);
    RED.statusBar.add({ id, align: 'right', element: $(widget) });
    RED.comms.subscribe<Summary>('presence-sync/health', (_, { total, inStep: count, level }) => {
        widget.hidden = level === undefined;
        if (level !== undefined) widget.replaceChildren(signOf(level), ` ${monitorText('in-step', { count, total })}`);
    });
}

RED.plugins.registerPlugin(id, { type: 'teams-pbx-sidebar', onadd: addSidebar });
