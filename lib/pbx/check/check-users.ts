import { SyncError, toSyncError } from '../../errors/errors';
import type { Reason } from '../../errors/phrases';
import { type CheckLine, failedLine, lineMaker } from '../../support/check-report';
import { type Clock, pause } from '../../time/clock';
import type { PbxLinks } from '../connection/pbx-links';
import type { PbxSession } from '../connection/pbx-session';
import { RequestWindow } from '../connection/pending-requests';
import { LicenceHolders, Participation, type ParticipationSettings } from '../users/participation';
import { ReadingPace, replicate } from '../users/replication';
import { completed, type PbxUser } from '../users/user-row';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);
/** Users of whom a check asks whether they hold a licence, which takes a request each. */
const mostQuestions = 1_000;
/** Names that a sentence has room for. */
const mostNames = 5;
/** Presence requests that may be on their way at once. */
const windowSize = 32;
/** Milliseconds that a PBX has for the first presence after it has answered a subscription. */
const patience = 1_000;

/** Why no user takes part, and the setting that says so. */
const noParticipants: Record<ParticipationSettings['who'], { why: Reason; entries: keyof ParticipationSettings }> = {
    all: { why: 'everybody is listed under "Never"', entries: 'exclude' },
    group: { why: 'nobody is a member of these groups', entries: 'groups' },
    licence: { why: 'nobody holds this licence', entries: 'licence' },
    listed: { why: 'nobody goes by a name under "Always"', entries: 'include' },
};

/** The system as it runs. */
export interface RunningSystem {
    links: PbxLinks;
    /** The users who take part, as the settings that run say. */
    participants: readonly PbxUser[];
    /** All other users. */
    others: readonly PbxUser[];
    /** Names of participants whose presence may not be seen. */
    hidden: readonly string[];
}

/** All users who have a name, whether they take part or not. @throws SyncError what {@link replicate} throws */
export async function readUsers(session: PbxSession, domain: string | undefined, clock: Clock): Promise<PbxUser[]> {
    const { told } = await replicate({ session, pace: new ReadingPace(), clock }, () => undefined);
    const named = [...told.values()].flatMap(user => (user?.pbx.name ? [user] : []));
    return named.map(user => completed(user, domain ?? session.info.domain));
}

/**
 * How many users there are, who of them takes part, and whose presence may be seen. Never rejects.
 * @param about.running the system that runs, if it is that: it knows already whose presence may be seen
 */
export async function checkUsers(
    session: PbxSession,
    users: readonly PbxUser[] | SyncError,
    about: { app: string; participation: ParticipationSettings; clock: Clock; running?: RunningSystem | undefined },
): Promise<Line[]> {
    const { app, participation, clock, running } = about;
    if (users instanceof SyncError) return [failedLine('users', users)];
    if (users.length === 0) return [line('users', 'warning', 'CHECK_PBX_NO_USERS')];
    const found = await findParticipants(session, users, participation, clock);
    const followed = running && new Set(running.participants);
    const names = found.participants.filter(user => followed?.has(user) ?? true).map(({ pbx }) => pbx.name);
    const hidden = new Set(running?.hidden);
    const find = async () => (running ? names.filter(name => hidden.has(name)) : findHidden(session, names, clock));
    const visibility = await find().then(
        those => visibilityLines(names.length, those, app),
        (thrown: unknown) => [failedLine('visibility', toSyncError(thrown))],
    );
    return [line('users', true, 'CHECK_PBX_USERS', { count: users.length }), found.line, ...visibility];
}

function visibilityLines(all: number, hidden: readonly string[], app: string): Line[] {
    if (all === 0) return [];
    if (hidden.length === 0) return [line('visibility', true, 'CHECK_PBX_ALL_VISIBLE', { count: all })];
    const names = someOf(hidden);
    return [line('visibility', 'warning', 'CHECK_PBX_NOT_VISIBLE', { count: hidden.length, all, names, app })];
}

/**
 * Finds out who of the users takes part, and how many these are; never rejects.
 * @returns all users as participants where it was not found out
 */
async function findParticipants(
    session: PbxSession,
    users: readonly PbxUser[],
    settings: ParticipationSettings,
    clock: Clock,
): Promise<{ participants: readonly PbxUser[]; line: Line }> {
    const participation = new Participation(settings);
    const { licence = '' } = participation;
    const asked = users.filter(user => participation.asksLicence(user)).map(({ pbx }) => pbx.guid);
    if (asked.length > mostQuestions) {
        const parameters = { count: asked.length, licence };
        return { participants: users, line: line('participants', true, 'CHECK_PBX_HOLDERS_NOT_COUNTED', parameters) };
    }
    const ignore = (): void => undefined;
    const holders = new LicenceHolders({ licence, clock, log: ignore, users: () => asked, changed: ignore });
    try {
        if (asked.length > 0) await holders.learn(session, asked);
        const takesPart = (user: PbxUser) => !participation.reasonAgainst(user, holders.answerOf(user.pbx.guid));
        const participants = users.filter(takesPart);
        return { participants, line: participantsLine(participants.length, users.length, settings) };
    } catch (thrown) {
        return { participants: users, line: failedLine('participants', toSyncError(thrown)) };
    } finally {
        holders.end();
    }
}

function participantsLine(count: number, all: number, settings: ParticipationSettings): Line {
    if (count > 0) return line('participants', true, 'CHECK_PBX_PARTICIPANTS', { count, all });
    const { why, entries } = noParticipants[settings.who];
    const detail = someOf([settings[entries] ?? ''].flat());
    return line('participants', 'warning', 'CHECK_PBX_NO_PARTICIPANTS', { all, why, detail });
}

/** As many names as a sentence has room for. */
function someOf(names: readonly string[]): string {
    return names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ', …' : '');
}

/**
 * Subscribes the presence of users and finds out whose does not come: without the right, the PBX takes a subscription
 * and tells nothing. The subscriptions end with the session.
 * @param names user names (h323)
 * @returns those whose presence is not told
 * @throws SyncError what ended the session, or PBX_API_MISSING
 */
async function findHidden(session: PbxSession, names: readonly string[], clock: Clock): Promise<string[]> {
    const silent = new Map(names.map(name => [session.newSource(), name]));
    const sources = [...silent.keys()];
    for (const src of sources) session.mux.listen(src, ({ mt }) => mt === 'PresenceUpdate' && silent.delete(src));
    try {
        const window = new RequestWindow(windowSize);
        const asked = [...silent].map(([src, sip]) =>
            window.run(() => session.request('PbxApi', 'SubscribePresence', { sip }, src)),
        );
        await Promise.all(asked);
        if (silent.size > 0) await pause(clock, patience);
        return [...silent.values()];
    } finally {
        for (const src of sources) session.mux.unlisten(src);
    }
}
