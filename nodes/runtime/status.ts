import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { SyncError } from '../../lib/errors/errors';
import type { Language, Sentence } from '../../lib/errors/sentence';
import type { ConnectionState } from '../../lib/support/connection-state';

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
export function statusOf(
    state: ConnectionState,
    words: (key: string) => string,
    sentence: (error: SyncError) => string,
): NodeStatus {
    switch (state.phase) {
        case 'stopped':
            return { fill: 'grey', shape: 'ring', text: words('stopped') };
        case 'connecting':
            return { fill: 'yellow', shape: 'ring', text: state.detail ?? words('connecting') };
        case 'online':
            return { fill: 'green', shape: 'dot', text: state.detail ?? words('connected') };
        case 'retrying':
            return { fill: 'yellow', shape: 'ring', text: sentence(state.error) };
        case 'failed':
            return { fill: 'red', shape: 'ring', text: sentence(state.error) };
    }
}

/** Shows states of a connection on a node. @param mode what every text begins with, such as that it is a dry run */
export function statusShower(RED: NodeAPI, node: Node, mode = ''): (state: ConnectionState) => void {
    const sentence = sentenceIn(RED);
    const words = (key: string): string => RED._(`${node.type}.status.${key}`);
    return state => {
        const status = statusOf(state, words, sentence);
        node.status(mode ? { ...status, text: `${mode}: ${status.text}` } : status);
    };
}

/**
 * Shows states, and logs one line per outage and one when it is over. For nodes whose connection has no other log.
 * @param mode as {@link statusShower}
 */
export function statusReporter(RED: NodeAPI, node: Node, mode = ''): (state: ConnectionState) => void {
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
