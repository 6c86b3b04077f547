import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { SyncError } from '../../lib/errors/errors';
import type { ConnectionState } from '../../lib/support/connection-state';

/** The catalog that holds the translated error sentences and the names of fields in them. */
const catalog = '@teams-pbx/node-red-presence-sync/azure-app:';

/** What has a sentence: an error, or a line of a check. */
type Told = Pick<SyncError, 'message' | 'parameters'> & { code: string };

/** The sentence for an error in the language of the runtime; English where there is no translation. */
export function sentenceIn(RED: NodeAPI): (told: Told) => string {
    const translate = (key: string, english: string, parameters = {}): string => {
        const text = RED._(`${catalog}${key}`, { ...parameters, defaultValue: english });
        return text.endsWith(key) ? english : text;
    };
    const phrase = (english: string): string => translate(`phrases.${slugOf(english)}`, english);
    return ({ code, message, parameters: { field, why, ...parameters } }) => {
        const named = typeof field === 'string' ? { field: phrase(field) } : {};
        const explained = typeof why === 'string' ? { why: phrase(why) } : {};
        const table = code.startsWith('CHECK_') ? 'checks' : 'errors';
        return translate(`${table}.${code}`, message, { ...parameters, ...named, ...explained });
    };
}

/** `it must begin with https://` as a key of a catalog. */
function slugOf(english: string): string {
    return english
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
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

/** Shows states of a connection on a node. */
export function statusShower(RED: NodeAPI, node: Node): (state: ConnectionState) => void {
    const sentence = sentenceIn(RED);
    const words = (key: string): string => RED._(`${node.type}.status.${key}`);
    return state => node.status(statusOf(state, words, sentence));
}

/** Shows states, and logs one line per outage and one when it is over. For nodes whose connection has no other log. */
export function statusReporter(RED: NodeAPI, node: Node): (state: ConnectionState) => void {
    const sentence = sentenceIn(RED);
    const show = statusShower(RED, node);
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
