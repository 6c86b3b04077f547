import type { Node, NodeAPI } from 'node-red';
import type { SyncError } from '../../lib/errors/errors';
import type { Language, Sentence } from '../../lib/errors/sentence';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import type { ConnectionState } from '../../lib/support/connection-state';
import { systemClock, type Timer } from '../../lib/time/clock';

/** Takes the state of a connection and shows it. */
export type Report = (state: ConnectionState) => void;

/** Says errors, and lines of checks, in the language of the runtime. */
export function sentenceIn(RED: NodeAPI): (told: { sentence: Sentence }) => string {
    const language = languageOf(RED);
    return ({ sentence }) => sentence[language];
}

/** The language of the runtime: Node-RED does not name it, but our catalog in it does. */
export function languageOf(RED: NodeAPI): Language {
    const name = RED._('@teams-pbx/node-red-presence-sync/azure-app:azure-app.language');
    return name === 'de' ? 'de' : 'en';
}

/** Ring: not connected; dot: connected. As in Node-RED's own nodes. */
const looks = {
    stopped: { fill: 'grey', shape: 'ring', word: 'stopped' },
    connecting: { fill: 'yellow', shape: 'ring', word: 'connecting' },
    online: { fill: 'green', shape: 'dot', word: 'connected' },
    retrying: { fill: 'yellow', shape: 'ring' },
    failed: { fill: 'red', shape: 'ring' },
} as const;

/** Shows states of a connection on a node. @param mode what every text begins with, such as that it is a dry run */
function statusShower(RED: NodeAPI, node: Node, mode: string): Report {
    const sentence = sentenceIn(RED);
    return state => {
        const { fill, shape, ...look } = looks[state.phase];
        const detail = 'error' in state ? sentence(state.error) : 'detail' in state && state.detail;
        const text = detail || ('word' in look ? RED._(`${node.type}.status.${look.word}`) : '');
        node.status({ fill, shape, text: mode ? `${mode}: ${text}` : text });
    };
}

/** Shows states, and logs one line per outage and one when it is over. For nodes whose connection has no other log. */
export function statusReporter(RED: NodeAPI, node: Node, mode = ''): Report {
    const sentence = sentenceIn(RED);
    const show = statusShower(RED, node, mode);
    let complained: string | undefined;
    return state => {
        show(state);
        if ('error' in state) {
            if (complained !== state.error.message) node.warn(sentence(state.error));
            complained = state.error.message;
        } else if (state.phase === 'online' && complained !== undefined) {
            complained = undefined;
            node.log(RED._(`${node.type}.status.recovered`));
        }
    };
}

/**
 * Shows the state of a PBX system on a node that uses it: that of the master, and while it is connected which slaves are
 * not, and what else there is to say. The log is kept by the connection.
 * @param notes what the PBX does otherwise than it was asked to, or does not tell
 */
export function followPbxState(
    RED: NodeAPI,
    node: Node,
    system: PbxSystem,
    notes: () => readonly SyncError[],
    closing: AbortSignal,
    mode = '',
): void {
    const show = statusShower(RED, node, mode);
    const onState = (): void => {
        const { state } = system;
        const away = system.states().filter(({ role, state: { phase } }) => role === 'slave' && phase !== 'online');
        const names = away.map(({ name }) => name).join(', ');
        const details = notes().map(sentenceIn(RED));
        if (names) details.unshift(RED._(`${node.type}.status.slaves-away`, { names }));
        const isMore = state.phase === 'online' && details.length > 0;
        show(isMore ? { ...state, detail: details.join('; ') } : state);
    };
    system.on('state', onState).on('notes', onState);
    onState();
    closing.addEventListener('abort', () => system.off('state', onState).off('notes', onState));
}

/** Names are gathered for this long before they are told, in ms. */
const gathering = 5_000;
/** Names remembered at most; after that some are told again. */
const longestMemory = 20_000;

/**
 * Tells by name who is left out, each person once for each reason and many in one line: no person is left out silently,
 * and a thousand people without a match are no thousand lines.
 */
export function leftOutTeller(node: Node, closing: AbortSignal): (name: string, reason: string) => void {
    const told = new Set<string>();
    const gathered = new Map<string, string[]>();
    let timer: Timer | undefined;
    const tell = (): void => {
        systemClock.cancel(timer);
        timer = undefined;
        for (const [reason, names] of gathered) node.warn(`${reason}: ${names.join(', ')}`);
        gathered.clear();
    };
    closing.addEventListener('abort', tell);
    return (name, reason) => {
        const key = `${reason}\n${name}`;
        if (told.has(key)) return;
        if (told.size >= longestMemory) told.clear();
        told.add(key);
        const names = gathered.get(reason) ?? [];
        names.push(name);
        gathered.set(reason, names);
        timer ??= systemClock.after(gathering, tell);
    };
}
