import { SyncError } from '../../lib/errors/errors';
import type { Language } from '../../lib/errors/sentence';
import type { PresenceUser } from '../../lib/presence/message';
import { systemClock } from '../../lib/time/clock';
import type { FlowMessage } from './messages';

const actions = ['pause', 'resume', 'resync', 'get'] as const;

/** What both systems' people can be asked for; see `TeamsPeople` and `PbxPeople`. */
interface People {
    explain(user: PresenceUser, language: Language): object | undefined;
    pause(who: PresenceUser | 'all', until?: number): void;
    resume(who: PresenceUser | 'all'): void;
    resync(who: PresenceUser | 'all'): void;
}

/** An action in place of a presence. */
export interface Action {
    action: (typeof actions)[number];
    /** Date at which a pause ends, ms since the epoch; absent: when it is resumed. */
    until?: number;
}

/**
 * The action that a message to a writer asks for: `msg.action`, for a pause with `msg.minutes` or `msg.until` (a date).
 * @returns undefined for a message without one
 * @throws SyncError ACTION_UNKNOWN, PAUSE_END_INVALID
 */
export function actionOf(
    message: FlowMessage & { action?: unknown; minutes?: unknown; until?: unknown },
): Action | undefined {
    const { action, minutes, until } = message;
    if (action === undefined || action === '') return undefined;
    const known = actions.find(each => each === action);
    if (!known) throw new SyncError('ACTION_UNKNOWN');
    const end = minutes === undefined ? dateOf(until) : systemClock.date() + Number(minutes) * 60_000;
    if (end !== undefined && !Number.isFinite(end)) throw new SyncError('PAUSE_END_INVALID');
    return { action: known, ...(end === undefined ? {} : { until: end }) };
}

/** @returns what `get` answers: what is known and wanted of the person, as data and as sentences */
export function act(
    people: People,
    { action, until }: Action,
    who: PresenceUser | 'all',
    language: Language,
): object | undefined {
    if (action === 'get') {
        if (who === 'all') throw new SyncError('USER_MISSING');
        return people.explain(who, language) ?? {};
    }
    if (action === 'pause') people.pause(who, until);
    else people[action](who);
    return undefined;
}

function dateOf(value: unknown): number | undefined {
    if (value === undefined || value === '') return undefined;
    return typeof value === 'number' ? value : Date.parse(String(value));
}

/** The message with the answer in place of its payload, where there is one. */
export function answered<Message extends FlowMessage>(message: Message, answer: object | undefined): Message {
    return answer === undefined ? message : { ...message, payload: answer };
}
