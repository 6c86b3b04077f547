import { text, word } from './words.js';

/** What a click on a setting sends, per side, in the order of the buttons. */
const settings = {
    pbx: ['', 'busy', 'away', 'dnd'].map(activity => ({ activity, note: '' })),
    teams: ['Available', 'Busy', 'Away', 'DoNotDisturb'].map(state => ({ availability: state, activity: state })),
};

const colours = {
    '': 'free',
    available: 'free',
    busy: 'busy',
    meeting: 'busy',
    dnd: 'dnd',
    away: 'away',
    Available: 'free',
    AvailableIdle: 'free',
    Busy: 'busy',
    BusyIdle: 'busy',
    DoNotDisturb: 'dnd',
    Away: 'away',
    BeRightBack: 'away',
};

/** The table row of one person: the phone, the name, Teams. */
export class Row {
    /** @param post `(mail, side, change)` sends a change of the person. */
    constructor(person, post) {
        this.name = person.name;
        this.pbx = new Side('pbx', person, change => post(person.mail, 'pbx', change));
        this.teams = new Side('teams', person, change => post(person.mail, 'teams', change));
        const name = element('th', { className: 'person', scope: 'row' });
        name.append(element('strong', { textContent: person.name }), element('span', { textContent: person.mail }));
        this.element = element('tr');
        this.element.append(this.pbx.element, name, this.teams.element);
    }

    /** Shows the newest state and returns a sentence for each side that changed. */
    show({ pbx, teams, calls }) {
        const changes = [
            ['pbx', this.pbx.show(phoneView(pbx), calls.pbx)],
            ['teams', this.teams.show(teamsView(teams), calls.teams)],
        ];
        return changes.filter(([, state]) => state).map(([side, state]) => text.announce(this.name, text[side], state));
    }

    set disabled(disabled) {
        for (const button of this.element.querySelectorAll('button')) button.disabled = disabled;
    }
}

class Side {
    #shown;
    #inCall = false;
    #dot = element('span', { className: 'dot', ariaHidden: 'true' });
    #state = element('strong');
    #detail = element('span', { className: 'detail' });
    #call = element('button', { type: 'button', className: 'call' });

    constructor(side, person, post) {
        const group = element('div', {
            className: 'buttons',
            role: 'group',
            ariaLabel: `${person.name}: ${text[side]}`,
        });
        this.#call.addEventListener('click', () => post({ call: this.#inCall ? 'end' : 'start' }));
        group.append(this.#call, ...settings[side].map(change => settingButton(change, post)));
        const state = element('div', { className: 'state' });
        const words = element('div');
        words.append(this.#state, this.#detail);
        state.append(this.#dot, words);
        this.element = element('td', { className: side });
        this.element.dataset.label = text[side];
        this.element.append(state, group);
    }

    /** Returns the new state in words, or nothing when it is what was shown before. */
    show(view, inCall) {
        this.#inCall = inCall;
        this.#call.textContent = inCall ? text.hangUp : text.call;
        this.#call.classList.toggle('end', inCall);
        const before = this.#shown;
        this.#shown = JSON.stringify(view);
        if (this.#shown === before) return undefined;
        this.#dot.dataset.colour = view.colour;
        this.#state.textContent = view.state;
        this.#detail.textContent = view.detail;
        if (before === undefined) return undefined;
        this.#flash();
        return view.state;
    }

    #flash() {
        this.element.classList.remove('changed');
        // Asking for the width makes the browser start the animation anew.
        void this.element.offsetWidth;
        this.element.classList.add('changed');
    }
}

function phoneView({ activity, note, onThePhone }) {
    const own = [word(activity), note].filter(Boolean).join(' – ');
    const colour = colours[activity] ?? 'other';
    if (!onThePhone) return { colour, state: word(activity), detail: note };
    return { colour: 'call', state: text.onThePhone, detail: activity || note ? text.below(own) : '' };
}

function teamsView({ availability, activity }) {
    const inCall = ['InACall', 'InAConferenceCall'].includes(activity);
    const colour = inCall ? 'call' : (colours[availability] ?? 'other');
    const same = word(activity) === word(availability);
    return { colour, state: word(activity), detail: same ? '' : word(availability) };
}

function settingButton(change, post) {
    const label = word(change.availability ?? change.activity);
    const colour = colours[change.availability ?? change.activity];
    const button = element('button', { type: 'button', title: `${text.set}: ${label}` });
    const dot = element('span', { className: 'dot', ariaHidden: 'true' });
    dot.dataset.colour = colour;
    button.append(dot, label);
    button.addEventListener('click', () => post(change));
    return button;
}

/** A new element with the given properties. */
export function element(name, properties = {}) {
    return Object.assign(document.createElement(name), properties);
}
