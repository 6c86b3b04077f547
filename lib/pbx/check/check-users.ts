import { SyncError, toSyncError } from '../../errors/errors';
import { type CheckLine, failedLine, lineMaker } from '../../support/check-report';
import type { Clock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { ParticipationSettings } from '../users/participation';
import { UserDirectory } from '../users/user-directory';
import type { PbxUser } from '../users/user-row';
import { UserTable } from '../users/user-table';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';
import { findHidden } from './find-hidden';
import { findParticipants, someOf } from './find-participants';

type Line = CheckLine<PbxCheckCode>;

const line = lineMaker(pbxCheckSentences);

/** What the users of a PBX are looked at with. */
export interface UsersCheck {
    /** Name of the App object. */
    app: string;
    participation: ParticipationSettings;
    clock: Clock;
}

/** The users of a system that runs. */
export interface RunningUsers {
    /** Those who take part, as the settings that run say. */
    participants: readonly PbxUser[];
    /** All other users. */
    others: readonly PbxUser[];
    /** Names of participants whose presence may not be seen. */
    hidden: readonly string[];
}

/** Everybody, whoever takes part. @throws SyncError what {@link UserTable.read} throws */
export async function readUsers(session: PbxSession, domain: string | undefined, clock: Clock): Promise<PbxUser[]> {
    const directory = new UserDirectory();
    const nothing = () => undefined;
    const table = new UserTable({ directory, domain, clock, changed: nothing, leftOut: nothing });
    try {
        await table.read(session);
    } finally {
        table.end();
    }
    return [...directory.all()];
}

/**
 * How many users there are, who of them takes part, and whose presence may be seen. Never rejects.
 * @param running the system that runs, if it is that: it knows already whose presence may be seen
 */
export async function checkUsers(
    session: PbxSession,
    users: readonly PbxUser[] | SyncError,
    { app, participation, clock }: UsersCheck,
    running?: RunningUsers,
): Promise<Line[]> {
    if (users instanceof SyncError) return [failedLine('users', users)];
    if (users.length === 0) return [countLine(0)];
    const found = await findParticipants(session, users, participation, clock);
    const followed = running && new Set(running.participants);
    const names = found.participants.filter(user => followed?.has(user) ?? true).map(({ pbx }) => pbx.name);
    const hidden = running ? hiddenIn(names, running) : findHidden(session, names, clock);
    const visibility = await hidden.then(
        those => visibilityLines(names.length, those, app),
        (thrown: unknown) => [failedLine('visibility', toSyncError(thrown))],
    );
    return [countLine(users.length), found.line, ...visibility];
}

async function hiddenIn(names: readonly string[], running: RunningUsers): Promise<string[]> {
    const hidden = new Set(running.hidden);
    return names.filter(name => hidden.has(name));
}

function countLine(count: number): Line {
    return count === 0
        ? line('users', 'warning', 'CHECK_PBX_NO_USERS')
        : line('users', true, 'CHECK_PBX_USERS', { count });
}

function visibilityLines(all: number, hidden: readonly string[], app: string): Line[] {
    if (all === 0) return [];
    if (hidden.length === 0) return [line('visibility', true, 'CHECK_PBX_ALL_VISIBLE', { count: all })];
    const names = someOf(hidden);
    return [line('visibility', 'warning', 'CHECK_PBX_NOT_VISIBLE', { count: hidden.length, all, names, app })];
}
