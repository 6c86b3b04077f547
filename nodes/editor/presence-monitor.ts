import { made, monitorText } from './monitor-texts.js';
import { PeoplePane } from './people-pane.js';
import { PersonPane } from './person-pane.js';

const id = 'presence-monitor';
const show = `teams-pbx:show-${id}`;
/** ms between two questions while it is shown. */
const interval = 2_000;

/** The sidebar: it asks nothing while nobody sees it. */
function addSidebar(): void {
    const people = new PeoplePane(key => {
        turnTo(person.element);
        void person.open(key);
    });
    const person = new PersonPane(() => {
        turnTo(people.element);
        void people.refresh();
        people.focusList();
    });
    const content = made('div', { class: id });
    const turnTo = (pane: HTMLElement): void => content.replaceChildren(pane);
    turnTo(people.element);
    content.addEventListener('keydown', event => {
        const isTyping = event.target instanceof HTMLInputElement;
        if (event.key !== '/' || isTyping || !content.contains(people.element)) return;
        event.preventDefault();
        people.focusSearch();
    });
    const refresh = (): Promise<void> => (content.contains(people.element) ? people : person).refresh();
    let isSeen = false;
    let isAsking = false;
    const ask = async (): Promise<void> => {
        if (!isSeen || isAsking || document.hidden) return;
        isAsking = true;
        await refresh().finally(() => {
            isAsking = false;
        });
    };
    new IntersectionObserver(entries => {
        isSeen = entries.at(-1)!.isIntersecting;
        void ask();
    }).observe(content);
    setInterval(() => void ask(), interval);
    const name = monitorText('title');
    RED.sidebar.addTab({
        id,
        label: name,
        name,
        iconClass: 'fa fa-heartbeat',
        content,
        enableOnEdit: true,
        action: show,
    });
    RED.actions.add(
        show,
        () => {
            RED.sidebar.show(id);
            people.focusSearch();
        },
        { label: name },
    );
}

RED.plugins.registerPlugin(id, { type: 'teams-pbx-sidebar', onadd: addSidebar });
