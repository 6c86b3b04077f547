import type { Node, NodeAPI } from 'node-red';
import { type ErrorCode, SyncError } from '../../lib/errors/errors';
import type { Language } from '../../lib/errors/sentence';
import type { Outcome, PresenceUser } from '../../lib/presence/message';
import { nameOf } from '../../lib/presence/message';
import type { ClearPresence } from '../../lib/presence/vocabulary';
import { isClear } from '../../lib/presence/words';
import { systemClock } from '../../lib/time/clock';
import { onInput } from './handlers';
import { type FlowMessage, isSilence, userOf } from './messages';
import { languageOf, sentenceIn } from './status';

const actions = ['pause', 'resume', 'resync', 'get'] as const;

/** An action in place of a presence. */
interface Action {
    action: (typeof actions)[number];
    /** Date at which a pause ends, ms since the epoch; absent: when it is resumed. */
    until?: number;
}

/** What both systems' people can be asked for; see `TeamsPeople` and `PbxPeople`. */
interface People {
    explain(user: PresenceUser, language: Language): object | undefined;
    pause(who: PresenceUser | 'all', until?: number): void;
    resume(who: PresenceUser | 'all'): void;
    resync(who: PresenceUser | 'all'): void;
}

/** The side that a writer writes to. A person is named as by a message. */
export interface Writer<Words> {
    people: People;
    find(who: PresenceUser | string): PresenceUser | Promise<PresenceUser>;
    set(who: PresenceUser | string, words: Words): Promise<Outcome>;
    clear(who: PresenceUser | string, isSilence: boolean): Promise<Outcome>;
}

interface WriterInput<Words> {
    started: Promise<Writer<Words>>;
    /** The presence of a payload. @throws SyncError where it is none of that side */
    wordsOf(payload: unknown): Words | ClearPresence;
    /** The errors that say that the other side does not know the person. */
    unknown: readonly ErrorCode[];
    /** Told of somebody who is unknown and for whom there is something to set. */
    onUnknown?(name: string): void;
}

/**
 * What a writer does with a message: it acts as `msg.action` says, or sets or clears a presence and passes the message on
 * with its outcome. What an administrator must change is in the status and the log already, and a thousand people whom
 * the other side does not know are no thousand errors.
 */
export function onWriterInput<Words>(
    RED: NodeAPI,
    node: Node,
    { started, wordsOf, unknown, onUnknown }: WriterInput<Words>,
): void {
    onInput(RED, node, async message => {
        const asked = actionOf(message);
        const who = userOf(message);
        if (asked) {
            const writer = await started;
            const user = who === undefined ? 'all' : await writer.find(who);
            const answer = act(writer.people, asked, user, languageOf(RED));
            return answer === undefined ? message : ({ ...message, payload: answer } as FlowMessage);
        }
        const words = wordsOf(message.payload);
        if (!who) throw new SyncError('USER_MISSING');
        try {
            const writer = await started;
            const outcome = isClear(words) ? writer.clear(who, isSilence(message)) : writer.set(who, words);
            message.outcome = await outcome;
        } catch (error) {
            if (!(error instanceof SyncError)) throw error;
            const isUnknown = unknown.includes(error.code);
            if (!isUnknown && error.kind !== 'configuration') throw error;
            // With nothing to set nobody is left out, such as somebody who has left the PBX.
            if (isUnknown && !isClear(words)) onUnknown?.(nameOf(who));
            message.outcome = { written: false, reason: sentenceIn(RED)(error) };
        }
        return message;
    });
}

/**
 * The action that a message to a writer asks for: `msg.action`, for a pause with `msg.minutes` or `msg.until` (a date).
 * @returns undefined for a message without one
 * @throws SyncError ACTION_UNKNOWN, PAUSE_END_INVALID
 */
function actionOf(message: FlowMessage & { action?: unknown; minutes?: unknown; until?: unknown }): Action | undefined {
    const { action, minutes, until } = message;
    if (action === undefined || action === '') return undefined;
    const known = actions.find(each => each === action);
    if (!known) throw new SyncError('ACTION_UNKNOWN');
    const end = minutes === undefined ? dateOf(until) : systemClock.date() + Number(minutes) * 60_000;
    if (end !== undefined && !Number.isFinite(end)) throw new SyncError('PAUSE_END_INVALID');
    return { action: known, ...(end === undefined ? {} : { until: end }) };
}

function dateOf(value: unknown): number | undefined {
    if (value === undefined || value === '') return undefined;
    return typeof value === 'number' ? value : Date.parse(String(value));
}

/** @returns what `get` answers: what is known and wanted of the person, as data and as sentences */
function act(
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
