import { element, Row } from './row.js';
import { language, text } from './words.js';

/** More rows than this are not shown at once: the rest is found by name. */
const mostRows = 100;
/** How long to wait before the next try after the stream has ended; ms. */
const retryAfter = 1000;

const people = new Map();
const rows = new Map();
const office = document.getElementById('office');
const notice = document.getElementById('notice');
const filter = document.querySelector('#filter input');
let running = false;

translate();
office.addEventListener('click', () => send('office', { running: !running }));
filter.addEventListener('input', showRows);
follow().catch(() => warn(text.lost));

function translate() {
    document.documentElement.lang = language;
    document.title = text.title;
    for (const place of document.querySelectorAll('[data-text]')) place.textContent = text[place.dataset.text];
}

/** Reads the stream of the office for ever. */
async function follow() {
    for (;;) {
        const problem = await readStream().catch(() => text.lost);
        office.disabled = true;
        for (const row of rows.values()) row.disabled = true;
        warn(problem ?? text.lost);
        await new Promise(resolve => setTimeout(resolve, retryAfter));
    }
}

async function readStream() {
    const response = await fetch('events', { headers: authorization() });
    if (response.status === 401) return text.signIn;
    if (!response.ok) return text.lost;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
        const { done, value } = await reader.read();
        if (done) return text.lost;
        const lines = (rest + value).split('\n');
        rest = lines.pop();
        for (const line of lines) show(JSON.parse(line));
    }
}

function show(event) {
    running = event.running;
    office.disabled = false;
    office.setAttribute('aria-checked', String(running));
    document.getElementById('office-label').textContent = running ? text.officeOn : text.officeOff;
    document.body.classList.toggle('off', !running);
    warn(running ? '' : text.off);
    const othersThanBefore = event.left || event.people.some(({ mail }) => !people.has(mail));
    for (const person of event.people) people.set(person.mail, person);
    for (const mail of event.left ?? []) people.delete(mail);
    if (othersThanBefore) showRows();
    announce(event.people.flatMap(person => rows.get(person.mail)?.show(person) ?? []));
    for (const row of rows.values()) row.disabled = !running;
    showCounters(event.counters);
}

function showRows() {
    const wanted = filter.value.trim().toLowerCase();
    const found = [...people.values()].filter(({ name, mail }) => `${name} ${mail}`.toLowerCase().includes(wanted));
    const shown = found.slice(0, mostRows);
    rows.clear();
    for (const person of shown) {
        const row = new Row(person, (mail, side, change) => send(`people/${encodeURIComponent(mail)}/${side}`, change));
        row.show(person);
        row.disabled = !running;
        rows.set(person.mail, row);
    }
    document.getElementById('people').replaceChildren(...[...rows.values()].map(row => row.element));
    document.getElementById('filter').hidden = people.size <= 20;
    document.querySelector('#filter .shown').textContent = text.shown(shown.length, people.size);
}

function showCounters(counters) {
    const entries = Object.entries(counters).map(([name, count]) => {
        const entry = element('div');
        const value = element('dd', { textContent: count.toLocaleString(language) });
        entry.append(value, element('dt', { textContent: text[name] ?? name }));
        entry.dataset.counter = name;
        return entry;
    });
    document.getElementById('counters').replaceChildren(...entries);
}

async function send(path, body) {
    const headers = { ...authorization(), 'content-type': 'application/json' };
    try {
        const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
        if (response.status === 401) return warn(text.signIn);
        if (!response.ok) warn((await response.json()).error);
    } catch {
        warn(text.lost);
    }
}

/** The token that the Node-RED editor on this server keeps while somebody is signed in. */
function authorization() {
    const editor = new URL('..', location.href).pathname;
    const stored = localStorage.getItem(`auth-tokens${editor.slice(0, -1).replaceAll('/', '-')}`);
    const token = stored && JSON.parse(stored)?.access_token;
    return token ? { authorization: `Bearer ${token}` } : {};
}

function warn(sentence) {
    if (notice.textContent !== sentence) notice.textContent = sentence;
    notice.hidden = !sentence;
}

function announce(sentences) {
    if (sentences.length > 0) document.getElementById('announcement').textContent = sentences.join('. ');
}
