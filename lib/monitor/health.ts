import type { Language, Sentence } from '../errors/sentence';
import type { ConnectionState } from '../support/connection-state';

/**
 * How something is: `good`, `working` (on its way, or an outage that passes by itself), `warning` (it works, and an
 * administrator should look after it), `bad` (an administrator must change something), `off` (not wanted now).
 */
export type Level = 'good' | 'working' | 'warning' | 'bad' | 'off';

/** One thing of a node that has a state of its own, such as a slave or an account. */
export interface HealthPart {
    level: Level;
    /** Names its text, which the values fill. */
    kind: 'link' | 'account' | 'silent' | 'budget' | 'check';
    values?: Record<string, string | number>;
    /** What is wrong. */
    sentence?: Sentence;
}

/** What a node says of itself. */
export interface NodeHealth {
    id: string;
    type: string;
    /** As administrators call it; empty where they have not named it. */
    name: string;
    state: ConnectionState;
    /** What should be looked after while it works, in the language of the runtime. */
    remark?: string | undefined;
    /** Date since which it is so, ms since the epoch, as far as that is known. */
    since: number | undefined;
    parts: readonly HealthPart[];
}

/** A mark of the overview. */
export interface Mark extends Pick<NodeHealth, 'id' | 'type' | 'name'> {
    level: Level;
    /** Empty where there is nothing to say. */
    text: string;
    /** ISO date, as far as it is known. */
    since: string | undefined;
    parts: (Omit<HealthPart, 'sentence'> & { text: string })[];
}

const levels: Record<ConnectionState['phase'], Level> = {
    online: 'good',
    connecting: 'working',
    retrying: 'working',
    failed: 'bad',
    stopped: 'off',
};

/** The worst first. */
const order: readonly Level[] = ['bad', 'warning', 'working', 'off', 'good'];

/** How something with this state is. */
export function levelOf({ phase }: ConnectionState): Level {
    return levels[phase];
}

/** The part of something that connects. */
export function healthPart(
    kind: HealthPart['kind'],
    state: ConnectionState,
    values: HealthPart['values'] = {},
): HealthPart {
    return { level: levelOf(state), kind, values, ...('error' in state && { sentence: state.error.sentence }) };
}

/** What everybody may hear who is logged in to the editor: nothing of a person, and nothing secret. */
export interface Summary {
    /** People who take part, and how many of them are in step. */
    total: number;
    inStep: number;
    /** The worst mark; absent where there is none. */
    level: Level | undefined;
}

/** Marks of all nodes, the worst first; a node is as bad as the worst of it. */
export function marksOf(nodes: Iterable<NodeHealth>, language: Language): Mark[] {
    const marks = Array.from(nodes, ({ id, type, name, state, remark, since, parts }): Mark => {
        const own = remark && state.phase === 'online' ? 'warning' : levelOf(state);
        const level = order.find(each => each === own || parts.some(part => part.level === each && each !== 'off'))!;
        const said = 'error' in state ? state.error.sentence[language] : 'detail' in state ? state.detail : undefined;
        return {
            ...{ id, type, name, level, since: since === undefined ? since : new Date(since).toISOString() },
            text: [said, state.phase === 'online' && remark].filter(Boolean).join('; '),
            parts: parts.map(({ sentence, ...part }) => ({ ...part, text: sentence?.[language] ?? '' })),
        };
    });
    return marks.sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
}
