import { type ErrorCode, SyncError } from '../../lib/errors/errors';
import { nameOf, type Outcome, type PresenceUser } from '../../lib/presence/message';
import type { ClearPresence } from '../../lib/presence/vocabulary';
import { isClear } from '../../lib/presence/words';
import type { TeamsPeople } from '../../lib/teams/people';
import { systemClock } from '../../lib/time/clock';
import { type FlowMessage, isAboutAll, isSilence, userOf } from './messages';
import { languageOf, type RunningNode } from './running-node';

const actions = ['pause', 'resume', 'resync', 'get'] as const;

/** What a message asks for in place of a presence. */
type Asked = FlowMessage & Partial<Record<'action' | 'minutes' | 'until', unknown>>;

/** The side that a writer writes to. A person is named as by a message. */
export interface Writer<Words> {
    /** Those of either system. */
    people: Pick<TeamsPeople, 'explain' | 'pause' | 'resume' | 'resync'>;
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
    own: RunningNode,
    { started, wordsOf, unknown, onUnknown }: WriterInput<Words>,
): void {
    own.onInput(async (message: Asked) => {
        if (message.action !== undefined && message.action !== '') return act(own, started, message);
        const { source = 'teams' } = message.presence ?? {};
        // It says nothing of what another source wants, which stands.
        if (source !== 'teams' && source !== 'pbx')
            throw new SyncError('SOURCE_UNKNOWN', { source: String(source).slice(0, 40) });
        const words = wordsOf(message.payload);
        const who = userOf(message);
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
            message.outcome = { written: false, reason: own.sentence(error) };
        }
        return message;
    });
}

/**
 * Does what `msg.action` says, to one person or to all.
 * @returns what is sent on; for `get` with what is known and wanted of the person, as data and as sentences
 * @throws SyncError ACTION_UNKNOWN, USER_MISSING, PAUSE_END_INVALID
 */
async function act(
    { RED }: RunningNode,
    started: Promise<Pick<Writer<never>, 'people' | 'find'>>,
    message: Asked,
): Promise<FlowMessage> {
    const action = actions.find(each => each === message.action);
    if (!action) throw new SyncError('ACTION_UNKNOWN');
    const who = userOf(message);
    // One that was to name somebody is not about everybody.
    if (who === undefined && !isAboutAll(message)) throw new SyncError('USER_MISSING');
    const writer = await started;
    const user = who === undefined ? 'all' : await writer.find(who);
    if (action === 'get') {
        if (user === 'all') throw new SyncError('USER_MISSING');
        return { ...message, payload: writer.people.explain(user, languageOf(RED)) ?? {} } as FlowMessage;
    }
    if (action === 'pause') writer.people.pause(user, pauseEndOf(message));
    else writer.people[action](user);
    return message;
}

/**
 * Date at which a pause ends by `minutes` or `until` of what asks for it, ms since the epoch; undefined: when it is resumed.
 * @throws SyncError PAUSE_END_INVALID
 */
export function pauseEndOf({ minutes, until }: Pick<Asked, 'minutes' | 'until'>): number | undefined {
    const now = systemClock.date();
    if (isBlank(minutes) && isBlank(until)) return undefined;
    const date = typeof until === 'number' ? until : Date.parse(String(until));
    const end = isBlank(minutes) ? date : now + Number(minutes) * 60_000;
    if (Number.isNaN(new Date(end).getTime()) || end <= now) throw new SyncError('PAUSE_END_INVALID');
    return end;
}

function isBlank(value: unknown): boolean {
    return (value ?? '') === '';
}
